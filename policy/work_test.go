package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// bounded runs work of a size at which it takes well under a second, and anything quadratic minutes: so
// the limit says which of the two it is on any machine.
func bounded(t *testing.T, name string, work func()) {
	t.Helper()
	start := time.Now()
	work()
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("%s: took %v", name, d)
	}
}

// Decide is asked before anything else is: no policy and no line may keep it busy.
func TestDecideWork(t *testing.T) {
	words := func(n int, first, each string) Command {
		c := Command{Words: []string{first}}
		for range n {
			c.Words = append(c.Words, each)
		}
		return c
	}
	many := buildPolicy(mustTool(t, "tool", wheres{"ARG": anyWord(), "N": whole(1, 5), "M": matching("(x+x+)+y"), "L": oneOf("x", "xx")},
		"tool [-v]... [-e ARG]... [--x=ARG]... [ARG...]",
		"tool [-a] [-b] [ARG...] [-c] -- [N...]",
		"tool M... ",
		"tool -v -a -b -c",
	))
	for _, each := range []string{"x", "-v", "-e", "--x=1", "-q", "--", "-", "", "5", "-vvvvvvvvv", "\x00"} {
		for _, first := range []string{"tool", "took"} {
			c := words(500_000, first, each)
			bounded(t, first+" "+each, func() { many.Decide(c) })
		}
	}
	for _, letter := range []string{"x", "-", "/../", "=", "1", "é", "-x"} {
		long := strings.Repeat(letter, 600_000/len(letter))
		for _, before := range [][]string{{"tool"}, {"tool", "-e"}, {"tool", "-a", "-c"}, {}} {
			c := Command{Words: append(before, long, "--x="+long, long+"=", "-"+long)}
			bounded(t, fmt.Sprint(before, " long word ", letter), func() { many.Decide(c) })
		}
	}

	// As many options as a policy has room for, the last of them typed first, and a slip of one.
	var line strings.Builder
	line.WriteString("tool")
	c := Command{Words: []string{"tool"}}
	for i := range 200_000 {
		fmt.Fprintf(&line, " --option%d", i)
		c.Words = append(c.Words, fmt.Sprintf("--option%d", 199_999-i))
	}
	p := buildPolicy(mustTool(t, "tool", nil, line.String()))
	bounded(t, "options", func() {
		if m, r := p.Decide(c); m == nil {
			t.Error(r)
		}
	})
	bounded(t, "options", func() { p.Decide(Command{Words: []string{"tool", "--optoin1234"}}) })

	var tools []*Tool
	for i := range 10_000 {
		tools = append(tools, mustTool(t, fmt.Sprintf("tool%d", i), nil, fmt.Sprintf("tool%d", i)))
	}
	p = buildPolicy(tools...)
	bounded(t, "tools", func() { p.Decide(Command{Words: []string{"tol5"}}) })
}

// A corrected line is looked for among few candidates, however many usage lines and options there are.
func TestRefusalWork(t *testing.T) {
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprintf("tool [--alpha%d] [--beta%d=ARG] [-e ARG] [ARG...] [-z] -- run%d", i, i, i))
	}
	p := buildPolicy(mustTool(t, "tool", wheres{"ARG": anyWord()}, lines...))
	c := Command{Words: []string{"tool"}}
	for len(c.Words) <= tryWords-6 {
		c.Words = append(c.Words, "-e", "x", "y", "-ee", "--alph", "--beta9")
	}
	start := time.Now()
	p.Decide(c)
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("a refusal took %v", d)
	}
}

func BenchmarkDecide(b *testing.B) {
	c := Command{Words: []string{"mysql", "-t", "-e", "SELECT 1", "app_production"}}
	rails := Command{Words: []string{"rails", "runner", "-e", "production", "orders/unlock.rb", "id=4711", "dry_run=false"}}
	for _, tools := range []int{0, 10_000} {
		p := production(b)
		for i := range tools {
			t := mustTool(b, fmt.Sprintf("tool%d", i), nil, fmt.Sprintf("tool%d [-t] run", i))
			p.Tools = append(p.Tools, t)
			p.byName[t.Name] = t
		}
		for name, c := range map[string]Command{"mysql": c, "rails": rails} {
			b.Run(fmt.Sprintf("%s/tools=%d", name, len(p.Tools)), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if m, r := p.Decide(c); m == nil {
						b.Fatal(r)
					}
				}
			})
		}
	}
	for _, lines := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) {
			var list []string
			for i := range lines {
				list = append(list, fmt.Sprintf("tool run%d [-t] [ARG...]", i))
			}
			p := buildPolicy(mustTool(b, "tool", wheres{"ARG": anyWord()}, list...))
			c := Command{Words: []string{"tool", fmt.Sprintf("run%d", lines-1), "-t", "x"}}
			for b.Loop() {
				if m, r := p.Decide(c); m == nil {
					b.Fatal(r)
				}
			}
		})
	}
	b.Run("refused", func(b *testing.B) {
		p := production(b)
		c := Command{Words: []string{"mysql", "app_production", "-e", "SELECT 1"}}
		for b.Loop() {
			if _, r := p.Decide(c); r.Try == nil {
				b.Fatal(r)
			}
		}
	})
}
