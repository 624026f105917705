package policy

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// checkTrace holds the trace of every usage line against what Decide says of the command.
func checkTrace(t *testing.T, p *Policy, c Command) {
	t.Helper()
	m, refusal := p.Decide(c)
	var first *Attempt
	blamed := false
	for _, r := range p.Tool(c.Words[0]).Rules {
		a := r.Trace(c)
		parts := r.Parts()
		for i, take := range a.Takes {
			part := parts[take.Part]
			if take.Word != i+1 || take.At < part.From || take.At >= part.To {
				t.Fatalf("%q: %q: word %d: %+v of %+v", r.Text, c.Words, i+1, take, part)
			}
			if text := r.Text[take.At:]; take.Where == nil && !strings.HasPrefix(text, c.Words[take.Word]) ||
				take.Where != nil && take.Offset == 0 && !strings.HasPrefix(text, take.Where.Name) ||
				take.Offset > 0 && !strings.HasPrefix(text, c.Words[take.Word][:take.Offset]+take.Where.Name) {
				t.Fatalf("%q: %q: word %d stands at %q", r.Text, c.Words, take.Word, text)
			}
		}
		if s := a.Stop; s != nil {
			if s.Word < 1 || s.Word > len(c.Words) || s.Reason == "" || s.From < 0 || s.From > s.To || s.To > len(r.Text) {
				t.Fatalf("%q: %q: stops at %+v", r.Text, c.Words, s)
			}
			blamed = blamed || refusal != nil && s.Word == refusal.Word
			continue
		}
		if n := len(c.Words) - 1; len(a.Takes) != n && (c.Input == nil || len(a.Takes) != n+1) {
			t.Fatalf("%q: %q: takes %d words", r.Text, c.Words, len(a.Takes))
		}
		if first == nil {
			first = &a
		}
	}
	switch {
	case (first != nil) != (m != nil):
		t.Fatalf("%q: Decide says %v, the trace %+v", c.Words, m, first)
	case m == nil && !blamed:
		t.Fatalf("%q: the refusal blames word %d, and no usage line stops there", c.Words, refusal.Word)
	case m != nil:
		var fills []Fill
		for _, take := range first.Takes {
			if take.Where != nil {
				fills = append(fills, Fill{take.Word, take.Offset, take.Where})
			}
		}
		if first.Rule != m.Rule || !slices.Equal(fills, m.Fills) {
			t.Fatalf("%q: Decide says %q with %v, the trace %q with %v", c.Words, m.Rule.Text, m.Fills, first.Rule.Text, fills)
		}
	}
}

// The trace is what people are told of a decision: it must be that decision, word for word.
func TestTraceIsTheDecision(t *testing.T) {
	r := rand.New(rand.NewPCG(4, *seed))
	where := refWheres()
	for done := 0; done < *commands/4; {
		tool := &Tool{Name: "tool", Where: where}
		var refs []refLine
		for want := 1 + r.IntN(3); len(refs) < want; {
			l := refRandom(r)
			if one, errs := buildTool("tool", where, l.String()); len(errs) == 0 {
				tool.Rules = append(tool.Rules, one.Rules...)
				refs = append(refs, l)
				checkParts(t, l, one.Rules[0])
			}
		}
		p := buildPolicy(tool)
		for range 40 {
			words, input := refCommand(r, pick(r, refs))
			checkTrace(t, p, Command{Words: words, Input: input})
			done++
		}
	}
}

// checkParts holds Parts against the line that was written.
func checkParts(t *testing.T, l refLine, r *Rule) {
	t.Helper()
	parts := r.Parts()
	want := slices.Clone(l.parts)
	if l.input != "" {
		want = append(want, refPart{operand: l.input})
	}
	if len(parts) != len(want) {
		t.Fatalf("%q has %d parts", r.Text, len(parts))
	}
	for i, p := range parts {
		text := strings.TrimPrefix(r.Text[p.From:p.To], "< ")
		if text != want[i].String() || p.Optional != want[i].optional || p.Repeats != want[i].repeated || len(p.Spellings) != len(want[i].spellings) {
			t.Fatalf("%q: part %d is %q, %+v", r.Text, i, text, p)
		}
		if (p.Kind == PartOperand || p.Kind == PartInput) != (p.Where != nil) || (p.Kind == PartOption) != (p.Spellings != nil) {
			t.Fatalf("%q: part %d: %+v", r.Text, i, p)
		}
		for j, s := range p.Spellings {
			w := want[i].spellings[j]
			word := w.name
			switch {
			case w.attached != "":
				word += "="
			case w.fixed != "":
				word = w.String()
			}
			if s.Word != word || s.Attached != (w.attached != "") || (s.Where != nil) != (w.next+w.attached != "") {
				t.Fatalf("%q: part %d: spelling %+v", r.Text, i, s)
			}
		}
	}
}

func FuzzTrace(f *testing.F) {
	f.Add("tool [-t | --table] [-N] -e ANY [LIST]", "-t\n-e\nx y\nx", false)
	f.Add("tool [-t | --table] [-N] --execute=ANY [LIST] < FILE", "--execute=-x\ny\nq.s", true)
	f.Add("tool [-v]... [-n INT] MATCH... [--last] -- [DASH...]", "-vv\nab\n--lats\n--\n--", false)
	where := refWheres()
	f.Fuzz(func(t *testing.T, usage, text string, input bool) {
		tool, errs := buildTool("tool", where, usage, "tool [-t | --table] -e ANY [LIST]")
		if len(errs) > 0 {
			return
		}
		c := Command{Words: append([]string{"tool"}, strings.Split(text, "\n")...)}
		if n := len(c.Words) - 1; input {
			c.Input, c.Words = &c.Words[n], c.Words[:n]
		}
		checkTrace(t, buildPolicy(tool), c)
	})
}

