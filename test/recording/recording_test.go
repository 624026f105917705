package recording

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"opsh/shell/recording"
	"opsh/test/fixture"
)

// watchedTerminal is a session in a terminal: what it has been sent, and the emulator that draws it.
type watchedTerminal struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd
	sent   chan []byte
	seen   strings.Builder
}

// drawn is the screen that output leaves, its first rows of 30. Of much output the end is drawn: an emulator is slow, and the rest has left the screen.
func drawn(t *testing.T, rows int, output string) []string {
	t.Helper()
	e := vt.NewEmulator(100, rows)
	defer e.Close()
	e.SetScrollbackSize(1)
	go io.Copy(io.Discard, e) //nolint:errcheck // it answers what it is asked, until it is closed
	if most := 400_000; len(output) > most {
		output = "\x1b[1;30r\x1b[30;1H" + output[len(output)-most:] // the region that a replay has set at its start
	}
	e.WriteString(output) //nolint:errcheck // it is memory
	screen := strings.Split(e.Render(), "\n")
	if len(screen) < 30 || strings.TrimSpace(strings.Join(screen, "")) == "" {
		t.Errorf("the screen is empty")
	}
	return screen[:min(30, len(screen))]
}

func watch(t *testing.T, args ...string) *watchedTerminal {
	t.Helper()
	w := &watchedTerminal{t: t, cmd: exec.Command(world.place.Opsh, args...), sent: make(chan []byte, 1000)}
	w.cmd.Env = append(fixture.Env(world.db), "TERM=xterm-256color", "LANG=C.UTF-8")
	var err error
	w.master, err = pty.StartWithSize(w.cmd, &pty.Winsize{Cols: 100, Rows: 30})
	must(t, err)
	t.Cleanup(func() { w.cmd.Process.Kill(); w.master.Close() })
	go func() {
		defer close(w.sent)
		for {
			b := make([]byte, 64<<10)
			n, err := w.master.Read(b)
			w.sent <- b[:n]
			if err != nil {
				return // a terminal's end is an error
			}
		}
	}()
	return w
}

// until draws what comes until text has come; "": until the session ends.
func (w *watchedTerminal) until(pattern string) {
	w.t.Helper()
	re := regexp.MustCompile(pattern)
	from := w.seen.Len()
	late := time.After(patience)
	for {
		select {
		case b, ok := <-w.sent:
			if !ok {
				if pattern == "" {
					return
				}
				w.t.Fatalf("the session ended without %s: %.2000q", pattern, w.seen.String()[from:])
			}
			w.seen.Write(b)
			if pattern != "" && re.MatchString(w.seen.String()[max(0, min(from, w.seen.Len()-100_000)):]) {
				return
			}
		case <-late:
			w.t.Fatalf("no %s within %s: %.2000q", pattern, patience, w.seen.String()[from:])
		}
	}
}

func (w *watchedTerminal) types(text string) {
	w.t.Helper()
	_, err := w.master.WriteString(text)
	must(w.t, err)
}

// newest is the recording that was made last, and its trail.
func newest(t *testing.T) (cast, trail string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(world.place.State, "recording", "*.cast"))
	must(t, err)
	var last time.Time
	for _, path := range all {
		st, err := os.Stat(path)
		must(t, err)
		if st.ModTime().After(last) {
			cast, last = path, st.ModTime()
		}
	}
	return cast, filepath.Join(world.place.State, "trail", strings.TrimSuffix(filepath.Base(cast), ".cast")+".jsonl")
}

// recorded reads a recording.
func recorded(t *testing.T, path string) (recording.Header, []recording.Event) {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	r, err := recording.NewReader(f)
	must(t, err)
	var all []recording.Event
	for {
		e, err := r.Next()
		if err != nil {
			return r.Header(), all
		}
		all = append(all, e)
	}
}

// shown is the output of events.
func shown(events []recording.Event) string {
	var b strings.Builder
	for _, e := range events {
		if e.Code == recording.Output {
			b.WriteString(e.Data)
		}
	}
	return b.String()
}

