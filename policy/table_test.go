package policy

import (
	"testing"

	"opsh/shell/line"
)

// split is the splitter that opsh brings.
func split(raw string) (Command, error) {
	l, err := line.Split(raw)
	if err != nil {
		return Command{}, err
	}
	var c Command
	for _, w := range l.Words {
		c.Words = append(c.Words, w.Text)
	}
	if l.Input != nil {
		c.Input = &l.Input.Text
	}
	return c, nil
}

// productionTOML is the policy of production as its file.
const productionTOML = `
version = 1

[audit]
when_down = "spool"

[tool.mysql]
path  = "/usr/bin/mysql"
user  = "ops"
allow = [
  "mysql [-t | --table] [-N] -e SQL [DATABASE]",
  "mysql [-t | --table] [-N] --execute=SQL [DATABASE]",
  "mysql [DATABASE] < SCRIPT",
]
where.SQL      = "any"
where.DATABASE = ["app_production", "app_replica"]
where.SCRIPT   = { path = "/app/ops/sql", ext = ".sql" }

[tool.rails]
path  = "/app/bin/rails"
user  = "ops"
allow = [
  "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]",
  "rails db:migrate:status",
  "rails db:migrate:up VERSION",
  "rails --version",
]
where.ENVIRONMENT = ["production"]
where.SCRIPT      = { path = "/app/script/ops", ext = ".rb" }
where.ARG         = { match = '[A-Za-z0-9_=:.,/@-]+' }
where.VERSION     = { int = [20000101000000, 29991231235959] }
`

// The lines as they are typed, under the policy of production.
var allowed = []string{
	`mysql -e 'SELECT 1'`,
	`mysql -e "SELECT 1"`,
	`mysql -e SELECT\ 1`,
	`mysql -e 'SELECT 1' app_production`,
	`mysql -e 'SELECT 1' app_replica`,
	`mysql -e 'SELECT 1' 'app_replica'`,
	`mysql -e 'SELECT 1' app_"replica"`,
	`   mysql   -e   'SELECT 1'   `,
	`my'sql' -e x`,
	`'mysql' -e x`,
	`mysql -t -e 'SELECT 1'`,
	`mysql -e 'SELECT 1' -t`,
	`mysql -e 'SELECT 1' -t app_production`,
	`mysql --table -e 'SELECT 1' app_production`,
	`mysql -N -e 'SELECT 1'`,
	`mysql -N -t -e 'SELECT 1'`,
	`mysql -t -N -e 'SELECT 1' app_replica`,
	`mysql -N -e 'SELECT 1' --table app_replica`,
	`mysql '-t' -e x`,
	`mysql "-"t -e x`,
	`mysql --execute='SELECT 1'`,
	`mysql --execute='SELECT 1' app_production`,
	`mysql '--execute=SELECT 1' -t app_production`,
	`mysql -t -N --execute="SELECT 1"`,
	`mysql --execute=-1`,
	`mysql --execute=--pager=sh`,
	`mysql --execute==`,
	`mysql -e 'SELECT "a;b|c&d<e>f"'`,
	`mysql -e 'SELECT * FROM t WHERE a LIKE "%x%" AND b <> $1 -- comment'`,
	`mysql -e '; DROP TABLE t'`,
	`mysql -N --execute='SELECT 1' -t`,
	"mysql -e 'SELECT\n  1,\n  2\nFROM dual'",
	"mysql -e 'a\tb'",
	`mysql -e $'SELECT \'x\'\n'`,
	`mysql -e 'SELECT "日本語", "é", "😀"'`,
	`mysql -e '\! sh'`,
	`mysql -e '*'`,
	`mysql -e '~ # ! { [ ?'`,
	`mysql -e \;`,
	`mysql -e app_production`,
	`mysql -e mysql app_production`,
	`mysql -e ' -- comment'`,
	`mysql < orders.sql`,
	`mysql app_production < orders.sql`,
	`mysql app_replica < 2026/11/orders.sql`,
	`mysql app_replica < ./orders.sql`,
	`mysql app_replica < /app/ops/sql/orders.sql`,
	`mysql app_replica < 'two words.sql'`,
	`mysql app_replica < a..b.sql`,
	`mysql app_replica <orders.sql`,
	`rails runner orders.rb`,
	`rails runner orders/unlock.rb`,
	`rails runner /app/script/ops/orders.rb`,
	`rails runner -e production orders.rb`,
	`rails runner --environment=production orders.rb`,
	`rails runner orders.rb 4711`,
	`rails runner orders.rb id=4711 dry_run=true`,
	`rails runner orders.rb a b c d e f g h`,
	`rails runner orders.rb user@example.com`,
	`rails runner orders.rb 2026-11-23T10:00`,
	`rails runner orders.rb /app/tmp/x,y`,
	`rails runner orders.rb runner production orders.rb`,
	`rails runner -e production orders.rb a-b`,
	`rails runner -e production orders.rb ..`,
	`rails runner console.rb`,
	`rails db:migrate:status`,
	`rails db:migrate:up 20261123100000`,
	`rails --version`,
}