// Where a line stops, and under what the caret belongs.
func TestTraceStops(t *testing.T) {
	p := mistakes(t)
	for _, c := range []struct {
		line, at string // the usage line with the stretch marked by { }
	}{
		{"mysql app_production -e x", "mysql [-t | --table] [-N] {-e SQL} [DATABASE]"},
		{"mysql", "mysql [-t | --table] [-N] {-e SQL} [DATABASE]"},
		{"mysql -e", "mysql [-t | --table] [-N] -e {SQL} [DATABASE]"},
		{"mysql -e ''", "mysql [-t | --table] [-N] -e {SQL} [DATABASE]"},
		{"mysql -tN", "mysql {[-t | --table] [-N] -e SQL} [DATABASE]"},
		{"mysql -t --table", "mysql {[-t | --table]} [-N] -e SQL [DATABASE]"},
		{"mysql -e x mysql", "mysql [-t | --table] [-N] -e SQL {[DATABASE]}"},
		{"mysql -e x app_replica y", "mysql [-t | --table] [-N] -e SQL [DATABASE]{}"},
		{"mysql -e x < a.sql", "mysql [-t | --table] [-N] -e SQL [DATABASE]{}"},
		{"logs -n 0 web", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n {N}] [-v]... SERVICE... [--last]"},
		{"logs --since=x web", "logs [-f | --follow] [--since={WHEN}] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... [--last]"},
		{"logs --last web", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... SERVICE... {[--last]}"},
		{"logs -f", "logs [-f | --follow] [--since=WHEN] [--env=prod | --env=staging] [-n N] [-v]... {SERVICE...} [--last]"},
		{"rails console", "rails {runner} [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]"},
	} {
		cmd := quick(c.line)
		r := p.Tool(cmd.Words[0]).Rules[0]
		s := r.Trace(cmd).Stop
		if s == nil {
			t.Errorf("%s: it fits", c.line)
		} else if got := r.Text[:s.From] + "{" + r.Text[s.From:s.To] + "}" + r.Text[s.To:]; got != c.at {
			t.Errorf("%s: stops at %s", c.line, got)
		}
	}
	last := p.Tool("mysql").Rules[2]
	for line, at := range map[string]string{
		"mysql app_replica":         "mysql [DATABASE] {< SCRIPT}",
		"mysql < a.txt":             "mysql [DATABASE] < {SCRIPT}",
		"mysql app_replica x < a.b": "mysql [DATABASE] {< SCRIPT}",
	} {
		s := last.Trace(quick(line)).Stop
		if got := last.Text[:s.From] + "{" + last.Text[s.From:s.To] + "}" + last.Text[s.To:]; got != at {
			t.Errorf("%s: stops at %s", line, got)
		}
	}
}

// Tested returns what Parse refuses for its tests, and nothing runs by it.
func TestTested(t *testing.T) {
	src := inTool("") + "[[test]]\nrun = \"t x;\"\nwant = \"allow\"\n[[test]]\nrun = \"nope\"\nwant = \"refuse\"\n"
	if _, err := Parse("p.toml", []byte(src), split); err == nil {
		t.Fatal("Parse takes it")
	}
	p, results, err := Tested("p.toml", []byte(src), split)
	if err != nil || len(results) != 2 {
		t.Fatal(results, err)
	}
	if why, _ := results[0].Why(); !strings.HasPrefix(why, "it wants allow, but the line is refused: column 4") {
		t.Error(why)
	}
	if why, _ := results[1].Why(); why != "" || results[1].Refusal == nil {
		t.Error(why, results[1])
	}
	m, _ := p.Decide(Command{Words: []string{"t"}})
	if m == nil {
		t.Fatal("t is refused")
	}
	if _, err := p.Bind(m, Seat{}); err == nil || !strings.Contains(err.Error(), "tests fail") {
		t.Errorf("Bind: %v", err)
	}
	good := strings.Replace(src, "t x;", "t", 1)
	one, err := Parse("p.toml", []byte(good), split)
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := Tested("p.toml", []byte(good), split)
	if err != nil || two.failing || two.Hash != one.Hash || !reflect.DeepEqual(one.Tests, two.Tests) {
		t.Errorf("%+v, %v", two, err)
	}
	if _, _, err := Tested("p.toml", []byte("version = 2"), split); err == nil {
		t.Error("Tested takes what isn't a policy")
	}
}

// The columns of a usage line are the file's, unless the file writes the line with escapes.
func TestRuleAt(t *testing.T) {
	src := "version = 1\n[audit]\nwhen_down = \"spool\"\n[tool.t]\npath = \"/x\"\nuser = \"u\"\nallow = [\n  \"t -a [-b]\",\n  \"t \\u002dc -d\",\n]\n"
	p := mustLoad(t, src)
	plain, escaped := p.Tool("t").Rules[0], p.Tool("t").Rules[1]
	if at := plain.At(plain.Parts()[1].From); at != (Pos{8, 9}) {
		t.Error(at)
	}
	if at := escaped.At(escaped.Parts()[1].From); at != escaped.Pos || at.Line != 9 {
		t.Error(at)
	}
}
