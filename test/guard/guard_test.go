package guard

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"opsh/test/guard/order"
)

// until waits for something.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for give := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(give) {
			t.Fatalf("it never came: %s", what)
		}
	}
}

// TestAgents: two agents at once, one of each place that ECS has for it; then each of their processes is ended, and what comes after is held, too.
func TestAgents(t *testing.T) {
	b := guarded(t)
	first, second := b.agent(fargate, "one"), b.agent(ec2, "two")
	b.allKilled(100, "one", "two")
	b.opsh(8, "one", "two")
	b.signal(first, syscall.SIGKILL)
	for i := range 3 {
		first = b.agent(fargate, fmt.Sprint("again", i))
		b.allKilled(50, fmt.Sprint("again", i), "two")
	}
	// One that the runtime starts from outside, as ECS does: its parent is none of the container's.
	if _, err := w.docker("exec", "-d", b.id, fargate+"/amazon-ssm-agent", "/run/t/outside"); err != nil {
		t.Fatal(err)
	}
	b.answers("outside")
	b.allKilled(100, "outside", "two")
	b.opsh(8, "outside", "two")
	b.signal(second, syscall.SIGTERM)
	b.signal(first, syscall.SIGTERM)
	if out, ok := b.health(); !ok {
		t.Error(out)
	}
}

// TestEarly: an agent that serves something 10 ms after it was started, on a machine with nothing else to do and on one without a core to spare.
func TestEarly(t *testing.T) {
	b := guarded(t)
	early := func(n int, delay time.Duration) (ran int) {
		before := len(b.marked())
		for i := range n {
			r, err := b.ask("runtime", order.Order{Wait: true, Argv: []string{fargate + "/amazon-ssm-agent", delay.String(), "/opt/mark", fmt.Sprintf("/marks/%s-%d-%d", delay, before, i)}})
			must(t, err)
			time.Sleep(30 * time.Millisecond) // no session runs any more
			if r.Exit != 0 && r.Signal < 0 && !strings.Contains(r.Err, "signal") && r.Exit != 1 {
				t.Fatalf("%+v", r)
			}
		}
		return len(b.marked()) - before
	}
	for _, delay := range []time.Duration{0, time.Millisecond, 3 * time.Millisecond} {
		t.Logf("%s after its start: %d of 20 ran", delay, early(20, delay))
	}
	if ran := early(60, 10*time.Millisecond); ran > 0 {
		t.Errorf("%d of 60 ran", ran)
	}
	for range 4 {
		busy := exec.Command("sh", "-c", "while :; do :; done")
		must(t, busy.Start())
		defer func() { busy.Process.Kill(); busy.Wait() }() //nolint:errcheck // it was killed
	}
	if ran := early(60, 10*time.Millisecond); ran > 0 {
		t.Errorf("with a busy machine %d of 60 ran", ran)
	}
}

// unguarded is a container whose first process is the stand-in for the runtime, so that opshd is one that can be stopped.
func unguarded(t testing.TB) *box {
	b := run(t, []string{"--entrypoint", "/opt/runtime"}, "/run/t/runtime")
	b.answers("runtime")
	return b
}

// TestStopped: a guard that is stopped lets nothing run, and one that is killed takes the agent with it.
func TestStopped(t *testing.T) {
	b := unguarded(t)
	guard := b.starts("/usr/local/bin/opshd")
	until(t, "the guard is on", func() bool { return strings.Contains(b.log(), "opshd: on:") })
	b.agent(fargate, "agent")
	b.allKilled(50, "agent")
	// opsh doesn't rely on a guard that its operator could end.
	r, err := b.ask("agent", order.Order{Session: session(), Argv: []string{"opsh", "-c", "cat /etc/passwd"}})
	must(t, err)
	if r.Exit != 126 || !strings.Contains(r.Output, "only the container's first process can't be ended from inside") {
		t.Errorf("%+v", r)
	}

	b.signal(guard, syscall.SIGSTOP)
	done := make(chan order.Result, 1)
	go func() {
		r, err := b.ask("agent", order.Order{Session: session(), Argv: []string{"/opt/mark", "/marks/stopped"}})
		if err != nil {
			r.Err = err.Error()
		}
		done <- r
	}()
	select {
	case r := <-done:
		t.Errorf("a session went on under a guard that is stopped: %+v", r)
	case <-time.After(500 * time.Millisecond):
	}
	b.signal(guard, syscall.SIGCONT)
	if r := <-done; r.Signal != int(syscall.SIGKILL) {
		t.Errorf("%+v", r)
	}

	b.signal(guard, syscall.SIGSTOP)
	go b.ask("agent", order.Order{Session: session(), Argv: []string{"/opt/mark", "/marks/killed"}}) //nolint:errcheck // it can't answer
	time.Sleep(100 * time.Millisecond)
	b.signal(guard, syscall.SIGKILL)
	until(t, "the agent goes with its guard", func() bool {
		out, err := w.docker("top", b.id)
		return err == nil && !strings.Contains(out, "ssm-")
	})
	if marks := b.marked(); len(marks) > 0 {
		t.Errorf("marks were left: %q", marks)
	}
	if out, ok := b.health(); ok || !strings.Contains(out, "there is no guard") {
		t.Errorf("%v %q", ok, out)
	}
}

// TestLate: a guard that starts after the agent says so, ends what it finds, and holds the rest.
func TestLate(t *testing.T) {
	b := unguarded(t)
	b.agent(fargate, "agent")
	r, err := b.ask("agent", order.Order{Session: session(), Argv: []string{"opsh", "-c", "cat /etc/passwd"}})
	must(t, err)
	if r.Exit != 126 || !strings.Contains(r.Output, "the guard is not on: there is no guard") || !strings.Contains(r.Output, "hint: make opshd the image's entry point") {
		t.Errorf("%+v", r)
	}
	running := make(chan order.Result, 1)
	go func() {
		r, err := b.ask("agent", order.Order{Session: session(), Argv: []string{"sh", "-c", ": >/marks/before; /usr/bin/setsid sh -c ': >/marks/below; while :; do :; done'"}})
		if err != nil {
			r.Err = err.Error()
		}
		running <- r
	}()
	until(t, "a shell runs", func() bool { return len(b.marked()) == 2 })
	b.starts("/usr/local/bin/opshd")
	if r := <-running; r.Signal != int(syscall.SIGKILL) {
		t.Errorf("%+v", r)
	}
	until(t, "nothing is left of the shell", func() bool {
		out, err := w.docker("top", b.id)
		return err == nil && !strings.Contains(out, "while")
	})
	must(t, os.Remove(b.marks+"/before"))
	must(t, os.Remove(b.marks+"/below"))
	b.allKilled(100, "agent")
	for _, said := range []string{"the guard started after the agent", "opshd: escaped sh -c", "opshd: warning: not the container's first process"} {
		if log := b.log(); !strings.Contains(log, said) {
			t.Errorf("it isn't said: %s", said)
		}
	}
	if out, ok := b.health(); ok || !strings.Contains(out, "the guard started after the agent") || !strings.Contains(out, "the guard is process") {
		t.Errorf("%v %q", ok, out)
	}
}
