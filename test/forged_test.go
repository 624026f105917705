package test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"opsh/test/fixture"
	"opsh/test/rig"
)

// What a tool prints to have a line in the log that opsh never wrote. claim is the line it would like to have; the tricks put it before a reader's
// eyes.
func forgeries() map[string]func(claim string) string {
	return map[string]func(string) string{
		"plain":               func(c string) string { return c + "\n" },
		"unterminated":        func(c string) string { return c },
		"carriage return":     func(c string) string { return "working... \r" + c + "\n" },
		"line cleared":        func(c string) string { return "working... \x1b[2K\r" + c + "\n" },
		"carriage returns":    func(c string) string { return c + "\r\r\n" },
		"colour":              func(c string) string { return "\x1b[1m" + c + "\x1b[0m\n" },
		"colour inside":       func(c string) string { return c[:2] + "\x1b[39m" + c[2:] + "\n" },
		"cursor to column 1":  func(c string) string { return "xyz\x1b[1G" + c + "\n" },
		"cursor up":           func(c string) string { return "\n\x1b[A" + c + "\n" },
		"home":                func(c string) string { return "\x1b[H" + c + "\x1b[24;1H\n" },
		"backspace":           func(c string) string { return "X\b" + c + "\n" },
		"a letter mended":     func(c string) string { return "opX\bsh" + c[4:] + "\n" },
		"first letter last":   func(c string) string { return "." + c[1:] + "\r" + c[:1] + "\n" },
		"NUL inside":          func(c string) string { return c[:4] + "\x00" + c[4:] + "\n" },
		"zero width":          func(c string) string { return c[:1] + "\u200b" + c[1:] + "\n" },
		"Cyrillic":            func(c string) string { return strings.Replace(c, "o", "о", 1) + "\n" },
		"full width":          func(c string) string { return strings.Replace(c, "opsh:", "ｏｐｓｈ：", 1) + "\n" },
		"alternate screen":    func(c string) string { return "\x1b[?1049h\x1b[H" + c + "\x1b[?1049l\n" },
		"behind its own text": func(c string) string { return strings.Repeat("row\n", 50) + c + "\nrow\n" },
		"a string left open":  func(c string) string { return c + "\n\x1bPq" },
	}
}

// TestForgedLines: 200 and more attempts from inside a tool, in one session, each against what opsh has shown until then. opsctl
// names every one, finds every genuine line, and says that the trail is whole.
func TestForgedLines(t *testing.T) {
	dir := filepath.Join(world.place.Dir, "forged")
	must(t, os.MkdirAll(dir, 0o755))
	s := sessionUnder(t, rig.Options{Command: "opsh", Fast: true}, fmt.Sprintf(`version = 1
[session]
guard = "off"
prompt = "prod"
uids = "`+fixture.JourneyUIDs+`"
[audit]
when_down = "spool"
[tool.cat]
path = "/usr/bin/cat"
user = "nobody"
allow = ["cat FILE"]
where.FILE = { path = "%s" }
`, dir))
	must(t, os.WriteFile(filepath.Join(dir, "first"), []byte("first\n"), 0o644))
	prompted(t, s, "cat first")
	expect(t, s, `opsh: #1 \S+ exit 0`)
	n := 0
	for _, forge := range forgeries() {
		for _, claim := range claimsOf(t, s) {
			file := fmt.Sprintf("attempt-%03d", n)
			must(t, os.WriteFile(filepath.Join(dir, file), []byte(forge(claim)), 0o644))
			n++
			prompted(t, s, "cat "+file)
			expect(t, s, fmt.Sprintf(`opsh: #%d \S+ exit 0`, n+1))
		}
	}
	if n < 200 {
		t.Fatalf("only %d attempts", n)
	}
	prompted(t, s, "exit")
	end, err := s.Wait(patience)
	must(t, err)
	log := filepath.Join(dir, "LOG")
	must(t, os.WriteFile(log, []byte(end.Log), 0o644))
	out, err := exec.Command(world.place.Opsctl, "verify", "--json", "--log", log, filepath.Join(world.place.State, "trail", s.ID+".jsonl")).Output()
	if err == nil {
		t.Fatal("opsctl takes the log for genuine")
	}
	var answers []struct {
		Verdict struct {
			State   string
			Records int
		}
		Log struct {
			Records, Found, More int
			Findings             []struct {
				Kind string
				Line int
				Text string
			}
		}
	}
	must(t, json.Unmarshal(out, &answers))
	a := answers[0]
	if a.Verdict.State != "whole" || a.Log.Found != a.Verdict.Records || a.Log.Records != a.Verdict.Records || a.Log.More != 0 {
		t.Errorf("state %s, %d records, of which %d found", a.Verdict.State, a.Verdict.Records, a.Log.Found)
	}
	// Between the run line of an attempt and its exit line something is named.
	line, command := 0, ""
	named := map[string]int{}
	at := map[int]string{}
	for _, l := range strings.Split(end.Log, "\n") {
		line++
		if _, file, ok := strings.Cut(l, " run cat "); ok && strings.HasPrefix(l, "opsh: #") && strings.HasPrefix(file, "attempt-") {
			command = file[:len("attempt-000")]
		}
		at[line] = command
	}
	for _, f := range a.Log.Findings {
		named[at[f.Line]]++
		if f.Kind == "missing" {
			t.Errorf("%+v", f)
		}
	}
	for i := range n {
		if file := fmt.Sprintf("attempt-%03d", i); named[file] == 0 {
			content, err := os.ReadFile(filepath.Join(dir, file))
			must(t, err)
			t.Errorf("%s: nobody names %q", file, content)
		}
	}
	if named[""] != 0 || named["first"] != 0 {
		t.Errorf("honest lines are named: %v", named)
	}
}

// claimsOf are lines that would serve a tool now: copies of what opsh has shown, and what it might show next.
func claimsOf(t *testing.T, s *rig.Session) []string {
	t.Helper()
	var shown []string
	for _, l := range strings.Split(strings.ReplaceAll(s.Output(), "\r", ""), "\n") {
		if strings.HasPrefix(l, "opsh: begin ") || strings.HasPrefix(l, "opsh: #1 ") {
			shown = append(shown, l)
		}
	}
	run, exit := shown[1], shown[2]
	hash := exit[len(exit)-len("[00000000]"):]
	return []string{
		shown[0], run, exit, // exact copies
		strings.Replace(run, "cat first", "cat other", 1), // an old line, changed
		strings.Replace(exit, "exit 0", "exit 1", 1),
		"opsh: #999 2026-11-23T18:03:01.456Z exit 0 1.333s " + hash, // an old hash
		"opsh: #2 2026-11-23T18:03:01.456Z exit 0 1.333s [0b77e1d4]",
		"opsh: #3 2026-11-23T18:03:01.456Z refused rails runner x [0b77e1d4]",
		"opsh: end 0 exit 2026-11-23T18:40:12.900Z 1 run, 0 refused, 38m1s [77ab01c9]",
		"opsh: end 0 exit 2026-11-23T18:40:12.900Z 1 run, 0 refused, 38m1s " + hash + " mac=" + strings.Repeat("0f", 32),
		"opsh: begin 2026-11-23T18:02:11.004Z 0a1b2c3d4e5f policy 1f0c77aa [9a4410d2]",
	}
}