// provedRecording has opsctl verify it.
func provedRecording(t *testing.T, trail, cast string) {
	t.Helper()
	out, err := exec.Command(world.place.Opsctl, "verify", trail, "--recording", cast).CombinedOutput()
	if err != nil || !strings.Contains(string(out), ": AGREES") {
		t.Errorf("%v\n%s", err, out)
	}
}

// screens is tools that draw, each from its start to the moment when its screen is compared.
const screens = `version = 1
[session]
origin = "any"
uids = "` + fixture.CastUIDs + `"
prompt = "prod"
[audit]
when_down = "spool"
[tool.vim]
path = "/usr/bin/vim"
user = "nobody"
exec = "none"
insert = ["-u", "NONE", "-N", "-n", "-i", "NONE"]
allow = ["vim FILE"]
where.FILE = "any"
[tool.less]
path = "/usr/bin/less"
user = "nobody"
allow = ["less FILE"]
where.FILE = "any"
env = { LESSSECURE = "1", LESSHISTFILE = "-", LESSCHARSET = "utf-8" }
[tool.cat]
path = "/usr/bin/cat"
user = "nobody"
allow = ["cat FILE"]
where.FILE = "any"
[tool.mysql]
path = "/usr/bin/mysql"
user = "nobody"
insert = ["--defaults-file={file.client}"]
allow = ["mysql -t -e SQL"]
where.SQL = "any"
file.client = "[client]\nhost=127.0.0.1\nport=%d\nprotocol=tcp\nuser=ops\ndefault-character-set=utf8mb4\npassword={secret.db:quoted}\n"
[tool.ask]
path = "/bin/bash"
user = "nobody"
insert = ["-c", "read -s -p pw: x; read -p again: y; read -e -p edit: z; echo done"]
allow = ["ask"]
[secret.db]
from = "env:DB_PASSWORD"
`

