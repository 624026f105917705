//go:build linux

package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// testUID is a session's: nothing else on the machine has it.
const testUID = 61999

// load is a policy out of TOML, DIR being dir.
func load(t testing.TB, dir, src string) *Policy {
	t.Helper()
	p, err := Parse("policy.toml", []byte(strings.ReplaceAll(src, "DIR", dir)), splitPlainly)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func decide(t testing.TB, p *Policy, line string) *Match {
	t.Helper()
	c, err := splitPlainly(line)
	if err != nil {
		t.Fatal(err)
	}
	m, refusal := p.Decide(c)
	if refusal != nil {
		t.Fatalf("%s: %v", line, refusal)
	}
	return m
}

func mustBind(t testing.TB, p *Policy, line string, s Seat) *Grant {
	t.Helper()
	g, err := p.Bind(decide(t, p, line), s)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	t.Cleanup(g.Close)
	return g
}

// seat is a session's whose environment is that of a container somebody else configures.
func seat(more ...string) Seat {
	environ := append([]string{
		`DB_PASSWORD=s3cret\pass"word`, "DATABASE_URL=mysql2://ops:hunter22@db/app", "TZ=Asia/Tokyo", "TZ=UTC", "RAILS_ENV=production",
		"LD_PRELOAD=/tmp/x.so", "PATH=/tmp", "HOME=/tmp", "LANG=ja_JP.eucJP", "AWS_ACCESS_KEY_ID=AKIA",
	}, more...)
	return Seat{UID: testUID, Term: "xterm-256color", Environ: environ, Secret: EnvSecret(environ)}
}

// writeProgram makes an executable of the machine's own below the tree.
func writeProgram(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("/usr/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(name[:strings.LastIndexByte(name, '/')], 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

func writeScript(t *testing.T, name, text string) string {
	t.Helper()
	writeFile(t, name, text)
	must(t, os.Chmod(name, 0o755))
	return name
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

func equal[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

// The two tools of the design.
const designPolicy = head + `
[tool.mysql]
path   = "DIR/usr/bin/mysql"
user   = "daemon"
insert = ["--defaults-extra-file={file.client}", "--skip-local-infile", "--binary-mode"]
allow  = ["mysql [-t] [-N] -e SQL [DATABASE]", "mysql [DATABASE] < SCRIPT"]
where.SQL      = "any"
where.DATABASE = ["app_production", "app_replica"]
where.SCRIPT   = { path = "DIR/app/ops/sql", ext = ".sql" }
env         = { MYSQL_HISTFILE = "/dev/null", EDITOR = "/bin/false", PAGER = "/bin/cat" }
file.client = "[client]\nhost=db\nuser=ops\npassword={secret.db:quoted}\n"

[secret.db]
from = "env:DB_PASSWORD"

[tool.rails]
path    = "DIR/app/bin/rails"
dir     = "DIR/app"
user    = "daemon"
exec    = ["DIR/usr/bin/ruby"]
pass    = ["RAILS_ENV", "TZ", "NOT_SET"]
env     = { DATABASE_URL = "{secret.url}" }
allow   = ["rails runner [-e ENVIRONMENT] SCRIPT [ARG...]"]
where.ENVIRONMENT = ["production"]
where.SCRIPT      = { path = "DIR/app/script/ops", ext = ".rb" }
where.ARG         = { match = '[A-Za-z0-9_=:.,/@-]+' }
timeout = "1h"

[secret.url]
from = "env:DATABASE_URL"
`

func designTree(t *testing.T) string {
	t.Helper()
	dir := rootDir(t)
	must(t, os.Chmod(dir, 0o755))
	writeProgram(t, dir+"/usr/bin/mariadb")
	must(t, os.Symlink("mariadb", dir+"/usr/bin/mysql"))
	writeProgram(t, dir+"/usr/bin/ruby3.1")
	must(t, os.Symlink("ruby3.1", dir+"/usr/bin/ruby"))
	writeScript(t, dir+"/app/bin/rails", "#!"+dir+"/usr/bin/ruby -W0\nload\n")
	writeFile(t, dir+"/app/script/ops/fix/unlock.rb", "unlock\n")
	writeFile(t, dir+"/app/ops/sql/report.sql", "SELECT 1;\n")
	return dir
}

func TestBindMySQL(t *testing.T) {
	dir := designTree(t)
	p := load(t, dir, designPolicy)
	g := mustBind(t, p, "mysql -t -e 'SELECT 1' app_production", seat())
	equal(t, "argv", g.Argv(), []string{
		dir + "/usr/bin/mysql", "--defaults-extra-file=/dev/fd/10", "--skip-local-infile", "--binary-mode",
		"-t", "-e", "SELECT 1", "app_production",
	})
	equal(t, "env", g.Env(), []string{
		"EDITOR=/bin/false", "HOME=/usr/sbin", "LANG=C.UTF-8", "LOGNAME=daemon", "MYSQL_HISTFILE=/dev/null", "PAGER=/bin/cat",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm-256color", "USER=daemon",
	})
	if g.Path() != dir+"/usr/bin/mariadb" || g.Program().Path != g.Path() || g.Program().Ino == 0 {
		t.Errorf("%s, %+v", g.Path(), g.Program())
	}
	if id := g.Identity(); id.UID != testUID || id.GID != 1 || len(id.Groups) != 0 {
		t.Errorf("%+v", id)
	}
	if g.Dir() != "/" || g.Stdin() != nil || g.Hashes() != nil || g.ExecFiles() != nil || g.Timeout().Minutes() != 10 {
		t.Errorf("%q %v %v %v %s", g.Dir(), g.Stdin(), g.Hashes(), g.ExecFiles(), g.Timeout())
	}
	if g.Tool() != p.Tool("mysql") || g.Rule() != p.Tool("mysql").Rules[0] {
		t.Error("another tool or rule")
	}
	files := g.Files()
	if len(files) != 1 || files[0].FD != 10 {
		t.Fatalf("%+v", files)
	}
	text, err := io.ReadAll(files[0].File)
	if want := "[client]\nhost=db\nuser=ops\npassword=\"s3cret\\\\pass\\\"word\"\n"; err != nil || string(text) != want {
		t.Errorf("%v %q", err, text)
	}
}

func TestBindInput(t *testing.T) {
	dir := designTree(t)
	p := load(t, dir, designPolicy)
	for _, word := range []string{"report.sql", "./report.sql", dir + "/app/ops/sql/report.sql", dir + "/app//ops/./sql/report.sql"} {
		g := mustBind(t, p, "mysql app_replica < "+word, seat())
		equal(t, "argv", g.Argv()[4:], []string{"app_replica"})
		equal(t, "hashes", g.Hashes(), []FileHash{{dir + "/app/ops/sql/report.sql", sum("SELECT 1;\n")}})
		writeFile(t, dir+"/app/ops/sql/report.sql", "DROP TABLE orders;\n") // after it was checked
		text, err := io.ReadAll(g.Stdin())
		if err != nil || string(text) != "SELECT 1;\n" {
			t.Errorf("%v %q", err, text)
		}
		writeFile(t, dir+"/app/ops/sql/report.sql", "SELECT 1;\n")
	}
}

func TestBindRails(t *testing.T) {
	dir := designTree(t)
	p := load(t, dir, designPolicy)
	g := mustBind(t, p, "rails runner -e production fix/unlock.rb 4711 dry_run=true", seat())
	equal(t, "argv", g.Argv(), []string{
		dir + "/usr/bin/ruby", "-W0", dir + "/app/bin/rails", "runner", "-e", "production", dir + "/app/script/ops/fix/unlock.rb", "4711", "dry_run=true",
	})
	equal(t, "env", g.Env(), []string{
		"DATABASE_URL=mysql2://ops:hunter22@db/app", "HOME=/usr/sbin", "LANG=C.UTF-8", "LOGNAME=daemon",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "RAILS_ENV=production", "TERM=xterm-256color", "TZ=Asia/Tokyo", "USER=daemon",
	})
	equal(t, "hashes", g.Hashes(), []FileHash{
		{dir + "/app/bin/rails", sum("#!" + dir + "/usr/bin/ruby -W0\nload\n")}, {dir + "/app/script/ops/fix/unlock.rb", sum("unlock\n")},
	})
	if g.Path() != dir+"/app/bin/rails" || g.Program().Path != dir+"/usr/bin/ruby3.1" || g.Dir() != dir+"/app" || g.Timeout().Hours() != 1 {
		t.Errorf("%s %+v %s %s", g.Path(), g.Program(), g.Dir(), g.Timeout())
	}
	equal(t, "exec", g.ExecFiles(), []FileID{g.Program()})
}

// A path behind = keeps the option in front of it; a fill that isn't a path stays as it was typed.
func TestBindAttached(t *testing.T) {
	dir := designTree(t)
	p := load(t, dir, head+`
[tool.t]
path  = "DIR/usr/bin/mysql"
user  = "daemon"
allow = ["t --file=FILE --name=NAME [FILE...]"]
where.FILE = { path = "DIR/app/ops/sql" }
where.NAME = "any"
`)
	g := mustBind(t, p, "t --file=report.sql --name=report.sql report.sql ./report.sql", seat())
	file := dir + "/app/ops/sql/report.sql"
	equal(t, "argv", g.Argv(), []string{dir + "/usr/bin/mysql", "--file=" + file, "--name=report.sql", file, file})
}

func TestBindOwnMatchesOnly(t *testing.T) {
	dir := designTree(t)
	p, other := load(t, dir, designPolicy), load(t, dir, designPolicy)
	good := func() *Match { return decide(t, p, "mysql app_replica < report.sql") }
	byHand := *good()
	byHand.decided = false
	changed := func(do func(*Match)) *Match {
		m := good()
		do(m)
		return m
	}
	input := "other.sql"
	for name, m := range map[string]*Match{
		"nil":              nil,
		"empty":            {},
		"made by hand":     {Tool: p.Tool("mysql"), Rule: p.Tool("mysql").Rules[0], Words: []string{"mysql", "--tee=x"}},
		"a copy by hand":   &byHand,
		"another policy's": decide(t, other, "mysql app_replica < report.sql"),
		"another word":     changed(func(m *Match) { m.Words[1] = "mysql" }),
		"one word more":    changed(func(m *Match) { m.Words = append(m.Words, "--tee=x") }),
		"no words":         changed(func(m *Match) { m.Words = nil }),
		"another rule":     changed(func(m *Match) { m.Rule = m.Tool.Rules[0] }),
		"another tool":     changed(func(m *Match) { m.Tool = p.Tool("rails") }),
		"no input":         changed(func(m *Match) { m.Input = nil }),
		"refused input":    changed(func(m *Match) { *m.Input = "/etc/passwd" }),
		"a fill more":      changed(func(m *Match) { m.Fills = append(m.Fills, Fill{Word: 99}) }),
		"another where":    changed(func(m *Match) { m.Fills[len(m.Fills)-1].Where = &Where{Kind: WherePath, Dir: "/etc"} }),
	} {
		g, err := p.Bind(m, seat())
		if r := (*Refusal)(nil); g != nil || err == nil || errors.As(err, &r) {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
	// Another file that is permitted, too, is what is then checked and handed over.
	m := changed(func(m *Match) { m.Input = &input })
	if g, err := p.Bind(m, seat()); g != nil || err == nil || !strings.Contains(err.Error(), "no such file below") {
		t.Errorf("%v, %v", g, err)
	}
}

func TestBindSeat(t *testing.T) {
	dir := designTree(t)
	p := load(t, dir, designPolicy)
	m := decide(t, p, "mysql -e x")
	for _, c := range []struct {
		name string
		do   func(*Seat)
		want string
	}{
		{"root", func(s *Seat) { s.UID = 0 }, "cannot run mysql: the session's uid is 0"},
		{"-1", func(s *Seat) { s.UID = noID }, "cannot run mysql: the session's uid is 4294967295"},
		{"nothing fetches", func(s *Seat) { s.Secret = nil }, "cannot run mysql: nothing fetches the secret db"},
		{"not set", func(s *Seat) { s.Secret = EnvSecret(nil) }, "cannot run mysql: cannot fetch the secret db: the variable DB_PASSWORD is not set"},
		{"short", secretIs("hunter2"), "cannot run mysql: the secret db has fewer than 8 characters"},
		{"empty", secretIs(""), "cannot run mysql: the secret db has fewer than 8 characters"},
		{"four Japanese characters", secretIs("パスワー"), "cannot run mysql: the secret db has fewer than 8 characters"},
		{"two lines", secretIs("hunter2hunter2\nuser=root"), "cannot run mysql: the secret db holds a control character"},
		{"NUL", secretIs("hunter2hunter2\x00"), "cannot run mysql: the secret db holds a control character"},
		{"C1", secretIs("hunter2hunter2\u0085"), "cannot run mysql: the secret db holds a control character"},
		{"not UTF-8", secretIs("hunter2hunter2\xff"), "cannot run mysql: the secret db isn't text in UTF-8"},
	} {
		s := seat()
		c.do(&s)
		g, err := p.Bind(m, s)
		if g != nil || err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, %v", c.name, g, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: it holds the value", c.name)
		}
	}
}

func secretIs(v string) func(*Seat) {
	return func(s *Seat) { s.Secret = func(Secret) (string, error) { return v, nil } }
}

// Each Bind opens many files. After a Close, or an error, none is left.
func TestBindLeavesNothingOpen(t *testing.T) {
	dir := designTree(t)
	p := load(t, dir, designPolicy)
	count := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		must(t, err)
		return len(list)
	}
	round := func() {
		for _, line := range []string{"mysql -e x", "mysql < report.sql", "mysql < missing.sql", "rails runner fix/unlock.rb", "rails runner fix"} {
			c, _ := splitPlainly(line)
			m, _ := p.Decide(c)
			if m == nil {
				continue
			}
			for _, s := range []Seat{seat(), {UID: testUID}} {
				if g, err := p.Bind(m, s); err == nil {
					g.Close()
					g.Close()
				}
			}
		}
		p.CheckMachine()
		ListFiles(p.Tool("rails").Where["SCRIPT"], 10)
	}
	round()
	before := count()
	for range 20 {
		round()
	}
	if after := count(); after != before {
		t.Errorf("%d descriptors, before %d", after, before)
	}
}

func BenchmarkBindMySQL(b *testing.B) {
	p := load(b, "/", strings.NewReplacer("DIR/usr", "/usr", "DIR/app", "/srv/app").Replace(designPolicy))
	m := decide(b, p, "mysql -t -e 'SELECT 1' app_production")
	s := seat()
	for b.Loop() {
		g, err := p.Bind(m, s)
		if err != nil {
			b.Fatal(err)
		}
		g.Close()
	}
}
