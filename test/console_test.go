package test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/creack/pty"
)

// console is a program on a terminal without the agent around it.
type console struct {
	t      *testing.T
	master *os.File
	pieces chan []byte
	seen   []byte
}

// openConsole starts cmd on a terminal of the given size. The caller waits for cmd.
func openConsole(t *testing.T, cmd *exec.Cmd, size pty.Winsize) *console {
	t.Helper()
	master, err := pty.StartWithSize(cmd, &size)
	must(t, err)
	t.Cleanup(func() { master.Close() })
	c := &console{t: t, master: master, pieces: make(chan []byte)}
	go func() {
		defer close(c.pieces)
		for {
			buf := make([]byte, 4096)
			n, err := master.Read(buf)
			if err != nil {
				return
			}
			select {
			case c.pieces <- buf[:n]:
			case <-t.Context().Done():
				return
			}
		}
	}()
	return c
}

// until waits for text behind what was waited for before.
func (c *console) until(text string) {
	c.t.Helper()
	late := time.After(patience)
	for {
		if at := bytes.Index(c.seen, []byte(text)); at >= 0 {
			c.seen = c.seen[at+len(text):]
			return
		}
		select {
		case b, more := <-c.pieces:
			c.seen = append(c.seen, b...)
			if !more {
				c.t.Fatalf("the session ended without %q in %q", text, c.seen)
			}
		case <-late:
			c.t.Fatalf("no %q in %q", text, c.seen)
		}
	}
}
