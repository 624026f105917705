package launch

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// notice is how long a tool has to end by itself once a limit is reached.
	notice = 2 * time.Second
	// delivery is how long Out may take for what is left when there is no session any more to wait for.
	delivery = time.Second
)

// tool is a running tool and all that belongs to it.
type tool struct {
	plan
	job Job
	*child
	started time.Time
	term    *terminal
	out     *output
	in      *input // nil: nobody types

	lost  chan struct{} // closed when the operator's terminal is gone
	full  chan struct{} // closed when the tool has printed more than it may
	limit string
	left  []Process // what the kernel ended a moment ago: left running, if the tool has ended by then
}

func run(ctx context.Context, p plan, j Job) (Result, error) {
	if err := adopt(); err != nil {
		return Result{}, err
	}
	resized := make(chan os.Signal, 1)
	if j.Tty != nil {
		signal.Notify(resized, syscall.SIGWINCH) // before the size is read: no change may fall in between
		defer signal.Stop(resized)
	}
	term, err := openTerminal(p.spec.UID, j.Tty, j.NoInput)
	if err != nil {
		return Result{}, err
	}
	defer term.close()
	t := &tool{plan: p, job: j, started: time.Now(), term: term, lost: make(chan struct{}), full: make(chan struct{})}
	lost := sync.OnceFunc(func() { close(t.lost) })
	full := sync.OnceFunc(func() { close(t.full) })
	t.out = newOutput(j, p.output, term, t.started, lost, full)
	if t.child, err = start(p, j, term, t.out.tell); err != nil {
		return Result{}, err
	}
	defer t.child.close(p.spec.UID)
	go t.out.copy()
	if j.Keys != nil {
		t.in = newInput(j, term, t.started, lost)
		t.in.start(ctx)
	}
	t.supervise(ctx, resized)
	return t.finish(ctx)
}

// supervise returns when the first process has ended, by itself or by a limit.
func (t *tool) supervise(ctx context.Context, resized <-chan os.Signal) {
	orphaned := make(chan os.Signal, 1)
	signal.Notify(orphaned, syscall.SIGCHLD)
	defer signal.Stop(orphaned)

	timeout, session := after(t.timeout, t.timeout > 0), after(time.Until(t.job.Deadline), !t.job.Deadline.IsZero())
	idle := after(t.job.Idle, t.job.Idle > 0)
	lost, full, cancelled := t.lost, t.full, ctx.Done()
	var hard, settled <-chan time.Time
	end := func(limit string, s syscall.Signal) {
		if t.limit == "" {
			t.limit = limit
			t.Signal(s)
			t.Signal(syscall.SIGCONT)
			hard = time.After(notice)
		}
	}
	listed := orphaned // nil while it isn't listened to
	for {
		select {
		case <-t.Ended():
			return
		case <-cancelled:
			t.Signal(syscall.SIGKILL)
			cancelled = nil
		case <-hard:
			t.Signal(syscall.SIGKILL)
		case <-timeout:
			end(LimitTimeout, syscall.SIGTERM)
		case <-session:
			end(LimitSession, syscall.SIGHUP)
		case <-lost:
			end(LimitLost, syscall.SIGHUP)
			lost = nil
		case <-full:
			end(LimitOutput, syscall.SIGTERM)
			full = nil
		case <-idle:
			left := t.idles()
			if left <= 0 {
				end(LimitIdle, syscall.SIGHUP)
				left = t.job.Idle
			}
			idle = time.After(left)
		case <-resized:
			t.term.resize(t.job.Tty) //nolint:errcheck // the tool goes on in its old size
		case <-listed:
			// A tool that starts and ends thousands of processes must not keep opsh busy.
			listed, settled = nil, time.After(moment)
			t.left = t.orphans(t.spec.UID)
		case <-settled:
			listed, settled, t.left = orphaned, nil, nil
		}
	}
}

// after is a timer's channel, or nil, which is never ready.
func after(d time.Duration, set bool) <-chan time.Time {
	if !set {
		return nil
	}
	return time.After(d)
}

// idles is how much longer the tool may idle. Only a line editor that waits idles; when the tool works, or reads
// a line by the kernel's own line mode, its timeout is what ends it.
func (t *tool) idles() time.Duration {
	last := time.Duration(t.out.heard.Load())
	if t.in != nil {
		last = max(last, time.Duration(t.in.heard.Load()))
	}
	if left := last + t.job.Idle - time.Since(t.started); left > 0 {
		return left
	}
	if mode, err := t.term.mode(); err != nil || mode.Lflag&unix.ICANON != 0 {
		return min(t.job.Idle, 10*time.Second) // look again: the mode changes without a sign
	}
	return 0
}

// finish ends what the tool left, gives back what it didn't read, and delivers what it printed.
func (t *tool) finish(ctx context.Context) (Result, error) {
	status := t.Status()
	r := Result{Exit: status.ExitStatus(), Duration: time.Since(t.started)}
	if status.Signaled() {
		r.Signal = status.Signal()
		r.Exit = 128 + int(r.Signal)
	}
	left, endErr := t.endRest()
	r.Left = left
	t.term.over.ring()
	if t.in != nil {
		t.in.stop()
		if t.limit != LimitLost {
			t.in.unread()
		}
	}
	t.term.slave.Close() //nolint:errcheck // nothing was written to it
	delivered := t.delivered(ctx)
	t.out.close(delivered)
	if delivered && t.out.failed && t.limit == "" {
		t.limit = LimitLost
	}
	r.Limit, r.Bytes = t.limit, t.out.bytes.Load()
	r.Midline = !delivered || t.out.midline
	r.Plain = delivered && t.out.plain.all()
	return r, endErr
}

// delivered waits until Out has everything. A client that pauses makes it wait, until there is no session left to wait for.
func (t *tool) delivered(ctx context.Context) bool {
	session, cancelled := after(time.Until(t.job.Deadline), !t.job.Deadline.IsZero()), ctx.Done()
	var hard <-chan time.Time
	if t.limit == LimitLost {
		hard = time.After(delivery)
	}
	for {
		select {
		case <-t.out.done:
			return true
		case <-hard:
			return false
		case <-session:
			if t.limit == "" {
				t.limit = LimitSession
			}
			hard = time.After(delivery)
		case <-cancelled:
			hard, cancelled = time.After(delivery), nil
		}
	}
}
