package prompt

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chzyer/readline"
)

// wire is Keys over bytes that other goroutines send.
type wire struct {
	mu   sync.Mutex
	buf  []byte
	wake chan struct{}
}

func newWire() *wire { return &wire{wake: make(chan struct{})} }

func (w *wire) send(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf = append(w.buf, s...)
	close(w.wake)
	w.wake = make(chan struct{})
}

func (w *wire) Next(ctx context.Context, max int) ([]byte, error) {
	for {
		w.mu.Lock()
		n, wake := min(max, len(w.buf)), w.wake
		got := append([]byte(nil), w.buf[:n]...)
		w.buf = w.buf[n:]
		w.mu.Unlock()
		if n > 0 {
			return got, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-wake:
		}
	}
}

func (w *wire) Unread(b []byte) { w.mu.Lock(); defer w.mu.Unlock(); w.buf = append(b, w.buf...) }
func (w *wire) Ready() int      { w.mu.Lock(); defer w.mu.Unlock(); return len(w.buf) }

// TestCloseDuringRead: readline's own Close waits for ever for a read under way.
func TestCloseDuringRead(t *testing.T) {
	began := runtime.NumGoroutine()
	for range 20 {
		keys := newWire()
		p, err := New(Options{Keys: keys, Out: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		keys.send("abc")
		done := make(chan error)
		go func() {
			_, err := p.Read(context.Background(), "> ", "")
			done <- err
		}()
		for keys.Ready() > 0 {
			runtime.Gosched()
		}
		p.Notice("a notice meanwhile")
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, errClosed) {
			t.Errorf("Read: %v", err)
		}
		if _, err := p.Read(context.Background(), "> ", ""); !errors.Is(err, errClosed) {
			t.Errorf("Read of a closed prompt: %v", err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	for wait := time.Millisecond; runtime.NumGoroutine() > began; wait *= 2 {
		if wait > 2*time.Second {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), began, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(wait)
	}
}

func TestDeadlineAndGoingOn(t *testing.T) {
	keys := newWire()
	p, err := New(Options{Keys: keys, Out: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close() //nolint:errcheck // nothing depends on it
	for range 50 {  // a Read that was given up leaves nothing behind
		keys.send("half")
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Millisecond)
		if _, err := p.Read(ctx, "> ", ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Read: %v", err)
		}
		cancel()
	}
	before := runtime.NumGoroutine()
	go func() {
		for _, k := range []string{"l", "s", "\r"} {
			keys.send(k)
		}
	}()
	if got, err := p.Read(context.Background(), "> ", ""); got != "ls" || err != nil {
		t.Errorf("Read: %q, %v", got, err)
	}
	if n := runtime.NumGoroutine(); n > before+1 {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

// TestNoticesWhileTyping is for the race detector.
func TestNoticesWhileTyping(t *testing.T) {
	keys := newWire()
	out := newEmulator(t, 20, 10)
	p, err := New(Options{Keys: keys, Out: out, Width: func() int { return 20 }})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close() //nolint:errcheck // nothing depends on it
	var both sync.WaitGroup
	both.Add(1)
	go func() {
		defer both.Done()
		for range 200 {
			p.Notice("opsh: warning: this session ends")
		}
	}()
	go keys.send(strings.Repeat("日本語x\x02\x7f", 50) + "\x03")
	if _, err := p.Read(context.Background(), "> ", ""); !errors.Is(err, ErrInterrupt) {
		t.Errorf("Read: %v", err)
	}
	both.Wait()
}

func TestOutputThatFails(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w.Close() //nolint:errcheck // it is what makes the write fail
	defer r.Close()
	y := newTypist(t, 80, 5, func(o *Options) { o.Out = w })
	y.types("a")
	if _, err := y.prompt.Read(context.Background(), "> ", ""); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Read: %v", err)
	}
}

func TestLostTerminal(t *testing.T) {
	y := newTypist(t, 80, 5, func(o *Options) { o.Keys = gone{} })
	y.reads("", io.EOF)
}

type gone struct{}

func (gone) Next(context.Context, int) ([]byte, error) { return nil, io.EOF }
func (gone) Unread([]byte)                             {}
func (gone) Ready() int                                { return 0 }

// TestNothingOfTheProcess: readline, left alone, puts descriptor 0 in raw mode and
// buffers what it reads there.
func TestNothingOfTheProcess(t *testing.T) {
	if readline.Stdin != os.Stdin || readline.Stdout != os.Stdout {
		t.Error("readline's streams were changed")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin := os.Stdin
	os.Stdin = r
	defer func() { os.Stdin = stdin; r.Close(); w.Close() }()
	if _, err := w.WriteString("not for readline"); err != nil {
		t.Fatal(err)
	}
	y := newTypist(t, 80, 5)
	y.types("ls\r").reads("ls", nil)
	got := make([]byte, 64)
	if n, err := r.Read(got); string(got[:n]) != "not for readline" {
		t.Errorf("standard input: %q, %v", got[:n], err)
	}
}

func TestPromptIsThereAtOnce(t *testing.T) {
	best := time.Hour
	for range 20 {
		keys := newWire()
		began := time.Now()
		out := make(firstWrite, 1)
		p, err := New(Options{Keys: keys, Out: out})
		if err != nil {
			t.Fatal(err)
		}
		go p.Read(context.Background(), "> ", "") //nolint:errcheck // ends with Close
		<-out
		best = min(best, time.Since(began))
		p.Close() //nolint:errcheck // nothing depends on it
	}
	if best > 20*time.Millisecond {
		t.Errorf("the prompt took %v", best)
	}
}

type firstWrite chan struct{}

func (f firstWrite) Write(b []byte) (int, error) {
	select {
	case f <- struct{}{}:
	default:
	}
	return len(b), nil
}

func TestPlainTerminal(t *testing.T) {
	var out strings.Builder
	y := newTypist(t, 20, 5, func(o *Options) { o.Out, o.Plain = &out, true })
	y.prompt.Remember("earlier")
	y.types("日x\x7f\x7fab cd\x02\x01\x17e\x10\x0e\x12ear\r").reads("earlier", nil)
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("written: %q", out.String())
	}
	if want := "> 日x\b \b\b\b  \b\bab cd\b\b  \b\be"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("written: %q", out.String())
	}
	if want := "\r\n> earlier\r\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("written: %q", out.String())
	}
	out.Reset()
	y.types("0123456789012345678\x7f\x7f\x15").sends(pasteOn+"a\nb\n"+pasteOff).types("y\r").reads("a", nil)
	y.prompt.Notice("n")
	y.reads("b", nil)
	if strings.Contains(out.String(), "\x1b") || !strings.HasSuffix(out.String(), "\r\n> a\r\nn\r\n> b\r\n") {
		t.Errorf("written: %q", out.String())
	}
}

func BenchmarkKey(b *testing.B) {
	y := newTypist(b, 80, 24)
	y.sends(strings.Repeat("x", 100)).does(func() {
		b.ResetTimer()
		for range b.N {
			if _, _, err := y.prompt.handle(context.Background(), &reading{}, key{kind: kindText, text: []rune{'y'}}); err != nil {
				b.Fatal(err)
			}
			y.prompt.line.press(keyBackspace)
		}
	})
	y.prompt.Read(context.Background(), "> ", "") //nolint:errcheck // it ends when the keys do
}
