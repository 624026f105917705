package session

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"opsh/shell/audit"
	"opsh/test/standin"
)

// slow is a tool that prints its pid and then waits.
const slow = `$| = 1; print "up\n"; sleep 100`

// TestFaults: a twentieth of all messages is lost, and as many arrive late, both ways.
func TestFaults(t *testing.T) {
	s := service(t, func(o *standin.Options) { o.Faults = standin.Faults{Drop: 0.05, Swap: 0.05, Seed: 6} })
	content := []byte(strings.Repeat("一二三四五六七八九十\r\n\x18\n", 6000))
	book := strings.Repeat("# "+strings.Repeat("x", 70)+"\n", 2000) + "cat " + file(t, "faults", content) + "\nperl -e 'exit 3'\n"
	c := opsctl(t, s, nil, "-f", file(t, "faulty", []byte(book)))
	c.ended(3)
	c.prints(string(content))
	dropped, swapped := s.Last(1).Faulty()
	t.Logf("%d messages lost, %d late", dropped, swapped)
	if dropped < 20 || swapped < 20 {
		t.Errorf("only %d messages were lost and %d late", dropped, swapped)
	}
}

// TestCut: the connection is cut in the middle, twice, and the session goes on where it was.
func TestCut(t *testing.T) {
	s := service(t, nil)
	c := opsctl(t, s, nil, "--", "perl", "-e", `$| = 1; for (1..40) { print "$_\n"; select undef, undef, undef, 0.05 }`)
	c.sees("5\n")
	s.Last(1).Cut()
	c.sees("the session was resumed")
	c.sees("25\n")
	s.Last(1).Cut()
	c.ended(0)
	var want strings.Builder
	for i := range 40 {
		fmt.Fprintf(&want, "%d\n", i+1)
	}
	c.prints(want.String())
	c.says("the connection was lost; resuming the session")
	if n := s.Last(1).Connections(); n != 3 {
		t.Errorf("%d connections", n)
	}
}

// TestLost: a connection that can't come back has words and a status of its own.
func TestLost(t *testing.T) {
	s := service(t, nil)
	c := opsctl(t, s, nil, "--", "perl", "-e", slow)
	c.sees("up\n")
	s.Deny("ResumeSession", "AccessDeniedException")
	s.Last(1).Cut()
	c.ended(251)
	c.prints("up\n")
	c.says("could not be resumed", "AccessDenied", "may still run")
}

// TestTaskStops: the client of AWS hangs then.
func TestTaskStops(t *testing.T) {
	s := service(t, nil)
	c := opsctl(t, s, nil, "--", "perl", "-e", slow)
	c.sees("up\n")
	s.Last(1).TaskStops()
	c.ended(252)
	c.says("the task has stopped")
}

// TestKilled: opsh is killed, or the session ended from outside, or for idling.
func TestKilled(t *testing.T) {
	s := service(t, nil)
	for i, test := range []struct {
		how    func(*standin.Session)
		status int
		says   string
	}{
		{func(s *standin.Session) { s.Rig().Kill() }, 253, "opsh was killed, or the session was ended from outside"},
		{func(s *standin.Session) { s.Close("Terminated by an administrator\x1b[2J") }, 253, "Terminated by an administrator?[2J"},
		{func(s *standin.Session) { s.Close("Your session timed out due to inactivity.") }, 249, "because it idled"},
	} {
		c := opsctl(t, s, nil, "--", "perl", "-e", slow)
		c.sees("up\n")
		test.how(s.Last(i + 1))
		c.ended(test.status)
		c.says(test.says)
	}
}

// TestForged: a tool that prints opsh's last line proves nothing, whether opsh has one of its own or not.
func TestForged(t *testing.T) {
	s := service(t, nil)
	fake := `opsh: end 0 exit 2026-11-23T18:40:12.900Z 1 run, 0 refused, 1s [77ab01c9] mac=` + strings.Repeat("0", 64)
	c := opsctl(t, s, nil, "--", "perl", "-e", `print "`+fake+`\n"; exit 1`)
	c.ended(1)
	c.prints(fake + "\n")

	for i, printed := range []string{fake + `\n`, `\x18\n` + fake + `\n`, `\x18\nopsh: end 0\n`} {
		c = opsctl(t, s, nil, "--", "perl", "-e", `$| = 1; print "x\n`+printed+`"; sleep 100`)
		c.sees("\nopsh: end 0")
		s.Last(i + 2).Rig().Kill()
		c.ended(254)
		c.says("is not opsh's")
	}
}

// TestInterrupt: what runs in the container is ended, and opsctl says how sure it is of that.
func TestInterrupt(t *testing.T) {
	s := service(t, nil)
	c := opsctl(t, s, nil, "-f", file(t, "interrupted", []byte("perl -e '"+slow+"'\nperl -e 'print \"never\"'\n")))
	c.sees("up\n")
	must(t, c.cmd.Process.Signal(os.Interrupt))
	c.ended(250)
	c.prints("up\n")
	c.says("ending the command in the container", " exit 130 signal INT ", "stopped at line 1: interrupted", "the session has ended, with status 130")

	// A tool that doesn't care gets SIGKILL.
	c = opsctl(t, s, nil, "--", "perl", "-e", `$SIG{INT} = sub { print "no\n" }; `+strings.Replace(slow, "sleep 100", "sleep 100 while 1", 1))
	c.sees("up\n")
	must(t, c.cmd.Process.Signal(syscall.SIGTERM))
	c.sees("no\n")
	must(t, c.cmd.Process.Signal(syscall.SIGTERM))
	c.ended(250)
	c.says(" exit 137 signal KILL ", "with status 137")

	// One that ends well when it is interrupted: the runbook didn't.
	c = opsctl(t, s, nil, "--", "perl", "-e", `$SIG{INT} = sub { print "well\n"; exit 0 }; `+slow)
	c.sees("up\n")
	must(t, c.cmd.Process.Signal(os.Interrupt))
	c.ended(250)
	c.prints("up\nwell\n")
	c.says(" exit 0 ", "with status 130")
}

