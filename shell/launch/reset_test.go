package launch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"

	"opsh/shell/transcript"
)

const resetLine = "opsh: #1 2026-11-23T18:03:01.456Z exit 0 1.333s [0b77e1d4]"

// badStates is what a tool may have printed last.
var badStates = []struct {
	name, text string
}{
	{"nothing", ""},
	{"no newline", "text"},
	{"unterminated CSI", "\x1b[31;"},
	{"unterminated escape", "\x1b"},
	{"unterminated charset", "\x1b("},
	{"unterminated DCS", "\x1bPq#0;2;0;0;0"},
	{"unterminated DCS, request", "\x1bP$q"},
	{"unterminated OSC", "\x1b]0;title"},
	{"unterminated OSC, hyperlink", "\x1b]8;;http://x\x1b\\link\x1b]8;;http://y"},
	{"unterminated OSC, clipboard", "\x1b]52;c;AAAA"},
	{"unterminated APC", "\x1b_Gf=100"},
	{"unterminated PM", "\x1b^message"},
	{"unterminated SOS", "\x1bXstring"},
	{"half a character", "\xe6\x97"},
	{"conceal", "\x1b[8m"},
	{"reverse video", "\x1b[7m"},
	{"black on black", "\x1b[30;40m"},
	{"everything", "\x1b[1;2;3;4;5;7;8;9;31;42m"},
	{"reversed screen", "\x1b[?5h"},
	{"black palette", "\x1b]4;7;#000000\x1b\\\x1b]10;#000000\x1b\\\x1b]11;#000000\x1b\\"},
	{"alternate screen", "\x1b[?1049h\x1b[2J\x1b[10;20Hfull screen"},
	{"alternate screen, cursor saved in it", "\x1b[?1049h\x1b[2J\x1b[10;20H\x1b7full screen"},
	{"alternate screen, older", "\x1b7\x1b[?47h\x1b[2J\x1b[10;20Hfull screen"},
	{"alternate screen and conceal", "\x1b[?1049h\x1b[8mhidden"},
	{"alternate screen left properly", "\x1b[?1049h\x1b[5;5Hfull\x1b[?1049l"},
	{"cursor saved long before", "\x1b[1;1H\x1b7\x1b[3;1Hrow 3\r\n"},
	{"line drawing in G0", "\x1b(0"},
	{"line drawing in G1, shifted out", "\x1b)0\x0e"},
	{"line drawing in G2, locked", "\x1b*0\x1bn"},
	{"insert mode", "\x1b[4h"},
	{"scroll region", "\x1b[3;5r\x1b[4;1Hregion"},
	{"scroll region above", "\x1b[1;3r\x1b[6;1H"},
	{"origin mode", "\x1b[5;9r\x1b[?6h\x1b[2;1Horigin"},
	{"cursor hidden", "\x1b[?25l"},
	{"no autowrap", "\x1b[?7l"},
	{"line feed mode", "\x1b[20h"},
	{"synchronized update", "\x1b[?2026h"},
	{"mouse and paste reports", "\x1b[?1000h\x1b[?1003h\x1b[?1006h\x1b[?1004h\x1b[?2004h"},
	{"application keys", "\x1b[?1h\x1b=\x1b[>4;2m\x1b[>1u"},
	{"VT52 mode", "\x1b[?2l"},
	{"printer controller mode", "\x1b[5i"},
	{"left and right margins", "\x1b[?69h\x1b[5;20s\x1b[3;6Hnarrow"},
	{"the last column", strings.Repeat("x", 80)},
}

// screenful is what a terminal gets: something before the tool, the tool's bytes, then what opsh prints.
func screenful(text string) string {
	return "before the tool\r\n" + text + ResetSequence() + "\r\n" + resetLine + "\r\nprod> "
}

