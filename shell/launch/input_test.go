package launch

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"opsh/shell/contain"
)

func find(t *testing.T, uid uint32) []contain.Process {
	t.Helper()
	found, err := contain.Find(uid)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// running waits until n processes of uid run a program. A shell that is just about to start one forgets a Ctrl-C.
func running(t *testing.T, uid uint32, program string, n int) {
	t.Helper()
	for range 4000 {
		here := 0
		for _, p := range find(t, uid) {
			if first, _, _ := strings.Cut(p.Command, " "); filepath.Base(first) == program {
				here++
			}
		}
		if here >= n {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%s is not started", program)
}

// TestSignalKeys: they reach the tool through its own terminal, and never opsh.
func TestSignalKeys(t *testing.T) {
	for _, c := range []struct {
		name, script, keys string
		signal             syscall.Signal
		exit               int
	}{
		{"Ctrl-C", "echo ready; exec sleep 60", "\x03", syscall.SIGINT, 130},
		{`Ctrl-\`, "echo ready; exec sleep 60", "\x1c", syscall.SIGQUIT, 131},
		{"Ctrl-Z stops nobody", "echo ready; read -r x; exit 5", "\x1a\x1ago\r", 0, 5},
		{"Ctrl-Z caught", "trap 'exit 6' TSTP; echo ready; while :; do sleep 0.01; done", "\x1a", 0, 6},
		{"Ctrl-C caught", "trap 'echo no; exit 7' INT; echo ready; while :; do sleep 0.01; done", "\x03", 0, 7},
		{"Ctrl-C to all of a pipeline", "echo ready; sleep 60 | sleep 60", "\x03", syscall.SIGINT, 130},
		{"Ctrl-D", "echo ready; cat; exit 8", "\x04", 0, 8},
		{"Ctrl-C in raw mode is a key", "stty raw; echo ready; dd bs=1 count=1 2>/dev/null | od -An -tx1; exit 9", "\x03", 0, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, out := newKeyboard(), newPaper()
			done := background(t, script(toolUID, c.script), job(keys, out))
			out.until(t, "ready")
			if n := strings.Count(c.script, "sleep 60"); n > 0 {
				running(t, toolUID, "sleep", n)
			}
			keys.typing(c.keys)
			if r := ended(t, done); r.Signal != c.signal || r.Exit != c.exit || r.Limit != "" {
				t.Errorf("%+v %q", r, out)
			}
			nobodyLeft(t, toolUID)
		})
	}
}

// TestTypedAhead: keys go to the running tool. What it leaves unread, in its terminal and on the way there, is for the prompt.
func TestTypedAhead(t *testing.T) {
	const wait = `; until [ -e "$0" ]; do sleep 0.01; done`
	for _, c := range []struct {
		name, script, keys, left string
	}{
		{"all of it", "echo ready" + wait, "next command\r", "next command\n"},
		{"what follows a line", "echo ready; read -r x" + wait, "mine\rnot mine\rmore", "not mine\nmore"},
		{"Japanese", "echo ready" + wait, "日本語\r", "日本語\n"},
		{"a tool that left raw mode on", "stty raw -echo; echo ready" + wait, "abc\r", "abc\r"},
		{"Ctrl-D for the tool doesn't end the session", "echo ready" + wait, "x\x04", "x"},
		{"what was typed before Ctrl-C", "trap : INT; echo ready" + wait, "gone\x03", ""},
		{"with corrections", "echo ready" + wait, "ab\x7fc日本\x7f\rwrong\x15x\x7f\x7f\x7fright\r", "ac日\nright\n"},
		{"a password, unread", "stty -echo; echo ready" + wait, "hunter2\r", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, out := newKeyboard(), newPaper()
			goOn := filepath.Join(public(t), "go")
			done := background(t, program(toolUID, "sh", "-c", c.script, goOn), job(keys, out))
			out.until(t, "ready")
			keys.typing(c.keys)
			for keys.Ready() > 0 {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(20 * time.Millisecond) // from the keyboard to the tool
			if err := os.WriteFile(goOn, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			r := ended(t, done)
			if got := keys.rest(); got != c.left || r.Limit != "" {
				t.Errorf("left %q, want %q (%+v)", got, c.left, r)
			}
		})
	}
	keys := newKeyboard()
	keys.typing("typed before the tool started\r")
	out := newPaper()
	must(t, script(toolUID, `read -r x; echo "got $x"`), job(keys, out))
	if !strings.Contains(out.String(), "got typed before") || keys.Ready() != 0 {
		t.Errorf("%q, left %q", out, keys.rest())
	}
}

// TestPushedInput: somebody pushes a command into the tool's terminal (TIOCSTI; a tool itself can't where the filter of
// system calls holds) for the prompt to find. What was typed is dropped with it, because it can't be told apart; nothing is made up.
func TestPushedInput(t *testing.T) {
	for _, typed := range []string{"", "typed ahead\r"} {
		keys, out := newKeyboard(), newPaper()
		done := background(t, script(toolUID, "tty; sleep 0.2"), job(keys, out))
		out.until(t, "\n")
		keys.typing(typed)
		tty, err := os.OpenFile(strings.TrimSpace(strings.SplitN(out.String(), "\n", 2)[0]), os.O_RDWR|unix.O_NOCTTY, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []byte("mysql -e evil\n") {
			if _, _, e := unix.Syscall(unix.SYS_IOCTL, tty.Fd(), unix.TIOCSTI, uintptr(unsafe.Pointer(&c))); e != 0 {
				t.Fatal(e)
			}
		}
		tty.Close()
		ended(t, done)
		if got := keys.rest(); got != "" && got != strings.ReplaceAll(typed, "\r", "\n") {
			t.Errorf("the prompt gets %q", got)
		}
	}
}

// lines is a text of about n bytes in numbered lines.
func lines(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "line %d of a paste, long enough to be one\n", i)
	}
	return b.String()
}

// TestPaste: a megabyte comes through whole, in line mode with its echo and in raw mode.
func TestPaste(t *testing.T) {
	text := lines(1 << 20)
	for name, mode := range map[string]string{"line mode": "stty -echo", "raw": "stty raw -echo -iexten"} {
		keys, out := newKeyboard(), newPaper()
		j := job(keys, out)
		done := background(t, script(toolUID, mode+fmt.Sprintf("; echo ready; head -c %d", len(text))), j)
		out.until(t, "ready\n")
		keys.typing(text)
		r := ended(t, done)
		if got := strings.SplitN(out.String(), "ready\n", 2)[1]; got != text {
			t.Errorf("%s: %d bytes of %d, %+v", name, len(got), len(text), r)
		}
	}
}

// TestPasteNobodyReads: the tool doesn't read. It prints on, a Ctrl-C behind the paste reaches it, and drops the paste.
func TestPasteNobodyReads(t *testing.T) {
	for name, c := range map[string]struct{ text, script string }{
		"lines":         {lines(1 << 20), ""},
		"one line":      {strings.Repeat("x", 1<<19), ""},
		"without break": {lines(1 << 19), "stty -icanon;"},
		"small":         {lines(30 << 10), "stty -echo;"},
	} {
		t.Run(name, func(t *testing.T) {
			keys, out := newKeyboard(), newPaper()
			p := script(toolUID, c.script+`trap 'echo interrupted; exit 3' INT; echo ready; while :; do echo tick; sleep 0.05; done`)
			done := background(t, p, job(keys, out))
			out.until(t, "ready")
			keys.typing(c.text)
			for len(out.String()) > 0 && keys.Ready() == len(c.text) {
				time.Sleep(time.Millisecond)
			}
			for ticks := strings.Count(out.String(), "tick"); strings.Count(out.String(), "tick") < ticks+3; {
				time.Sleep(5 * time.Millisecond) // for ever, if a paste could stop the output
			}
			keys.typing("\x03")
			r := ended(t, done)
			if r.Exit != 3 || !strings.Contains(out.String(), "interrupted") {
				t.Errorf("%+v", r)
			}
			if left := keys.rest(); left != "" {
				t.Errorf("%d bytes of the paste left", len(left))
			}
		})
	}
}

// TestPasteThenExit: what a paste holds beyond what the tool reads comes back whole and in order.
func TestPasteThenExit(t *testing.T) {
	text := lines(200 << 10)
	keys, out := newKeyboard(), newPaper()
	done := background(t, script(toolUID, "stty -echo; read -r x; stty echo; echo ready; sleep 0.4"), job(keys, out))
	time.Sleep(50 * time.Millisecond)
	keys.typing(text)
	out.until(t, "ready")
	ended(t, done)
	_, want, _ := strings.Cut(text, "\n")
	if got := keys.rest(); got != want {
		t.Errorf("%d bytes left of %d", len(got), len(want))
	}
}

// TestHangUp: the operator's terminal is gone.
func TestHangUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		script string
		signal syscall.Signal
	}{
		{"echo ready; exec sleep 60", syscall.SIGHUP},
		{"trap '' HUP TERM INT; echo ready; while :; do sleep 0.05; done", syscall.SIGKILL},
	} {
		keys, out := newKeyboard(), newPaper()
		done := background(t, script(toolUID+20, c.script), job(keys, out))
		out.until(t, "ready")
		keys.hangUp()
		if r := ended(t, done); r.Limit != LimitLost || r.Signal != c.signal {
			t.Errorf("%s: %+v", c.script, r)
		}
		nobodyLeft(t, toolUID+20)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	out := newPaper()
	go func() {
		out.until(t, "ready")
		cancel()
	}()
	r, err := run(ctx, script(toolUID, "trap '' TERM HUP INT; echo ready; sleep 60 & wait"), job(newKeyboard(), out))
	if err != nil || r.Signal != syscall.SIGKILL || r.Duration > 5*time.Second || !bytes.Contains([]byte(out.String()), []byte("ready")) {
		t.Errorf("%+v %v", r, err)
	}
	nobodyLeft(t, toolUID)
}
