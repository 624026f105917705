package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"opsh/policy"
	"opsh/shell/answer"
)

const before = `version = 1

[session]
reason       = "required"
max_duration = "4h"

[audit]
cloudwatch = { region = "ap-northeast-1", log_group = "/ecs/prod" }

[tool.mysql]
path = "/usr/bin/mysql"
user = "ops"
insert = ["--defaults-extra-file={file.client}", "--binary-mode"]
allow = [
  "mysql [-t | --table] [-N] -e SQL [DATABASE]",
  "mysql [DATABASE] < SCRIPT",
]
where.SQL      = "any"
where.DATABASE = ["app_production", "app_replica"]
where.SCRIPT   = { path = "/app/ops/sql", ext = ".sql" }
env.PAGER      = "/bin/cat"
pass           = ["TZ"]
file.client    = "[client]\npassword={secret.db:quoted}\n"
files          = { read = ["/etc", "/app"], write = ["/tmp"] }
connect        = ["db:3306"]
limits         = { processes = 16, memory = "1GiB", cpu = "5m" }
timeout        = "10m"

[secret.db]
from = "env:DB_PASSWORD"

[tool.rails]
path  = "/app/bin/rails"
user  = "ops"
exec  = ["/usr/bin/ruby"]
allow = ["rails runner [-e ENVIRONMENT] SCRIPT [ARG...]", "rails db:up VERSION"]
where.ENVIRONMENT = ["production"]
where.SCRIPT      = { path = "/app/script/ops", ext = ".rb" }
where.ARG         = { match = '[A-Za-z0-9_=/-]+' }
where.VERSION     = { int = [1, 1000] }

[[test]]
run  = "mysql -e 'SELECT 1'"
want = "allow"

[[test]]
run  = "mysql --pager=sh -e 'SELECT 1'"
want = "refuse"
`

