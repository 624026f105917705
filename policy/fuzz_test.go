package policy

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
)

// FuzzDecide gives it any usage line and any words (one a line, the last one behind "<" where input is set).
func FuzzDecide(f *testing.F) {
	for _, s := range [][2]string{
		{"tool [-t | --table] [-N] -e ANY [LIST]", "-t\n-e\nx y\nx"},
		{"tool [-t | --table] [-N] --execute=ANY [LIST] < FILE", "--execute=-x\ny\nq.s"},
		{"tool run [-e LIST | --env=LIST] FILE [MATCH...]", "run\nq.s\n-e\nx"},
		{"tool [-v]... [-n INT] MATCH... [--last] -- [DASH...]", "-vv\nab\n--lats\n--\n--"},
		{"tool EMPTY MARK", "\n--"},
	} {
		f.Add(s[0], s[1], false)
		f.Add(s[0], s[1], true)
	}
	where := refWheres()
	f.Fuzz(func(t *testing.T, usage, text string, input bool) {
		tool, errs := buildTool("tool", where, usage, "tool [-t | --table] -e ANY [LIST]")
		if len(errs) > 0 {
			return
		}
		p := buildPolicy(tool)
		c := Command{Words: append([]string{"tool"}, strings.Split(text, "\n")...)}
		if n := len(c.Words) - 1; input {
			c.Input, c.Words = &c.Words[n], c.Words[:n]
		}
		p.Complete(c.Words, "-")
		m, r := p.Decide(c)
		switch {
		case (m == nil) == (r == nil):
			t.Fatalf("match %v and refusal %v", m, r)
		case m != nil:
			again, _ := p.Decide(Command{Words: m.Words, Input: m.Input})
			if !reflect.DeepEqual(m, again) || !m.decided || m.Tool != tool || !reflect.DeepEqual(m.Words, c.Words) {
				t.Fatalf("%+v, and decided again %+v", m, again)
			}
		default:
			if r.Word < 0 || r.Word > len(c.Words) || r.Reason == "" || r.Usage == "" {
				t.Fatalf("%+v", r)
			}
			// What was typed is the caller's to quote: a reason must hold nothing that a terminal acts on.
			for _, c := range r.Reason {
				if !unicode.IsGraphic(c) {
					t.Fatalf("reason %q", r.Reason)
				}
			}
			if r.Try != nil {
				if m, _ := p.Decide(*r.Try); m == nil {
					t.Fatalf("tries %q, which is refused", r.Try.Words)
				}
				if reflect.DeepEqual(*r.Try, c) {
					t.Fatalf("tries what was refused: %q", c.Words)
				}
			}
		}
	})
}

// A match is a copy: who changes the words or the file's name afterwards changes nothing that was decided.
func TestMatchIsACopy(t *testing.T) {
	p := production(t)
	in := "orders.sql"
	c := Command{Words: []string{"mysql", "app_replica"}, Input: &in}
	m, _ := p.Decide(c)
	c.Words[1], in = "mysql", "/etc/passwd"
	if m == nil || m.Words[1] != "app_replica" || *m.Input != "orders.sql" {
		t.Fatalf("%+v", m)
	}
	if !m.decided {
		t.Fatal("not marked as decided")
	}
}

// What nobody has loaded or typed permits nothing.
func TestDecideOfNothing(t *testing.T) {
	empty := ""
	for _, p := range []*Policy{nil, {}, production(t), buildPolicy(&Tool{Name: ""}), buildPolicy(&Tool{Name: "tool"})} {
		for _, c := range []Command{{}, {Input: &empty}, {Words: []string{""}}, {Words: []string{"", ""}}, {Words: []string{"tool"}}, {Words: []string{"tool", "x"}, Input: &empty}} {
			if m, r := p.Decide(c); m != nil || r == nil {
				t.Errorf("%q: %+v, %+v", c.Words, m, r)
			}
		}
	}
	// A rule whose placeholders have no meaning yet.
	tool := &Tool{Name: "tool"}
	r, _ := parseUsage(tool, "tool -e A [B...]", Pos{1, 1})
	tool.Rules = []*Rule{r}
	if m, _ := buildPolicy(tool).Decide(Command{Words: []string{"tool", "-e", "x"}}); m != nil {
		t.Error("a placeholder without a where admits a word")
	}
}
