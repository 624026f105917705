package channel

import (
	"io"
	"sync"
	"time"

	"github.com/aws/session-manager-plugin/src/datachannel"
	"github.com/aws/session-manager-plugin/src/message"

	"opsh/cmd/opsctl/internal/frame"
)

const (
	// piece is how much is sent in one message, and pace how long after it the next may go: what AWS's client does.
	piece = 1024
	pace  = time.Millisecond
	// unacknowledged bounds the messages under way, well below where the library begins to drop them.
	unacknowledged = 5000
	// attempts is after how many resends a message counts as received whose acknowledgement was lost: the connection itself loses nothing, and
	// the agent doesn't acknowledge twice.
	attempts = 50
)

// order is a frame of the parent's.
type order struct {
	kind    frame.Kind
	payload []byte
}

// orders is what the parent has said and was not yet done. It holds any number, so that Quit is heard behind a runbook that can't be sent.
type orders struct {
	mu    sync.Mutex
	queue []order
	more  chan struct{}
	quit  chan struct{} // closed: the parent wants no more
}

func newOrders() *orders {
	return &orders{more: make(chan struct{}, 1), quit: make(chan struct{})}
}

func (o *orders) read(in io.Reader) {
	defer close(o.quit)
	for {
		kind, payload, err := frame.Read(in)
		if err != nil || kind == frame.Quit {
			return
		}
		o.mu.Lock()
		o.queue = append(o.queue, order{kind, payload})
		o.mu.Unlock()
		select {
		case o.more <- struct{}{}:
		default:
		}
	}
}

func (o *orders) take() []order {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.queue
	o.queue = nil
	return all
}

// obey sends what the parent says, once the agent has answered.
func (c *channel) obey(o *orders) {
	select {
	case <-c.ready:
	case <-c.done:
		return
	}
	for {
		for _, one := range o.take() {
			switch one.kind {
			case frame.Input:
				for _, p := range pieces(one.payload) {
					c.send(message.Output, p)
					time.Sleep(pace)
				}
			case frame.Size:
				c.send(message.Size, one.payload)
			}
		}
		select {
		case <-o.more:
		case <-c.done:
			return
		}
	}
}

// pieces cuts keys into messages. None that follows another is a line feed alone: the library sends a carriage return for that.
func pieces(keys []byte) (all [][]byte) {
	for len(keys) > 0 {
		n := min(piece, len(keys))
		if len(keys)-n == 1 {
			n--
		}
		all = append(all, keys[:n])
		keys = keys[n:]
	}
	return all
}

// send sends one message, also over a connection that has yet to come back.
func (c *channel) send(kind message.PayloadType, payload []byte) {
	for !c.isOver() {
		if c.underWay() < unacknowledged {
			c.sending.Lock()
			err := c.data.SendInputDataMessage(c.log, kind, payload)
			c.sending.Unlock()
			if err == nil {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (c *channel) underWay() int {
	b := &c.data.OutgoingMessageBuffer
	b.Mutex.Lock()
	defer b.Mutex.Unlock()
	return b.Messages.Len()
}

// tend gives each unacknowledged message its turn to be resent, and gives up the session where the library does.
func (c *channel) tend() {
	turn := time.NewTicker(50 * time.Millisecond)
	defer turn.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-c.data.IsStreamMessageResendTimeout():
			c.end(frame.Lost, "the session's agent has acknowledged nothing for minutes")
			return
		case <-turn.C:
			c.rotate()
		}
	}
}

func (c *channel) rotate() {
	c.sending.Lock()
	defer c.sending.Unlock()
	b := &c.data.OutgoingMessageBuffer
	b.Mutex.Lock()
	defer b.Mutex.Unlock()
	first := b.Messages.Front()
	if first == nil {
		return
	}
	m, ok := first.Value.(datachannel.StreamingMessage)
	switch {
	case !ok || *m.ResendAttempt == 0:
	case *m.ResendAttempt > attempts:
		b.Messages.Remove(first)
	default:
		b.Messages.MoveToBack(first)
	}
}
