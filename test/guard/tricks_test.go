package guard

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"opsh/test/guard/order"
)

// trick is a start of something that isn't opsh. What it would do first leaves a mark in /marks, or a word on its output.
type trick struct {
	name string
	argv []string
	path string
}

// orchestration is where the agent keeps a session's files.
func orchestration(session string) string {
	return "/var/lib/amazon/ssm/ecs:prod_0a1b_0a1b-1/session/orchestration/" + session + "/Standard_Stream"
}

func tricks(t testing.TB) []trick {
	t.Helper()
	ld, err := interpreter()
	must(t, err)
	marks := func(argv ...string) []string { return argv }
	sh := ": >/marks/"
	own, other := orchestration("SESSION"), orchestration("ecs-execute-command-another00000")
	return []trick{
		{"nothing: the agent's default", nil, ""},
		{"a shell by its path", marks("/bin/sh", "-c", sh+"path"), ""},
		{"a shell by its name", marks("sh", "-c", sh+"name"), ""},
		{"another shell", marks("bash", "-c", sh+"bash"), ""},
		{"a shell by a relative path", marks("bin/sh", "-c", sh+"relative"), ""},
		{"a shell by a path with dots", marks("/usr/local/bin/../../../bin/dash", "-c", sh+"dots"), ""},
		{"a shell that is called opsh", marks("opsh", "-c", sh+"called"), "/bin/dash"},
		{"a shell that is called opsh's path", marks("/usr/local/bin/opsh", "-c", sh+"called-path"), "/bin/dash"},
		{"a link to a shell, named opsh", marks("/opt/softly/opsh", "-c", sh+"softly"), ""},
		{"a program", marks("/opt/mark", "/marks/program"), ""},
		{"a program named opsh", marks("/opt/opsh", "/marks/named"), ""},
		{"a program that is called opsh", marks("opsh", "/marks/opsh-called"), "/opt/opsh"},
		{"a script for a program", marks("/opt/shebang"), ""},
		{"a script for a shell", marks("/opt/shell-script"), ""},
		{"a script named opsh", marks("/opt/scripts/opsh"), ""},
		{"a text that is no program", marks("/opt/no-shebang"), ""},
		{"ld.so and a shell", marks(ld, "/bin/sh", "-c", sh+"ld"), ""},
		{"ld.so and opsh", marks(ld, "/usr/local/bin/opsh", "--version"), ""},
		{"ld.so that is called opsh", marks("opsh", "/bin/sh", "-c", sh+"ld-called"), ld},
		{"opsh-exec", marks("opsh-exec"), ""},
		{"opsh-exec that is called opsh", marks("opsh"), "/usr/local/bin/opsh-exec"},
		{"opshd", marks("opshd", "--version"), ""},
		{"opshd that is called opsh", marks("opsh", "--version"), "/usr/local/bin/opshd"},
		{"opsh that is called otherwise", marks("sh", "--version"), "/usr/local/bin/opsh"},
		{"opsh's recorder", marks("opsh: recorder"), "/usr/local/bin/opsh"},
		{"opsh's watcher", marks("opsh: watcher"), "/usr/local/bin/opsh-watch"},
		{"opsh as its watcher", marks("opsh: watcher"), "/usr/local/bin/opsh"},
		{"opsh without a name", marks("", "--version"), "/usr/local/bin/opsh"},
		{"opsh by a relative path", marks("usr/local/bin/opsh", "--version"), ""},
		{"a copy of opsh", marks("/opt/copy", "--version"), ""},
		{"a copy of opsh that is called opsh", marks("opsh", "--version"), "/opt/copied/opsh"},
		{"a hard link of opsh", marks("/opt/hard", "--version"), ""},
		{"a hard link of opsh that is called opsh", marks("opsh", "--version"), "/opt/linked/opsh"},
		{"a link to opsh", marks("/opt/soft", "--version"), ""},
		{"the worker's own file", marks("/proc/self/exe", "mark:/marks/self"), ""},
		{"the guard's own file", marks("/proc/1/exe", "--version"), ""},
		{"the agent", marks(fargate+"/amazon-ssm-agent", "mark:/marks/agent"), ""},
		{"the agent's worker", marks(fargate+"/ssm-agent-worker", "mark:/marks/worker"), ""},
		{"another session worker", marks(fargate+"/ssm-session-worker", "mark:/marks/session"), ""},
		{"another agent's session worker", marks(ec2+"/ssm-session-worker", "mark:/marks/ec2"), ""},
		{"a chain through env", marks("env", "A=B", "/usr/local/bin/opsh", "--version"), ""},
		{"a chain through a shell", marks("sh", "-c", sh+"chain; exec opsh --version"), ""},
		{"a chain through nice", marks("nice", "opsh", "--version"), ""},
		{"a chain through setsid", marks("setsid", "/opt/mark", "/marks/setsid"), ""},
		{"script as a shell", marks("script", "-c", "/opt/mark /marks/script", "/marks/script-log"), ""},
		{"script over another session's log", marks("script", other+"/ecs-execute-command-another00000.log", "-c", "cat "+other+"/ipcTempFile.log"), ""},
		{"the transcript and more", marks("script", own+"/SESSION.log", "-c", "cat "+own+"/ipcTempFile.log; "+sh+"more"), ""},
		{"the transcript of another file", marks("script", own+"/SESSION.log", "-c", "cat "+own+"/../ipcTempFile.log"), ""},
		{"the transcript into another file", marks("script", "/marks/transcript", "-c", "cat "+own+"/ipcTempFile.log"), ""},
		{"cat", marks("cat", "/etc/passwd"), ""},
		{"the transcript's shell alone", marks("sh", "-c", "cat "+own+"/ipcTempFile.log"), ""},
	}
}

