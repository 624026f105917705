package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTry(t *testing.T) {
	const example = "../../policy.example.toml"
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.toml")
	if err := os.WriteFile(broken, []byte("version = 1\naudit.when_down = \"spool\"\n[tool.t]\npath = \"t\"\nuser = \"ops\"\nallow = [\"t\"]\nabot = \"x\"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	reason := `opsctl: warning: opsh -c and opsh -s refuse every line without --reason "TEXT": a reason is required`
	for _, c := range []struct {
		name     string
		words    []string
		input    string
		status   int
		out, err string // a part of each; "" where there is nothing
	}{
		{"allowed", []string{example, "--reason", "INC-1", "-c", "mysql -e 'SELECT 1'"}, "", 0, "opsctl: would run mysql -e 'SELECT 1'\n  usage: ../../policy.example.toml:61: mysql ", ""},
		{"refused", []string{"--reason=INC-1", "-c", "mysql", example}, "", 126, "opsctl: refused mysql\n  ", ""},
		{"nothing typed", []string{"--reason=INC-1", "-c", "", example}, "", 126, "opsctl: refused ''\n", ""},
		{"no reason", []string{"-c", "mysql -e 'SELECT 1'", example}, "", 0, "would run", reason},
		{"script", []string{example, "--reason", "INC-1"}, "mysql -e 1\n# x\nmysql -e 2\n", 0, "would run mysql -e 2", ""},
		{"script that is refused", []string{example, "--reason", "INC-1"}, "mysql -e 1\nmysql\n", 126, "opsh -s would stop at line 2\n", ""},
		{"script without a reason", []string{example}, "mysql -e 1\n", 0, "would run", reason},
		{"missing file", []string{example, "--reason", "INC-1", "--root", dir, "-c", "mysql < x.sql"}, "", 125, "there is no directory /app/ops/sql under\n", ""},
		{"broken policy", []string{broken, "-c", "t"}, "", 125, "", "broken.toml:7:1: cannot use the key abot: a tool has no such key\n"},
		{"broken policy, counted", []string{broken, "-c", "t"}, "", 125, "", "broken.toml: 2 mistakes\n"},
		{"no policy", []string{filepath.Join(dir, "none"), "-c", "t"}, "", 125, "", "opsctl: error: cannot read the policy "},
		{"no name", []string{"-c", "t"}, "", 2, "", "opsctl: hint: usage: opsctl try "},
		{"two names", []string{example, example}, "", 2, "", "it takes one policy"},
		{"root that isn't there", []string{"--root", filepath.Join(dir, "none"), example}, "", 2, "", "cannot use --root"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, err := opsctlFed(c.input, append([]string{"try"}, c.words...)...)
			if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(err, c.err) || c.out == "" && out != "" || c.err == "" && err != "" {
				t.Errorf("%d\n%s%s", status, out, err)
			}
		})
	}
}

// TestTryReason: a reason that the policy doesn't take is refused as opsh refuses it.
func TestTryReason(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p.toml")
	src := "version = 1\nsession.reason.match = 'INC-[0-9]+ .+'\naudit.when_down = \"spool\"\n[tool.t]\npath = \"/bin/t\"\nuser = \"ops\"\nallow = [\"t\"]\n"
	if err := os.WriteFile(name, []byte(src), 0o666); err != nil {
		t.Fatal(err)
	}
	for reason, want := range map[string]int{"INC-1 orders": 0, "orders": 126} {
		if status, _, err := opsctlFed("", "try", name, "--reason", reason, "-c", "t"); status != want || strings.Contains(err, "the reason must match 'INC-[0-9]+ .+'") != (want != 0) {
			t.Errorf("%s: %d %s", reason, status, err)
		}
	}
}
