package ship

import (
	"cmp"
	"context"
	"errors"
	"sync"
)

// State is how far a trail has been shipped.
type State struct {
	Acked   int64  // bytes of the trail that the service has acknowledged
	Trouble string // why it doesn't get on just now
	Hint    string // what to do about that, where it is known
}

// Progress is a State that others wait for. A Shipper has one; so has a process that hears of its Shipper from another.
type Progress struct {
	Service string // who is waited for; empty: CloudWatch Logs

	mu     sync.Mutex
	state  State
	change chan struct{} // closed and replaced with every change
}

// State is the state now, and a channel that is closed when it is another.
func (p *Progress) State() (State, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.change == nil {
		p.change = make(chan struct{})
	}
	return p.state, p.change
}

// Set is for who knows the state.
func (p *Progress) Set(state State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if state == p.state {
		return
	}
	p.state = state
	if p.change != nil {
		close(p.change)
	}
	p.change = make(chan struct{})
}

// Await returns when the trail's first size bytes are acknowledged. When ctx ends before, it says what keeps them.
func (p *Progress) Await(ctx context.Context, size int64) error {
	for {
		state, change := p.State()
		if state.Acked >= size {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			state, _ := p.State()
			if state.Trouble != "" {
				return errors.New(state.Trouble)
			}
			return errors.New(cmp.Or(p.Service, "CloudWatch Logs") + " has not answered")
		}
	}
}
