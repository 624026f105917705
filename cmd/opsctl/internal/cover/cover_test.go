package cover

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"opsh/policy"
	"opsh/shell/answer"
)

func report(t testing.TB, src string) *Report {
	t.Helper()
	p, results, err := policy.Tested("p.toml", []byte(src), answer.Split)
	if err != nil {
		t.Fatal(err)
	}
	return Of(p, results)
}

// with is a policy of one tool and tests: "+LINE" is to be allowed, "-LINE" to be refused.
func with(tool string, tests ...string) string {
	src := "version = 1\n[audit]\nwhen_down = \"spool\"\n[tool.t]\npath = \"/x\"\nuser = \"u\"\n" + tool + "\n"
	for _, one := range tests {
		src += test(Proposal{one[1:], one[0] == '+'})
	}
	return src
}

func test(p Proposal) string {
	want := "refuse"
	if p.Allow {
		want = "allow"
	}
	return fmt.Sprintf("[[test]]\nrun = %s\nwant = %q\n", strconv.Quote(p.Run), want)
}

// gaps is what is missing, "LINE:COL WHAT: USAGE => PROPOSAL".
func gaps(r *Report) []string {
	var out []string
	for _, g := range r.Gaps {
		s := g.Pos.String() + " " + g.What
		if g.Usage != "" {
			s += ": " + g.Usage
		}
		if g.Test != nil {
			sign := "-"
			if g.Test.Allow {
				sign = "+"
			}
			s += " => " + sign + g.Test.Run
		}
		out = append(out, s)
	}
	return out
}

func TestGaps(t *testing.T) {
	for _, c := range []struct {
		name           string
		src            string
		goals, covered int
		gaps           []string
	}{
		{"nothing is tested: one gap stands for all of a line", with("allow = [\"t [-a] X\"]\nwhere.X = { int = [3, 5] }"), 5, 0,
			[]string{"7:11 no test is allowed by: t [-a] X => +t 3"}},
		{"all is tested", with("allow = [\"t [-a] X\"]\nwhere.X = { int = [3, 5] }", "+t -a 3", "+t 4", "-t 6"), 5, 5, nil},
		{"an option was only ever given", with("allow = [\"t [-a]\"]", "+t -a"), 3, 2, []string{"7:13 no test leaves out [-a] in: t [-a] => +t"}},
		{"an option was only ever left out", with("allow = [\"t [-a]\"]", "+t"), 3, 2, []string{"7:13 no test gives [-a] in: t [-a] => +t -a"}},
		{"each spelling is the same option", with("allow = [\"t [-a | --all]\"]", "+t", "+t --all"), 3, 3, nil},
		{"a required option has nothing to leave out", with("allow = [\"t -a\"]", "+t -a"), 1, 1, nil},
		{"an operand", with("allow = [\"t [X...]\"]\nwhere.X = \"any\"", "+t a b"), 4, 3, []string{"7:13 no test leaves out [X...] in: t [X...] => +t"}},
		{"words of a list", with("allow = [\"t X\"]\nwhere.X = [\"a\", \"b\", \"c\"]", "+t b", "-t d"), 5, 3, []string{"8:7 no test is allowed with a c for where.X => +t a"}},
		{"a list's refusal", with("allow = [\"t X\"]\nwhere.X = [\"a\"]", "+t a"), 3, 2, []string{"8:7 no test is refused because of where.X => -t other"}},
		{"refused for more than the word", with("allow = [\"t X\"]\nwhere.X = [\"a\"]", "+t a", "-t b c"), 3, 2, []string{"8:7 no test is refused because of where.X => -t other"}},
		{"refused for two placeholders", with("allow = [\"t X Y\"]\nwhere.X = [\"a\"]\nwhere.Y = [\"b\"]", "+t a b", "-t c d"), 5, 3,
			[]string{"8:7 no test is refused because of where.X => -t other b", "9:7 no test is refused because of where.Y => -t a other"}},
		{"refused for two placeholders that share a word", with("allow = [\"t X Y\"]\nwhere.X = [\"a\"]\nwhere.Y = [\"a\", \"b\"]", "+t a b", "+t a a", "-t c d"), 6, 4,
			[]string{"8:7 no test is refused because of where.X => -t other b", "9:7 no test is refused because of where.Y => -t a other"}},
		{"nothing is refused because of a pattern", with("allow = [\"t [-a] X\"]\nwhere.X = { match = '.+' }", "+t x", "+t -a x", "-t -x"), 5, 4,
			[]string{"8:7 no test is refused because of where.X"}},
		{"refused for one placeholder twice", with("allow = [\"t X...\"]\nwhere.X = [\"a\"]", "+t a", "-t b c"), 3, 3, nil},
		{"a line that doesn't split is refused because of no placeholder", with("allow = [\"t X\"]\nwhere.X = { match = '[a-z]+' }", "+t a", "-t $(id)"), 3, 2,
			[]string{"8:7 no test is refused because of where.X => -t '$(id)'"}},
		{"a path", with("allow = [\"t < X\"]\nwhere.X = { path = \"/d\", ext = \".s\" }", "+t < x.s"), 3, 2, []string{"8:7 no test is refused because of where.X => -t < /etc/passwd"}},
		{"an attached value", with("allow = [\"t [-a | --all=X]\"]\nwhere.X = { int = [1, 2] }", "+t", "+t -a"), 5, 3,
			[]string{"8:7 no test is allowed with a word for where.X => +t --all=1", "8:7 no test is refused because of where.X => -t --all=3"}},
		{"any is never refused", with("allow = [\"t X\"]\nwhere.X = \"any\"", "+t a"), 2, 2, nil},
		{"a test that fails covers nothing", with("allow = [\"t X\"]\nwhere.X = [\"a\"]", "-t a", "+t b"), 3, 0, []string{"7:11 no test is allowed by: t X => +t a"}},
		{"a line that another one hides", with("allow = [\"t X\", \"t run\"]\nwhere.X = \"any\"", "+t a"), 3, 2, []string{"7:18 no test is allowed by: t run"}},
		{"a pattern", with("allow = [\"t X\"]\nwhere.X = { match = '(?i)(ord|inc)-[0-9]{3,}(\\.[^a]|)?' }"), 3, 0, []string{"7:11 no test is allowed by: t X => +t ORD-111"}},
		{"a pattern that no word can be made up for", with("allow = [\"t X\"]\nwhere.X = { match = '\\Ba\\b-' }"), 3, 0, []string{"7:11 no test is allowed by: t X"}},
		{"a tool that others know nothing of", with("allow = [\"t\"]", "-u", "- ", "+t"), 1, 1, nil},
	} {
		r := report(t, c.src)
		if got := gaps(r); !slices.Equal(got, c.gaps) || r.Goals != c.goals || r.Covered != c.covered {
			t.Errorf("%s: %d of %d\n%s\nwant %d of %d\n%s", c.name, r.Covered, r.Goals, strings.Join(got, "\n"), c.covered, c.goals, strings.Join(c.gaps, "\n"))
		}
	}
}

