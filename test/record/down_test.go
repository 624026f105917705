package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"opsh/shell/audit"
	"opsh/test/fault"
)

// TestShipped: a session's records are its stream, when opsh has ended.
func TestShipped(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	out, status := w.run(t, w.mark("one")+"\nnonsense\n", "-s")
	if status != 126 || !w.ran("one") || strings.Contains(out, "warning") {
		t.Errorf("status %d\n%s", status, out)
	}
	path := w.trails(t)[0]
	var events []audit.Event
	for _, r := range w.shipped(t, path) {
		events = append(events, r.Event)
	}
	if got := strings.Join(strs(events), " "); got != "begin run exit refused end" {
		t.Errorf("the trail holds %s", got)
	}
	w.proxy.CheckLimits(t)
}

func strs(events []audit.Event) (all []string) {
	for _, e := range events {
		all = append(all, string(e))
	}
	return all
}

// TestRefuse: while nobody outside has its record, a command doesn't start. Who waits sees why, and what to do.
func TestRefuse(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	w.proxy.Set(fault.Always(fault.AccessDenied(), "PutLogEvents"))
	start := time.Now()
	out, status := w.run(t, "", "-c", w.mark("never"))
	if status != 126 || w.ran("never") {
		t.Errorf("status %d, ran: %v", status, w.ran("never"))
	}
	if took := time.Since(start); took < 25*time.Second || took > 45*time.Second {
		t.Errorf("it waited %s", took)
	}
	for _, want := range []string{"opsh: warning: waiting up to 30s until CloudWatch Logs has the record", "AccessDeniedException", "exit 126 unrecorded",
		"opsh: hint: allow the task role to logs:PutLogEvents", "opsh: end 126 unrecorded"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	w.proxy.Set(nil)
	records := w.shipped(t, w.trails(t)[0])
	if r := records[2]; r.Category != audit.CategoryUnrecorded || *r.Status != 126 {
		t.Errorf("%+v", r)
	}
}

// TestShortOutage: a wait that ends well is no failure.
func TestShortOutage(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	w.proxy.Down()
	time.AfterFunc(4*time.Second, w.proxy.Up)
	out, status := w.run(t, "", "-c", w.mark("late"))
	if status != 0 || !w.ran("late") || !strings.Contains(out, "waiting up to 30s") || !strings.Contains(out, "connection refused") {
		t.Errorf("status %d\n%s", status, out)
	}
	w.shipped(t, w.trails(t)[0])
}

// TestSpool: the disk is enough, and the operator is told; what could not be shipped then is shipped by the watcher, without opsh.
func TestSpool(t *testing.T) {
	t.Parallel()
	w := build(t, "spool")
	w.proxy.Down()
	start := time.Now()
	out, status := w.run(t, w.mark("one")+"\nsleep 1\n"+w.mark("two")+"\n", "-s")
	if status != 0 || !w.ran("one") || !w.ran("two") || time.Since(start) > 10*time.Second {
		t.Errorf("status %d in %s\n%s", status, time.Since(start), out)
	}
	for want, n := range map[string]int{"don't reach CloudWatch Logs and stay on this machine": 1, "the last records are on this machine alone": 1, "opsh: end 0 exit": 1} {
		if got := strings.Count(strings.ReplaceAll(out, "\n  ", " "), want); got != n {
			t.Errorf("%q is there %d times in\n%s", want, got, out)
		}
	}
	w.proxy.Up()
	w.shipped(t, w.trails(t)[0])
	w.until(t, "the watcher has gone", func() bool { return len(w.processes(t)) == 0 })
}

// TestNoRole: without credentials "refuse" can't hold, and says so before anything else.
func TestNoRole(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	cmd, out := w.opsh(t, "", "-c", w.mark("never"))
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 126 || !strings.Contains(out.String(), "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
		t.Errorf("%v\n%s", err, out)
	}
	if w.ran("never") || len(w.trails(t)) != 0 {
		t.Error("a session began")
	}
}

// TestWatcherKilled: without the process that ships and cleans up nothing more is started.
func TestWatcherKilled(t *testing.T) {
	t.Parallel()
	w := build(t, "spool")
	stdin, keys, err := os.Pipe()
	must(t, err)
	defer keys.Close()
	cmd, out := w.opsh(t, "", "-s")
	cmd.Stdin = stdin
	must(t, cmd.Start())
	_, err = keys.WriteString(w.mark("one") + "\n")
	must(t, err)
	w.until(t, "the first command", func() bool { return w.ran("one") })
	w.until(t, "two processes", func() bool { return len(w.processes(t)) == 2 })
	for _, p := range w.processes(t) {
		if p.Pid != cmd.Process.Pid {
			must(t, p.Kill())
		}
	}
	time.Sleep(100 * time.Millisecond)
	_, err = keys.WriteString(w.mark("two") + "\n")
	must(t, err)
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 125 || w.ran("two") {
		t.Errorf("%v, ran: %v\n%s", err, w.ran("two"), out)
	}
	// The next session's watcher ships it.
	w.run(t, "", "-c", w.mark("three"))
	for _, path := range w.trails(t) {
		w.shipped(t, path)
	}
}

// TestProof is opsh -T, from the outside.
func TestProof(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	out, status := w.run(t, "", "-T")
	if status != 0 || !strings.Contains(out, "was written to "+w.group+" in "+fault.Region+" and read back") {
		t.Errorf("status %d\n%s", status, out)
	}
	if n := len(w.trails(t)); n != 0 {
		t.Errorf("%d probes are left", n)
	}
	must(t, os.Mkdir(filepath.Join(w.place.Dir, "agent"), 0o755))
	must(t, os.WriteFile(filepath.Join(w.place.Dir, "agent", "errors.log"),
		[]byte("2026-11-23 18:02:11 ERROR [x] the KMS key arn:aws:kms:x\x1b[2J can't be used\nno error\n"), 0o644))
	cmd, b := w.opsh(t, "", "-T")
	cmd.Env = append(cmd.Env, "SHELL=/usr/local/bin/opsh")
	w.proxy.Set(fault.Always(fault.AccessDenied(), "CreateLogStream"))
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 125 {
		t.Errorf("%v", err)
	}
	for _, want := range []string{
		"SHELL is opsh", "AccessDeniedException", "opsh: hint: allow the task role to logs:CreateLogStream on arn:aws:logs:" + fault.Region + ":" + fault.Account + ":log-group:" + w.group,
		"errors.log: 2026-11-23 18:02:11 ERROR [x] the KMS key arn:aws:kms:x[2J can't be used", "its policy must let the log group's service use it",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b)
		}
	}
}
