//go:build linux

package policy

import (
	"testing"
)

// load is a policy out of TOML.
func load(t testing.TB, src string) *Policy {
	t.Helper()
	p, err := Parse("policy.toml", []byte(src), splitPlainly)
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

const mysqlPolicy = head + `
[tool.mysql]
path   = "/usr/bin/mysql"
user   = "games"
insert = ["--defaults-extra-file={file.client}", "--skip-local-infile", "--binary-mode"]
allow  = ["mysql [-t] [-N] -e SQL [DATABASE]", "mysql [DATABASE] < SCRIPT"]
where.SQL      = "any"
where.DATABASE = ["app_production", "app_replica"]
where.SCRIPT   = { path = "/usr/share", ext = ".sql" }
env         = { MYSQL_HISTFILE = "/dev/null", EDITOR = "/bin/false", PAGER = "/bin/cat" }
pass = ["TZ"]
file.client = "[client]\nhost=db\nuser=ops\npassword={secret.db:quoted}\n"
[secret.db]
from = "env:DB_PASSWORD"
`

func seat() Seat {
	environ := []string{"DB_PASSWORD=s3cret\\pass\"word", "TZ=Asia/Tokyo", "LD_PRELOAD=/tmp/x.so"}
	return Seat{UID: 64001, Term: "xterm-256color", Environ: environ, Secret: EnvSecret(environ)}
}

func TestSmoke(t *testing.T) {
	p := load(t, mysqlPolicy)
	g, err := p.Bind(decide(t, p, "mysql -t -e 'SELECT 1' app_production"), seat())
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	t.Logf("%q %q %+v %+v %v", g.Argv(), g.Env(), g.Program(), g.Identity(), p.CheckMachine())
}

func BenchmarkBindMySQL(b *testing.B) {
	p := load(b, mysqlPolicy)
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
