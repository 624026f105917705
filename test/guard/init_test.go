package guard

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"opsh/shell/audit"
	"opsh/test/guard/order"
)

// TestInit: what a container's first process has to do beside guarding.
func TestInit(t *testing.T) {
	for _, c := range []struct {
		name, says string
		status     int
		argv       []string
	}{
		{"the command's status", "", 7, []string{"sh", "-c", "exit 7"}},
		{"the command's signal", "", 128 + 9, []string{"sh", "-c", "kill -9 $$"}},
		{"the command's output", "hello", 0, []string{"sh", "-c", "echo hello; echo there >&2"}},
		{"no such command", "cannot start the container's command", 127, []string{"/no/such"}},
		{"a command that is no program", "cannot start the container's command", 127, []string{"/etc/passwd"}},
		{"a group of its own", "own", 0, []string{"sh", "-c", `read -r _ _ _ _ group _ </proc/$$/stat; [ "$group" = $$ ] && echo own`}},
		{"signals do what they do by default", "SigIgn:\t0000000000000000", 0, []string{"cat", "/proc/self/status"}},
		{"opsh -T says that the guard is on", "opsh: the guard is on since .*: of the agent's processes it holds 0, and has ended 0 starts", 0, []string{"opsh", "-T"}},
		{"opsh -t says that it is required", "2 tools, 2 usage lines, 0 tests; guard required; policy", 0, []string{"opsh", "-t"}},
		{"opsh -t in an image without opshd", `cannot require the guard: /usr/local/bin/opshd: no such file`, 125, []string{"sh", "-c", "rm /usr/local/bin/opshd; opsh -t"}},
		{"opsh outside ECS Exec", "not started by ECS Exec", 126, []string{"opsh", "-c", "cat /etc/passwd"}},
	} {
		cmd := exec.Command("docker", append([]string{"-H", w.host(), "run", "--rm", "--network", "none", image}, c.argv...)...)
		out, _ := cmd.CombinedOutput() //nolint:errcheck // the status is in ProcessState
		if got := cmd.ProcessState.ExitCode(); got != c.status || !matches(c.says, string(out)) {
			t.Errorf("%s: status %d, want %d\n%s", c.name, got, c.status, out)
		}
	}
}

// TestSignals: what ECS sends reaches the command's whole group; orphans are waited for; without a command the container ends by the signal.
func TestSignals(t *testing.T) {
	b := run(t, nil, "sh", "-c", "trap 'echo told; exit 3' TERM; for i in 1 2 3 4 5; do sh -c 'sleep 0.1 & :'; done; echo ready; while :; do sleep 0.1; done")
	until(t, "the command is ready", func() bool { return strings.Contains(b.log(), "ready") })
	until(t, "the orphans are gone", func() bool {
		out, err := w.docker("top", b.id, "-eo", "pid,stat,comm")
		return err == nil && strings.Count(out, "sleep") <= 1 && !strings.Contains(out, "<defunct>")
	})
	_, err := w.docker("kill", "--signal", "TERM", b.id)
	must(t, err)
	if status, err := w.docker("wait", b.id); err != nil || strings.TrimSpace(status) != "3" || !strings.Contains(b.log(), "told") {
		t.Errorf("%v: status %s", err, status)
	}

	b = run(t, nil)
	until(t, "the guard is on", func() bool { return strings.Contains(b.log(), "opshd: on:") })
	if out, ok := b.health(); !ok || !strings.Contains(out, "no agent runs") {
		t.Error(out)
	}
	start := time.Now()
	_, err = w.docker("kill", "--signal", "TERM", b.id)
	must(t, err)
	if status, err := w.docker("wait", b.id); err != nil || strings.TrimSpace(status) != "143" || time.Since(start) > 4*time.Second {
		t.Errorf("%v: status %s after %s", err, status, time.Since(start))
	}
}

// trails are the trails below a container's state directory, by name.
func trails(t *testing.T, state string) map[string]audit.Verdict {
	t.Helper()
	all := map[string]audit.Verdict{}
	names, err := filepath.Glob(state + "/trail/*.jsonl")
	must(t, err)
	for _, name := range names {
		f, err := os.Open(name)
		must(t, err)
		v, err := audit.Verify(f, audit.Options{})
		f.Close()
		must(t, err)
		all[strings.TrimSuffix(filepath.Base(name), ".jsonl")] = v
	}
	return all
}

