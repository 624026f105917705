package policy

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// mark stands in front of the character that an error must point at.
const mark = "‸"

// marked takes the marks out of a source and returns the places they stood at.
func marked(src string) (string, []Pos) {
	var at []Pos
	var b strings.Builder
	for i, line := range strings.Split(src, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		col := 1
		for j, part := range strings.Split(line, mark) {
			if j > 0 {
				at = append(at, Pos{i + 1, col})
			}
			b.WriteString(part)
			col += len([]rune(part))
		}
	}
	return b.String(), at
}

// A policy that loads, in parts.
const (
	head     = "version = 1\naudit.when_down = \"spool\"\n"
	toolT    = "[tool.t]\npath = \"/bin/t\"\nuser = \"ops\"\nallow = [\"t\"]\n"
	toolRest = "path = \"/bin/t\"\nuser = \"ops\"\n"
)

// inTool is a policy whose one tool has these lines, too.
func inTool(lines string) string { return head + toolT + lines + "\n" }

// usage is a policy whose one tool has these lines, allow among them.
func usage(lines string) string { return head + "[tool.t]\n" + toolRest + lines + "\n" }

// inSession is a policy with these lines under [session].
func inSession(lines string) string { return head + "[session]\n" + lines + "\n" + toolT }

// splitPlainly splits as the prompt does, as far as the tests here need it.
func splitPlainly(line string) (Command, error) {
	var c Command
	word, open, any := "", rune(0), false
	input := false
	flush := func() {
		if any && input {
			w := word
			c.Input = &w
		} else if any {
			c.Words = append(c.Words, word)
		}
		word, any = "", false
	}
	for _, r := range line {
		switch {
		case open != 0 && r == open:
			open = 0
		case open != 0:
			word += string(r)
		case r == '\'' || r == '"':
			open, any = r, true
		case r == ' ':
			flush()
		case r == '<':
			flush()
			input = true
		case strings.ContainsRune(";&|>$`()", r):
			return c, fmt.Errorf("%c must be quoted", r)
		default:
			word, any = word+string(r), true
		}
	}
	if flush(); open != 0 {
		return c, errors.New("the quote is open")
	}
	return c, nil
}

func mustLoad(t testing.TB, src string) *Policy {
	t.Helper()
	p, err := Parse("policy.toml", []byte(src), splitPlainly)
	if err != nil {
		t.Fatalf("the policy doesn't load:\n%v\n%s", err, src)
	}
	return p
}

func TestLoadsWithDefaults(t *testing.T) {
	p := mustLoad(t, head+toolT)
	s := p.Session
	if s.Prompt != "opsh" || s.Reason.Required || s.Reason.Match != nil || s.Origin != OriginECSExec || s.Guard != GuardRequire ||
		s.IdleTimeout != 15*time.Minute || s.MaxDuration != 4*time.Hour || s.UIDs != (UIDRange{64000, 64063}) || s.SameUser {
		t.Errorf("session: %+v", s)
	}
	tool := p.Tool("t")
	if tool == nil || tool.Dir != "/" || tool.Timeout != 10*time.Minute || tool.Exec.Mode != ExecNone || tool.ShareUID ||
		tool.PassAWS || len(tool.Insert)+len(tool.Env)+len(tool.Pass)+len(tool.Files) != 0 {
		t.Errorf("tool: %+v", tool)
	}
	if tool.Limits != (Limits{512, 4 << 30, 0, 1024, 1 << 30}) || tool.Access != nil || tool.ConnectOnly || tool.Connect != nil || tool.Landlock != LandlockRequire {
		t.Errorf("containment: %+v", tool)
	}
	if w := p.Warnings(); w != nil {
		t.Errorf("warnings: %q", w)
	}
	if p.Name != "policy.toml" || len(p.Hash) != 64 {
		t.Errorf("name %q, hash %q", p.Name, p.Hash)
	}
}

