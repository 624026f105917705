package launch

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestAwait: what ends a wait for the inner terminal, and what it is then.
func TestAwait(t *testing.T) {
	open := func(t *testing.T) *terminal {
		term, err := openTerminal(uint32(os.Getuid()), nil, false)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(term.close)
		return term
	}
	soon := func() time.Time { return time.Now().Add(20 * time.Millisecond) }
	later := func(do func()) { time.AfterFunc(20*time.Millisecond, do) }
	for _, c := range []struct {
		name   string
		events int16
		until  func() time.Time // nil: never
		deaf   bool             // to the bell
		before func(*terminal)
		ready  bool
		failed bool
	}{
		{"printed before", unix.POLLIN, nil, false, func(x *terminal) { x.slave.WriteString("a") }, true, false},
		{"printed meanwhile", unix.POLLIN, nil, false, func(x *terminal) { later(func() { x.slave.WriteString("a") }) }, true, false},
		{"nobody is left to print", unix.POLLIN, nil, false, func(x *terminal) { later(func() { x.slave.Close() }) }, true, false},
		{"room for keys", unix.POLLOUT, nil, false, func(*terminal) {}, true, false},
		{"no room for keys", unix.POLLOUT, soon, false, fillUp, false, false},
		{"nothing until then", unix.POLLIN, soon, false, func(*terminal) {}, false, false},
		{"until is over", unix.POLLIN, func() time.Time { return time.Now().Add(-time.Hour) }, false, func(*terminal) {}, false, false},
		{"rung before", unix.POLLIN, nil, false, func(x *terminal) { x.over.ring() }, false, false},
		{"rung meanwhile", unix.POLLIN, nil, false, func(x *terminal) { later(x.over.ring) }, false, false},
		{"rung, for who doesn't listen", unix.POLLIN, soon, true, func(x *terminal) { x.over.ring() }, false, false},
		{"closed before", unix.POLLIN, nil, false, (*terminal).close, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := open(t)
			c.before(term)
			bell, until := term.over, time.Time{}
			if c.deaf {
				bell = nil
			}
			if c.until != nil {
				until = c.until()
			}
			ready, err := term.await(c.events, until, bell)
			if ready != c.ready || (err != nil) != c.failed {
				t.Errorf("%v, %v", ready, err)
			}
			if !c.ready && !c.failed && c.until != nil && time.Now().Before(until) {
				t.Error("it was over too soon")
			}
		})
	}
}

// fillUp types until the terminal takes no more, also when the kernel has passed on what it took.
func fillUp(x *terminal) {
	for refused := 0; refused < 5; {
		x.control(func(fd int) error { //nolint:errcheck // then it is full
			_, err := unix.Write(fd, []byte("key\n"))
			if refused++; err == nil {
				refused = 0
			}
			return err
		})
		if refused > 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}
}