func TestResetInAnEmulator(t *testing.T) {
	for _, c := range badStates {
		if strings.Contains(c.text, "\x1b[?47h") || strings.Contains(c.text, "\x1b[?69h") {
			continue // x/vt doesn't know the first, so its main screen is cleared; and keeps the margins of the second without its mode
		}
		term := vt.NewEmulator(80, 24)
		go func() { // it answers requests, and waits for somebody to read; its Close races with that
			b := make([]byte, 256)
			for {
				if _, err := term.Read(b); err != nil {
					return
				}
			}
		}()
		if _, err := term.WriteString(screenful(c.text)); err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(term.String(), "\n")
		checkRows(t, c.name, rows)
		for y := range 24 {
			if !strings.HasPrefix(rows[min(y, len(rows)-1)], "opsh:") {
				continue
			}
			for x := range resetLine {
				if cell := term.CellAt(x, y); cell == nil || !cell.Style.IsZero() {
					t.Errorf("%s: column %d has the style %+v", c.name, x, cell)
					break
				}
			}
		}
		if term.IsAltScreen() {
			t.Errorf("%s: on the alternate screen", c.name)
		}
	}
}

// checkRows wants the line whole at the start of a row, what was before the tool above it, and the prompt below.
func checkRows(t *testing.T, name string, rows []string) {
	t.Helper()
	var at, before = -1, -1
	for i, r := range rows {
		r = strings.TrimRight(r, " ")
		if r == resetLine {
			at = i
		}
		if r == "before the tool" {
			before = i
		}
	}
	if at < 0 || before < 0 || before > at {
		t.Errorf("%s: the line is in row %d, what was before in row %d:\n%s", name, at, before, strings.Join(rows, "\n"))
		return
	}
	if at+1 >= len(rows) || !strings.HasPrefix(rows[at+1], "prod>") {
		t.Errorf("%s: no prompt below the line:\n%s", name, strings.Join(rows, "\n"))
	}
}

// TestResetInTmux does the same in a terminal that people use, one window for each state.
func TestResetInTmux(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "tmux")
	tmux := func(args ...string) (string, error) {
		cmd := exec.Command("tmux", append([]string{"-S", socket, "-f", "/dev/null"}, args...)...)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LANG=C.UTF-8", "HOME=" + dir}
		out, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("tmux %v: %w: %s", args, err, out)
		}
		return string(out), err
	}
	must := func(args ...string) string {
		t.Helper()
		out, err := tmux(args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	must("new-session", "-d", "-x", "80", "-y", "24", "-s", "s", "sleep 60")
	defer tmux("kill-server")
	for i, c := range badStates {
		file := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(file, []byte(screenful(c.text)), 0o600); err != nil {
			t.Fatal(err)
		}
		must("new-window", "-d", "-t", fmt.Sprintf("s:%d", i+1), "stty raw; cat "+file+"; touch "+file+".done; exec sleep 60")
	}
	for i, c := range badStates {
		pane := fmt.Sprintf("s:%d", i+1)
		waitFor(t, filepath.Join(dir, fmt.Sprint(i)+".done"))
		var rows []string
		for range 100 { // tmux has read it, or will in a moment
			rows = strings.Split(must("capture-pane", "-p", "-t", pane), "\n")
			if strings.Contains(strings.Join(rows, "\n"), "prod>") {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		checkRows(t, c.name, rows)
		for _, r := range strings.Split(must("capture-pane", "-p", "-e", "-t", pane), "\n") {
			if strings.Contains(r, "opsh: #1") && r != resetLine {
				t.Errorf("%s: not in plain type: %q", c.name, r)
			}
		}
		// Not origin_flag: tmux 3.3 has no soft reset, and restores the mode with the cursor. Without margins it means nothing.
		flags := must("display-message", "-p", "-t", pane, "#{alternate_on} #{cursor_flag} #{insert_flag} #{wrap_flag} #{keypad_flag} #{keypad_cursor_flag} #{mouse_any_flag} #{scroll_region_upper} #{scroll_region_lower}")
		if strings.TrimSpace(flags) != "0 1 0 1 0 0 0 0 23" {
			t.Errorf("%s: %s", c.name, flags)
		}
	}
}

func waitFor(t *testing.T, file string) {
	t.Helper()
	for range 2000 {
		if _, err := os.Stat(file); err == nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%s does not appear", file)
}

// TestResetBegins: opsctl knows the sequence by its beginning.
func TestResetBegins(t *testing.T) {
	if !strings.HasPrefix(ResetSequence(), transcript.ResetBegins) || strings.ContainsAny(ResetSequence(), "\r\n") {
		t.Errorf("%q", ResetSequence())
	}
}
