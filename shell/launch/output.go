package launch

import (
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"opsh/shell/redact"
)

// chunk is as much as a pty hands over at a time. What is there is written at once: to gather more takes longer, since tool, opsh and reader take turns then
// where they could work side by side, and since a read of a pty that has no more to give waits for the kernel's own thread. And what was typed is
// echoed behind all that was gathered.
const chunk = 4 << 10

// output copies what the tool prints from the inner terminal to Out. One goroutine does it, so that
// the bytes stay in order and a callback may print between them.
type output struct {
	term    *terminal
	out     io.Writer
	started time.Time
	quiet   time.Duration
	onQuiet func(time.Duration)
	warnAt  time.Time
	onWarn  func() // nil: nothing to say, or said
	lost    func() // called once when Out fails

	buf     []byte
	n       int   // bytes in buf
	readErr error // of the last read: io.EOF, EIO, nil
	failed  bool  // Out is gone: the rest is read and dropped, so that the tool can end
	most    int64 // bytes to deliver; 0: any number. The rest is dropped
	full    func()
	midline bool
	plain   plainText
	bytes   atomic.Int64
	heard   atomic.Int64  // when the last output came, as time since started
	said    time.Duration // when onQuiet was called last, likewise
	done    chan struct{} // closed when all was delivered
	end     time.Time     // when what remains is taken as it is; zero: the tool runs

	redact *redact.Stream // nil: what is read is what is written
	since  time.Time      // since when redact holds back what it holds; zero: nothing
	due    time.Time      // when to look whether that is to be written as it is
	turns  int            // how often to look

	onEvent func(e Event, midline, plain bool) error
	turn    sync.Mutex  // held by who reads from the inner terminal or writes to Out
	over    atomic.Bool // no more Events
}

func newOutput(j Job, most int64, term *terminal, started time.Time, lost, full func()) *output {
	return &output{
		most: most, full: full,
		term: term, out: j.Out, started: started, buf: make([]byte, chunk),
		quiet: j.Quiet, onQuiet: j.OnQuiet, warnAt: j.WarnAt, onWarn: j.OnWarn, onEvent: j.OnEvent,
		lost: lost, done: make(chan struct{}), redact: j.Redact,
	}
}

var errOver = errors.New("cannot tell: the command is over")

// tell has an Event recorded and shown, behind all that the tool printed before.
func (o *output) tell(e Event) error {
	if o.onEvent == nil {
		return nil
	}
	o.turn.Lock()
	defer o.turn.Unlock()
	if o.over.Load() {
		return errOver
	}
	o.writeWaiting(kernelHolds)
	o.release()
	err := o.onEvent(e, o.midline, o.plain.all())
	o.midline = false
	return err
}

// close ends the telling. Where Out doesn't return, somebody may hold the turn for ever.
func (o *output) close(delivered bool) {
	if delivered {
		o.turn.Lock()
		defer o.turn.Unlock()
	}
	o.over.Store(true)
}

// copy runs until the inner terminal has nothing more to give.
func (o *output) copy() {
	defer close(o.done)
	defer o.inTurn(o.release)
	for yielded := time.Now(); !o.exhausted(); {
		some, err := o.deliver()
		if err != nil {
			return // EIO: no process has the terminal open any more; or opsh closed it
		}
		if now := time.Now(); now.Sub(yielded) > yieldAfter {
			runtime.Gosched()
			yielded = now
		}
		until := sooner(o.look(), o.end)
		if some {
			continue
		}
		bell := o.term.over
		if !o.end.IsZero() {
			bell = nil // heard
		}
		if _, err := o.term.await(unix.POLLIN, until, bell); err != nil {
			return
		}
	}
	o.inTurn(func() { o.writeWaiting(kernelHolds) })
}

const (
	// yieldAfter keeps Go's monitor asleep. A goroutine that goes on for 10 ms without the scheduler is preempted by it, in calls too, and then it looks
	// every 20 µs for some time (sysmon in runtime/proc.go): 200 MB of output took a tenth longer.
	yieldAfter = 4 * time.Millisecond
	stragglers = 200 * time.Millisecond
	// kernelHolds is more than a pty holds of output that wasn't read. What comes beyond it was printed after the tool's end, by
	// a process that isn't the tool's.
	kernelHolds = 256 << 10
)

// exhausted says that nothing more is waited for. Once the bell has rung every process that could print is gone, so what the kernel still
// holds is all there is. The end of it is seen at once unless somebody else keeps the inner terminal open.
func (o *output) exhausted() bool {
	if o.end.IsZero() && o.term.over.rung.Load() {
		o.end = time.Now().Add(stragglers)
	}
	return !o.end.IsZero() && !time.Now().Before(o.end)
}

// deliver writes what is there, and says whether anything was.
func (o *output) deliver() (some bool, err error) {
	o.turn.Lock()
	defer o.turn.Unlock()
	if err := o.term.control(o.take); err != nil {
		return false, err
	}
	some = o.n > 0
	o.write()
	return some, o.readErr
}

// take reads what is there, at most chunk of it, for who has the turn.
func (o *output) take(fd int) error {
	for {
		n, err := unix.Read(fd, o.buf)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
		case err == nil && n == 0:
			o.readErr = io.EOF
		default:
			o.n, o.readErr = max(n, 0), err
		}
		return nil
	}
}

// write is deliver for who has the turn.
func (o *output) write() {
	if o.n == 0 {
		return
	}
	b := o.buf[:o.n]
	o.n = 0
	if room := o.most - o.bytes.Load(); o.most > 0 && int64(len(b)) > room {
		o.full()
		if b = b[:room]; len(b) == 0 {
			return
		}
	}
	o.bytes.Add(int64(len(b)))
	o.plain.write(b)
	o.heard.Store(int64(time.Since(o.started)))
	if o.redact != nil {
		b = o.redact.Write(b)
		o.hold(len(b) > 0)
	}
	o.put(b)
}

// put writes to Out, for who has the turn.
func (o *output) put(b []byte) {
	if len(b) == 0 || o.failed {
		return
	}
	o.midline = b[len(b)-1] != '\n'
	if _, err := o.out.Write(b); err != nil {
		o.failed = true
		o.lost()
	}
}

// look writes what was held back long enough, says that the tool is quiet when it is, and is when to do so again; the zero Time: never.
func (o *output) look() time.Time {
	wait := o.held()
	if o.quiet > 0 && o.onQuiet != nil {
		since := time.Since(o.started)
		left := max(time.Duration(o.heard.Load()), o.said) + o.quiet - since
		if left <= 0 {
			o.line(func() { o.onQuiet(since) })
			o.said = time.Since(o.started)
			left = o.quiet
		}
		wait = sooner(wait, time.Now().Add(left))
	}
	if o.onWarn != nil {
		if !time.Now().Before(o.warnAt) {
			o.line(o.onWarn)
			o.onWarn = nil
		} else {
			wait = sooner(wait, o.warnAt)
		}
	}
	return wait
}

// line lets somebody else write a line, behind all that was printed.
func (o *output) line(do func()) {
	o.inTurn(func() {
		o.release()
		do()
		o.midline = false // its line ends with a newline
	})
}

func (o *output) inTurn(do func()) {
	o.turn.Lock()
	defer o.turn.Unlock()
	do()
}

// writeWaiting delivers what is there, about most bytes of it, for who has the turn.
func (o *output) writeWaiting(most int) {
	for taken := 0; taken < most && o.readErr == nil; {
		if o.term.control(o.take) != nil || o.n == 0 {
			return
		}
		taken += o.n
		o.write()
	}
}
