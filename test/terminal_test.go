package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// windowPatience is how long a window may take: much, but less than patience, since each of a table of them may fail.
const windowPatience = 20 * time.Second

// pane is opsh in a window of tmux: a terminal that believes what a program prints, as an operator's does.
type pane struct {
	t      *testing.T
	socket string
}

// openPane starts opsh in a window of its own server under the policy that is in place.
func openPane(t *testing.T, cols, rows int) *pane {
	t.Helper()
	dir, err := os.MkdirTemp("", "opsh-pane-")
	must(t, err)
	p := &pane{t, filepath.Join(dir, "tmux")}
	t.Cleanup(func() {
		// Its own server, by its own socket: nobody else's.
		exec.Command("tmux", "-S", p.socket, "kill-server").Run() //nolint:errcheck // it may have ended with its window
		os.RemoveAll(dir)
	})
	p.tmux("-f", "/dev/null", "new-session", "-d", "-x", strconv.Itoa(cols), "-y", strconv.Itoa(rows), "exec "+world.place.Opsh)
	return p
}

func (p *pane) tmux(args ...string) string {
	p.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-u", "-S", p.socket}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm-256color")
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return strings.TrimRight(string(out), "\n")
}

func (p *pane) screen() string { p.t.Helper(); return p.tmux("capture-pane", "-p", "-J") }

// ask is a format's value, such as #{cursor_x}.
func (p *pane) ask(format string) string {
	p.t.Helper()
	return p.tmux("display-message", "-p", format)
}

func (p *pane) keys(keys ...string) { p.t.Helper(); p.tmux(append([]string{"send-keys"}, keys...)...) }

func (p *pane) text(text string) { p.t.Helper(); p.tmux("send-keys", "-l", text) }

// until waits for what the window should come to be.
func (p *pane) until(what string, ok func() bool) {
	p.t.Helper()
	for give := time.Now().Add(windowPatience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(give) {
			p.t.Fatalf("not %s; cursor %s; the window:\n%s", what, p.ask("#{cursor_x},#{cursor_y}"), p.screen())
		}
	}
}

func (p *pane) shows(pattern string) {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	p.until("showing "+pattern, func() bool { return re.MatchString(p.screen()) })
}

// cursorAt waits for the line that the cursor is in, left of it and whole.
func (p *pane) cursorAt(column int, line string) {
	p.t.Helper()
	p.until(fmt.Sprintf("at column %d of %q", column, line), func() bool {
		rows := strings.Split(p.tmux("capture-pane", "-p"), "\n")
		at := strings.Split(p.ask("#{cursor_x} #{cursor_y}"), " ")
		y, err := strconv.Atoi(at[1])
		return err == nil && at[0] == strconv.Itoa(column) && y < len(rows) && strings.TrimRight(rows[y], " ") == strings.TrimRight(line, " ")
	})
}

// TestNastyOutput: whatever a tool did to the terminal, opsh's next line is seen whole at column 0, in plain type, on the
// main screen, and the prompt takes keys. An unterminated DCS or OSC once swallowed the lines behind it; conceal hid them.
func TestNastyOutput(t *testing.T) {
	must(t, world.place.WritePolicy(trivial("/usr/bin/printf", `prompt = "prod"`)))
	for name, output := range map[string]string{
		"no last newline":        `half a line`,
		"unterminated OSC":       `\033]0;title`,
		"unterminated DCS":       `\033Pq#0`,
		"unterminated APC":       `\033_x`,
		"half an escape":         `\033`,
		"half a control":         `\033[1;3`,
		"half a UTF-8 character": `\346\227`,
		"conceal":                `\033[8m`,
		"black on black":         `\033[30;40m`,
		"alternate screen":       `\033[?1049h`,
		"line drawing":           `\033(0\016`,
		"scroll region":          `\033[3;4r`,
		"origin mode":            `\033[3;4r\033[?6h`,
		"cursor on old text":     `\033[H`,
		"cursor in old text":     `\033[2;40H`,
		"insert mode":            `\033[4h`,
		"no wrapping":            `\033[?7l`,
		"hidden cursor":          `\033[?25l`,
		"mouse reports":          `\033[?1003h\033[?1006h`,
		"application keys":       `\033[?1h\033=`,
	} {
		t.Run(name, func(t *testing.T) {
			p := openPane(t, 120, 24)
			p.shows(`(?m)^prod> *$`)
			p.text("tool '" + output + "'")
			p.keys("Enter")
			p.shows(`(?m)^opsh: #1 ` + stamp + ` exit 0 [0-9.]+m?s \[[0-9a-f]{8}\] *\n+prod> *$`)
			p.cursorAt(6, "prod>")
			for format, want := range map[string]string{"#{alternate_on}": "0", "#{cursor_flag}": "1", "#{insert_flag}": "0", "#{wrap_flag}": "1",
				// Not origin_flag: tmux has no soft reset and keeps it, without effect where the scroll region is the screen.
				"#{mouse_any_flag}": "0", "#{keypad_cursor_flag}": "0", "#{keypad_flag}": "0",
				"#{scroll_region_upper},#{scroll_region_lower}": "0,23"} {
				if got := p.ask(format); got != want {
					t.Errorf("%s is %s, want %s", format, got, want)
				}
			}
			for _, row := range strings.Split(p.tmux("capture-pane", "-p", "-e"), "\n") {
				if at := strings.Index(row, "opsh: #1"); at > 0 && strings.Contains(row, "exit 0") && strings.Trim(row[:at], "\x1b[0m") != "" {
					t.Errorf("the record isn't in plain type: %q", row)
				}
			}
			p.text("tool 'still\\040here\\n'")
			p.keys("Enter")
			p.shows(`(?m)^still here *$`)
			p.shows(`(?m)^opsh: #2 ` + stamp + ` exit 0`)
		})
	}
}

// TestJapaneseCursor: wide characters take two columns, and the cursor knows it while they are edited.
func TestJapaneseCursor(t *testing.T) {
	must(t, world.place.WritePolicy(trivial("/usr/bin/echo", `prompt = "prod"`)))
	p := openPane(t, 120, 24)
	p.shows(`(?m)^prod> *$`)
	p.text("tool '日本語'")
	p.cursorAt(19, "prod> tool '日本語'")
	p.keys("Left", "Left")
	p.cursorAt(16, "prod> tool '日本語'")
	p.keys("BSpace")
	p.cursorAt(14, "prod> tool '日語'")
	p.text("西ｱé")
	p.cursorAt(18, "prod> tool '日西ｱé語'")
	p.keys("Home")
	p.cursorAt(6, "prod> tool '日西ｱé語'")
	p.keys("End")
	p.cursorAt(21, "prod> tool '日西ｱé語'")
	p.keys("Enter")
	p.shows(`(?m)^日西ｱé語 *$`)
	p.shows(`(?m)^opsh: #1 ` + stamp + ` exit 0`)
	// A line that is wider than the window, with a wide character that doesn't fit at its edge.
	p.tmux("resize-window", "-x", "41", "-y", "24")
	p.until("41 columns", func() bool { return p.ask("#{pane_width}") == "41" })
	long := strings.Repeat("注文", 10)
	p.text("tool '" + long + "'")
	p.shows(regexp.QuoteMeta("'" + long + "'"))
	p.keys("Enter")
	p.shows(`(?m)^` + long + ` *$`)
	p.shows(`(?m)^opsh: #2 `)
}
