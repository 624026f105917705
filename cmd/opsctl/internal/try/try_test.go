package try

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/prompt"
	"opsh/shell/runbook"
)

const tried = `version = 1
[session]
prompt = "prod"
reason = { match = 'INC-[0-9]+ .+' }
[audit]
when_down = "spool"
[tool.db]
path = "/usr/bin/db"
user = "ops"
insert = ["--config={file.client}", "{{x}"]
allow = ["db [-t] -e SQL [BASE]", "db [BASE] < SCRIPT", "db run --file=SCRIPT [MORE...]"]
where.SQL = "any"
where.BASE = ["app"]
where.SCRIPT = { path = "/app/sql", ext = ".sql" }
where.MORE = { path = "/app/sql" }
exec = ["/usr/bin/helper"]
dir = "/app"
connect = []
file.client = "password={secret.db:quoted}"
[secret.db]
from = "env:DB_PASSWORD"
`

func session(t *testing.T, mounts ...string) *Session {
	t.Helper()
	p, err := policy.Parse("p.toml", []byte(tried), answer.Split)
	if err != nil {
		t.Fatal(err)
	}
	s := &Session{Policy: p}
	for _, m := range mounts {
		if err := s.Image.Mount(m); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func write(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

const (
	unchecked = "  not checked here: /usr/bin/db, user ops, dir /app, /usr/bin/helper, secret db"
	argv      = "  argv:  /usr/bin/db '--config={file.client}' '{x}'"
)

func TestJudge(t *testing.T) {
	s := session(t)
	for _, c := range []struct {
		raw    string
		status int
		want   string
	}{
		{"db -e 'SELECT 1' app", 0, `opsctl: would run db -e 'SELECT 1' app
  usage: p.toml:11: db [-t] -e SQL [BASE]
` + argv + ` -e 'SELECT 1' app
` + unchecked + `
    (env:DB_PASSWORD), that the kernel has Landlock`},
		{"db app < x.sql", 0, `opsctl: would run db app < x.sql
  usage: p.toml:11: db [BASE] < SCRIPT
` + argv + ` app
  stdin: /app/sql/x.sql
` + unchecked + `
    (env:DB_PASSWORD), that the kernel has Landlock, that /app/sql/x.sql is
    there`},
		{"db run --file=/app/sql/./x.sql a b c d e f", 0, `opsctl: would run db run --file=/app/sql/./x.sql a b c d e f
  usage: p.toml:11: db run --file=SCRIPT [MORE...]
` + argv + ` run --file=/app/sql/x.sql /app/sql/a /app/sql/b /app/sql/c /app/sql/d /app/sql/e /app/sql/f
` + unchecked + `
    (env:DB_PASSWORD), that the kernel has Landlock, that /app/sql/x.sql is
    there, that /app/sql/a is there, that /app/sql/b is there, that /app/sql/c
    is there, that /app/sql/d is there, 2 more files`},
		{"db app -e 'SELECT 1'", 126, `opsctl: refused db app -e 'SELECT 1'
  word 3, -e: options stand before BASE
  usage: db [-t] -e SQL [BASE]
  try:   db -e 'SELECT 1' app`},
		{"db < ../x.sql", 126, `opsctl: refused db < ../x.sql
  behind <, ../x.sql: SCRIPT may not hold ..
  usage: db [BASE] < SCRIPT`},
		{"db -e a; ls", 126, `opsctl: refused 'db -e a; ls'
  column 8: an unquoted ; ends a command in a shell
  hint: quote it: ';'`},
		{"\x1b]0;x\x07", 126, `opsctl: refused $'\x1b]0;x\x07'
  column 1: cannot take U+001B, escape, in quotes or outside
  hint: delete it, or type the line afresh: pasted text can hold what a screen
  doesn't show`},
		{"help", 126, `opsctl: refused help
  word 1, help: no such command`},
		{"", 126, `opsctl: refused ''
  a line names a command first`},
	} {
		v := s.Judge(c.raw)
		got := strings.Join(v.Lines, "\n")
		if v.Status != c.status || got != c.want {
			t.Errorf("%q: %d\n%s\nwant %d\n%s", c.raw, v.Status, got, c.status, c.want)
		}
	}
}

// TestNothingLooksLikeARecord: whatever is typed, no line begins as a record does, and none obeys a terminal.
func TestNothingLooksLikeARecord(t *testing.T) {
	s := session(t)
	for _, raw := range []string{"opsh: #1 x", "db -e $'\\nopsh: end 0 exit'", "db -e 'a\nopsh: #1 run x [12345678]'", "x\r\nopsh: begin", "db -e '\x1b[2J'", "\u202edb"} {
		for _, l := range s.Judge(raw).Lines {
			if strings.HasPrefix(l, "opsh: ") || strings.ContainsAny(l, "\r\n\x1b\u202e") {
				t.Errorf("%q: %q", raw, l)
			}
		}
	}
	if m := mark("prod"); m != "prod (try)" {
		t.Error(m)
	}
}

func TestImage(t *testing.T) {
	root, app := t.TempDir(), t.TempDir()
	write(t, root+"/app/sql/x.sql")
	write(t, root+"/app/sql/sub/y.sql")
	write(t, root+"/app/secret.sql")
	write(t, root+"/srv/real.sql")
	for link, to := range map[string]string{
		"in.sql": "sub/y.sql", "abs.sql": "/app/sql/x.sql", "up.sql": "../secret.sql", "host.sql": "/etc/passwd", "loop.sql": "loop.sql",
		"clamped.sql": "../../../../../../app/sql/x.sql", "notes.sql": "x.txt",
	} {
		if err := os.Symlink(to, root+"/app/sql/"+link); err != nil {
			t.Fatal(err)
		}
	}
	write(t, root+"/app/sql/x.txt")
	write(t, app+"/sql/z.sql")
	if err := os.Symlink(root+"/app", app+"/link"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mount, line, stdin, says string
		status                   int
	}{
		{root, "db < x.sql", "/app/sql/x.sql", "", 0},
		{root, "db < sub/y.sql", "/app/sql/sub/y.sql", "", 0},
		{root, "db < in.sql", "/app/sql/sub/y.sql", "", 0},
		{root, "db < abs.sql", "/app/sql/x.sql", "", 0},
		{root, "db < clamped.sql", "/app/sql/x.sql", "", 0},
		{root, "db < up.sql", "", "leads outside /app/sql", 126},
		{root, "db < host.sql", "", "no such file below /app/sql", 126}, // the image has no /etc/passwd; this machine's isn't looked at
		{root, "db < loop.sql", "", "leads through too many links", 126},
		{root, "db < notes.sql", "", "leads to a file that doesn't end in .sql", 126},
		{root, "db < y.sql", "", "no such file below /app/sql", 126},
		{root, "db < xx.sql", "", "try:   db < x.sql", 126},
		{root, "db run --file=x.sql sub", "", "word 4, sub: is a directory", 126},
		{root, "db < x.sql/y.sql", "", "no such file", 126},
		{"/app=" + app, "db < z.sql", "/app/sql/z.sql", "", 0},
		{"/app=" + app + "/link", "db < x.sql", "/app/sql/x.sql", "", 0},
		{"/app=" + app + "/link", "db < host.sql", "", "leads outside", 126},
		{"/app/sql=" + app + "/sql", "db < z.sql", "/app/sql/z.sql", "", 0},
		{"/app/sql=" + app + "/sql", "db < q.sql", "", "no such file", 126},
		{"/other=" + app, "db < z.sql", "/app/sql/z.sql", "that /app/sql/z.sql is", 0},
		{app, "db < z.sql", "", "where.SCRIPT: there is no directory /app/sql under --root", 125},
	} {
		v := session(t, c.mount).Judge(c.line)
		got := strings.Join(v.Lines, "\n")
		if v.Status != c.status || !strings.Contains(got, c.says) || c.stdin != "" && !strings.Contains(got, "\n  stdin: "+c.stdin+"\n") ||
			strings.Contains(got, "that /app/sql") != (c.mount == "/other="+app) {
			t.Errorf("%s %s: %d\n%s", c.mount, c.line, v.Status, got)
		}
	}
	var i Image
	for _, bad := range []string{root + "/none", root + "/app/sql/x.sql", "/app=", "/app=" + root + "/none"} {
		if err := i.Mount(bad); err == nil {
			t.Errorf("%s is a directory", bad)
		}
	}
}

func TestFiles(t *testing.T) {
	root := t.TempDir()
	for _, f := range []string{"b.sql", "a.sql", "sub/c.sql", "x.txt", ".sql", "-e.sql", "a\x1b.sql"} {
		write(t, root+"/app/sql/"+f)
	}
	s := session(t, root)
	script := s.Policy.Tool("db").Where["SCRIPT"]
	got, known := s.Image.Files(script, 50)
	if !known || strings.Join(got, " ") != "a.sql b.sql sub/c.sql" {
		t.Errorf("%q %v", got, known)
	}
	if got, _ := s.Image.Files(script, 2); len(got) != 2 {
		t.Errorf("%q: at most two", got)
	}
	if got := strings.Join(s.Help().Complete([]string{"db", "run"}, "--"), " "); got != "--file=" {
		t.Error(got)
	}
	if got := strings.Join(s.Help().Complete([]string{"db", "run", "--file=a.sql"}, "s"), " "); got != "sub/c.sql" {
		t.Error(got)
	}
	if got, known := session(t).Image.Files(script, 50); known || got != nil {
		t.Errorf("without an image: %q", got)
	}
	if text, _, _ := session(t).Help().Builtin("help db", nil); strings.Contains(strings.Join(text, "\n"), "there is none") {
		t.Error("nobody looked, so nobody can say that there is no file")
	}
}

// converse is a dialogue with the plain reader: what is typed isn't shown.
func converse(t *testing.T, s *Session, typed string) string {
	t.Helper()
	var out strings.Builder
	if err := s.Converse(context.Background(), NewPlain(strings.NewReader(typed), &out), Lines(&out, "\n")); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestConverse(t *testing.T) {
	got := converse(t, session(t), "help\r\nhelp nobody\nhistory\n\ndb -e 'a\nb'\nexit now\nexit\ndb\n")
	for _, want := range []string{
		"prod (try): a trial of p.toml. Nothing runs, nothing is recorded.\n", "help lists the commands, exit leaves.\n", "(--root DIR)",
		"\nopsh asks for a reason first, which must match 'INC-[0-9]+ .+'.", "opsh ends a\nsession after 15m idle and 4h at most",
		"prod (try)> db\n  db [-t] -e SQL [BASE]\n", "prod (try)> opsctl: error: there is no tool nobody\n",
		"prod (try)>    1  help\n   2  help nobody\n   3  history\n", "prod (try)>  ...> opsctl: would run db -e $'a\\nb'\n",
		"prod (try)> opsctl: error: usage: help [TOOL] | history | exit\nprod (try)> ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q isn't in\n%s", want, got)
		}
	}
	if strings.Contains(got, "refused") || !strings.HasSuffix(got, "prod (try)> ") {
		t.Errorf("exit didn't end it:\n%s", got)
	}
	if got := converse(t, session(t), "db"); !strings.Contains(got, "refused db") || !strings.HasSuffix(got, "prod (try)> \n") {
		t.Errorf("the last line has no end:\n%s", got)
	}
}

// pasted is a reader whose lines came at once.
type pasted struct {
	lines   []string
	dropped int
}

func (p *pasted) Read(context.Context, string, string) (string, error) {
	if len(p.lines) == 0 {
		return "", io.EOF
	}
	l := p.lines[0]
	p.lines = p.lines[1:]
	if l == "^C" {
		return "", prompt.ErrInterrupt
	}
	return l, nil
}
func (p *pasted) Remember(string)   {}
func (p *pasted) History() []string { return nil }
func (p *pasted) Drop() int         { p.dropped = len(p.lines); p.lines = nil; return p.dropped }
func (p *pasted) Completes() bool   { return true }

// TestPaste: behind a line that is refused nothing of a paste is judged, as opsh runs nothing of it.
func TestPaste(t *testing.T) {
	var out strings.Builder
	p := &pasted{lines: []string{"^C", "db -e 1", "nope", "db -e 2", "db -e 3"}}
	if err := session(t).Converse(context.Background(), p, Lines(&out, "\n")); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "opsctl: hint: 2 lines of the paste would not run\n") || strings.Contains(out.String(), "db -e 2") || !strings.Contains(out.String(), "would run db -e 1") {
		t.Error(out.String())
	}
}

func TestScript(t *testing.T) {
	for _, c := range []struct {
		text   string
		status int
		last   string
	}{
		{"", 0, ""},
		{"# only\n\n", 0, ""},
		{"db -e 1\n# x\ndb -e 'a\nb'\n", 0, "Landlock"},
		{"db -e 1\n\ndb\ndb -e 2\nno\n", 126, "opsctl: 2 of 4 lines would run; opsh -s would stop at line 3"},
		{"help", 126, "opsctl: 0 of 1 line would run; opsh -s would stop at line 1"},
	} {
		var out strings.Builder
		status, err := session(t).Script(&runbook.Memory{Text: []byte(c.text)}, Lines(&out, "\n"))
		if err != nil || status != c.status || !strings.HasSuffix(strings.TrimSpace(out.String()), c.last) || c.last == "" && out.Len() > 0 {
			t.Errorf("%q: %d %v\n%s", c.text, status, err, out.String())
		}
	}
	var out strings.Builder
	if status, err := session(t).Script(&runbook.Memory{Text: []byte(strings.Repeat("x", 1<<20))}, Lines(&out, "\n")); err == nil || status == 0 {
		t.Error("a line of a megabyte was accepted")
	}
}

func TestUnreasoned(t *testing.T) {
	s := session(t)
	for reason, fits := range map[string]bool{"": false, "INC-1 orders": true, "orders": false, "INC-1 \x1b[2J": false} {
		s.Reason = reason
		if err := s.Unreasoned(); (err == nil) != fits {
			t.Errorf("%q: %v", reason, err)
		}
	}
}
