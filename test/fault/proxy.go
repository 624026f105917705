package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Proxy stands before moto and lets faults happen. All of it may be used by several goroutines.
type Proxy struct {
	URL string

	t       testing.TB
	target  string
	address string
	client  *http.Client
	over    chan struct{} // closed with the test
	serving sync.WaitGroup

	mu       sync.Mutex
	server   *http.Server // nil while it is down
	closed   bool
	plan     Plan
	valid    func(accessKeyID string) bool
	requests int
	seen     map[Count]int
	puts     []*underway
	inFlight map[*underway]bool
}

// Count is what Seen counts by.
type Count struct {
	Action string
	Fault  Kind
}

// NewProxy starts a proxy before the target, moto's URL, and ends it with the test. Without a plan there are no faults, but the API's
// limits hold.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	p := &Proxy{t: t, target: target, over: make(chan struct{}), seen: map[Count]int{}, inFlight: map[*underway]bool{},
		// No proxy from the environment, and a connection for each request: moto closes them when it likes.
		client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	l, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	p.URL = "http://" + p.address
	p.serve(l)
	t.Cleanup(func() {
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		close(p.over)
		p.Down()
		p.serving.Wait()
	})
	return p
}

// Set sets the plan for the requests to come; nil ends all faults.
func (p *Proxy) Set(plan Plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan = plan
}

// Require answers ExpiredTokenException to whatever bears the signature of an access key that isn't valid: see CredentialsServer.Valid.
func (p *Proxy) Require(valid func(accessKeyID string) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.valid = valid
}

// Down closes the listener and every connection: connects are refused until Up. What the target has been handed it applies.
func (p *Proxy) Down() {
	p.mu.Lock()
	s := p.server
	p.server = nil
	p.mu.Unlock()
	if s != nil {
		s.Close() //nolint:errcheck // it closes what it can
	}
}

// Up listens on the same port again.
func (p *Proxy) Up() {
	p.t.Helper()
	p.mu.Lock()
	down := p.server == nil && !p.closed
	p.mu.Unlock()
	if !down {
		return
	}
	l, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Errorf("cannot listen again: %v", err)
		return
	}
	p.serve(l)
}

func (p *Proxy) serve(l net.Listener) {
	s := &http.Server{Handler: http.HandlerFunc(p.handle), ReadHeaderTimeout: time.Minute}
	p.mu.Lock()
	p.server = s
	p.mu.Unlock()
	go s.Serve(l) //nolint:errcheck // it ends with Down
}

// Seen counts the requests by action and fault.
func (p *Proxy) Seen() map[Count]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := make(map[Count]int, len(p.seen))
	for c, n := range p.seen {
		seen[c] = n
	}
	return seen
}

// Requests is how many requests there were of an action, whatever became of them.
func (p *Proxy) Requests(action string) int {
	n := 0
	for c, of := range p.Seen() {
		if c.Action == action {
			n += of
		}
	}
	return n
}

// Batches are the PutLogEvents so far, in the order in which they came.
func (p *Proxy) Batches() []Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	batches := make([]Batch, 0, len(p.puts))
	for _, u := range p.puts {
		batches = append(batches, u.batch)
	}
	return batches
}

func (p *Proxy) handle(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went while it spoke
	}
	u := read(r, body)
	f, others, ok := p.enter(u)
	if !ok {
		drop(w, true)
		return
	}
	defer p.serving.Done()
	p.overlap(u, others)
	defer p.leave(u)
	p.do(w, u, f)
}

// do lets the fault happen. Whatever the client could take for the request's end comes after leave: its next request must not seem to
// overlap with this one.
func (p *Proxy) do(w http.ResponseWriter, u *underway, f Fault) {
	if a, ok := u.refusal(f.Kind); ok {
		p.leave(u)
		a.write(w)
		return
	}
	switch f.Kind {
	case KindRefuse, KindResetBefore:
		p.leave(u)
		drop(w, f.Kind == KindResetBefore)
	case KindStatus:
		p.leave(u)
		bare(f.Status, f.Body).write(w)
	case KindStall:
		p.hold(f.For, u.gone.Done())
		p.leave(u)
		drop(w, false)
	default:
		if f.Kind == KindLate && !p.hold(f.For, nil) {
			p.leave(u)
			drop(w, true)
			return
		}
		a, err := p.apply(u, f)
		if err != nil {
			p.leave(u)
			drop(w, true) // the target is gone: as seen from here, so is the service
			return
		}
		if f.Kind == KindSlow {
			p.hold(f.For, u.gone.Done())
		}
		p.leave(u)
		switch f.Kind {
		case KindResetAfter:
			a.cut(w)
		case KindStatusAfter:
			bare(f.Status, f.Body).write(w)
		default:
			a.write(w)
		}
	}
}

// hold waits, and says whether it did so to the end. It ends with the test at the latest.
func (p *Proxy) hold(d time.Duration, gone <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-gone:
	case <-p.over:
	}
	return false
}

// apply has the service do what is asked: the API's own checks first, those that moto leaves out, then moto.
func (p *Proxy) apply(u *underway, f Fault) (answer, error) {
	p.mu.Lock()
	valid := p.valid
	p.mu.Unlock()
	if valid != nil && !valid(u.AccessKeyID) {
		a, _ := u.refusal(KindExpiredToken)
		return a, nil
	}
	if !u.isPut {
		return p.forward(u, u.body)
	}
	if u.batch.Wrong != "" {
		return serviceError("InvalidParameterException", u.batch.Wrong), nil
	}
	from, to, rejected := u.put.reject(f, u.came)
	body := u.body
	a := answer{http.StatusOK, http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Requestid": {word(16)}}, []byte("{}")}
	var err error
	if rejected != nil {
		if body, err = only(body, from, to); err != nil {
			return answer{}, fmt.Errorf("cannot cut a batch: %w", err)
		}
	}
	if from < to {
		if a, err = p.forward(u, body); err != nil || a.status != http.StatusOK {
			return a, err
		}
		p.mu.Lock()
		u.batch.Stored = to - from
		p.mu.Unlock()
	}
	if rejected != nil {
		a.body, err = withRejection(a.body, rejected)
	}
	return a, err
}

// withRejection is the target's answer to a PutLogEvents with what was dropped.
func withRejection(body []byte, r *rejection) ([]byte, error) {
	whole := map[string]any{}
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, fmt.Errorf("cannot read the target's answer: %w", err)
	}
	whole["rejectedLogEventsInfo"] = r
	return json.Marshal(whole)
}

// forward passes the request on, whether the client still waits or not: what has reached the service is done.
func (p *Proxy) forward(u *underway, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, u.method, p.target+u.path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, values := range u.header {
		if name != "Connection" && name != "Content-Length" {
			r.Header[name] = values
		}
	}
	from, err := p.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	said, err := io.ReadAll(from.Body)
	return answer{from.StatusCode, from.Header, said}, errors.Join(err, from.Body.Close())
}
