package replay

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

const sample = `{"version":3,"term":{"cols":60,"rows":5},"timestamp":1700000000,"title":"s"}
# a comment
[0.1,"o","prompt> "]
[0.1,"m","#1 first"]
[0.0,"o","one\r\n"]
[0.1,"i","typed"]
[100,"m","#2 second"]
[0.0,"o","\u001b]52;c;ZXZpbA==\u0007two\r\n"]
[0.1,"r","60x10"]
[0.1,"o","\u001b[31mthree\u001b[0m\r\n"]
[0.0,"x","0"]
`

func cast(t *testing.T) *Cast {
	t.Helper()
	c, err := Load(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCast(t *testing.T) {
	c := cast(t)
	if got := fmt.Sprint(c.Length(), c.Commands); got != "1m40.5s [{1 #1 first 200ms 1} {2 #2 second 1m40.3s 4}]" {
		t.Error(got)
	}
	c.Squeeze(time.Second)
	if got := fmt.Sprint(c.Length(), c.Commands); got != "1.5s [{1 #1 first 200ms 1} {2 #2 second 1.3s 4}]" {
		t.Error(got)
	}
	for n, want := range map[int]string{0: "prompt> one\ntwo\nthree\n", 1: "one\n", 2: "two\nthree\n"} {
		var b bytes.Buffer
		if err := c.Print(&b, n); err != nil || b.String() != want {
			t.Errorf("#%d: %q, %v", n, b.String(), err)
		}
	}
	if err := c.Print(io.Discard, 3); err == nil || err.Error() != "cannot go to command #3: the recording has #1 to #2" {
		t.Error(err)
	}
	for _, bad := range []string{"", "x", sample + "x\n"} {
		if _, err := Load(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// watched is a screen that says when something is on it.
type watched struct {
	mu   sync.Mutex
	text string
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text += string(b)
	return len(b), nil
}

// until waits for text, and forgets what was there until then.
func (w *watched) until(t *testing.T, text string) {
	t.Helper()
	for give := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		i := strings.Index(w.text, text)
		if i >= 0 {
			w.text = w.text[i+len(text):]
		}
		rest := w.text
		w.mu.Unlock()
		if i >= 0 {
			return
		}
		if time.Now().After(give) {
			t.Fatalf("no %q in %q", text, rest)
		}
	}
}

// TestKeys plays as a person does: with pauses, leaps and jumps.
func TestKeys(t *testing.T) {
	screen, keys := &watched{}, make(chan byte)
	p := Player{Cast: cast(t), Out: screen, Rows: 12, Keys: keys, Speed: 1}
	done := make(chan error)
	go func() { done <- p.Play(context.Background()) }()
	typed := func(text string) {
		for i := range len(text) {
			keys <- text[i]
		}
	}
	screen.until(t, clear)
	screen.until(t, "prompt> ")
	screen.until(t, "one\r\n")
	typed(" ")
	screen.until(t, "\x1b[6;1H\x1b[0;7m pauses 0:00 of 1:40, speed 1  #1 first\x1b[K")
	typed("++-")
	screen.until(t, "speed 2  #1 first")
	typed("\x1b[C\x1b[C")
	screen.until(t, "pauses 0:10 of 1:40")
	typed("\x1b[D")
	screen.until(t, "pauses 0:05 of 1:40")
	typed("n")
	screen.until(t, clear)
	screen.until(t, "two\r\n")
	screen.until(t, "pauses 1:40 of 1:40, speed 2  #2 second")
	typed("p")
	screen.until(t, "pauses 0:00 of 1:40, speed 2  #1 first")
	typed("n ")
	screen.until(t, "\x1b[1;10r")
	screen.until(t, "\x1b[31mthree")
	if err := <-done; err != nil {
		t.Error(err)
	}
	if strings.Contains(screen.text, "]52") {
		t.Errorf("%q", screen.text)
	}
}

// TestStart: from a command on, faster; and who leaves is let go.
func TestStart(t *testing.T) {
	var out bytes.Buffer
	p := Player{Cast: cast(t), Out: &out, Rows: 24, Speed: 1000, Start: 2}
	if err := p.Play(context.Background()); err != nil || !strings.HasPrefix(out.String(), clear+"\x1b7\x1b[1;5r\x1b8prompt> one\r\ntwo\r\n") {
		t.Errorf("%v, %q", err, out.String())
	}
	p = Player{Cast: cast(t), Out: &out, Rows: 24, Speed: 1, Start: 9}
	if err := p.Play(context.Background()); err == nil {
		t.Error("there is no command 9")
	}
	keys := make(chan byte, 1)
	keys <- 'q'
	p = Player{Cast: cast(t), Out: io.Discard, Rows: 24, Speed: 1, Keys: keys}
	if err := p.Play(context.Background()); err != nil {
		t.Error(err)
	}
}
