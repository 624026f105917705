package shell

import (
	"opsh/shell/prompt"
	"os"
	"testing"
	"time"
)

// TestInterrupts: of what is typed behind a runbook only Ctrl-C counts, the first as a key, the second as an order.
func TestInterrupts(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	killed := make(chan struct{})
	i := &interrupts{keys: prompt.NewKeyboard(r, time.Now), kill: func() { close(killed) }}
	if i.came() {
		t.Error("an interrupt before any key")
	}
	w.WriteString("abc\r\x04")
	w.WriteString("x\x03y")
	if got, err := i.Next(t.Context(), 100); err != nil || string(got) != "\x03" || !i.came() {
		t.Errorf("%q, %v", got, err)
	}
	go i.Next(t.Context(), 100) //nolint:errcheck // it ends with the test
	select {
	case <-killed:
		t.Error("one Ctrl-C killed")
	case <-time.After(50 * time.Millisecond):
	}
	w.WriteString("\x03")
	<-killed
}