// What Decide refuses: every one of these lines splits.
var refused = []string{
	// Other commands, and other ways to write the two.
	`sh`, `sh -c id`, `bash -i`, `/bin/sh`, `env mysql -e x`, `sudo mysql -e x`, `exec mysql -e x`, `command mysql -e x`, `eval mysql`, `source x.sql`, `cat /etc/passwd`, `ls`, `id`,
	`mysqldump app_production`, `mysqladmin shutdown`, `mariadb -e x`, `irb`, `ruby -e exit`, `bundle exec rails console`,
	`MYSQL -e x`, `Mysql -e x`, `/usr/bin/mysql -e x`, `./mysql -e x`, `../usr/bin/mysql -e x`, `'mysql ' -e x`, `' mysql' -e x`, `'mysql -e x'`, `"mysql" '' -e x`, `''`, `-`, `--`, `-c`, `-e x`, `'< x'`, `opsh`, `opsh -c id`,

	// mysql: what it shows of files, programs, other servers and other users.
	`mysql --pager=sh`, `mysql --pager=sh -e x`, `mysql --pager sh -e x`, `mysql -e x --pager=sh`, `mysql --pager`, `mysql --system-command=1 -e x`, `mysql --system-command -e x`,
	`mysql --defaults-file=/tmp/x -e x`, `mysql --defaults-extra-file=/tmp/x -e x`, `mysql --defaults-group-suffix=x -e x`, `mysql --no-defaults -e x`, `mysql --print-defaults`, `mysql --print-defaults -e x`,
	`mysql --tee=/tmp/x -e x`, `mysql --tee /tmp/x -e x`, `mysql --init-command='SET x' -e x`, `mysql --init-command-add=x -e x`, `mysql --local-infile=1 -e x`, `mysql --local-infile -e x`, `mysql --enable-local-infile -e x`, `mysql --loose-local-infile -e x`,
	`mysql --plugin-dir=/tmp -e x`, `mysql --default-auth=x -e x`, `mysql --load-data-local-dir=/ -e x`, `mysql --histignore=x -e x`, `mysql --skip-binary-mode -e x`, `mysql --delimiter=x -e x`,
	`mysql -h evil -e x`, `mysql -hevil -e x`, `mysql --host=evil -e x`, `mysql -P 3307 -e x`, `mysql -S /tmp/s -e x`, `mysql --socket=/tmp/s -e x`, `mysql --protocol=tcp -e x`, `mysql -u root -e x`, `mysql -uroot -e x`, `mysql -p -e x`, `mysql -psecret -e x`, `mysql --password=x -e x`, `mysql --ssl-ca=/tmp/x -e x`,
	`mysql -D mysql -e x`, `mysql --database=mysql -e x`, `mysql -f -e x`, `mysql -v -e x`, `mysql -vvv -e x`, `mysql -A -e x`, `mysql -B -e x`, `mysql -s -e x`, `mysql -X -e x`, `mysql -V`, `mysql -I`, `mysql '-?'`, `mysql --help`, `mysql --version`,

	// mysql: abbreviations, clusters, attached values, other cases.
	`mysql --tab -e x`, `mysql --tabl -e x`, `mysql --t -e x`, `mysql --exec=x`, `mysql --e=x`, `mysql --execut=x`, `mysql --execute x`, `mysql --execute`, `mysql --execute=`, `mysql --TABLE -e x`, `mysql -T -e x`, `mysql -E x`, `mysql --table=1 -e x`, `mysql --table= -e x`,
	`mysql -tN -e x`, `mysql -tNe x`, `mysql -te x`, `mysql -et x`, `mysql -ex`, `mysql -e'SELECT 1'`, `mysql -e=x`, `mysql -Nex`, `mysql -t-e x`, `mysql '-t -e' x`, `mysql '-t ' -e x`, `mysql ' -t' -e x`, `mysql -tt -e x`,

	// mysql: once, in its place, whole.
	`mysql`, `mysql -t`, `mysql -e`, `mysql -t -e`, `mysql -e ''`, `mysql -e -t`, `mysql -e -`, `mysql -e --`, `mysql -e --tee=x`, `mysql -e '-- comment'`,
	`mysql -t -t -e x`, `mysql -t --table -e x`, `mysql -e x -e y`, `mysql -e x --execute=y`, `mysql --execute=x --execute=y`, `mysql -N -e x -N`,
	`mysql app_production -e x`, `mysql app_production -t -e x`, `mysql -e x app_production -t`, `mysql -e x app_production --pager=sh`, `mysql -e x app_production app_replica`,
	`mysql -- -e x`, `mysql -e x --`, `mysql -e x -- app_production`, `mysql -e x -- --tee=y`, `mysql -`, `mysql --`, `mysql '' -e x`, `mysql -e x ''`,
	`mysql -e x mysql`, `mysql -e x information_schema`, `mysql -e x App_production`, `mysql -e x app_prod`, `mysql -e x app_production2`, `mysql -e x 'app_production '`, `mysql -e x app_production/`, `mysql -e x 'app_production,app_replica'`, `mysql -e SELECT 1`, `mysql -e x -app_production`, "mysql -e x 'app_production\n'", `mysql app_production`,

	// mysql: files behind <.
	`mysql < ../x.sql`, `mysql < a/../../x.sql`, `mysql < a/../b.sql`, `mysql < /etc/passwd`, `mysql < /etc/x.sql`, `mysql < /app/ops/sql/../x.sql`, `mysql < /app/ops/sqlx/a.sql`, `mysql < /app/ops/a.sql`, `mysql < /app/ops/sql`, `mysql < /app/ops/sql/`, `mysql < /dev/stdin`, `mysql < ''`, `mysql < .sql`, `mysql < a/.sql`, `mysql < a.SQL`, `mysql < a.sql.txt`, `mysql < 'a.sql '`, "mysql < 'a.sql\n'", `mysql < a`, `mysql < -a.sql`, `mysql < a.sql/`, `mysql < ..`, `mysql < .`,
	`mysql -e x < a.sql`, `mysql -t < a.sql`, `mysql --tee=x < a.sql`, `mysql x < a.sql`, `mysql app_production '<' a.sql`, `mysql \< a.sql`, `rails runner x.rb < a.rb`, `sh < a.sql`,

	// rails: other commands.
	`rails`, `rails console`, `rails c`, `rails dbconsole`, `rails db`, `rails server`, `rails s`, `rails new x`, `rails generate model x`, `rails test`, `rails routes`, `rails -T`, `rails -h`, `rails -v`, `rails --versio`, `rails --version x`, `rails --help`, `rails Runner x.rb`, `rails r x.rb`, `rails run x.rb`, `rails 'runner x.rb'`, `rails 'runner ' x.rb`,
	`rails db:drop`, `rails db:migrate`, `rails db:migrate:down VERSION=1`, `rails db:migrate:status x`, `rails db:migrate:status --trace`, `rails db:migrate:up`, `rails db:migrate:up 007`, `rails db:migrate:up 020261123100000`, `rails db:migrate:up +20261123100000`, `rails db:migrate:up 20261123100000x`, `rails db:migrate:up ' 20261123100000'`, `rails db:migrate:up -20261123100000`, `rails db:migrate:up 99999999999999999999999999`, `rails db:migrate:up 18446764334970651616`, `rails db:migrate:up 20261123100000 20261123100001`, `rails db:migrate:up VERSION=20261123100000`, `rails db:migrate:up 0x12`, `rails db:migrate:up 2e13`, `rails db:migrate:up ''`,

	// rails runner: code, options and paths.
	`rails runner`, `rails runner 'puts 1'`, `rails runner 'User.delete_all'`, `rails runner "system('sh')"`, `rails runner -`, `rails runner --`, `rails runner -- x.rb`, `rails runner ''`, `rails runner '' x.rb`, `rails runner x`, `rails runner x.py`, `rails runner x.RB`, `rails runner 'x.rb '`, `rails runner 'x.rb;id'`, "rails runner 'x.rb\nid'", `rails runner .rb`, `rails runner x.rb/`,
	`rails runner ../x.rb`, `rails runner a/../../x.rb`, `rails runner ./../x.rb`, `rails runner /etc/passwd`, `rails runner /tmp/x.rb`, `rails runner /app/script/x.rb`, `rails runner /app/script/opsx/x.rb`, `rails runner /app/script/ops/../x.rb`, `rails runner //tmp/x.rb`, `rails runner -x.rb`, `rails runner /proc/self/fd/0.rb`,
	`rails runner -e production`, `rails runner -e development x.rb`, `rails runner -e test x.rb`, `rails runner -e Production x.rb`, `rails runner -e 'production ' x.rb`, `rails runner -e x.rb`, `rails runner -e '' x.rb`, `rails runner -eproduction x.rb`, `rails runner -e=production x.rb`, `rails runner --env=production x.rb`, `rails runner --env production x.rb`, `rails runner --environment production x.rb`, `rails runner --environment= x.rb`, `rails runner --environment=development x.rb`, `rails runner --environment=production/../x x.rb`, `rails runner -e production -e production x.rb`, `rails runner -e production --environment=production x.rb`, `rails -e production runner x.rb`, `rails runner --skip-executor x.rb`, `rails runner -w x.rb`, `rails runner -h x.rb`,
	`rails runner x.rb -e production`, `rails runner x.rb -e development`, `rails runner x.rb --help`, `rails runner x.rb -`, `rails runner x.rb --`, `rails runner x.rb a -- b`, `rails runner x.rb a --force`, `rails runner x.rb -1`, `rails runner x.rb ''`, `rails runner x.rb 'a b'`, `rails runner x.rb 'a;b'`, `rails runner x.rb '$(id)'`, "rails runner x.rb '`id`'", `rails runner x.rb 'a|b'`, `rails runner x.rb 'a>b'`, `rails runner x.rb \*`, `rails runner x.rb 'a\b'`, `rails runner x.rb "a'b"`, `rails runner x.rb é`, "rails runner x.rb $'a\\nb'", "rails runner x.rb 'a\t'",
}