// TestRecords: what was ended stands in the guard's own trail, with session and command; and what a container left open the next one closes,
// although no session comes.
func TestRecords(t *testing.T) {
	state := t.TempDir()
	must(t, os.Chmod(state, 0o700))
	b := run(t, []string{"-v", state + ":/var/lib/opsh"}, "/opt/runtime", "/run/t/runtime")
	b.answers("runtime")
	b.agent(fargate, "agent")
	id := session()
	argv := []string{"sh", "-c", "echo \x1b[2J\xff"}
	if r, err := b.ask("agent", order.Order{Session: id, Argv: argv}); err != nil || r.Signal != 9 {
		t.Fatalf("%v %+v", err, r)
	}
	if log := b.log(); !strings.Contains(log, "in session "+id) || strings.Contains(log, "\x1b") || !utf8.ValidString(log) {
		t.Errorf("%q", log)
	}
	// A session that is under way when the container is lost.
	open := session()
	go b.ask("agent", order.Order{Session: open, Argv: []string{"opsh"}}) //nolint:errcheck // it can't answer
	until(t, "the session has a trail", func() bool { return trails(t, state)[open].Records > 0 })
	out, err := w.docker("top", b.id, "-eo", "pid,args")
	must(t, err)
	for _, s := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGKILL} { // so that neither sees the other's end
		for l := range strings.Lines(out) {
			if f := strings.Fields(l); strings.Contains(l, "opsh: watcher") || strings.HasSuffix(strings.TrimSpace(l), " opsh") {
				must(t, syscall.Kill(atoi(t, f[0]), s))
			}
		}
	}
	_, err = w.docker("kill", b.id)
	must(t, err)
	before := trails(t, state)
	if v := before[open]; len(before) != 2 || v.State != audit.Open || v.Closer != "" {
		t.Errorf("%+v", before)
	}

	next := run(t, []string{"-v", state + ":/var/lib/opsh"})
	until(t, "it is closed", func() bool { return trails(t, state)[open].Closer != "" })
	_, err = w.docker("kill", "--signal", "TERM", next.id)
	must(t, err)
	_, err = w.docker("wait", next.id)
	must(t, err)
	kills, whole := 0, 0
	for name, v := range trails(t, state) {
		if v.State == audit.Broken {
			t.Errorf("%s: %+v", name, v)
		}
		kills += v.Kills
		if v.State == audit.Whole {
			whole++
		}
	}
	if kills != 1 || whole < 1 { // the first container's may have been in time to end
		t.Errorf("%d kills, %d whole", kills, whole)
	}
	var found []audit.Record
	names, err := filepath.Glob(state + "/trail/guard-*.jsonl")
	must(t, err)
	for _, name := range names {
		f, err := os.Open(name)
		must(t, err)
		_, err = audit.Verify(f, audit.Options{Each: func(r audit.Record) {
			if r.Event == audit.Killed {
				found = append(found, r)
			}
		}})
		f.Close()
		must(t, err)
	}
	if len(found) != 1 || found[0].Of != id || !slices.Equal(found[0].Argv, []string{"sh", "-c", "echo \x1b[2J\ufffd"}) || found[0].Path != "/usr/bin/dash" {
		t.Errorf("%+v", found)
	}
}

// TestRecorderKilled: a guard goes on without its recorder, and gets another.
func TestRecorderKilled(t *testing.T) {
	b := guarded(t)
	b.agent(fargate, "agent")
	out, err := w.docker("top", b.id, "-eo", "pid,args")
	must(t, err)
	pid := 0
	for l := range strings.Lines(out) {
		if f := strings.Fields(l); strings.Contains(l, "opsh: recorder") {
			pid = atoi(t, f[0])
		}
	}
	if pid == 0 {
		t.Fatalf("there is no recorder:\n%s", out)
	}
	must(t, syscall.Kill(pid, syscall.SIGKILL)) // the machine's number of it
	until(t, "it is said", func() bool { return strings.Contains(b.log(), "opshd: error: the recorder ended (signal: killed)") })
	b.allKilled(20, "agent")
	until(t, "another runs", func() bool {
		out, err := w.docker("top", b.id, "-eo", "pid,args")
		return err == nil && strings.Contains(out, "opsh: recorder")
	})
}
