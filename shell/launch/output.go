package launch

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// chunk is how much output is gathered before it is written. A pty hands over 4 KiB at most at a time;
// larger writes cost less on both sides.
const chunk = 64 << 10

// output copies what the tool prints from the inner terminal to Out. One goroutine does it, so that
// the bytes stay in order and a callback may print between them.
type output struct {
	master  *os.File
	raw     syscall.RawConn
	out     io.Writer
	started time.Time
	quiet   time.Duration
	onQuiet func(time.Duration)
	warnAt  time.Time
	onWarn  func() // nil: nothing to say, or said
	lost    func() // called once when Out fails

	buf      []byte
	n        int   // bytes in buf
	readErr  error // of the last read: io.EOF, EIO, nil
	failed   bool  // Out is gone: the rest is read and dropped, so that the tool can end
	midline  bool
	plain    plainText
	bytes    atomic.Int64
	heard    atomic.Int64  // when the last output came, as time since started
	said     time.Duration // when onQuiet was called last, likewise
	done     chan struct{} // closed when all was delivered
	mu       sync.Mutex    // guards draining and with it the read deadline
	draining bool
}

// copy runs until the inner terminal has nothing more to give.
func (o *output) copy() {
	defer close(o.done)
	o.buf = make([]byte, chunk)
	o.listen()
	gather := o.gather // one closure for all reads
	for {
		err := o.raw.Read(gather)
		o.deliver()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			if !o.listen() {
				o.flush()
				return
			}
		case err != nil || o.readErr != nil:
			return // EIO: no process has the terminal open any more; or opsh closed it
		}
	}
}

// gather reads what is there. It returns false when there is nothing, to be called again when there is.
func (o *output) gather(fd uintptr) bool {
	for o.n < len(o.buf) {
		n, err := syscall.Read(int(fd), o.buf[o.n:])
		switch {
		case n > 0:
			o.n += n
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return o.n > 0
		case err == nil:
			o.readErr = io.EOF
			return true
		default:
			o.readErr = err
			return true
		}
	}
	return true
}

// deliver writes what was gathered.
func (o *output) deliver() {
	if o.n == 0 {
		return
	}
	b := o.buf[:o.n]
	o.n = 0
	o.bytes.Add(int64(len(b)))
	o.midline = b[len(b)-1] != '\n'
	o.plain.write(b)
	o.heard.Store(int64(time.Since(o.started)))
	if o.failed {
		return
	}
	if _, err := o.out.Write(b); err != nil {
		o.failed = true
		o.lost()
	}
}

// listen says that the tool is quiet when it is, and sets the time to look again. It returns false
// when what remains is to be taken as it is.
func (o *output) listen() bool {
	if o.drains() {
		return false
	}
	wait := time.Time{}
	if o.quiet > 0 && o.onQuiet != nil {
		since := time.Since(o.started)
		left := max(time.Duration(o.heard.Load()), o.said) + o.quiet - since
		if left <= 0 {
			o.onQuiet(since)
			o.said = time.Since(o.started)
			o.midline = false // its line ends with a newline
			left = o.quiet
		}
		wait = time.Now().Add(left)
	}
	if o.onWarn != nil {
		if !time.Now().Before(o.warnAt) {
			o.onWarn()
			o.onWarn, o.midline = nil, false
		} else if wait.IsZero() || o.warnAt.Before(wait) {
			wait = o.warnAt
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.draining && o.master.SetReadDeadline(wait) == nil
}

func (o *output) drains() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.draining
}

// drain makes copy end soon. By now every process that could print is gone, so what the kernel still
// holds is all there is. The end of it is seen at once unless somebody else keeps the inner terminal open.
func (o *output) drain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.draining = true
	o.master.SetReadDeadline(time.Now().Add(stragglers)) //nolint:errcheck // openTerminal made sure that deadlines work
}

const (
	stragglers = 200 * time.Millisecond
	// kernelHolds is more than a pty holds of output that wasn't read. What comes beyond it was printed after the tool's end, by
	// a process that isn't the tool's.
	kernelHolds = 256 << 10
)

// flush delivers what is there and doesn't wait for more.
func (o *output) flush() {
	if err := o.master.SetReadDeadline(time.Time{}); err != nil {
		return
	}
	for taken := 0; taken < kernelHolds && o.readErr == nil; {
		err := o.raw.Control(func(fd uintptr) { o.gather(fd) })
		if err != nil || o.n == 0 {
			return
		}
		taken += o.n
		o.deliver()
	}
}