// TestRecordedScreens: what was recorded of vim, less, a wide Japanese table and 10 MB of output draws the screen that the operator had, and so does what
// opsctl replay lets through of it.
func TestRecordedScreens(t *testing.T) {
	must(t, world.place.WritePolicy(fmt.Sprintf(screens, world.db.Port)))
	text := filepath.Join(world.place.Dir, "text.txt")
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "%d 行目: 日本語のテキスト、 and a line that is longer than the terminal is wide %s\n", i, strings.Repeat("wide ", i%30))
	}
	must(t, os.WriteFile(text, []byte(b.String()), 0o644))
	large := filepath.Join(world.place.Dir, "large.txt")
	must(t, os.WriteFile(large, []byte(strings.Repeat(b.String(), 10_000_000/b.Len()+1)), 0o644))
	table := "SELECT 1 AS 番号, '東京都千代田区千代田一丁目一番一号' AS 住所, REPEAT('あいう', 20) AS 長い列, 'x' AS 末尾 UNION SELECT 2, '大阪', 'い', 'y'"
	for _, test := range []struct {
		name, leave string
		play        func(w *watchedTerminal)
	}{
		{"vim", "\x1b:q!\r", func(w *watchedTerminal) {
			w.types("vim " + text + "\r")
			w.until(`行目`)
			w.types("50jwww:set number\r")
			w.until(`(?s)number.*51`)
			w.types("ihello 日本\x1b/1234\r")
			w.until(`1234`)
		}},
		{"vim, left", "", func(w *watchedTerminal) {
			w.types("vim " + text + "\r")
			w.until(`行目`)
			w.types(":q!\r")
			w.until(`#1 \S+ exit 0`)
		}},
		{"less", "q", func(w *watchedTerminal) {
			w.types("less " + text + "\r")
			w.until(`行目`)
			w.types("   /777\r")
			w.until(`777\S* 行目`)
		}},
		{"mysql", "", func(w *watchedTerminal) {
			w.types("mysql -t -e \"" + table + "\"\r")
			w.until(`#1 \S+ exit 0`)
		}},
		{"10 MB", "", func(w *watchedTerminal) {
			w.types("cat " + large + "\r")
			w.until(`#1 \S+ exit 0`)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := watch(t)
			w.until(`prod> $`)
			test.play(w)
			// Until nothing comes any more: then what the operator sees is what is to be compared.
			for quiet := false; !quiet; {
				select {
				case b := <-w.sent:
					w.seen.Write(b)
				case <-time.After(500 * time.Millisecond):
					quiet = true
				}
			}
			cast, trail := newest(t)
			h, events := recorded(t, cast)
			if h.Term.Cols != 100 || h.Term.Rows != 30 || h.Title+".cast" != filepath.Base(cast) {
				t.Errorf("%+v", h)
			}
			output := shown(events)
			if output != w.seen.String() {
				t.Errorf("%d bytes were recorded of %d", len(output), w.seen.Len())
			}
			if got, want := drawn(t, 30, output), drawn(t, 30, w.seen.String()); !slices.Equal(got, want) {
				t.Errorf("recorded:\n%s\nseen:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if test.leave != "" {
				w.types(test.leave)
				w.until(`(?s)#1 \S+ exit 0.*prod> $`)
			}
			w.types("\x04")
			w.until("")
			w.cmd.Wait() //nolint:errcheck // how it ended is in its trail
			provedRecording(t, trail, cast)
			if got, want := drawn(t, 40, replayed(t, cast)), drawn(t, 30, w.seen.String()); !slices.Equal(got, want) {
				t.Errorf("replayed:\n%s\nseen:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// replayed is what opsctl replay sends to a terminal that is higher than the recorded one.
func replayed(t *testing.T, cast string) string {
	t.Helper()
	cmd := exec.Command(world.place.Opsctl, "replay", "--speed", "1000", "--idle-limit", "1s", cast)
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 100, Rows: 40})
	must(t, err)
	defer master.Close()
	var all bytes.Buffer
	io.Copy(&all, master) //nolint:errcheck // a terminal's end is an error
	must(t, cmd.Wait())
	return all.String()
}

// TestRecordedInput: what is typed to a tool is recorded where the tool shows it, or is a line editor; a password isn't, nor how long it is.
func TestRecordedInput(t *testing.T) {
	must(t, world.place.WritePolicy(fmt.Sprintf(screens, world.db.Port)))
	w := watch(t)
	w.until(`prod> $`)
	w.types("ask\r")
	w.until(`pw:$`)
	time.Sleep(200 * time.Millisecond)
	for _, k := range "hunter2" {
		w.types(string(k))
		time.Sleep(20 * time.Millisecond)
	}
	w.types("\r")
	w.until(`again:$`)
	w.types("shown\r")
	w.until(`edit:$`)
	w.types("edited\r")
	w.until(`exit \d`)
	w.types("exit\r")
	w.until("")
	cast, trail := newest(t)
	_, events := recorded(t, cast)
	var typed []string
	for _, e := range events {
		if e.Code == recording.Input {
			typed = append(typed, e.Data)
		}
	}
	if got := fmt.Sprintf("%q", strings.Join(typed, "|")); !strings.HasPrefix(got, `"|shown\r|`) || strings.Contains(got, "hunter2") || !strings.Contains(strings.ReplaceAll(got, "|", ""), `edited\r`) {
		t.Errorf("typed: %s", got)
	}
	content, err := os.ReadFile(cast)
	must(t, err)
	if strings.Contains(string(content), "hunter2") || strings.Count(string(content), `"x","0"`) != 1 {
		t.Errorf("%s", content)
	}
	provedRecording(t, trail, cast)
}

// TestRecordingLost: a recording that is taken away is noticed with the next command's end; then nothing runs any more.
func TestRecordingLost(t *testing.T) {
	must(t, world.place.WritePolicy(fmt.Sprintf(screens, world.db.Port)))
	w := watch(t)
	w.until(`prod> $`)
	cast, trail := newest(t)
	must(t, os.Remove(cast))
	w.types("cat /dev/null\r")
	w.until(`(?s)#1 \S+ exit 126 unrecorded.*cannot record the session in\s.*it\s+was\s+removed`)
	w.types("cat /etc/hostname\r")
	w.until(`(?s)#2 \S+ refused cat /etc/hostname.*cannot record the session in\s`)
	w.types("exit\r")
	w.until(`opsh: end`)
	w.until("")
	if out, err := exec.Command(world.place.Opsctl, "verify", trail).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
