package attack

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"opsh/test/fixture"
	"opsh/test/rig"
)

// payload is what a trick has a shell do. What it prints stands in nothing that anybody types.
const payload = "echo shell-$((6*7))"

// step waits until the program shows something, and then types.
type step struct{ shows, keys string }

// trick makes a permitted program start another one.
type trick struct {
	path  string   // the program's
	args  []string // of it, each as it is
	env   string   // TOML of the tool's env: { … }; empty for none
	steps []step
	ends  string // what is typed last, so that the program ends: after a refusal, too
	names string // the program that the records name, a pattern; a shell when empty
	list  bool   // it works under exec = [itself], too: it becomes another program there, or starts one
}

// try shows that the trick works where nothing contains it, that it doesn't under opsh, and that it was recorded.
func (k trick) try(t *testing.T) {
	t.Helper()
	if k.names == "" {
		k.names = `.*/(sh|bash|dash)`
	}
	if out := k.direct(t); !strings.Contains(out, shellRan) {
		t.Errorf("where nothing contains it the trick doesn't work:\n%s", out)
	}
	modes := []string{none}
	if k.list {
		modes = append(modes, fmt.Sprintf("exec = [%q]", k.path))
	}
	for _, mode := range modes {
		o := k.contained(t, mode)
		hasNot(t, o.log, shellRan)
		o.denied(t, "exec", k.names)
	}
}

// screen is what a program has shown so far.
type screen struct {
	mu   sync.Mutex
	text []byte
	over bool
}

func (s *screen) fill(read func([]byte) (int, error)) {
	buf := make([]byte, 4096)
	for {
		n, err := read(buf)
		s.mu.Lock()
		s.text = append(s.text, buf[:n]...)
		s.over = s.over || err != nil
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *screen) look() (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.text), s.over
}

// direct runs the program where nothing contains it, on a terminal.
func (k trick) direct(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(k.path, k.args...)
	cmd.Env, cmd.Dir = append([]string{"PATH=/usr/bin:/bin", "TERM=xterm", "HOME=/nonexistent"}, k.variables(t)...), "/"
	master, slave, err := pty.Open()
	must(t, err)
	defer master.Close()
	must(t, pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: 80}))
	must(t, slave.Chown(int(nobody), nogroup))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Credential: &syscall.Credential{Uid: nobody, Gid: nogroup}}
	must(t, cmd.Start())
	slave.Close()
	var s screen
	go s.fill(master.Read)
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	from := 0
	for _, step := range append(k.steps, step{"", k.ends}) {
		from = s.until(step.shows, from, 5*time.Second)
		time.Sleep(ready)
		if _, err := master.WriteString(step.keys); err != nil {
			break
		}
		if step.keys == k.ends {
			s.until(shellRan, 0, 3*time.Second)
		}
	}
	select {
	case <-ended:
	case <-time.After(3 * time.Second):
		if pid := cmd.Process.Pid; pid > 1 {
			syscall.Kill(-pid, syscall.SIGKILL)
		}
		<-ended
	}
	s.until(shellRan, 0, time.Second)
	out, _ := s.look()
	return out
}

// until waits until the screen shows a pattern behind from, and returns where it ends. What never comes is not waited for longer than that.
func (s *screen) until(pattern string, from int, most time.Duration) int {
	re := regexp.MustCompile(pattern)
	for give := time.Now().Add(most); ; time.Sleep(5 * time.Millisecond) {
		text, over := s.look()
		if at := re.FindStringIndex(text[min(from, len(text)):]); at != nil {
			return from + at[1]
		}
		if over || time.Now().After(give) {
			return from
		}
	}
}

// ready is how long a line editor takes until it reads what is typed: what comes before it throws away, and nothing shows it.
const ready = 150 * time.Millisecond

// variables is env for the direct run.
func (k trick) variables(t *testing.T) (all []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(\w+) = "([^"]*)"`).FindAllStringSubmatch(k.env, -1) {
		all = append(all, m[1]+"="+m[2])
	}
	return all
}

// contained runs the program under opsh. The policy is looser than any should be: the kernel must hold, not the words.
func (k trick) contained(t *testing.T, mode string) outcome {
	t.Helper()
	var usage, words, where strings.Builder
	for i, a := range k.args {
		fmt.Fprintf(&usage, " W%d", i)
		fmt.Fprintf(&words, " '%s'", strings.ReplaceAll(a, "'", `'\''`))
		fmt.Fprintf(&where, "where.W%d = { any = true, dash = true }\n", i)
	}
	more := ""
	if k.env != "" {
		more = "env = " + k.env + "\n"
	}
	must(t, world.place.WritePolicy(fmt.Sprintf(`version = 1
[session]
guard = "off"
uids = "%s"
[audit]
when_down = "spool"
[tool.tool]
path = "%s"
user = "%s"
timeout = "12s"
%s
allow = ["tool%s"]
%s%s`, uids, k.path, fixture.User, mode, usage.String(), where.String(), more)))
	dir, err := os.MkdirTemp(world.place.Dir, "agent-")
	must(t, err)
	s, err := rig.Start(rig.Options{Worker: world.place.Worker, Program: world.place.Opsh, Dir: dir, Fast: true,
		Command: fmt.Sprintf("opsh -c %s", agentWord("tool"+words.String())), Env: []string{"PATH=/usr/bin:/bin", "TERM=xterm"}})
	must(t, err)
	t.Cleanup(s.Stop)
	if _, err := s.Expect(`opsh: #1 .* (run|refused) `, patience); err != nil {
		t.Fatal(err)
	}
	for _, step := range append(k.steps, step{"", k.ends}) {
		if step.keys == k.ends {
			s.Expect(`denied`, 2*time.Second) //nolint:errcheck // the records are looked at
		} else if step.shows != "" {
			s.Expect(step.shows, 3*time.Second) //nolint:errcheck // what a denial changes isn't waited for
		}
		time.Sleep(ready)
		s.Type(step.keys) //nolint:errcheck // it may have ended
	}
	end, err := s.Wait(patience)
	must(t, err)
	o := outcome{end.Exit, end.Log, trail(t, s.ID)}
	if left := processesOf(t, o.records[0].UID); len(left) > 0 {
		t.Errorf("processes are left: %q", left)
	}
	return o
}

// agentWord quotes a word for the agent, which splits --command as a shell does.
func agentWord(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
