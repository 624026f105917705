package prompt

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/term"
)

// childVariable makes the test binary the program in the terminal: "prompt", or "show:FILE".
const childVariable = "OPSH_PROMPT_CHILD"

func TestMain(m *testing.M) {
	switch what := os.Getenv(childVariable); {
	case what == "":
		os.Exit(m.Run())
	case what == "prompt":
		childPrompt()
	default:
		childShow(strings.TrimPrefix(what, "show:"))
	}
}

// childPrompt reads lines and says what it has read.
func childPrompt() {
	if _, err := term.MakeRaw(0); err != nil {
		panic(err)
	}
	size := func(w, h int, err error) (int, int) {
		if err != nil {
			panic(err)
		}
		return w, h
	}
	keys := newWire()
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := os.Stdin.Read(b)
			if err != nil {
				os.Exit(0)
			}
			keys.send(string(b[:n]))
		}
	}()
	p, err := New(Options{
		Keys: keys, Out: os.Stdout, More: func(s string) bool { return strings.Count(s, "'")%2 == 1 },
		Width:  func() int { w, _ := size(term.GetSize(1)); return w },
		Height: func() int { _, h := size(term.GetSize(1)); return h },
	})
	if err != nil {
		panic(err)
	}
	for {
		line, err := p.Read(context.Background(), "本番> ", " ...> ")
		fmt.Printf("read %q %v\r\n", line, err)
		p.Remember(line)
	}
}

// childShow sends a file to the terminal.
func childShow(file string) {
	if _, err := term.MakeRaw(0); err != nil {
		panic(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(b) //nolint:errcheck // the test sees what is missing
	time.Sleep(time.Minute)
}

// pane is a tmux server with one window.
type pane struct {
	t      *testing.T
	socket string
}

func newPane(t *testing.T, w, h int, child string) *pane {
	t.Helper()
	p := &pane{t, filepath.Join(t.TempDir(), "tmux")}
	p.run("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h), p.command(child))
	t.Cleanup(func() { p.run("kill-server") })
	p.run("set", "-g", "status", "off")
	p.resize(w, h)
	return p
}

func (p *pane) command(child string) string {
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprintf("exec env %s='%s' '%s'", childVariable, child, self)
}

func (p *pane) run(args ...string) string {
	p.t.Helper()
	c := exec.Command("tmux", append([]string{"-u", "-S", p.socket}, args...)...)
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm-256color")
	out, err := c.CombinedOutput()
	if err != nil {
		p.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// resize waits until the program in the window can see the new size: tmux tells it later than it draws.
func (p *pane) resize(w, h int) {
	p.t.Helper()
	p.run("resize-window", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h))
	tty, err := os.Open(p.run("display-message", "-p", "#{pane_tty}"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer tty.Close()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if gw, gh, err := term.GetSize(int(tty.Fd())); gw == w && gh == h {
			return
		} else if time.Now().After(end) {
			p.t.Fatalf("the window is %dx%d, %v", gw, gh, err)
		}
	}
}

// picture is the screen, with trailing blanks and empty rows cut off, and its cursor.
func (p *pane) picture() (text, cursor string) {
	cursor = p.run("display-message", "-p", "#{cursor_y},#{cursor_x}")
	rows := strings.Split(p.run("capture-pane", "-p"), "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return strings.TrimRight(strings.Join(rows, "\n"), "\n"), cursor
}

// shows waits until the screen is as wanted.
func (p *pane) shows(cursor string, rows ...string) {
	p.t.Helper()
	want := strings.Join(rows, "\n")
	var text, at string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if text, at = p.picture(); text == want && at == cursor {
			return
		}
	}
	p.t.Fatalf("screen, cursor %s:\n%s\nwant, cursor %s:\n%s", at, text, cursor, want)
}

func (p *pane) keys(keys ...string) { p.run(append([]string{"send-keys"}, keys...)...) }

func TestInTmux(t *testing.T) {
	p := newPane(t, 20, 12, "prompt")
	p.shows("0,6", "本番>")
	p.keys("-l", "mysql 日本語")
	p.shows("0,18", "本番> mysql 日本語")
	p.keys("Left", "Left", "の")
	p.keys("-l", "は")
	p.shows("0,18", "本番> mysql 日のは本", "語")
	p.keys("End")
	p.keys("BSpace")
	p.shows("1,0", "本番> mysql 日のは本") // exactly full
	p.keys("-l", "か\u3099き")
	p.keys("Left")
	p.shows("1,2", "本番> mysql 日のは本", "か\u3099き")
	p.keys("C-a", "C-k")
	p.keys("-l", strings.Repeat("ab漢", 10))
	p.shows("2,6", "本番> ab漢ab漢ab漢ab", "漢ab漢ab漢ab漢ab漢ab", "漢ab漢")
	p.resize(31, 12)
	p.keys("-l", "!")
	p.shows("1,16", "本番> ab漢ab漢ab漢ab漢ab漢ab漢a", "b漢ab漢ab漢ab漢!")
	p.resize(15, 12)
	p.keys("C-a", "Right", "Right", "Right", "Right", "Right", "Right", "BSpace")
	p.shows("0,12", "本番> ab漢abab", "漢ab漢ab漢ab漢a", "b漢ab漢ab漢ab漢", "!")
}

func TestPasteInTmux(t *testing.T) {
	p := newPane(t, 60, 12, "prompt")
	p.shows("0,6", "本番>")
	p.run("set-buffer", "one\ntwo '漢\n字'\n")
	p.run("paste-buffer", "-p") // tmux marks it only if the prompt asked for that
	p.shows("3,44", "  one", "  two '漢", "  字'", "opsh: hint: 3 lines pasted; run them? [y/N]")
	p.keys("y", "Enter")
	p.shows("9,6", "  one", "  two '漢", "  字'", "opsh: hint: 3 lines pasted; run them? [y/N] y",
		"本番> one", `read "one" <nil>`, "本番> two '漢", " ...> 字'", `read "two '漢\n字'" <nil>`, "本番>")
	p.keys("Up")
	p.shows("9,17", "  one", "  two '漢", "  字'", "opsh: hint: 3 lines pasted; run them? [y/N] y",
		"本番> one", `read "one" <nil>`, "本番> two '漢", " ...> 字'", `read "two '漢\n字'" <nil>`, "本番> two '漢⏎字'")
}

// TestEmulator: what the tests' emulator makes of the painter's output, tmux makes of it too.
func TestEmulator(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out")
	show := func(b []byte) {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	show(nil)
	p := newPane(t, 10, 10, "show:"+file)
	for seed := range uint64(12) {
		rnd := rand.New(rand.NewPCG(seed, 11))
		w, h := 4+rnd.IntN(20), 3+rnd.IntN(20)
		y := newTypist(t, w, h)
		for range 80 {
			switch rnd.IntN(5) {
			case 0:
				y.types([]string{"\x01", "\x05", "\x7f", "\x0b", "\x1b[3~", "\x15"}[rnd.IntN(6)])
			case 1:
				y.types(strings.Repeat("\x02", rnd.IntN(9)))
			default:
				a := alphabet[rnd.IntN(len(alphabet))]
				if a.typed != "e\u0301" {
					y.sends(a.typed)
				}
			}
		}
		y.does(func() {
			show(y.screen.log)
			p.resize(w, h)
			p.run("respawn-pane", "-k", p.command("show:"+file))
			p.shows(fmt.Sprintf("%d,%d", y.screen.y, y.screen.x), strings.Split(y.screen.text(), "\n")...)
		})
		y.reads("", errNoKeys)
	}
}