// onTerminal are tricks that are none without a terminal: this is the transcript step itself.
var onTerminal = trick{"the transcript step on a terminal", []string{"script", orchestration("SESSION") + "/SESSION.log", "-c", "cat " + orchestration("SESSION") + "/ipcTempFile.log"}, ""}

// starts numbers sessions.
var starts atomic.Int64

func session() string { return fmt.Sprintf("ecs-execute-command-%017d", starts.Add(1)) }

// order is the trick as a session of the agent's.
func (k trick) order(plain bool) order.Order {
	id := session()
	o := order.Order{Session: id, Path: k.path, Plain: plain}
	for _, a := range k.argv {
		o.Argv = append(o.Argv, strings.ReplaceAll(a, "SESSION", id))
	}
	return o
}

// parallel does n things, some at a time.
func parallel(n int, do func(i int)) {
	var wg sync.WaitGroup
	next := atomic.Int64{}
	for range 4 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

// allKilled says that each trick was ended before it did anything, over all agents in turn.
func (b *box) allKilled(n int, sockets ...string) {
	b.t.Helper()
	all := tricks(b.t)
	failedToStart := atomic.Int64{}
	parallel(n, func(i int) {
		k, plain := all[i/2%len(all)], i%2 == 1
		if i%100 == 98 {
			k, plain = onTerminal, false
		}
		r, err := b.ask(sockets[i%len(sockets)], k.order(plain))
		switch {
		case err != nil:
			b.t.Errorf("%s: the agent does not answer: %v", k.name, err)
		case strings.Contains(r.Err, "exec format error"):
			failedToStart.Add(1) // the kernel's word for a text
		case r.Err != "":
			b.t.Errorf("%s: %s", k.name, r.Err)
		case r.Signal != int(syscall.SIGKILL) || r.Late || r.Output != "":
			b.t.Errorf("%s (plain %v) ran: %+v", k.name, plain, r)
		}
	})
	if marks := b.marked(); len(marks) > 0 {
		b.t.Errorf("marks were left: %q", marks)
	}
	if f := int(failedToStart.Load()); f > n/len(all)+2 {
		b.t.Errorf("%d of %d starts were none", f, n)
	}
}

// opsh has sessions under opsh, each with a tool that a tracer holds, and their logs whole.
func (b *box) opsh(n int, sockets ...string) {
	b.t.Helper()
	parallel(n, func(i int) {
		plain := i%8 == 7
		r, err := b.ask(sockets[i%len(sockets)], order.Order{
			Session: session(), Argv: []string{"opsh", "-c", "nice -n 5 /usr/bin/id -u"}, Plain: plain, Transcript: true,
		})
		if err != nil || r.Err != "" || r.Exit != 0 || r.Late || !strings.Contains(r.Output, "exec /usr/bin/id by nice") || !strings.Contains(r.Output, "\n644") {
			b.t.Errorf("opsh: %v %+v", err, r)
			return
		}
		// script puts a line before and one behind.
		_, body, _ := strings.Cut(r.Log, "\n")
		at := strings.LastIndex(body, "\nScript done")
		if at < 0 || strings.ReplaceAll(strings.TrimRight(body[:at], "\r\n"), "\r", "") != strings.ReplaceAll(strings.TrimRight(r.Output, "\r\n"), "\r", "") {
			b.t.Errorf("the log isn't whole:\n%q\n%q", r.Log, r.Output)
		}
	})
}

// TestNothingButOpsh: of 1,000 starts of something else none runs an instruction, and all of 1,000 starts of opsh work.
func TestNothingButOpsh(t *testing.T) {
	b := guarded(t)
	b.agent(fargate, "agent")
	start := time.Now()
	b.allKilled(*count, "agent")
	t.Log(time.Since(start))
	b.opsh(*count, "agent")
	t.Log(time.Since(start))
	out, ok := b.health()
	if !ok || !strings.Contains(out, "holds the agent's 2 processes") {
		t.Error(out)
	}
}
