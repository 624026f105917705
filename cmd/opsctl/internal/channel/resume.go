package channel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/cmd/opsctl/internal/frame"
)

const (
	// comeback is how long a lost connection may take to come back.
	comeback = time.Minute
	// farewell is how long ending a session may take when opsctl leaves it.
	farewell = 4 * time.Second
)

// reconnect is called when the connection is lost. It returns when there is another, or none to be had.
func (c *channel) reconnect(cause error) {
	if c.isOver() {
		return
	}
	c.tell(frame.Note, []byte("the connection was lost; resuming the session"))
	var err error
	for give, wait := time.Now().Add(comeback), 200*time.Millisecond; time.Now().Before(give); wait = min(2*wait, 5*time.Second) {
		if err = c.resume(); err == nil {
			c.tell(frame.Note, []byte("the session was resumed"))
			return
		}
		if c.isOver() || final(err) {
			break
		}
		time.Sleep(wait)
	}
	c.end(frame.Lost, fmt.Sprintf("the connection was lost (%v) and could not be resumed: %v", cause, err))
}

var errOver = errors.New("the service says that the session is over")

// resume gets a new token and connects with it.
func (c *channel) resume() error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	cfg, err := awsconf.Load(ctx, awsconf.Options{Region: c.open.Region})
	if err != nil {
		return err
	}
	answer, err := ssm.NewFromConfig(cfg).ResumeSession(ctx, &ssm.ResumeSessionInput{SessionId: &c.open.ID})
	if err != nil {
		return err
	}
	if answer.TokenValue == nil || *answer.TokenValue == "" {
		return errOver
	}
	c.sign(ctx)
	c.ws.SetChannelToken(*answer.TokenValue)
	return c.data.Reconnect(c.log)
}

// final says that trying again gives the same.
func final(err error) bool {
	var said smithy.APIError
	return errors.Is(err, errOver) || errors.As(err, &said) && said.ErrorFault() == smithy.FaultClient && said.ErrorCode() != "ThrottlingException"
}

// leave ends the session in the container, where the caller may. It is a courtesy: without it the agent ends the session when it
// has idled for 20 minutes.
func (c *channel) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	cfg, err := awsconf.Load(ctx, awsconf.Options{Region: c.open.Region})
	if err == nil {
		_, err = ssm.NewFromConfig(cfg, func(o *ssm.Options) { o.RetryMaxAttempts = 1 }).TerminateSession(ctx, &ssm.TerminateSessionInput{SessionId: &c.open.ID})
	}
	if err != nil {
		c.end(frame.Lost, "the session in the container could not be ended: "+err.Error())
		return
	}
	select {
	case <-c.done: // the service closes the channel
	case <-ctx.Done():
		c.end(frame.Lost, "the session in the container was asked to end")
	}
}
