package launch

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// typed bounds what is taken from the keyboard at a time.
	typed = 16 << 10
	// pasted bounds what waits for a tool that doesn't read. Past it the keyboard holds the rest back.
	pasted = 1 << 20
	// stuck is how long the inner terminal may take no key until a Ctrl-C may overtake.
	stuck = 250 * time.Millisecond
)

// input copies keys to the inner terminal. The terminal holds about 12 KiB for a tool that doesn't read;
// what is more waits here, apart from the output, so that a paste never stops the tool's printing.
type input struct {
	keys    Keys
	term    *terminal
	started time.Time
	lost    func() // called when the keyboard is gone
	typed   func(b []byte, masked bool)

	heard   atomic.Int64 // when the last key came, as time since started
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	change  *sync.Cond
	queue   []byte // not yet taken by the inner terminal; not empty as long as feed writes
	sent    []byte // the end of what it took
	stopped bool
}

func newInput(j Job, t *terminal, started time.Time, lost func()) *input {
	in := &input{keys: j.Keys, term: t, started: started, lost: lost, typed: j.OnInput}
	in.change = sync.NewCond(&in.mu)
	return in
}

func (in *input) start(ctx context.Context) {
	ctx, in.cancel = context.WithCancel(ctx)
	in.running.Add(2)
	go in.listen(ctx)
	go in.feed()
}

// listen takes keys from the keyboard as they come.
func (in *input) listen(ctx context.Context) {
	defer in.running.Done()
	for {
		b, err := in.keys.Next(ctx, typed)
		if len(b) > 0 {
			in.heard.Store(int64(time.Since(in.started)))
			if !in.put(b) {
				return
			}
		}
		if err != nil {
			if ctx.Err() == nil {
				in.lost()
			}
			return
		}
	}
}

// put hands b to the tool, or to feed as much as the inner terminal doesn't take at once.
func (in *input) put(b []byte) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.queue) == 0 && !in.stopped {
		masked := in.term.masks()
		n, _ := in.write(b) //nolint:errcheck // feed meets the same error again
		in.took(b[:n], masked)
		b = b[n:]
	}
	in.queue = append(in.queue, b...)
	in.change.Broadcast()
	for len(in.queue) >= pasted && !in.stopped {
		in.change.Wait()
	}
	return !in.stopped
}

// took remembers what the inner terminal took, as far back as the tool may have left it unread. masked says whether it masked before that. It is
// asked once more: between the two the tool may have begun to ask for a password, or have read it and shown its prompt again.
func (in *input) took(b []byte, masked bool) {
	if in.typed != nil && len(b) > 0 {
		in.typed(b, in.term.masks() || masked)
	}
	const unreadable = 64 << 10 // more than a pty holds
	in.sent = append(in.sent, b...)
	if len(in.sent) > 2*unreadable {
		in.sent = append(in.sent[:0], in.sent[len(in.sent)-unreadable:]...)
	}
}

// write writes what the inner terminal takes without waiting.
func (in *input) write(b []byte) (n int, err error) {
	err = in.term.control(func(fd int) (err error) {
		n, err = syscall.Write(fd, b)
		n = max(n, 0)
		return err
	})
	return n, err
}

// masks says that what is typed is not shown: line mode without echo, as at a password prompt. A line editor has both off, and shows by itself. When
// it can't be known, it is a password.
func (t *terminal) masks() bool {
	mode, err := t.mode()
	return err != nil || mode.Lflag&unix.ICANON != 0 && mode.Lflag&unix.ECHO == 0
}

// feed writes the queue as the tool makes room for it.
func (in *input) feed() {
	defer in.running.Done()
	chunk := make([]byte, 4<<10)
	in.mu.Lock()
	defer in.mu.Unlock()
	for {
		for len(in.queue) == 0 && !in.stopped {
			in.change.Wait()
		}
		if in.stopped {
			return
		}
		b := chunk[:copy(chunk, in.queue)]
		in.mu.Unlock()
		ready, err := in.term.await(unix.POLLOUT, time.Now().Add(stuck), in.term.over)
		masked := in.term.masks()
		in.mu.Lock()
		switch {
		case in.stopped || in.term.over.rung.Load():
			return
		case err == nil && !ready:
			in.interrupt()
			continue
		}
		n, err := in.write(b)
		in.took(b[:n], masked)
		in.queue = append(in.queue[:0], in.queue[n:]...)
		in.change.Broadcast()
		if err != nil && err != unix.EAGAIN {
			in.queue, in.stopped = nil, true // the inner terminal is gone, and with it the tool
		}
	}
}

// interrupt lets a Ctrl-C or Ctrl-\ overtake what was typed before it when the tool takes no keys. As at any terminal, what
// came before the key is dropped. The key itself still goes through the inner terminal, which knows whom to signal.
func (in *input) interrupt() {
	mode, err := in.term.mode()
	if err != nil || mode.Lflag&unix.ISIG == 0 {
		return
	}
	at := -1
	for _, key := range []byte{mode.Cc[unix.VINTR], mode.Cc[unix.VQUIT]} {
		if i := bytes.IndexByte(in.queue, key); key != 0 && i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	if at < 0 {
		return
	}
	if in.term.dropTyped() == nil {
		in.queue, in.sent = append(in.queue[:0], in.queue[at:]...), nil
	}
}

// dropTyped drops what waits for the tool. First what the pty holds (on the master that is output), then what the line
// discipline holds: while that is full it looks at nothing new, not even at a Ctrl-C.
func (t *terminal) dropTyped() error {
	err := t.control(func(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCOFLUSH) })
	if err != nil {
		return err
	}
	return unix.IoctlSetInt(int(t.slave.Fd()), unix.TCFLSH, unix.TCIFLUSH)
}

// stop ends both goroutines, behind the terminal's bell. Afterwards nothing more reaches the tool.
func (in *input) stop() {
	in.cancel()
	in.mu.Lock()
	in.stopped = true
	in.change.Broadcast()
	in.mu.Unlock()
	in.running.Wait()
}
