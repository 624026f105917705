package prompt

import (
	"context"
	"io"
	"runtime"
	"sync"
	"time"
)

// Keyboard is the one reader of standard input, and Keys. The prompt and the running tool take turns at it, so
// that what is typed ahead reaches whoever is next instead of vanishing in somebody's buffer.
type Keyboard struct {
	mu    sync.Mutex
	buf   []byte
	eof   bool
	wake  chan struct{} // closed and replaced whenever something changes
	room  *sync.Cond
	last  time.Time // of the last key
	now   func() time.Time
	holds int
}

// keyboardHolds bounds what waits unread: past it the terminal itself holds the rest back.
const keyboardHolds = 64 << 10

// NewKeyboard begins to read f at once, and goes on until f ends. now is the clock of LastKey.
func NewKeyboard(f io.Reader, now func() time.Time) *Keyboard {
	k := &Keyboard{wake: make(chan struct{}), last: now(), now: now, holds: keyboardHolds}
	k.room = sync.NewCond(&k.mu)
	go k.pump(f)
	return k
}

// pump ends with its file, or with the process: a read of a terminal can't be cancelled.
func (k *Keyboard) pump(f io.Reader) {
	chunk := make([]byte, 16<<10)
	for {
		n, err := f.Read(chunk)
		k.mu.Lock()
		if n > 0 {
			k.buf = append(k.buf, chunk[:n]...)
			k.last = k.now()
		}
		k.eof = k.eof || err != nil
		close(k.wake)
		k.wake = make(chan struct{})
		for len(k.buf) >= k.holds && !k.eof {
			k.room.Wait()
		}
		k.mu.Unlock()
		if err != nil {
			return
		}
		// Who waits for keys goes on with them at once, on this thread. Otherwise the read would keep the processor from it, until Go's monitor sees to that:
		// after up to 10 ms.
		runtime.Gosched()
	}
}

// Next waits for typed bytes and returns at most max of them. The end of ctx loses none. io.EOF
// comes after the last byte, when the terminal or the pipe is gone.
func (k *Keyboard) Next(ctx context.Context, max int) ([]byte, error) {
	for {
		k.mu.Lock()
		if n := min(max, len(k.buf)); n > 0 {
			got := append([]byte(nil), k.buf[:n]...)
			k.buf = append(k.buf[:0], k.buf[n:]...)
			k.room.Signal()
			k.mu.Unlock()
			return got, nil
		}
		eof, wake := k.eof, k.wake
		k.mu.Unlock()
		if eof {
			return nil, io.EOF
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-wake:
		}
	}
}

// Unread puts bytes back, so that the next Next returns them first.
func (k *Keyboard) Unread(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.buf = append(append([]byte(nil), b...), k.buf...)
	close(k.wake)
	k.wake = make(chan struct{})
}

// Ready is the number of bytes that wait.
func (k *Keyboard) Ready() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.buf)
}

// Gone says that the terminal has ended, as opposed to a person who typed Ctrl-D.
func (k *Keyboard) Gone() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.eof
}

// LastKey is when something was typed last.
func (k *Keyboard) LastKey() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.last
}
