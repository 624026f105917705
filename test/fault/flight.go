package fault

import "time"

// enter gives a request its number and its fault, and returns those for the same stream that are in flight. It is false when the test
// is over.
func (p *Proxy) enter(u *underway) (f Fault, others []*underway, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return f, nil, false
	}
	p.serving.Add(1)
	p.requests++
	u.N = p.requests
	if p.plan != nil {
		f = p.plan(u.Request)
	}
	if f.Kind == "" {
		f.Kind = KindNone
	}
	p.seen[Count{u.Action, f.Kind}]++
	if !u.isPut {
		return f, nil, true
	}
	u.batch.N, u.batch.Fault = u.N, f.Kind
	p.puts = append(p.puts, u)
	for o := range p.inFlight {
		if o.Group == u.Group && o.Stream == u.Stream {
			others = append(others, o)
		}
	}
	p.inFlight[u] = true
	return f, others, true
}

// leave takes a request out of flight. It may be called twice.
func (p *Proxy) leave(u *underway) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-u.answered:
		return
	default:
	}
	// The server ends the context when it has sent an answer as well, but that is still to come.
	u.givenUp = u.gone.Err() != nil
	close(u.answered)
	delete(p.inFlight, u)
	u.body, u.put = nil, put{} // a test sends gigabytes
}

// overlap notes which of the others was truly in flight. A client that gives up closes its connection and sends the next request on
// another one, and the kernel doesn't say which we see first: so the other one has a moment to turn out as given up.
func (p *Proxy) overlap(u *underway, others []*underway) {
	late := time.NewTimer(200 * time.Millisecond)
	defer late.Stop()
	for _, o := range others {
		select {
		case <-o.gone.Done():
		case <-o.answered:
		case <-late.C:
			late.Reset(0) // for those that follow
		}
		if o.abandoned() {
			continue
		}
		p.mu.Lock()
		u.batch.Overlaps = o.N
		p.mu.Unlock()
	}
}

// abandoned says whether the client went away before there was an answer.
func (u *underway) abandoned() bool {
	select {
	case <-u.answered:
		return u.givenUp
	default:
		return u.gone.Err() != nil
	}
}