// What doesn't even split.
var unsplit = []string{
	// Operators.
	`mysql -e x; id`, `mysql -e x;id`, `;`, `mysql -e x && id`, `mysql -e x || id`, `mysql -e x | sh`, `mysql -e x|sh`, `mysql -e x &`, `mysql -e x & id`, `mysql -e x > /tmp/x`, `mysql -e x >/tmp/x`, `mysql -e x >> /tmp/x`, `mysql -e x 2> /tmp/x`, `mysql -e x 2>&1`, `mysql -e x &> /tmp/x`, `mysql -e x >| /tmp/x`,
	`mysql << EOF`, `mysql <<< x`, `mysql <> x.sql`, `mysql <& 3`, `mysql < a.sql < b.sql`, `mysql < a.sql app_production`, `< a.sql mysql`, `mysql <`, `mysql < (id)`, `mysql <(id)`, `(mysql -e x)`, `{ mysql -e x; }`, `! mysql -e x`,
	"mysql -e x\nid", "mysql -e x\r\nid", "mysql -e x\rid",

	// Substitutions and patterns.
	`mysql -e $(id)`, `mysql -e "$(id)"`, "mysql -e `id`", "mysql -e \"`id`\"", `mysql -e $HOME`, `mysql -e "$HOME"`, `mysql -e ${IFS}`, `mysql -e "${x}"`, `mysql -e $((1+1))`, `mysql -e $1`, `mysql$IFS-e x`, `$0`,
	`mysql < *.sql`, `rails runner *.rb`, `rails runner ?.rb`, `rails runner [a].rb`, `rails runner ~/x.rb`, `rails runner ~root/x.rb`, `rails runner {a,b}.rb`, `mysql -e x # comment`, `# comment`,
	`A=b mysql -e x`, `LD_PRELOAD=/tmp/x mysql -e x`, `A=b`, `RAILS_ENV=production rails runner x.rb`,

	// Quotes.
	`mysql -e 'x`, `mysql -e "x`, `mysql -e x'`, `mysql -e x\`, `mysql -e $'x`, `mysql -e $"x"`, `mysql -e $'\x41'`, `mysql -e $'\e[2J'`, `mysql -e $'\0'`, `mysql -e $'\u202e'`,

	// Characters that a terminal, a log or a reader takes for something else.
	"mysql -e 'a\x00b'", "mysql\x00 -e x", "mysql -e 'a\x1b[2Jb'", "mysql -e \x1b[2J", "mysql -e 'a\bb'", "mysql -e 'a\ab'", "mysql -e 'a\rb'", "mysql -e 'a\x7fb'", "mysql -e 'a\x0bb'", "mysql -e 'a\x0cb'", "mysql -e 'a\u0085b'", "mysql -e 'a\u009b2Jb'",
	"mysql -e 'a\xffb'", "mysql -e 'a\xc0\x80b'", "mysql -e 'a\xed\xa0\x80b'", "mysql -e '\xe3\x81'",
	"mysql -e 'a\u202eb'", "mysql -e 'a\u202ab'", "mysql -e 'a\u2066b'", "mysql -e 'a\u2069b'", "mysql -e 'a\u200eb'", "mysql -e 'a\u200fb'", "mysql -e 'a\u061cb'", "mysql -e 'a\u2028b'", "mysql -e 'a\u2029b'", "mysql -e 'a\u200bb'", "mysql -e 'a\u2060b'", "mysql -e 'a\ufeffb'", "mysql -e 'a\u00adb'", "mysql -e 'a\u3164b'", "mysql -e 'a\U000e0041b'", "rails runner x\u200b.rb", "my\u200bsql -e x",
	"mysql\u3000-e x", "mysql\u00a0-e x", "mysql -e “x”", "mysql -e ‘x’", "mysql -e ＇x＇", "mysql -e ＂x＂", "mysql –e x", "mysql —table -e x", "mysql −t -e x", "mysql －t -e x", "mysql -e x；id",
}

func TestTable(t *testing.T) {
	if len(allowed) < 60 || len(refused) < 150 {
		t.Fatalf("%d lines allowed, %d refused: the table must hold 60 and 150", len(allowed), len(refused))
	}
	loaded, err := Parse("policy.toml", []byte(productionTOML), split)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*Policy{"built": production(t), "loaded": loaded} {
		t.Run(name, func(t *testing.T) {
			for _, raw := range allowed {
				mustAllow(t, p, raw)
			}
			for _, raw := range refused {
				mustRefuse(t, p, raw)
			}
		})
	}
	for _, raw := range unsplit {
		if c, err := split(raw); err == nil {
			t.Errorf("%q splits into %q", raw, c.Words)
		}
	}
}

func mustAllow(t *testing.T, p *Policy, raw string) {
	t.Helper()
	c, err := split(raw)
	if err != nil {
		t.Errorf("%q doesn't split: %v", raw, err)
	} else if m, r := p.Decide(c); m == nil {
		t.Errorf("%q is refused: word %d: %s", raw, r.Word+1, r.Reason)
	}
}

func mustRefuse(t *testing.T, p *Policy, raw string) {
	t.Helper()
	c, err := split(raw)
	if err != nil {
		t.Errorf("%q doesn't split, so it says nothing of Decide: %v", raw, err)
		return
	}
	m, r := p.Decide(c)
	switch {
	case m != nil:
		t.Errorf("%q is permitted by %q", raw, m.Rule.Text)
	case r.Word < 0 || r.Word > len(c.Words) || r.Reason == "":
		t.Errorf("%q: %+v", raw, r)
	case r.Try != nil:
		if m, _ := p.Decide(*r.Try); m == nil {
			t.Errorf("%q: tries %q, which is refused", raw, r.Try.Words)
		}
	}
}