// TestReaderGone: nothing runs on unseen when nobody reads the output.
func TestReaderGone(t *testing.T) {
	s := service(t, nil)
	r, w, err := os.Pipe()
	must(t, err)
	c := opsctl(t, s, func(cmd *exec.Cmd) { cmd.Stdout = w }, "--", "perl", "-e", `$| = 1; while (1) { print "x" x 1000; sleep 1 }`)
	w.Close()
	_, err = r.Read(make([]byte, 10))
	must(t, err)
	r.Close()
	c.ended(125)
	c.says("cannot write the output", " exit 130 signal INT ")
}

// TestKilledClient: opsctl is killed outright. The child that holds its session ends the session and itself.
func TestKilledClient(t *testing.T) {
	s := service(t, nil)
	c := opsctl(t, s, nil, "--", "perl", "-e", slow)
	c.sees("up\n")
	child := childOf(t, c.cmd.Process.Pid)
	must(t, c.cmd.Process.Kill())
	if _, err := s.Last(1).End(patience); err != nil {
		t.Error(err)
	}
	for give := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(child, 0) != nil {
			return
		}
		if time.Now().After(give) {
			t.Fatal("the child lives on")
		}
	}
}

func childOf(t testing.TB, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	must(t, err)
	var child int
	// Its threads may have started it: any of them.
	all, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	must(t, err)
	for _, one := range all {
		more, _ := os.ReadFile(one)
		text = append(text, more...)
	}
	if _, err := fmt.Sscan(string(text), &child); err != nil {
		t.Fatalf("opsctl has no child: %v", err)
	}
	return child
}

// TestSecrets: the token and the nonce are in nobody's arguments, in no log, and in no trail.
func TestSecrets(t *testing.T) {
	s := service(t, nil)
	c := opsctl(t, s, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "GITHUB_ACTIONS=true") }, "--reason", "INC-7", "--", "perl", "-e", slow)
	c.sees("up\n")
	one := s.Last(1)
	for _, pid := range []int{c.cmd.Process.Pid, childOf(t, c.cmd.Process.Pid)} {
		for _, name := range []string{"cmdline", "environ"} {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
			must(t, err)
			if strings.Contains(string(text), one.Token()) {
				t.Errorf("the token is in %s of process %d", name, pid)
			}
		}
	}
	must(t, c.cmd.Process.Signal(os.Interrupt))
	c.ended(250)
	end, err := one.End(patience)
	must(t, err)
	trail, err := os.ReadFile(filepath.Join(world.place.State, "trail", one.ID+".jsonl"))
	must(t, err)
	if !strings.Contains(string(trail), "INC-7") {
		t.Error("the reason isn't in the trail")
	}
	printed := c.out.String() + c.err.String()
	if strings.Contains(printed+end.Log+string(trail), one.Token()) || regexp.MustCompile(`[0-9a-f]{64} \d+ [0-9a-f]{64}`).MatchString(printed+end.Log+string(trail)) {
		t.Error("a secret was shown or recorded")
	}
	if verdict, err := audit.Verify(strings.NewReader(string(trail)), audit.Options{}); err != nil || verdict.State != audit.Whole {
		t.Errorf("the trail: %+v, %v", verdict, err)
	}
}

// TestGitHub: the runner takes no command from a tool.
func TestGitHub(t *testing.T) {
	s := service(t, nil)
	ci := func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "GITHUB_ACTIONS=true") }
	c := opsctl(t, s, ci, "--", "perl", "-e", `print "::add-path::/tmp\n\e[31mred\e[0m"; exit 3`)
	c.ended(3)
	if !regexp.MustCompile(`\A::group::opsctl run: perl -e .*\n::stop-commands::(\S+)\n::add-path::/tmp\n\?\[31mred\?\[0m\n::(\S+)::\n::endgroup::\n\z`).MatchString(c.out.String()) {
		t.Errorf("%q", c.out.String())
	}
	if strings.Contains(c.out.String()+c.err.String(), "\x1b") {
		t.Error("an escape sequence")
	}
	// A file gets the bytes, and so does a pipe that asks for them.
	got, err := os.Create(filepath.Join(world.dir, "github.out"))
	must(t, err)
	defer got.Close()
	c = opsctl(t, s, func(cmd *exec.Cmd) { ci(cmd); cmd.Stdout = got }, "--", "perl", "-e", `print "\e[1ma"`)
	c.ended(0)
	text, err := os.ReadFile(got.Name())
	must(t, err)
	c = opsctl(t, s, ci, "--ci", "none", "--", "perl", "-e", `print "\e[1ma"`)
	c.ended(0)
	c.prints(string(text))
	c.prints("\x1b[1ma")
}

// TestInterruptEarly: nothing has run when opsh isn't there yet.
func TestInterruptEarly(t *testing.T) {
	late := file(t, "late", []byte("#!/bin/sh\nsleep 1\nexec "+world.place.Opsh+" \"$@\"\n"))
	must(t, os.Chmod(late, 0o755))
	s := service(t, func(o *standin.Options) { o.Program = late })
	c := opsctl(t, s, nil, "--", "perl", "-e", `print "never"`)
	s.Last(1).Rig()
	must(t, c.cmd.Process.Signal(os.Interrupt))
	c.ended(250)
	c.prints("")
	c.says("interrupted before anything ran")
	if _, err := s.Last(1).End(patience); err != nil {
		t.Error(err)
	}
}
