package launch

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// newOuter is an operator's terminal of a size.
func newOuter(t testing.TB, rows, cols uint16) *os.File {
	t.Helper()
	m, s, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close(); s.Close() })
	resizeOuter(t, s, rows, cols)
	return s
}

func resizeOuter(t testing.TB, s *os.File, rows, cols uint16) {
	t.Helper()
	if err := pty.Setsize(s, &pty.Winsize{Rows: rows, Cols: cols}); err != nil {
		t.Fatal(err)
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		rows, cols uint16
		want       string
	}{{0, 0, "24 80"}, {50, 132, "50 132"}, {1, 1, "1 1"}, {0, 100, "24 100"}, {40, 0, "40 80"}} {
		out := newPaper()
		j := job(newKeyboard(), out)
		j.Tty = newOuter(t, c.rows, c.cols)
		must(t, script(toolUID, "stty size"), j)
		if got := strings.TrimSpace(out.String()); got != c.want {
			t.Errorf("%dx%d: %q", c.rows, c.cols, got)
		}
	}
	out := newPaper()
	must(t, script(toolUID, "stty size </dev/tty"), job(nil, out))
	if out.String() != "24 80\n" {
		t.Errorf("no terminal: %q", out)
	}
}

// TestResize: the agent's terminal is 0x0 first and resized later, again and again.
func TestResize(t *testing.T) {
	out, outer := newPaper(), newOuter(t, 0, 0)
	j := job(newKeyboard(), out)
	j.Tty = outer
	done := background(t, script(toolUID, `trap 'stty size' WINCH; echo ready; while :; do sleep 0.01; done`), j)
	out.until(t, "ready")
	for _, c := range []struct {
		rows, cols uint16
		want       string
	}{{33, 101, "33 101"}, {60, 200, "60 200"}, {0, 0, "24 80"}} {
		resizeOuter(t, outer, c.rows, c.cols)
		if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
			t.Fatal(err)
		}
		out.until(t, c.want)
	}
	j.Keys.(*keyboard).typing("\x03")
	if r := ended(t, done); r.Signal != syscall.SIGINT {
		t.Errorf("got %+v", r)
	}
}

// TestLineMode: what a tool finds, with an operator and without.
func TestLineMode(t *testing.T) {
	mode := func(j Job) map[string]bool {
		t.Helper()
		out := newPaper()
		j.Out = out
		must(t, script(toolUID, "stty -a </dev/tty"), j)
		set := map[string]bool{}
		for _, w := range strings.Fields(strings.ReplaceAll(out.String(), ";", " ")) {
			set[w] = true
		}
		return set
	}
	j := job(newKeyboard(), nil)
	j.Tty = newOuter(t, 24, 80)
	with := mode(j)
	for _, w := range []string{"iutf8", "icanon", "echo", "isig", "opost", "onlcr", "icrnl"} {
		if !with[w] {
			t.Errorf("with a terminal: not %s", w)
		}
	}
	without := mode(job(nil, nil))
	for _, w := range []string{"-opost", "isig"} {
		if !without[w] {
			t.Errorf("without a terminal: not %s", w)
		}
	}
}
