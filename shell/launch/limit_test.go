package launch

import (
	"syscall"
	"testing"
	"time"
)

func TestTimeout(t *testing.T) {
	for i, c := range []struct {
		name, script string
		signal       syscall.Signal
		exit         int
	}{
		{"ends when told", "exec sleep 60", syscall.SIGTERM, 143},
		{"ends in its own way", "trap 'exit 3' TERM; while :; do sleep 0.01; done", 0, 3},
		{"doesn't listen", "trap '' TERM HUP INT; while :; do sleep 0.05; done", syscall.SIGKILL, 137},
		{"is stopped", "trap 'exit 3' TERM; while :; do kill -STOP $$; done", 0, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			uid := uint32(toolUID + 10 + i)
			p := script(uid, c.script)
			p.timeout = time.Second // until then it has set its traps
			r := must(t, p, job(newKeyboard(), newPaper()))
			if r.Limit != LimitTimeout || r.Signal != c.signal || r.Exit != c.exit || r.Duration < p.timeout || r.Duration > p.timeout+notice+5*time.Second {
				t.Errorf("got %+v", r)
			}
			nobodyLeft(t, uid)
		})
	}
}

func TestDeadline(t *testing.T) {
	for _, when := range []time.Duration{100 * time.Millisecond, -time.Hour} {
		j := job(newKeyboard(), newPaper())
		j.Deadline = time.Now().Add(when)
		r := must(t, program(toolUID, "sleep", "60"), j)
		if r.Limit != LimitSession || r.Signal != syscall.SIGHUP {
			t.Errorf("got %+v", r)
		}
	}
}

// TestWarning comes once, between two pieces of output, however much or little there is.
func TestWarning(t *testing.T) {
	for _, text := range []string{"sleep 1", "i=0; while [ $i -lt 60000 ]; do echo $i; i=$((i+1)); done; sleep 1"} {
		out := newPaper()
		j := job(newKeyboard(), out)
		j.WarnAt = time.Now().Add(200 * time.Millisecond)
		warned := 0
		j.OnWarn = func() { warned++ }
		if r := must(t, script(toolUID+24, text), j); warned != 1 || r.Exit != 0 {
			t.Errorf("%d warnings, %+v", warned, r)
		}
	}
}

// TestIdle: a line editor that nobody uses is ended; a tool that works, or that is used, isn't.
func TestIdle(t *testing.T) {
	t.Parallel()
	start := func(idle time.Duration, text string) (*keyboard, <-chan Result) {
		keys := newKeyboard()
		out := newPaper()
		j := job(keys, out)
		j.Idle = idle
		done := background(t, script(toolUID+23, text), j)
		out.until(t, "ready")
		return keys, done
	}
	_, done := start(200*time.Millisecond, "stty -icanon; echo ready; exec sleep 60")
	if r := ended(t, done); r.Limit != LimitIdle || r.Signal != syscall.SIGHUP || r.Duration < 200*time.Millisecond {
		t.Errorf("idle: %+v", r)
	}
	_, done = start(200*time.Millisecond, "echo ready; sleep 0.6; exit 3")
	if r := ended(t, done); r.Limit != "" || r.Exit != 3 {
		t.Errorf("works: %+v", r)
	}
	_, done = start(time.Second, "stty -icanon; echo ready; for i in 1 2 3 4 5; do sleep 0.3; echo $i; done; exit 3")
	if r := ended(t, done); r.Limit != "" || r.Exit != 3 {
		t.Errorf("prints: %+v", r)
	}
	keys, done := start(time.Second, "stty -icanon; echo ready; sleep 1.6; exit 3")
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
				keys.typing("x")
			}
		}
	}()
	if r := ended(t, done); r.Limit != "" || r.Exit != 3 {
		t.Errorf("typed to: %+v", r)
	}
	close(stop)
	_, done = start(200*time.Millisecond, "echo ready; sleep 0.3; stty -icanon; exec sleep 60")
	if r := ended(t, done); r.Limit != LimitIdle || r.Duration < 300*time.Millisecond {
		t.Errorf("later: %+v", r)
	}
}
