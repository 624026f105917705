// Package channel holds one session of the Session Manager with AWS's own client library, in a process that opsctl starts for that and talks
// to by frames. The library may print, panic or hang there as it likes: the terminal and the exit status are its parent's.
//
// Of the library it takes what speaks the protocol (handshake, encryption, sequence, acknowledgement, resending) and leaves what
// surrounds it: stty, os.Exit(0), its reading of standard input, its log files. Four things about it are mended here:
//
//   - It doesn't acknowledge a message again whose acknowledgement was lost with a connection, so the agent, which resends only its oldest
//     message, would go on with that one until it gives up.
//   - It resends only its own oldest message, likewise; a lost acknowledgement would keep all others from being resent.
//   - It numbers keys, window sizes and acknowledgements from several goroutines without a lock.
//   - It drops the oldest message when 10,000 are unacknowledged, which a runbook of 10 MB can reach.
package channel

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/session-manager-plugin/src/datachannel"
	"github.com/aws/session-manager-plugin/src/log"
	"github.com/aws/session-manager-plugin/src/message"
	"github.com/aws/session-manager-plugin/src/sdkutil"
	"github.com/twinj/uuid"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/cmd/opsctl/internal/frame"
)

// channel is a session under way.
type channel struct {
	open frame.Opening
	data *datachannel.DataChannel
	ws   *gate
	log  *quiet

	telling sync.Mutex // guards out
	out     io.Writer
	over    sync.Once
	done    chan struct{} // closed when the last frame was written
	ready   chan struct{} // closed when the agent has answered
	readied sync.Once

	sending sync.Mutex // one message is numbered, sent and remembered at a time, before its acknowledgement is looked at
}

// Serve holds the session that the first frame on in names, until it is over or the parent wants no more. It returns an exit status: 0
// when the last frame says how the session ended.
func Serve(in io.Reader, out io.Writer) int {
	kind, payload, err := frame.Read(in)
	c := &channel{out: out, log: &quiet{}, done: make(chan struct{}), ready: make(chan struct{})}
	if err != nil || kind != frame.Open || json.Unmarshal(payload, &c.open) != nil {
		return 2
	}
	orders := newOrders()
	go orders.read(in)
	if err := c.connect(); err != nil {
		c.end(frame.Lost, "cannot connect to the session's channel: "+err.Error())
		return 0
	}
	go c.obey(orders)
	go c.tend()
	select {
	case <-c.done:
	case <-orders.quit:
		c.leave()
	}
	return 0
}

// connect opens the channel. The agent's handshake follows.
func (c *channel) connect() error {
	uuid.SwitchFormat(uuid.CleanHyphen)
	sdkutil.SetRegionAndProfile(c.open.Region, "") // for the key of an encrypted session
	c.data, c.ws = &datachannel.DataChannel{}, &gate{}
	c.data.Initialize(c.log, uuid.NewV4().String(), c.open.ID, c.open.Target, false)
	c.data.SetWsChannel(c.ws)
	c.ws.Initialize(c.log, c.open.StreamURL, c.open.Token, c.open.Region, nil, c.ws.Credentials)
	c.sign(context.Background())
	c.ws.SetOnMessage(c.receive)
	c.ws.SetOnError(c.reconnect)
	c.data.RegisterOutputStreamHandler(c.deliver, true)
	err := c.data.Open(c.log)
	for try := 1; err != nil && try < 4; try++ {
		time.Sleep(time.Duration(try) * 300 * time.Millisecond)
		err = c.data.Reconnect(c.log)
	}
	if err != nil {
		return err
	}
	if err := c.data.ResendStreamDataMessageScheduler(c.log); err != nil {
		return err
	}
	go func() {
		if <-c.data.IsSessionTypeSet() {
			c.isReady()
		}
	}()
	return nil
}

// sign has the connection signed with the caller's credentials, where there are any: the service asks for the token only, at present.
func (c *channel) sign(ctx context.Context) {
	cfg, err := awsconf.Load(ctx, awsconf.Options{Region: c.open.Region})
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if who, err := cfg.Credentials.Retrieve(ctx); err == nil {
		c.ws.Signer, c.ws.Credentials = v4.NewSigner(), who
	}
}

func (c *channel) isReady() {
	c.readied.Do(func() {
		close(c.ready)
		c.tell(frame.Ready, nil)
	})
}

// tell writes a frame. A parent that is gone is noticed where the orders come from.
func (c *channel) tell(k frame.Kind, payload []byte) {
	c.telling.Lock()
	defer c.telling.Unlock()
	frame.Write(c.out, k, payload) //nolint:errcheck // as above
}

// end writes the last frame.
func (c *channel) end(k frame.Kind, text string) {
	c.over.Do(func() {
		c.tell(k, []byte(text))
		close(c.done)
	})
}

func (c *channel) isOver() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// receive takes a message of the service's.
func (c *channel) receive(raw []byte) {
	defer func() {
		if bad := recover(); bad != nil {
			c.log.keep(fmt.Sprintf("cannot read a message: %v", bad)) //nolint:errcheck // the library cuts what is too short into pieces
		}
	}()
	m := message.ClientMessage{}
	if m.DeserializeClientMessage(c.log, raw) != nil || m.Validate() != nil {
		return
	}
	switch m.MessageType {
	case message.ChannelClosedMessage:
		closed, err := m.DeserializeChannelClosedMessage(c.log)
		if err != nil {
			closed.Output = ""
		}
		c.end(frame.Closed, c.whyClosed(closed.Output))
		return
	case message.OutputStreamMessage:
		if m.SequenceNumber < c.data.ExpectedSequenceNumber {
			c.data.SendAcknowledgeMessage(c.log, m) //nolint:errcheck // it comes again
			return
		}
	case message.AcknowledgeMessage:
		c.sending.Lock()
		defer c.sending.Unlock()
	}
	c.data.OutputMessageHandler(c.log, func() {}, c.open.ID, raw) //nolint:errcheck // what it couldn't take comes again
}

// whyClosed is the service's words; where it never came to a session, also what the library found wrong.
func (c *channel) whyClosed(said string) string {
	select {
	case <-c.ready:
		return said
	default:
	}
	if found := c.log.lastError(); found != "" && said == "" {
		return found
	} else if found != "" {
		return said + " (" + found + ")"
	}
	return said
}

// deliver hands over what the session printed. It is called in the order of sequence.
func (c *channel) deliver(_ log.T, m message.ClientMessage) (bool, error) {
	c.isReady() // an agent that makes no handshake just begins
	switch message.PayloadType(m.PayloadType) {
	case message.Output, message.StdErr:
		c.tell(frame.Output, m.Payload)
	}
	return true, nil
}
