package policy

import (
	"errors"
	"strings"
	"testing"
)

// broken is one policy that doesn't load. src has a mark in front of each place that an error must point
// at; says are the errors' texts, in that order, or a part of each.
type broken struct {
	name, src string
	says      []string
}

func one(name, src, says string) broken { return broken{name, src, []string{says}} }

var brokenPolicies = [][]broken{brokenFiles, brokenSyntax, brokenSessions, brokenTools, brokenLaunch, brokenContain, brokenApproval, brokenWheres, brokenSecrets, brokenMany}

var brokenFiles = []broken{
	one("empty", mark+"", "it is empty"),
	one("only blanks", mark+" \n\n", "it is empty"),
	{"only a comment", mark + mark + mark + "# nothing\n", []string{"version is missing", "cloudwatch is missing", "it has no tool"}},
	one("byte order mark", mark+"\ufeff"+head+toolT, "byte order mark"),
	one("not UTF-8", head+"# caf"+mark+"\xe9\n"+toolT, "byte 0xE9 isn't UTF-8"),
	one("UTF-16", mark+"\xff\xfev\x00e\x00", "byte 0xFF isn't UTF-8"),
	one("NUL", head+"# "+mark+"\x00\n"+toolT, "U+0000 isn't visible"),
	one("escape in a comment", head+"# "+mark+"\x1b[8m\n"+toolT, "U+001B isn't visible"),
	one("carriage return alone", head+"# x"+mark+"\rallow\n"+toolT, "U+000D isn't visible"),
	one("bidi override in a comment", head+"# 日本"+mark+"\u202e語\n"+toolT, "U+202E isn't visible"),
	one("zero-width space in a key", inTool("ab"+mark+"\u200bout = \"x\""), "U+200B isn't visible"),
	one("tag character", inTool("about = \"x"+mark+"\U000e0041\""), "U+E0041 isn't visible"),
	one("line separator", inTool("# x"+mark+"\u2028y"), "U+2028 isn't visible"),
	one("long line", head+mark+"# "+strings.Repeat("x", maxLine)+"\n"+toolT, "longer than 65536 bytes"),
	one("too large", mark+"#"+strings.Repeat("\n", MaxFile), "it has 4194305 bytes, a policy at most 4194304"),
	one("no version", mark+"audit.when_down = \"spool\"\n"+toolT, "version is missing"),
	one("version 2", "version = "+mark+"2\naudit.when_down = \"spool\"\n"+toolT, "this opsh reads version 1"),
	one("version as a text", "version = "+mark+"\"1\"\naudit.when_down = \"spool\"\n"+toolT, "this opsh reads version 1"),
	one("version as a float", "version = "+mark+"1.0\naudit.when_down = \"spool\"\n"+toolT, "this opsh reads version 1"),
	one("no tool", mark+head, "it has no tool"),
	one("unknown table", head+toolT+"["+mark+"tools.x]\n", "cannot use the key tools: a policy has no such key"),
	one("table in capitals", head+toolT+"["+mark+"Secret.x]\n", "keys are written in lower case"),
	one("no audit", mark+"version = 1\n"+toolT, "cloudwatch is missing"),
	one("audit empty", "version = 1\n"+mark+"[audit]\n"+toolT, "cloudwatch is missing"),
	one("audit refuses without a log group", "version = 1\naudit.when_down = "+mark+"\"refuse\"\n"+toolT, "cloudwatch is missing"),
	one("when_down unknown", "version = 1\naudit.when_down = "+mark+"\"ignore\"\n"+toolT, "there is no such value"),
	one("cloudwatch without a group", head+"audit.cloudwatch = "+mark+"{ region = \"eu-west-1\" }\n"+toolT, "log_group is missing"),
	one("cloudwatch as a text", head+"audit.cloudwatch = "+mark+"\"x\"\n"+toolT, "it must be a table, not a string"),
	one("region with a host in it", head+"audit.cloudwatch = { region = "+mark+"\"x.example.com/\", log_group = \"g\" }\n"+toolT, "it isn't an AWS region"),
	one("log group with a blank", head+"audit.cloudwatch = { region = \"eu-west-1\", log_group = "+mark+"\"a b\" }\n"+toolT, "it isn't the name of a log group"),
	one("unknown key in audit", head+"audit."+mark+"when_dwn = \"spool\"\n"+toolT, "[audit] has no such key"),
}

