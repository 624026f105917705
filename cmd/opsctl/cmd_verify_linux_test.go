package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"opsh/shell/audit"
	"opsh/shell/transcript"
)

// sampleSession is a small one's trail and log.
func sampleSession(t *testing.T) (trail, log string) {
	t.Helper()
	clock := time.Date(2026, 11, 23, 18, 2, 11, 0, time.UTC)
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	tr, err := audit.Create(dir, "ecs-execute-command-0a1b2c3d4e5f", func() time.Time { clock = clock.Add(time.Second); return clock })
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	code := 0
	for _, r := range []audit.Record{
		{Event: audit.Begin, Reason: "INC-4711 障害", Policy: strings.Repeat("1f0c77aa", 8)},
		{Event: audit.Run, Command: 1, Line: "mysql", Words: []string{"mysql"}},
		{Event: audit.Exit, Command: 1, Status: &code, Category: audit.CategoryExit},
		{Event: audit.End, Status: &code, Category: audit.CategoryExit, Runs: 1},
	} {
		r, err := tr.Append(r)
		if err != nil {
			t.Fatal(err)
		}
		log += transcript.Line(r) + "\r\r\n"
	}
	text, err := os.ReadFile(tr.Path())
	if err != nil {
		t.Fatal(err)
	}
	return string(text), "Script started\n" + log + "\r\nScript done\n"
}

// file writes a file of the test's.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestVerify(t *testing.T) {
	trail, log := sampleSession(t)
	lines := strings.SplitAfter(trail, "\n")
	whole, logFile := file(t, "trail.jsonl", trail), file(t, "LOG", log)
	open := file(t, "open", strings.Join(lines[:3], ""))
	broken := file(t, "broken", lines[0]+lines[2]+lines[3])
	for _, test := range []struct {
		name   string
		args   []string
		status int
		want   []string // in what it prints
	}{
		{"whole", []string{whole}, 0, []string{": WHOLE", "4, from 2026-11-23T18:02:12.000Z to 2026-11-23T18:02:15.000Z: 1 run, 0 refused", "INC-4711 障害", "0 exit"}},
		{"with its log", []string{whole, "--log", logFile}, 0, []string{": WHOLE", ": AGREES", "4 of 4 records"}},
		{"options first", []string{"--log=" + logFile, "--", whole}, 0, []string{": AGREES"}},
		{"open", []string{open}, 3, []string{": OPEN", "none: the session lives"}},
		{"open, and the log has its end", []string{open, "--log", logFile}, 1, []string{": OPEN", ": DISAGREES", "line 5: forged: opsh: end 0 exit"}},
		{"broken", []string{broken}, 1, []string{": BROKEN", "line 2 (record 2): record 1 is missing before it"}},
		{"several", []string{whole, open, whole}, 3, []string{": WHOLE", ": OPEN"}},
		{"several, one broken", []string{open, broken, whole}, 1, []string{": BROKEN"}},
		{"another log", []string{whole, "--log", file(t, "other", "Script started\n")}, 1, []string{"missing (record 0): opsh: begin"}},
		{"the policy by hash", []string{whole, "--policy", strings.Repeat("1f0c77aa", 8)}, 0, []string{": WHOLE"}},
		{"another policy", []string{whole, "--policy", logFile}, 1, []string{": BROKEN", "ran under another policy"}},
		{"no trail", []string{file(t, "empty", "")}, 1, []string{"it is empty"}},
		{"not there", []string{filepath.Join(t.TempDir(), "none")}, 125, []string{"opsctl: error: cannot open"}},
		{"not there, and another", []string{"/nonexistent", whole}, 125, []string{"opsctl: error: cannot open", ": WHOLE"}},
		{"no log there", []string{whole, "--log", "/nonexistent"}, 125, []string{": WHOLE", "cannot open /nonexistent"}},
		{"no policy there", []string{whole, "--policy", "/nonexistent"}, 125, []string{"cannot read the policy"}},
		{"nothing", nil, 2, []string{"no trail is named", "opsctl: hint: usage: opsctl verify"}},
		{"a log of two", []string{whole, open, "--log", logFile}, 2, []string{"a log belongs to one trail"}},
		{"standard input twice", []string{"-", "--log", "-"}, 2, []string{"only once"}},
		{"no such option", []string{"--follow", whole}, 2, []string{"-follow"}},
		{"no such place", []string{"logs:x"}, 2, []string{"a stream is written logs:GROUP:STREAM"}},
		{"help", []string{"--help"}, 0, []string{"Exit status: 0 every trail is whole"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, out, complaints := opsctl(append([]string{"verify"}, test.args...)...)
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			for _, w := range test.want {
				if !strings.Contains(out+complaints, w) {
					t.Errorf("no %q in\n%s%s", w, out, complaints)
				}
			}
		})
	}
	if status, out, _ := opsctlFed(trail, "verify", "-", "--log", logFile); status != 0 || !strings.Contains(out, "trail -: WHOLE") {
		t.Errorf("from standard input: %d\n%s", status, out)
	}
}