// Everything at once, in every form that TOML has for it.
func TestLoadsEverything(t *testing.T) {
	src, err := os.ReadFile("testdata/load/full.toml")
	if err != nil {
		t.Fatal(err)
	}
	p := mustLoad(t, string(src))
	if got := fmt.Sprintln(p.Session.Prompt, p.Session.Reason.Pattern, p.Session.Origin, p.Session.Guard, p.Session.IdleTimeout, p.Session.MaxDuration, p.Session.UIDs); got !=
		"本番 [A-Z]+-[0-9]+ .* any off 1m30s 8h0m0s {70000 70001}\n" {
		t.Error(got)
	}
	if m := p.Session.Reason.Match; !m.MatchString("INC-1 x") || m.MatchString("zINC-1 x") || m.MatchString("INC-1 x\ny") {
		t.Error("reason isn't anchored")
	}
	if p.Audit.WhenDown != WhenDownRefuse || *p.Audit.CloudWatch != (CloudWatch{"eu-central-1", "/ecs/x"}) {
		t.Errorf("audit: %+v", p.Audit)
	}
	if p.Audit.Recordings != (Recordings{Region: "eu-west-1", Bucket: "rec.prod", Prefix: "opsh/prod/"}) {
		t.Errorf("recordings: %+v", p.Audit.Recordings)
	}
	var names []string
	for _, tool := range p.Tools {
		names = append(names, tool.Name)
	}
	if got := strings.Join(names, " "); got != "a a.b b" {
		t.Errorf("tools: %s, want them sorted", got)
	}
	a := p.Tool("a")
	if got := strings.Join(a.Usage(), "; "); got != "a --id=ID [-f FORMAT] [NAME...]; a < SCRIPT; a sub ANY LIST" {
		t.Errorf("usage: %s", got)
	}
	if r := a.Rules[1]; r.Pos != (Pos{43, 6}) {
		t.Errorf("the second line stands at %v", r.Pos)
	}
	w := a.Where
	if w["ID"].Min != -5 || w["ID"].Max != 1000 || !w["ID"].Dash || w["SCRIPT"].Dir != "/srv/sql" || w["SCRIPT"].Ext != ".sql" ||
		w["FORMAT"].List[1] != "csv" || w["ANY"].Kind != WhereAny || !w["ANY"].Empty || w["LIST"].List[0] != "-" || !w["NAME"].Re.MatchString("x") {
		t.Errorf("where: %+v", w)
	}
	if got := fmt.Sprintln(a.Insert, a.Env["E"], a.Env["U"], a.Files["f"], a.Pass); got !=
		"[[{0 --file=} {3 f}] [{0 {x}}]] [{1 one} {0 -} {2 one}] [] [{0 line \"1\"\n}{\n}} {1 one}] [TZ AWS_REGION]\n" {
		t.Error(got)
	}
	if a.Exec.Mode != ExecList || a.Exec.Paths[0] != "/usr/bin/ruby" || p.Tool("b").Exec.Mode != ExecAny || !p.Tool("b").ShareUID {
		t.Errorf("exec: %+v %+v", a.Exec, p.Tool("b").Exec)
	}
	if s := p.Secrets["one"]; s.From != "env:ONE" || s.Pos != (Pos{80, 9}) {
		t.Errorf("secret: %+v", s)
	}
	if len(p.Tests) != 2 || !p.Tests[0].Allow || p.Tests[1].Allow || p.Tests[1].Run != "a \x1b" {
		t.Errorf("tests: %+v", p.Tests)
	}
}

// CRLF files, as an editor on Windows leaves them, are TOML.
func TestLoadsCRLF(t *testing.T) {
	mustLoad(t, strings.ReplaceAll(head+toolT, "\n", "\r\n"))
	_, err := Parse("p", []byte(strings.ReplaceAll(inTool("pth = 1"), "\n", "\r\n")), nil)
	if want := "p:7:1: cannot use the key pth: a tool has no such key\n  pth = 1\n  ^\n  hint: did you mean path?"; err == nil || err.Error() != want {
		t.Errorf("got %q", err)
	}
}

func TestTestsOfThePolicy(t *testing.T) {
	for _, c := range []struct{ name, run, want, says string }{
		{"passes", "t", "allow", ""},
		{"a line that doesn't split is refused", "t; t", "refuse", ""},
		{"an empty word is refused", "t ''", "refuse", ""},
		{"fails to be refused", "t", "refuse", "it wants refuse, but line 6 of the policy permits it"},
		{"fails to be allowed", "t -x", "allow", `it wants allow, but the policy refuses word 2, "-x": `},
		{"fails at the end", "t < x", "allow", `it wants allow, but the policy refuses the word behind <, "x": `},
		{"fails to split", "t; t", "allow", "it wants allow, but the line is refused: ; must be quoted"},
		{"another tool", "u", "allow", `it wants allow, but the policy refuses word 1, "u": `},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("p", []byte(inTool("[[test]]\nrun = \""+c.run+"\"\nwant = \""+c.want+"\"")), splitPlainly)
			if c.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), "p:8:7: cannot pass this test: "+c.says) {
				t.Errorf("got %v\nwant %s", err, c.says)
			}
		})
	}
	// Without a splitter nothing can be said about the tests, so the policy doesn't load.
	if _, err := Parse("p", []byte(inTool("[[test]]\nrun = \"t\"\nwant = \"allow\"")), nil); err == nil {
		t.Error("a policy loads whose tests weren't run")
	}
}

// TestRecordings: they are left out for good only by a word; a bucket is in CloudWatch's region when it doesn't say.
func TestRecordings(t *testing.T) {
	for text, want := range map[string]Recordings{
		"":                             {},
		"audit.recordings = \"off\"\n": {Off: true},
		"audit.recordings = { bucket = \"rec\" }\n":                    {Region: "eu-central-1", Bucket: "rec"},
		"audit.recordings = { bucket = \"rec\", prefix = \"a/b/\" }\n": {Region: "eu-central-1", Bucket: "rec", Prefix: "a/b/"},
	} {
		p := mustLoad(t, "version = 1\naudit.cloudwatch = { region = \"eu-central-1\", log_group = \"g\" }\n"+text+"[tool.t]\npath = \"/x\"\nuser = \"u\"\nallow = [\"t\"]\n")
		if p.Audit.Recordings != want {
			t.Errorf("%s: %+v", text, p.Audit.Recordings)
		}
		if warned := strings.Contains(fmt.Sprint(p.Warnings()), "recordings"); warned != want.Off {
			t.Errorf("%s: %v", text, p.Warnings())
		}
	}
}
