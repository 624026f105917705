package policy

import (
	"math/rand/v2"
	"testing"
)

// TestWalkIsDecide: a walk that is taken a word at a time ends where Decide permits, and fills what Decide says.
func TestWalkIsDecide(t *testing.T) {
	r := rand.New(rand.NewPCG(3, *seed))
	allowed, refused := 0, 0
	for allowed < 20_000 {
		l := refRandom(r)
		tool, errs := buildTool("tool", refWheres(), l.String())
		if len(errs) > 0 {
			continue
		}
		p, rule := buildPolicy(tool), tool.Rules[0]
		for range 20 {
			words, input := refCommand(r, l)
			m, _ := p.Decide(Command{Words: words, Input: input})
			var fills []Fill
			w := rule.Walk()
			for i := 1; i < len(words) && w != nil; i++ {
				if w = w.Step(words[i]); w == nil {
					break
				}
				if where, offset := w.Filled(); where != nil {
					fills = append(fills, Fill{i, offset, where})
				}
			}
			ends := w != nil && w.Ends() && (input == nil) == (rule.Input() == nil)
			if ends && input != nil {
				ends = rule.Input().Takes(*input, false)
				fills = append(fills, Fill{len(words), 0, rule.Input()})
			}
			if ends != (m != nil) {
				t.Fatalf("%s: %q: the walk says %v, Decide %v", l, words, ends, m != nil)
			}
			if m == nil {
				refused++
				continue
			}
			allowed++
			if len(fills) != len(m.Fills) {
				t.Fatalf("%s: %q: the walk fills %v, Decide %v", l, words, fills, m.Fills)
			}
			for i := range fills {
				if fills[i] != m.Fills[i] {
					t.Fatalf("%s: %q: the walk fills %v, Decide %v", l, words, fills, m.Fills)
				}
			}
		}
	}
	if refused < 5_000 {
		t.Errorf("the mix tests little: %d refused", refused)
	}
}

// TestWalkView: what a comparison sees of a line, and that a step leaves the walk before it as it was.
func TestWalkView(t *testing.T) {
	tool := mustTool(t, "t", wheres{"A": anyWord(), "F": file("/d", "")}, "t run [-v | --verbose]... --x=A -e A [A...] < F")
	rule := tool.Rules[0]
	list := rule.Elements()
	if len(list) != 3 || list[0].Word != "run" || len(list[1].Options) != 3 || !list[2].Optional || !list[2].Repeated || rule.Input() != tool.Where["F"] {
		t.Fatalf("%+v", list)
	}
	o := list[1].Options
	if !o[0].Repeats || o[0].Required || len(o[0].Forms) != 2 || o[0].Forms[1].Word != "--verbose" ||
		!o[1].Required || o[1].Forms[0].Word != "--x=" || !o[1].Forms[0].Attached || o[1].Forms[0].Where != tool.Where["A"] ||
		o[2].Index != 2 || o[2].Forms[0].Attached || o[2].Forms[0].Where == nil {
		t.Fatalf("%+v", o)
	}
	begin := rule.Walk().Step("run")
	next := begin.Step("-e")
	if begin.Given(2) || !next.Given(2) || next.Pending() != tool.Where["A"] || begin.Pending() != nil || next.Ends() {
		t.Error("a step changed the walk before it, or none")
	}
	if next.Step("x").Step("y") != nil {
		t.Error("the walk goes on although --x= is owed")
	}
	if end := next.Step("x").Step("--x=1").Step("y"); end == nil || !end.Ends() || end.At() != 2 || !end.Begun() {
		t.Error("the walk doesn't end")
	}
}
