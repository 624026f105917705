package policy

import (
	"strings"
	"testing"
)

// quick splits at blanks; '…' holds blanks together. Only for the tables here, which have nothing else.
func quick(line string) Command {
	var c Command
	var word strings.Builder
	in, quoted, open := false, false, false
	end := func() {
		switch w := word.String(); {
		case !open:
		case in:
			c.Input, in = &w, false
		case w == "<" && !quoted:
			in = true
		default:
			c.Words = append(c.Words, w)
		}
		word.Reset()
		open, quoted = false, false
	}
	inside := false
	for _, r := range line {
		switch {
		case r == '\'':
			inside, open, quoted = !inside, true, true
		case r == ' ' && !inside:
			end()
		default:
			word.WriteRune(r)
			open = true
		}
	}
	end()
	return c
}

// written is the inverse of quick.
func written(c *Command) string {
	if c == nil {
		return ""
	}
	var list []string
	quote := func(w string) string {
		if w == "" || strings.ContainsAny(w, " *") {
			return "'" + w + "'"
		}
		return w
	}
	for _, w := range c.Words {
		list = append(list, quote(w))
	}
	if c.Input != nil {
		list = append(list, "<", quote(*c.Input))
	}
	return strings.Join(list, " ")
}

// mistakes is a policy with one of each thing that can be typed wrong.
func mistakes(t testing.TB) *Policy {
	p := production(t)
	logs := mustTool(t, "logs", wheres{"N": whole(1, 500), "WHEN": oneOf("auto", "never"), "SERVICE": oneOf("web", "worker"), "FILE": file("/logs", "")},
		"logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]",
		"logs list",
		"logs show -- FILE",
	)
	return buildPolicy(append(p.Tools, logs)...)
}