var brokenSyntax = []broken{
	one("no value", inTool("dir ="+mark), "cannot read a value here"),
	one("no quotes", inTool("about = "+mark+"hello"), "a string stands in quotes"),
	one("no =", inTool("dir "+mark+"\"/x\""), "= and a value must follow it"),
	one("two values", inTool("dir = \"/x\" "+mark+"\"/y\""), "only a comment may follow here"),
	one("open string", inTool("about = "+mark+"\"hello"), `its closing " is missing`),
	one("open literal string", inTool("about = "+mark+"'hello"), "its closing ' is missing"),
	one("open long string", inTool("about = "+mark+"\"\"\"hello"), `its closing """ is missing`),
	one("open list", head+"[tool.t]\n"+toolRest+"allow = [\"t\"\n"+mark+"dir = \"/\"\n", "the list that begins in line 6: a comma or ] is missing before this"),
	one("open list at the end", head+"[tool.t]\n"+toolRest+"allow = "+mark+"[\"t\",\n", "its ] is missing"),
	one("open header", head+toolT+"[secret.x"+mark+"\n", "it ends with ]"),
	one("header with one bracket too few", head+toolT+"[[test"+mark+"]\n", "it ends with ]]"),
	one("table over two lines", head+"[tool.t]\n"+toolRest+"allow = [\"t X\"]\nwhere.X = { int = [1,2],"+mark+"\n dash = true }\n", "must stand on one line"),
	one("table over two lines, cut off", inTool("env = "+mark+"{ A = \"x\",\n"), "its } is missing"),
	one("table that isn't closed", inTool("env = { A = \"x\"\n"+mark+"dir = \"/\""), "the table that begins in line 7: a comma or } is missing"),
	one("comma before }", inTool("env = { A = \"x\""+mark+", }"), "no comma may stand before }"),
	one("escape of TOML 1.1", inTool("about = \"x"+mark+"\\e[1m\""), "there is no such escape"),
	one("hex escape of TOML 1.1", inTool("about = \""+mark+"\\x41\""), "there is no such escape"),
	one("surrogate", inTool("about = \""+mark+"\\ud800\""), "there is no such escape"),
	one("windows path", inTool("about = \"c:"+mark+"\\dir\""), "there is no such escape"),
	one("huge number", "version = "+mark+"99999999999999999999\naudit.when_down = \"spool\"\n"+toolT, "it is too large"),
	one("nested too deeply", inTool("exec = [[[[[[[["+mark+"[]]]]]]]]]"), "nested too deeply"),
	one("a million brackets", inTool("exec = [[[[[[[["+mark+strings.Repeat("[", 60000)), "nested too deeply"),
	one("too many parts", inTool("a.b.c.d.e.f.g.h."+mark+"i.j = 1"), "more than 8 parts"),
	one("key twice", inTool(mark+"path = \"/bin/u\""), "cannot set path twice: line 4 sets it already"),
	one("key twice in quotes", inTool(mark+"\"path\" = \"/bin/u\""), "cannot set path twice: line 4 sets it already"),
	one("key twice, dotted", inTool("env.A = \"1\"\nenv."+mark+"A = \"2\""), "cannot set env.A twice: line 7"),
	one("key twice, inline", inTool("env = { A = \"1\", "+mark+"A = \"2\" }"), "cannot set A twice: line 7"),
	one("table twice", head+toolT+"[tool."+mark+"t]\npath = \"/bin/u\"\n", "cannot set tool.t twice: line 3 sets it already"),
	one("inline table added to", inTool("env = { A = \"1\" }\n[tool.t."+mark+"env]\nB = \"2\""), "cannot set tool.t.env twice: line 7"),
	one("table of a header added to with dots", head+toolT+"[tool.t.env]\n[tool]\n"+mark+"t.dir = \"/\"\n", "cannot set t twice: line 3"),
	one("list extended as tables", head+"test = [{ run = \"x\", want = \"refuse\" }]\n"+toolT+"[["+mark+"test]]\nrun = \"y\"\nwant = \"refuse\"\n", "cannot set test twice: line 3"),
}

