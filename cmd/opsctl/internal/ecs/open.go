package ecs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"opsh/cmd/internal/entry"
)

// Await waits until a session can be opened in a container whose task is starting. It says once what it waits for, and gives up after c.Patience.
func (c *Client) Await(ctx context.Context, one Candidate, say func(string)) (Candidate, error) {
	if !one.Starting {
		return one, nil
	}
	say(fmt.Sprintf("%s; waiting for it, %s at most", one.Problem, c.Patience))
	ctx, cancel := context.WithTimeout(ctx, c.Patience)
	defer cancel()
	for {
		if err := sleep(ctx, c.Poll); errors.Is(err, context.DeadlineExceeded) {
			return one, fmt.Errorf("%s, after %s", one.Problem, c.Patience)
		} else if err != nil {
			return one, err
		}
		now, err := c.look(ctx, one)
		if err != nil {
			if ctx.Err() != nil {
				continue // sleep says which it was
			}
			return one, err
		}
		if one = now; one.Problem == "" {
			return one, nil
		}
		if !one.Starting {
			return one, &NoneError{Unfit: []Candidate{one}}
		}
	}
}

// look is the container as it is now. A task that ECS no longer knows has stopped.
func (c *Client) look(ctx context.Context, one Candidate) (Candidate, error) {
	tasks, err := c.describe(ctx, one.Cluster, []string{one.Task})
	if err != nil {
		return one, err
	}
	for _, t := range tasks {
		for _, now := range candidates(t) {
			if now.Container == one.Container {
				return now, nil
			}
		}
	}
	one.Problem, one.Hint, one.Starting = "the task has stopped", "", false
	return one, nil
}

// sleep waits for d, or until ctx ends: then it returns why.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Opened is a session that the service has opened and nobody is connected to yet. The token is a secret: it lets whoever has it type.
type Opened struct{ ID, StreamURL, Token, Region, Target string }

// An agent that ECS calls running may take some seconds to be connected: https://github.com/aws/containers-roadmap/issues/187.
const (
	agentIsNew   = time.Minute
	agentSettles = 20 * time.Second
)

// Start asks once for a session in a container. An agent that isn't connected is a TargetNotConnectedException.
type Start func(context.Context, Candidate) (entry.Answer, error)

// Direct has ECS itself start command. It tries again where AWS asks to slow down, otherwise not: a second try after a lost answer would be
// a second session.
func (c *Client) Direct(command string) Start {
	return func(ctx context.Context, one Candidate) (entry.Answer, error) {
		in := &ecs.ExecuteCommandInput{Cluster: &one.Cluster, Task: &one.Task, Container: &one.Container, Command: &command, Interactive: true}
		out, err := c.API.ExecuteCommand(ctx, in, onlyThrottled)
		if err != nil {
			return entry.Answer{}, err
		}
		s := out.Session
		if s == nil || aws.ToString(s.SessionId) == "" || aws.ToString(s.StreamUrl) == "" || aws.ToString(s.TokenValue) == "" {
			return entry.Answer{}, errors.New("ExecuteCommand: the service opened no session and said nothing")
		}
		return entry.Answer{SessionID: *s.SessionId, StreamURL: *s.StreamUrl, Token: *s.TokenValue}, nil
	}
}

// Open opens a session in the container. It asks start again while the container's agent is so new that it may not be connected yet.
func (c *Client) Open(ctx context.Context, one Candidate, start Start, say func(string)) (Opened, error) {
	begun := c.Now()
	for told := false; ; told = true {
		s, err := start(ctx, one)
		var away *types.TargetNotConnectedException
		switch {
		case errors.As(err, &away) && begun.Sub(one.agentStarted) < agentIsNew && c.Now().Sub(begun) < agentSettles:
			if !told {
				say(fmt.Sprintf("the container's ECS Exec agent has just started and isn't connected yet; trying again, for %s at most", agentSettles))
			}
			if err := sleep(ctx, c.Poll); err != nil {
				return Opened{}, err
			}
		case err != nil:
			return Opened{}, err
		default:
			return Opened{ID: s.SessionID, StreamURL: s.StreamURL, Token: s.Token, Region: c.Region, Target: one.Target()}, nil
		}
	}
}

// onlyThrottled retries what the service did not begin.
func onlyThrottled(o *ecs.Options) {
	o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
		s.MaxAttempts, s.MaxBackoff = 5, 3*time.Second
		s.Retryables = []retry.IsErrorRetryable{retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes}}
	})
}