// Each proposal is a test that the policy passes and that covers something: with all of them added, again and again, nothing is left.
func TestProposalsHold(t *testing.T) {
	for _, file := range []string{"../../../../policy.example.toml", "../explain/testdata/design.toml", "../explain/testdata/wide.toml"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(src)
		r := report(t, text)
		for rounds := 0; len(r.Gaps) > 0; rounds++ {
			before, missing := r.Covered, 0
			for _, g := range r.Gaps {
				missing += g.Goals
				if g.Test != nil {
					text += test(*g.Test)
				}
			}
			if missing > r.Goals-r.Covered {
				t.Fatalf("%s: %d goals are missing, and %d of %d are covered", file, missing, r.Covered, r.Goals)
			}
			if _, err := policy.Parse(file, []byte(text), answer.Split); err != nil {
				t.Fatal(err)
			}
			if r = report(t, text); r.Covered <= before || rounds > 20 {
				t.Fatalf("%s: round %d: %d of %d are covered, %d before; %q", file, rounds, r.Covered, r.Goals, before, gaps(r))
			}
		}
		if r.Covered != r.Goals || r.Percent() != 100 {
			t.Errorf("%s: %d of %d", file, r.Covered, r.Goals)
		}
	}
}

// TestPercent: 100 means all, not nearly all.
func TestPercent(t *testing.T) {
	for _, c := range [][3]int{{0, 0, 100}, {1, 3, 33}, {999, 1000, 99}, {3, 3, 100}} {
		if r := (Report{Covered: c[0], Goals: c[1]}); r.Percent() != c[2] {
			t.Errorf("%d of %d: %d", c[0], c[1], r.Percent())
		}
	}
}

// A policy of 2,000 tools with two tests each, as BenchmarkExplain's.
func BenchmarkOf(b *testing.B) {
	var src strings.Builder
	src.WriteString("version = 1\n[audit]\nwhen_down = \"spool\"\n")
	for i := range 2000 {
		fmt.Fprintf(&src, "[tool.tool%d]\npath = \"/usr/bin/tool\"\nuser = \"ops\"\nallow = [\"tool%d run [-t] [-n N] NAME [ARG...]\", \"tool%d list\", \"tool%d show -- NAME\"]\n", i, i, i, i)
		src.WriteString("where.N = { int = [1, 9] }\nwhere.NAME = [\"a\", \"b\"]\nwhere.ARG = \"any\"\n")
		src.WriteString(test(Proposal{fmt.Sprintf("tool%d run -t a", i), true}) + test(Proposal{fmt.Sprintf("tool%d run c", i), false}))
	}
	for b.Loop() {
		p, results, err := policy.Tested("p.toml", []byte(src.String()), answer.Split)
		if err != nil {
			b.Fatal(err)
		}
		if r := Of(p, results); len(r.Gaps) == 0 {
			b.Fatal("no gaps")
		}
	}
}