var brokenSessions = []broken{
	one("unknown key", inSession(mark+"promt = \"x\""), "[session] has no such key"),
	one("prompt with an escape sequence", inSession("prompt = "+mark+"\"\\u001b[31mprod\""), "it holds U+001B"),
	one("prompt with a newline", inSession("prompt = "+mark+"\"a\\nb\""), "it holds U+000A"),
	one("prompt with an emoji joiner", inSession("prompt = \"日本"+mark+"\u200d\""), "it holds U+200D"),
	one("prompt empty", inSession("prompt = "+mark+"\"\""), "it is empty"),
	one("prompt too wide", inSession("prompt = "+mark+"\""+strings.Repeat("本", 17)+"\""), "it takes 34 columns"),
	one("prompt with a blank at its end", inSession("prompt = "+mark+"\"prod \""), "blanks stand around it"),
	one("prompt as a number", inSession("prompt = "+mark+"1"), "it must be a string, not a whole number"),
	one("reason unknown", inSession("reason = "+mark+"\"maybe\""), "there is no such value"),
	one("reason true", inSession("reason = "+mark+"true"), "there is no such value"),
	one("reason without match", inSession("reason = "+mark+"{ }"), "match is missing"),
	one("reason with a bad pattern", inSession("reason = { match = "+mark+"'[A-' }"), "missing closing ]"),
	one("reason with another key", inSession("reason = { match = 'x', "+mark+"required = true }"), "reason has no such key"),
	one("guard unknown", inSession("guard = "+mark+"\"on\""), "there is no such value"),
	one("guard as a flag", inSession("guard = "+mark+"true"), "it must be a string"),
	one("guard of a login shell", inSession("origin = \"any\"\nguard = "+mark+"\"require\""), "may be started by what no guard holds"),
	one("origin unknown", inSession("origin = "+mark+"\"ssh\""), "there is no such origin"),
	one("duration as a number", inSession("idle_timeout = "+mark+"15"), "it must be a string, not a whole number"),
	one("duration without a unit", inSession("idle_timeout = "+mark+"\"15\""), "it isn't a duration"),
	one("duration zero", inSession("idle_timeout = "+mark+"\"0s\""), "it must be longer"),
	one("duration negative", inSession("idle_timeout = "+mark+"\"-5m\""), "it isn't a duration"),
	one("duration with a fraction", inSession("max_duration = "+mark+"\"1.5h\""), "it isn't a duration"),
	one("idle longer than the session", inSession("max_duration = \"10m\"\nidle_timeout = "+mark+"\"11m\""), "ends the session before"),
	one("idle longer than a session is by default", inSession("idle_timeout = "+mark+"\"4h1s\""), "ends the session before"),
	one("idle beside a session that isn't a duration", inSession("idle_timeout = \"5h\"\nmax_duration = "+mark+"\"x\""), "it isn't a duration"),
	one("duration of days", inSession("max_duration = "+mark+"\"25h\""), "it is longer than 24h"),
	one("same_user as a text", inSession("same_user = "+mark+"\"true\""), "it must be true or false, not a string"),
	one("uids one number", inSession("uids = "+mark+"\"64000\""), "it isn't a range of uids"),
	one("uids with root", inSession("uids = "+mark+"\"0-10\""), "it isn't a range of uids above 0"),
	one("uids with only one", inSession("uids = "+mark+"\"64000-64000\""), "it must hold two uids at least"),
	one("uids the wrong way round", inSession("uids = "+mark+"\"64010-64000\""), "it must hold two uids at least"),
	one("uids too high", inSession("uids = "+mark+"\"4294967000-4294967294\""), "the highest uid is 4294967293"),
	one("uids too many", inSession("uids = "+mark+"\"10000-75536\""), "it holds more than 65536"),
	one("session as a list", head+mark+"[[session]]\nprompt = \"x\"\n"+toolT, "it must be a table, not a list"),
}

// expect loads the policy and holds its errors against what the case wants.
func (c broken) expect(t *testing.T) {
	t.Helper()
	src, at := marked(c.src)
	p, err := Parse("policy.toml", []byte(src), splitPlainly)
	var errs *Errors
	if p != nil || !errors.As(err, &errs) {
		t.Fatalf("it loads, or fails with %v", err)
	}
	for i, e := range errs.List {
		switch {
		case i >= len(c.says):
			t.Errorf("one error too many: %v %s", e.Pos, e.Msg)
		case i >= len(at) || e.Pos != at[i]:
			t.Errorf("%v %s: want it at %v", e.Pos, e.Msg, at[min(i, len(at)-1)])
		case !strings.Contains(e.Msg, c.says[i]):
			t.Errorf("%v %s: want %q", e.Pos, e.Msg, c.says[i])
		case !strings.HasPrefix(e.Msg, "cannot "):
			t.Errorf("%s: errors read \"cannot X: why\"", e.Msg)
		}
	}
	if len(errs.List) < len(c.says) {
		t.Errorf("%d errors, want %d", len(errs.List), len(c.says))
	}
}

func TestBrokenPolicies(t *testing.T) {
	seen := map[string]bool{}
	for _, group := range brokenPolicies {
		for _, c := range group {
			if seen[c.src] {
				t.Errorf("%s: the same policy twice", c.name)
			}
			seen[c.src] = true
			t.Run(c.name, c.expect)
		}
	}
	if len(seen) < 80 {
		t.Errorf("only %d policies", len(seen))
	}
}