func load(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.toml", []byte(text), answer.Split)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func edited(t *testing.T, text string, edits []string) string {
	t.Helper()
	for i := 0; i < len(edits); i += 2 {
		if strings.Count(text, edits[i]) != 1 {
			t.Fatalf("%q stands %d times in the policy", edits[i], strings.Count(text, edits[i]))
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return text
}

// The known answers: what was edited, and what is said. Each answer is "EFFECT SUBJECT SETTING", with an example's line
// behind a colon; notes aren't listed. The other way round, what was wider must be narrower.
var pairsWithAnswers = []struct {
	name  string
	edits []string
	want  []string
	back  []string // the other way round
}{
	{"nothing", nil, nil, nil},
	{"comments and blanks", []string{"[tool.mysql]\n", "# for reading\n\n[tool.mysql]   # client\n", `where.SQL      = "any"`, `where.SQL = "any" # SQL`}, nil, nil},
	{"lines reordered", []string{"  \"mysql [-t | --table] [-N] -e SQL [DATABASE]\",\n  \"mysql [DATABASE] < SCRIPT\",\n", "  \"mysql [DATABASE] < SCRIPT\",\n  \"mysql [-t | --table] [-N] -e SQL [DATABASE]\",\n"}, nil, nil},
	{"options reordered", []string{"[-t | --table] [-N] -e SQL", "-e SQL [-N] [--table | -t]"}, nil, nil},
	{"lists reordered", []string{`["app_production", "app_replica"]`, `["app_replica", "app_production"]`, `read = ["/etc", "/app"]`, `read = ["/app", "/etc"]`}, nil, nil},
	{"tables reordered", []string{"\n[secret.db]\nfrom = \"env:DB_PASSWORD\"\n", "", "[[test]]\nrun  = \"mysql -e", "[secret.db]\nfrom = \"env:DB_PASSWORD\"\n\n[[test]]\nrun  = \"mysql -e"}, nil, nil},
	{"a placeholder renamed", []string{"VERSION\"", "NUMBER\"", "where.VERSION", "where.NUMBER"}, nil, nil},
	{"one line for two", []string{`"mysql [-t | --table] [-N] -e SQL [DATABASE]"`, `"mysql [-t | --table] [-N] -e SQL DATABASE", "mysql [-t | --table] [-N] -e SQL"`}, nil, nil},
	{"an option split off", []string{`"mysql [-t | --table] [-N] -e SQL [DATABASE]"`, `"mysql [-t | --table] -N -e SQL [DATABASE]", "mysql [-t | --table] -e SQL [DATABASE]"`}, nil, nil},
	{"spellings split off", []string{`"mysql [-t | --table] [-N] -e SQL [DATABASE]"`, `"mysql [-t] [-N] -e SQL [DATABASE]", "mysql [--table] [-N] -e SQL [DATABASE]"`}, nil, nil},
	{"a list written as lines", []string{`-e ENVIRONMENT] SCRIPT`, `-e ENVIRONMENT] [-x] SCRIPT`, `"rails db:up VERSION"]`, `"rails db:up VERSION", "rails runner [-e ENVIRONMENT] SCRIPT [ARG...]"]`},
		[]string{"wider tool rails allow: rails runner -x script.rb"}, []string{"narrower tool rails allow: rails runner -x script.rb"}},
	{"a line that another holds", []string{`"rails db:up VERSION"]`, `"rails db:up VERSION", "rails runner -e ENVIRONMENT SCRIPT ARG"]`}, nil, nil},
	{"a pattern written differently", []string{`'[A-Za-z0-9_=/-]+'`, `'(?:[=/-]|\w)(?:[=/-]|\w)*'`}, nil, nil},
	{"a range written as a pattern", []string{"{ int = [1, 1000] }", "{ match = '[1-9]|[1-9][0-9]{1,2}|1000' }"}, nil, nil},

	{"an option added", []string{"[-N] -e SQL", "[-N] [-v] -e SQL"}, []string{"wider tool mysql allow: mysql -e sql -v"}, []string{"narrower tool mysql allow: mysql -e sql -v"}},
	{"two options added", []string{"[-N] -e SQL", "[-N] [-v] [--html] -e SQL"}, []string{"wider tool mysql allow: mysql -e sql --html", "wider tool mysql allow: mysql -e sql -v"},
		[]string{"narrower tool mysql allow: mysql -e sql --html", "narrower tool mysql allow: mysql -e sql -v"}},
	{"a spelling added", []string{"[-N] -e SQL", "[-N | --no-names] -e SQL"}, []string{"wider tool mysql allow: mysql -e sql --no-names"}, []string{"narrower tool mysql allow: mysql -e sql --no-names"}},
	{"an option may repeat", []string{"[-N] -e SQL", "[-N]... -e SQL"}, []string{"wider tool mysql allow: mysql -e sql -N -N"}, []string{"narrower tool mysql allow: mysql -e sql -N -N"}},
	{"a required option may be left out", []string{"-e SQL [DATABASE]\"", "[-e SQL] [DATABASE]\""},
		[]string{"wider tool mysql allow: mysql", "wider tool mysql allow: mysql app_production"}, nil},
	{"an attached value", []string{"[-N] -e SQL", "[-N] [--host=DATABASE] -e SQL"}, []string{"wider tool mysql allow: mysql -e sql --host=app_production"}, nil},
	{"an operand may be left out", []string{"[-e ENVIRONMENT] SCRIPT [ARG...]", "[-e ENVIRONMENT] [SCRIPT]", "where.ARG         = { match = '[A-Za-z0-9_=/-]+' }\n", ""},
		[]string{"wider tool rails allow: rails runner", "narrower tool rails allow: rails runner script.rb arg"}, nil},
	{"an operand may repeat", []string{"db:up VERSION", "db:up VERSION..."}, []string{"wider tool rails allow: rails db:up 1 1"}, []string{"narrower tool rails allow: rails db:up 1 1"}},
	{"a literal gone", []string{"rails db:up VERSION", "rails VERSION"}, []string{"wider tool rails allow: rails 1", "narrower tool rails allow: rails db:up 1"}, nil},
	{"a line added", []string{`"rails db:up VERSION"]`, `"rails db:up VERSION", "rails console"]`}, []string{"wider tool rails allow: rails console"}, []string{"narrower tool rails allow: rails console"}},
	{"a line removed", []string{`, "rails db:up VERSION"]`, "]", "where.VERSION     = { int = [1, 1000] }\n", ""}, []string{"narrower tool rails allow: rails db:up 1"}, nil},
	{"input added", []string{"rails db:up VERSION", "rails db:up VERSION < SCRIPT"}, []string{"wider tool rails allow: rails db:up 1 < script.rb", "narrower tool rails allow: rails db:up 1"}, nil},
	{"a pattern loosened by one character", []string{`'[A-Za-z0-9_=/-]+'`, `'[A-Za-z0-9_=/.-]+'`}, []string{"wider tool rails allow: rails runner script.rb ."}, []string{"narrower tool rails allow: rails runner script.rb ."}},
	{"a pattern that lets .. through", []string{`'[A-Za-z0-9_=/-]+'`, `'(\.\./)?[A-Za-z0-9_=/-]+'`}, []string{"wider tool rails allow: rails runner script.rb ../a"}, []string{"narrower tool rails allow: rails runner script.rb ../a"}},
	{"a pattern that forgets to count", []string{"{ int = [1, 1000] }", "{ match = '[1-9][0-9]{0,3}' }"}, []string{"wider tool rails allow: rails db:up 1001"}, []string{"narrower tool rails allow: rails db:up 1001"}},
	{"a range one higher", []string{"[1, 1000]", "[1, 1001]"}, []string{"wider tool rails allow: rails db:up 1001"}, []string{"narrower tool rails allow: rails db:up 1001"}},
	{"a range one lower", []string{"[1, 1000]", "[2, 1000]"}, []string{"narrower tool rails allow: rails db:up 1"}, []string{"wider tool rails allow: rails db:up 1"}},
	{"a list longer", []string{`["production"]`, `["production", "development"]`}, []string{"wider tool rails allow: rails runner -e development script.rb"}, []string{"narrower tool rails allow: rails runner -e development script.rb"}},
	{"a list becomes any", []string{`["app_production", "app_replica"]`, `"any"`},
		[]string{"wider tool mysql allow: mysql -e sql database", "wider tool mysql allow: mysql database < script.sql"}, nil},
	{"a dash", []string{`where.SQL      = "any"`, `where.SQL = { any = true, dash = true }`}, []string{"wider tool mysql allow: mysql -e -"}, []string{"narrower tool mysql allow: mysql -e -"}},
	{"the empty word", []string{`where.SQL      = "any"`, `where.SQL = { any = true, empty = true }`}, []string{"wider tool mysql allow: mysql -e ''"}, []string{"narrower tool mysql allow: mysql -e ''"}},
	{"a path widened", []string{`"/app/ops/sql"`, `"/app/ops"`}, []string{"wider tool mysql allow: mysql < /app/ops/a.sql"}, []string{"narrower tool mysql allow: mysql < /app/ops/a.sql"}},
	{"another path", []string{`"/app/ops/sql"`, `"/app/ops/sql2"`}, []string{"wider tool mysql allow: mysql < /app/ops/sql2/a.sql", "narrower tool mysql allow: mysql < /app/ops/sql/a.sql"}, nil},
	{"a path's ending dropped", []string{`, ext = ".rb"`, ""}, []string{"wider tool rails allow: rails runner a"}, []string{"narrower tool rails allow: rails runner a"}},
	{"a path no longer checked, though no word is new", []string{`{ path = "/app/script/ops", ext = ".rb" }`, `["unlock.rb"]`},
		[]string{"wider tool rails allow: rails runner unlock.rb", "narrower tool rails allow: rails runner script.rb"}, nil},
	{"a path becomes a pattern of the same words", []string{`{ path = "/app/script/ops", ext = ".rb" }`, `{ match = '[a-z]+\.rb' }`},
		[]string{"wider tool rails allow: rails runner a.rb", "narrower tool rails allow: rails runner 0.rb"}, nil},

	{"exec none to a list", []string{"env.PAGER", "exec = [\"/usr/bin/less\"]\nenv.PAGER"}, []string{"wider tool mysql exec"}, []string{"narrower tool mysql exec"}},
	{"exec one more", []string{`["/usr/bin/ruby"]`, `["/usr/bin/ruby", "/usr/bin/git"]`}, []string{"wider tool rails exec"}, []string{"narrower tool rails exec"}},
	{"exec any", []string{`["/usr/bin/ruby"]`, "\"any\"\nunsafe_exec = true"}, []string{"wider tool rails exec"}, []string{"narrower tool rails exec"}},
	{"a test removed", []string{"\n[[test]]\nrun  = \"mysql --pager=sh -e 'SELECT 1'\"\nwant = \"refuse\"\n", ""}, []string{"review test run"}, nil},
	{"a test that permits removed", []string{"\n[[test]]\nrun  = \"mysql -e 'SELECT 1'\"\nwant = \"allow\"\n", ""}, nil, nil},
	{"a test quoted otherwise", []string{"mysql --pager=sh -e 'SELECT 1'", "mysql '--pager=sh'  -e SELECT\\\\ 1"}, nil, nil},
	{"a tool added", []string{"[[test]]\nrun  = \"mysql -e", "[tool.id]\npath = \"/usr/bin/id\"\nuser = \"ops\"\nallow = [\"id [-u]\"]\n[[test]]\nrun  = \"mysql -e"},
		[]string{"wider tool id tool", "wider tool id allow: id"}, []string{"narrower tool id tool"}},
	{"path", []string{`"/usr/bin/mysql"`, `"/usr/local/bin/mysql"`}, []string{"review tool mysql path"}, []string{"review tool mysql path"}},
	{"dir", []string{"exec  = [", "dir = \"/app\"\nexec  = ["}, []string{"review tool rails dir"}, []string{"review tool rails dir"}},
	{"insert", []string{`, "--binary-mode"`, ""}, []string{"review tool mysql insert"}, []string{"review tool mysql insert"}},
	{"env", []string{`"/bin/cat"`, `"/usr/bin/less"`}, []string{"review tool mysql env.PAGER"}, []string{"review tool mysql env.PAGER"}},
	{"file", []string{"[client]\\n", "[client]\\nhost=other\\n"}, []string{"review tool mysql file.client"}, []string{"review tool mysql file.client"}},
	{"pass", []string{`["TZ"]`, `["TZ", "LANG"]`}, []string{"wider tool mysql pass"}, []string{"review tool mysql pass"}},
	{"pass_aws", []string{`["TZ"]`, "[\"AWS_REGION\"]\npass_aws = true"}, []string{"wider tool mysql pass", "wider tool mysql pass_aws"}, []string{"wider tool mysql pass", "narrower tool mysql pass_aws"}},
	{"share_uid", []string{"env.PAGER", "share_uid = true\nenv.PAGER"}, []string{"wider tool mysql share_uid"}, []string{"narrower tool mysql share_uid"}},
	{"files read more", []string{`read = ["/etc", "/app"]`, `read = ["/etc", "/app", "/var/log"]`}, []string{"wider tool mysql files.read"}, []string{"narrower tool mysql files.read"}},
	{"files read less", []string{`read = ["/etc", "/app"]`, `read = ["/etc", "/app/sql"]`}, []string{"narrower tool mysql files.read"}, []string{"wider tool mysql files.read"}},
	{"files read what is written", []string{`read = ["/etc", "/app"]`, `read = ["/etc", "/app", "/tmp/x"]`}, nil, nil},
	{"files write what was read", []string{`read = ["/etc", "/app"], write = ["/tmp"]`, `read = ["/etc"], write = ["/tmp", "/app"]`},
		[]string{"wider tool mysql files.write"}, []string{"narrower tool mysql files.write"}},
	{"files gone", []string{"files          = { read = [\"/etc\", \"/app\"], write = [\"/tmp\"] }\n", ""}, []string{"wider tool mysql files"}, []string{"narrower tool mysql files"}},
	{"connect elsewhere", []string{`["db:3306"]`, `["db:3306", "db:22"]`}, []string{"wider tool mysql connect"}, []string{"narrower tool mysql connect"}},
	{"connect gone", []string{"connect        = [\"db:3306\"]\n", ""}, []string{"wider tool mysql connect"}, []string{"narrower tool mysql connect"}},
	{"landlock", []string{"connect        =", "landlock = \"best-effort\"\nconnect ="}, []string{"wider tool mysql landlock"}, []string{"narrower tool mysql landlock"}},
	{"limits", []string{"processes = 16", "processes = 17", `"1GiB"`, `"2GiB"`, `, cpu = "5m"`, ", output = \"5GB\""},
		[]string{"wider tool mysql limits.processes", "wider tool mysql limits.memory", "wider tool mysql limits.output", "wider tool mysql limits.cpu"},
		[]string{"narrower tool mysql limits.processes", "narrower tool mysql limits.memory", "narrower tool mysql limits.output", "narrower tool mysql limits.cpu"}},
	{"approval", []string{"timeout        =", "approval = { keys = [\"" + alice + "\"], signatures = 1 }\ntimeout ="}, []string{"narrower tool mysql approval"}, []string{"wider tool mysql approval"}},
	{"timeout", []string{`timeout        = "10m"`, `timeout = "11m"`}, []string{"wider tool mysql timeout"}, []string{"narrower tool mysql timeout"}},
	{"secret", []string{`"env:DB_PASSWORD"`, `"env:ROOT_PASSWORD"`}, []string{"review secret db from"}, []string{"review secret db from"}},
	{"reason", []string{`reason       = "required"`, `reason = "optional"`}, []string{"wider session reason"}, []string{"narrower session reason"}},
	{"reason of a form", []string{`reason       = "required"`, `reason = { match = 'INC-[0-9]+.*' }`}, []string{"narrower session reason"}, []string{"wider session reason"}},
	{"origin", []string{"max_duration", "origin = \"any\"\nmax_duration"}, []string{"wider session origin"}, []string{"narrower session origin"}},
	{"guard", []string{"max_duration", "guard = \"off\"\nmax_duration"}, []string{"wider session guard"}, []string{"narrower session guard"}},
	{"guard written out", []string{"max_duration", "guard = \"require\"\nmax_duration"}, nil, nil},
	{"durations", []string{`"4h"`, "\"5h\"\nidle_timeout = \"10m\""}, []string{"wider session max_duration", "narrower session idle_timeout"}, nil},
	{"uids", []string{"max_duration", "uids = \"64000-64010\"\nmax_duration"}, []string{"narrower session uids"}, []string{"review session uids"}},
	{"same_user", []string{"max_duration", "same_user = true\nmax_duration"}, []string{"wider session same_user"}, []string{"narrower session same_user"}},
	{"prompt", []string{"max_duration", "prompt = \"prod\"\nmax_duration"}, nil, nil},
	{"when_down", []string{"cloudwatch =", "when_down = \"spool\"\ncloudwatch ="}, []string{"wider audit when_down"}, []string{"narrower audit when_down"}},
	{"cloudwatch gone", []string{`cloudwatch = { region = "ap-northeast-1", log_group = "/ecs/prod" }`, `when_down = "spool"`}, []string{"wider audit when_down", "wider audit cloudwatch"}, []string{"narrower audit when_down", "narrower audit cloudwatch"}},
	{"recordings off", []string{"cloudwatch =", "recordings = \"off\"\ncloudwatch ="}, []string{"wider audit recordings"}, []string{"narrower audit recordings"}},
	{"recordings shipped", []string{"cloudwatch =", "recordings = { bucket = \"rec\" }\ncloudwatch ="}, []string{"narrower audit recordings"}, []string{"wider audit recordings"}},
	{"another log group", []string{`"/ecs/prod"`, `"/ecs/dev"`}, []string{"review audit cloudwatch"}, []string{"review audit cloudwatch"}},
}

// Keys that nobody has any more.
const (
	alice = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPj9W7JCeb8ADfyqRRDsResRF0Sn1scBt52RhfAPJyJI alice"
	bob   = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGeUhxMihWq4iLlkwmNFOZX+JdMJV9ZO45hFwIflINnw bob"
)

// TestFarBehind: what differs only far behind a long beginning is seen, and shown.
func TestFarBehind(t *testing.T) {
	long := strings.Repeat("a", 300)
	for _, c := range []struct{ setting, old, new, shows string }{
		{"cloudwatch", "/ecs/prod\"", "/ecs/" + long + "%s\"", "one"},
		{"insert", `"--binary-mode"`, `"--init-command=` + long + `%s"`, "one"},
		{"env.PAGER", `"/bin/cat"`, `"` + long + `%s"`, "one"},
		{"file.client", `{secret.db:quoted}`, `{secret.db:quoted}` + long + `%s`, "one"},
	} {
		older, newer := load(t, strings.Replace(before, c.old, strings.ReplaceAll(c.new, "%s", ""), 1)), load(t, strings.Replace(before, c.old, strings.ReplaceAll(c.new, "%s", "one"), 1))
		report := Policies(Source{"old.toml", older}, Source{"new.toml", newer})
		if len(report.Changes) != 1 || report.Changes[0].Setting != c.setting || !report.Widened() || !strings.Contains(report.Changes[0].Text, c.shows) {
			t.Errorf("%s: %+v", c.setting, report.Changes)
		}
	}
}

func TestPairsWithAnswers(t *testing.T) {
	older := load(t, before)
	for _, c := range pairsWithAnswers {
		newer := load(t, edited(t, before, c.edits))
		check(t, c.name, older, newer, c.want)
		back := c.back
		if back != nil || c.want == nil {
			check(t, c.name+", back", newer, older, back)
		}
	}
}

// TestApproval: fewer signatures, or another key that counts, and it is wider; whose a key is, is a comment.
func TestApproval(t *testing.T) {
	by := func(n int, keys ...string) *policy.Policy {
		text := fmt.Sprintf("approval = { keys = [\"%s\"], signatures = %d }\ntimeout =", strings.Join(keys, `", "`), n)
		return load(t, strings.Replace(before, "timeout        =", text, 1))
	}
	for _, c := range []struct {
		name         string
		older, newer *policy.Policy
		want         []string
	}{
		{"the same", by(1, alice), by(1, alice), nil},
		{"another comment", by(1, alice), by(1, alice+" of operations"), nil},
		{"fewer signatures", by(2, alice, bob), by(1, alice, bob), []string{"wider tool mysql approval.signatures"}},
		{"more signatures", by(1, alice, bob), by(2, alice, bob), []string{"narrower tool mysql approval.signatures"}},
		{"one more key", by(1, alice), by(1, alice, bob), []string{"wider tool mysql approval.keys"}},
		{"one key less", by(1, alice, bob), by(1, bob), []string{"narrower tool mysql approval.keys"}},
		{"another key", by(1, alice), by(1, bob), []string{"wider tool mysql approval.keys"}},
		{"more keys and more signatures", by(1, alice), by(2, alice, bob), []string{"narrower tool mysql approval.signatures", "wider tool mysql approval.keys"}},
	} {
		check(t, c.name, c.older, c.newer, c.want)
	}
}

// TestFirstLineDecides: a line that checks a file decides before one that doesn't, so that here order matters.
func TestFirstLineDecides(t *testing.T) {
	for _, c := range []struct{ before, after, want []string }{
		{[]string{"FILE", "ANY"}, []string{"ANY", "FILE"}, []string{"wider tool t allow: t a.s"}},
		{[]string{"ANY", "FILE"}, []string{"FILE", "ANY"}, []string{"narrower tool t allow: t a.s"}},
		{[]string{"FILE", "ANY"}, []string{"ANY"}, []string{"wider tool t allow: t a.s"}},
		{[]string{"FILE", "ANY"}, []string{"FILE", "ANY", "[-a] ANY"}, []string{"wider tool t allow: t -a any"}},
		{[]string{"FILE", "ANY"}, []string{"OTHER", "ANY"}, []string{"wider tool t allow: t a.s", "narrower tool t allow: t a"}},
		{[]string{"OTHER"}, []string{"FILE", "OTHER"}, []string{"narrower tool t allow: t a.s"}},
		{[]string{"run ANY", "FILE"}, []string{"FILE", "run ANY"}, nil},
		{[]string{"-e FILE", "-e ANY [-v]"}, []string{"-e ANY [-v]", "-e FILE"}, []string{"wider tool t allow: t -e a.s"}},
		// A value that looks like another line's option.
		{[]string{"[-v]... [-a]"}, []string{"[-v A]..."}, []string{"wider tool t allow: t -v -a -v -a", "narrower tool t allow: t -a", "narrower tool t allow: t -v", "narrower tool t allow: t -v -v"}},
		// Here the order of options matters: to the old line -e takes no value, or is none.
		{[]string{"-e [ANY] [-f]"}, []string{"[-f] -e ANY"}, []string{"wider tool t allow: t -f -e any", "narrower tool t allow: t -e"}},
		{[]string{"E", "E F"}, []string{"[-f] -e"}, []string{"wider tool t allow: t -f -e"}},
		{[]string{"< FILE", "< OTHER"}, []string{"< OTHER"}, []string{"wider tool t allow: t < a.s"}},
		{[]string{"-e FILE"}, []string{"[-e FILE]"}, []string{"wider tool t allow: t"}},
		{[]string{"-e ANY -f"}, []string{"-e -f ANY"}, []string{"wider tool t allow: t -e -f any", "narrower tool t allow: t -e any -f"}},
	} {
		check(t, strings.Join(c.before, " | ")+" to "+strings.Join(c.after, " | "), oneTool(t, c.before...), oneTool(t, c.after...), c.want)
	}
}

// TestNothingBefore: where there was no policy that loads, all is new.
func TestNothingBefore(t *testing.T) {
	report := Policies(Source{"old.toml", nil}, Source{"new.toml", load(t, before)})
	var lines []string
	for _, c := range report.Changes {
		if c.Example != nil {
			lines = append(lines, c.Example.Line)
		}
	}
	if want := []string{"mysql -e sql", "mysql < script.sql", "rails runner script.rb", "rails db:up 1"}; !slices.Equal(lines, want) || !report.Widened() {
		t.Errorf("%q, want %q", lines, want)
	}
}

func check(t *testing.T, name string, older, newer *policy.Policy, want []string) {
	t.Helper()
	report := Policies(Source{"old.toml", older}, Source{"new.toml", newer})
	var got []string
	wider := false
	for _, c := range report.Changes {
		if c.Effect == Note {
			continue
		}
		wider = wider || c.Effect != Narrower
		text := strings.Join([]string{string(c.Effect), c.Subject, c.Setting}, " ")
		if c.Example != nil {
			text += ": " + c.Example.Line
		}
		got = append(got, text)
	}
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got  %q\n want %q", name, got, want)
	}
	if report.Widened() != wider {
		t.Errorf("%s: widened %v", name, report.Widened())
	}
}