// TestVerifyJSON is what programs read.
func TestVerifyJSON(t *testing.T) {
	trail, log := sampleSession(t)
	status, out, complaints := opsctlFed(log, "verify", "--json", "--log", "-", file(t, "t", trail))
	var answers []map[string]any
	if err := json.Unmarshal([]byte(out), &answers); err != nil || status != 0 || complaints != "" {
		t.Fatalf("%v, status %d, %s\n%s", err, status, complaints, out)
	}
	if v := answers[0]["verdict"].(map[string]any); v["state"] != "whole" || v["records"] != 4.0 || v["session"] != "ecs-execute-command-0a1b2c3d4e5f" {
		t.Errorf("%v", v)
	}
	if l := answers[0]["log"].(map[string]any); l["found"] != 4.0 || len(l["findings"].([]any)) != 0 {
		t.Errorf("%v", l)
	}
	status, out, _ = opsctl("verify", "--json", "/nonexistent")
	if err := json.Unmarshal([]byte(out), &answers); err != nil || status != 125 || !strings.Contains(answers[0]["error"].(string), "cannot open") {
		t.Errorf("%v, status %d\n%s", err, status, out)
	}
}

// TestVerifyEveryChange: each changed byte, and each record that was removed, repeated, moved or cut, has a status that isn't 0.
func TestVerifyEveryChange(t *testing.T) {
	trail, _ := sampleSession(t)
	refuses := func(what string, at int, text string) {
		t.Helper()
		if status, out, _ := opsctlFed(text, "verify", "-"); status != statusFound && status != statusOpen {
			t.Fatalf("%s, %d: status %d\n%s", what, at, status, out)
		}
	}
	for i := range trail {
		changed := []byte(trail)
		changed[i] ^= 1
		refuses("a changed byte", i, string(changed))
		refuses("a byte gone", i, trail[:i]+trail[i+1:])
		refuses("a byte twice", i, trail[:i+1]+trail[i:])
		refuses("cut", i, trail[:i])
	}
	lines := strings.SplitAfter(strings.TrimSuffix(trail, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	for i := range lines {
		refuses("a record gone", i, strings.Join(lines[:i], "")+strings.Join(lines[i+1:], ""))
		refuses("a record twice", i, strings.Join(lines[:i+1], "")+strings.Join(lines[i:], ""))
		for j := range i {
			swapped := append([]string{}, lines...)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			refuses("two swapped", i, strings.Join(swapped, ""))
		}
	}
}

// TestNothingReachesTheTerminal: what trails and logs hold is printed, and a terminal obeys none of it.
func TestNothingReachesTheTerminal(t *testing.T) {
	trail, log := sampleSession(t)
	evil := "\x1b]0;x\x07\u202e\x9b"
	for _, args := range [][]string{
		{"verify", file(t, "a", evil+trail+evil)},
		{"verify", "--log", file(t, "b", log+"\nopsh: end 0 "+evil+"\n"), file(t, "c", trail)},
		{"verify", evil + "none"}, {"verify", "--" + evil}, {evil}, {"help", evil},
	} {
		_, out, complaints := opsctl(args...)
		if strings.ContainsAny(out+complaints, "\x1b\x07\u202e") || strings.Contains(out+complaints, "\x9b") {
			t.Errorf("%q prints %q", args, out+complaints)
		}
	}
}

func TestHelp(t *testing.T) {
	status, out, _ := opsctl("help")
	for _, v := range verbs() {
		if v.about == "" {
			continue // hidden: opsctl's own child
		}
		if status != 0 || !strings.Contains(out, "  "+v.name+" ") {
			t.Errorf("help doesn't list %s:\n%s", v.name, out)
		}
		status, one, _ := opsctl(append([]string{"help"}, strings.Fields(v.name)...)...)
		if status != 0 || !strings.HasPrefix(one, strings.TrimSpace("usage: opsctl "+v.name+" "+v.usage)+"\n") || !strings.Contains(one, v.about) {
			t.Errorf("help %s, status %d:\n%s", v.name, status, one)
		}
		if status, again, _ := opsctl(append(strings.Fields(v.name), "--help")...); status != 0 || again != one {
			t.Errorf("%s --help, status %d:\n%s", v.name, status, again)
		}
	}
	for _, args := range [][]string{{}, {"frobnicate"}, {"help", "frobnicate"}} {
		if status, out, complaints := opsctl(args...); status != 2 || out != "" || !strings.Contains(complaints, "opsctl") {
			t.Errorf("%q: status %d\n%s", args, status, complaints)
		}
	}
}