func TestRefusals(t *testing.T) {
	p := mistakes(t)
	for _, c := range []struct {
		line   string
		word   int // as people count: the tool is 1
		reason string
		usage  string
		try    string
	}{
		// The command itself.
		{"", 0, "a line names a command first", "", ""},
		{"ls", 1, "no such command", "", ""},
		{"/usr/bin/mysql -e x", 1, "commands are written without a path: did you mean mysql", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e x"},
		{"/bin/sh", 1, "commands are written without a path", "", ""},
		{"Mysql -e x", 1, "no such command: did you mean mysql", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e x"},
		{"msyql -e x", 1, "no such command: did you mean mysql", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e x"},
		{"mysqll", 1, "no such command: did you mean mysql", "", ""},
		{"mysql2", 1, "no such command: did you mean mysql", "", ""},
		{"rail runner x.rb", 1, "no such command: did you mean rails", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", "rails runner x.rb"},
		{"sh -c mysql", 1, "no such command", "", ""},

		// Something is missing.
		{"mysql", 2, "-e SQL is missing", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql -e", 3, "SQL is missing behind -e", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql -t", 3, "-e SQL is missing", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql app_production", 3, "< SCRIPT is missing", "mysql [DATABASE] < SCRIPT", ""},
		{"mysql -t app_production", 3, "-e SQL is missing in front of it", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql 'SELECT 1'", 2, "-e SQL is missing in front of it", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e 'SELECT 1'"},
		{"mysql -t 'SELECT 1' app_replica", 3, "-e SQL is missing in front of it", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -t -e 'SELECT 1' app_replica"},
		{"rails", 2, "one of runner, db:migrate:status, db:migrate:up is missing", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", ""},
		{"rails runner", 3, "SCRIPT is missing", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", ""},
		{"rails runner -e", 4, "ENVIRONMENT is missing behind -e", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", ""},
		{"rails runner -e production", 5, "SCRIPT is missing", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", ""},
		{"rails db:migrate:up", 3, "VERSION is missing", "rails db:migrate:up VERSION", ""},
		{"logs show", 3, "-- is missing", "logs show -- FILE", ""},
		{"logs show --", 4, "FILE is missing", "logs show -- FILE", ""},

		// Options.
		{"mysql app_production -e 'SELECT 1'", 3, "options stand before DATABASE", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e 'SELECT 1' app_production"},
		{"mysql -e 'SELECT 1' app_production -t", 5, "options stand before DATABASE", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e 'SELECT 1' -t app_production"},
		{"mysql app_production -tNe 'SELECT 1'", 3, "options aren't joined: write -t -N -e SQL", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -t -N -e 'SELECT 1' app_production"},
		{"mysql app_production --exec='SELECT 1'", 3, "options aren't abbreviated: write --execute", "mysql [-t | --table] [-N] --execute=SQL [DATABASE]", "mysql '--execute=SELECT 1' app_production"},
		{"mysql app_production --pager=sh", 3, "no such option here", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql app_production app_replica", 3, "one word too many", "mysql [DATABASE] < SCRIPT", ""},
		{"rails runner x.rb a --environment production b", 5, "write --environment=ENVIRONMENT, in one word", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", "rails runner --environment=production x.rb a b"},
		{"rails runner x.rb a --env=production", 5, "options aren't abbreviated: write --environment", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", "rails runner --environment=production x.rb a"},
		{"mysql -tN -e x", 2, "options aren't joined: write -t -N", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -t -N -e x"},
		{"mysql -tNe x", 2, "options aren't joined: write -t -N -e SQL", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -t -N -e x"},
		{"mysql -ex", 2, "a value isn't attached: write -e SQL, in two words", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e x"},
		{"mysql '-eSELECT 1' app_replica", 2, "a value isn't attached: write -e SQL, in two words", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e 'SELECT 1' app_replica"},
		{"mysql -e=x", 2, "write -e SQL, in two words", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e x"},
		{"mysql --execute x", 2, "write --execute=SQL, in one word", "mysql [-t | --table] [-N] --execute=SQL [DATABASE]", "mysql --execute=x"},
		{"mysql --execute", 2, "write --execute=SQL, in one word", "mysql [-t | --table] [-N] --execute=SQL [DATABASE]", ""},
		{"mysql --exec=x", 2, "options aren't abbreviated: write --execute", "mysql [-t | --table] [-N] --execute=SQL [DATABASE]", "mysql --execute=x"},
		{"mysql --tab -e x", 2, "options aren't abbreviated: write --table", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql --table -e x"},
		{"mysql --tabel -e x", 2, "no such option here: did you mean --table", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql --table -e x"},
		{"mysql --table=yes -e x", 2, "--table takes no value", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql -T -e x", 2, "no such option here: did you mean -t", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -t -e x"},
		{"mysql -t -t -e x", 3, "-t | --table may be given once only", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -t -e x"},
		{"mysql -t --table -e x", 3, "-t | --table may be given once only", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -t -e x"},
		{"mysql -e x -e y", 4, "-e SQL may be given once only", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql -e -t x", 3, "SQL stands right behind -e", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -t -e x"},
		{"mysql -e -x", 3, "SQL may not begin with -", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql -q -e x", 2, "no such option here", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql --pager=sh", 2, "no such option here", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql -e x -- app_replica", 4, "this usage line doesn't show --", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e x app_replica"},
		{"mysql -e x -- --tee", 4, "this usage line doesn't show --", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql -e x -", 4, "one word too many; a value of several words stands in quotes", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e 'x -'"},
		{"rails runner x.rb -e production", 4, "options stand before SCRIPT", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", "rails runner -e production x.rb"},
		{"rails -e production runner x.rb", 2, "this option stands behind runner", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", "rails runner -e production x.rb"},
		{"rails runner --environment production x.rb", 3, "write --environment=ENVIRONMENT, in one word", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", "rails runner --environment=production x.rb"},
		{"rails runner --env=production x.rb", 3, "options aren't abbreviated: write --environment", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", "rails runner --environment=production x.rb"},
		{"logs --last web", 2, "this option stands behind SERVICE", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", "logs web --last"},
		{"logs --env=dev web", 2, "only --env=prod, --env=staging may stand here", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", ""},
		{"logs --env=stagin web", 2, "only --env=prod, --env=staging may stand here", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", "logs --env=staging web"},
		{"logs --env prod web", 2, "write --env=prod, in one word", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", "logs --env=prod web"},
		{"logs --follow=1 web", 2, "--follow takes no value", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", ""},
		{"logs -vv web", 2, "options aren't joined: write -v -v", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", "logs -v -v web"},
		{"logs -fn 5 web", 2, "options aren't joined: write -f -n N", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", "logs -f -n 5 web"},
		{"logs -n5 web", 2, "a value isn't attached: write -n N, in two words", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", "logs -n 5 web"},

		// Values.
		{"mysql -e x app_prodcution", 4, "DATABASE is one of app_production, app_replica", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e x app_production"},
		{"mysql -e x APP_PRODUCTION", 4, "DATABASE is one of app_production, app_replica", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e x app_production"},
		{"mysql -e x mysql", 4, "DATABASE is one of app_production, app_replica; a value of several words stands in quotes", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e 'x mysql'"},
		{"mysql -e SELECT 1 app_replica", 4, "DATABASE is one of app_production, app_replica; a value of several words stands in quotes", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e 'SELECT 1' app_replica"},
		{"mysql -e SELECT 1", 4, "DATABASE is one of app_production, app_replica; a value of several words stands in quotes", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e 'SELECT 1'"},
		{"mysql -e ''", 3, "SQL may not be empty", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql --execute=", 2, "SQL may not be empty", "mysql [-t | --table] [-N] --execute=SQL [DATABASE]", ""},
		{"rails runner -e development x.rb", 4, "ENVIRONMENT is production only", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", ""},
		{"rails runner x", 3, "SCRIPT ends in .rb", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", "rails runner x.rb"},
		{"rails runner ../x.rb", 3, "SCRIPT may not hold ..", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", ""},
		{"rails runner /etc/x.rb", 3, "SCRIPT lies below /app/script/ops", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", ""},
		{"rails runner x.rb 'a b'", 4, "ARG matches [A-Za-z0-9_=:.,/@-]+", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", ""},
		{"rails db:migrate:up 5", 3, "VERSION is a whole number from 20000101000000 to 29991231235959", "rails db:migrate:up VERSION", ""},
		{"logs -n 0500 web", 3, "N is written 500 here", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", "logs -n 500 web"},
		{"logs -n 501 web", 3, "N is a whole number from 1 to 500", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", ""},
		{"logs --since=allways web", 2, "WHEN is one of auto, never", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", ""},
		{"logs --since=Auto web", 2, "WHEN is one of auto, never", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", "logs --since=auto web"},
		{"logs web wroker", 3, "SERVICE is one of web, worker", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]", "logs web worker"},

		// Words.
		{"rails console", 2, "only runner, db:migrate:status, db:migrate:up may stand here", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", ""},
		{"rails runer x.rb", 2, "only runner, db:migrate:status, db:migrate:up may stand here", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", "rails runner x.rb"},
		{"rails db:migrate:status now", 3, "one word too many", "rails db:migrate:status", ""},
		{"rails db:migrate:status now or later", 3, "3 words too many", "rails db:migrate:status", ""},
		{"mysql -e x app_replica app_production", 5, "one word too many; a value of several words stands in quotes", "mysql [-t | --table] [-N] -e SQL [DATABASE]", "mysql -e 'x app_replica' app_production"},
		{"logs show x", 3, "only -- may stand here", "logs show -- FILE", "logs show -- x"},

		// Input.
		{"mysql -e x < a.sql", 4, "this usage line takes no input from a file", "mysql [-t | --table] [-N] -e SQL [DATABASE]", ""},
		{"mysql < a", 2, "SCRIPT ends in .sql", "mysql [DATABASE] < SCRIPT", "mysql < a.sql"},
		{"mysql app_replica < ../a.sql", 3, "SCRIPT may not hold ..", "mysql [DATABASE] < SCRIPT", ""},
		{"rails runner x.rb < a.sql", 4, "this usage line takes no input from a file", "rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]", ""},
		{"mysql app_prodction < a.sql", 2, "DATABASE is one of app_production, app_replica", "mysql [DATABASE] < SCRIPT", "mysql app_production < a.sql"},
	} {
		m, r := p.Decide(quick(c.line))
		if m != nil {
			t.Errorf("%s: permitted by %s", c.line, m.Rule.Text)
			continue
		}
		if r.Word != c.word-1 || r.Reason != c.reason || r.Usage != c.usage || written(r.Try) != c.try {
			t.Errorf("%s: got\n\t\t{%q, %d, %q, %q, %q},", c.line, c.line, r.Word+1, r.Reason, r.Usage, written(r.Try))
		}
	}
}
