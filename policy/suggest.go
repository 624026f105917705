package policy

import (
	"slices"
	"strings"
)

// What a refusal may cost. Beyond these bounds it still says which word and why, without a corrected line.
const (
	tryWords   = 40    // words of a command that is corrected
	tryBytes   = 8192  // bytes of them
	tryRounds  = 5     // mistakes that are corrected one after the other
	tryFixes   = 16    // corrections looked at in each round
	nearLines  = 16    // usage lines that got equally far
	nearTools  = 3     // tools whose name is close to the one typed
	nearLength = 64    // bytes of a word that is compared letter by letter
	nearNames  = 10000 // names or values that it is compared with
)

// refuse says why Decide permits nothing. It walks every usage line once more, blames the one that got
// furthest, and tries a few corrections. A correction spells, orders or quotes what was typed; it leaves
// nothing out but a flag given twice and a -- without effect, and adds only the name of an option that must
// be given, because a line without its --dry-run is not the line that was meant.
func (p *Policy) refuse(c Command) *Refusal {
	if len(c.Words) == 0 {
		return &Refusal{Word: -1, Reason: "a line names a command first"}
	}
	t := p.Tool(c.Words[0])
	if t == nil {
		return p.refuseTool(c)
	}
	near := t.nearest(c)
	if len(near) == 0 {
		return &Refusal{Word: 0, Reason: "no usage line permits anything here"}
	}
	chosen := near[0].explain(near, c)
	for i, n := range near {
		e := chosen
		if i > 0 {
			e = n.explain(near, c)
		}
		m := p.repair(e.fixes, c)
		if m == nil {
			if m = p.repair(e.quoted, c); m != nil {
				e.why += "; a value of several words stands in quotes"
			}
		}
		if m != nil {
			try := &Command{Words: m.Words, Input: m.Input}
			return &Refusal{Word: e.word, Reason: e.why, Usage: m.Rule.Text, Try: try}
		}
		if chosen.vague && !e.vague {
			chosen = e
		}
	}
	return &Refusal{Word: chosen.word, Reason: chosen.why, Usage: chosen.rule.Text}
}

// near is a usage line and the place where the command left it.
type near struct {
	rule  *Rule
	miss  miss
	stuck bool // missRequired: the word there fits nothing behind the run either
}

// rank says how far the line got.
func (n near) rank() int {
	switch n.miss.kind {
	case missInput, missInputValue:
		return n.miss.word + 1 // all words fit
	}
	return n.miss.word
}

// nearest is the usage lines that got furthest, in the policy's order, the first nearLines of them.
func (t *Tool) nearest(c Command) []near {
	var best []near
	var g pass
	for _, r := range t.Rules {
		if g.walk(r, c) {
			return nil // permitted: nobody asks
		}
		n := g.near(c)
		switch {
		case len(best) == 0 || n.rank() > best[0].rank():
			best = append(best[:0], n)
		case n.rank() == best[0].rank() && len(best) < nearLines:
			best = append(best, n)
		}
	}
	return best
}

// near is where a walk that didn't fit ended.
func (g *pass) near(c Command) near {
	m := g.blame(c)
	return near{rule: g.rule, miss: m, stuck: g.miss.word == m.word && g.miss.kind != missRequired}
}

// blame is the mistake that a walk is to be judged by: the required option that was missing first, unless
// the walk ended at an option, which may be that very one, too late or written in another way.
func (g *pass) blame(c Command) miss {
	if g.owed.kind == missNone || g.miss.word < len(c.Words) && isOption(c.Words[g.miss.word]) {
		return g.miss
	}
	return g.owed
}

// elsewhere finds the run, other than that of item at, that has an option spelled as word is: the nearest
// one before it, else the first one behind. It returns -1 where there is none.
func (r *Rule) elsewhere(at int, word string) (int, *form) {
	for i := min(at, len(r.items)) - 1; i >= 0; i-- {
		if r.items[i].kind == itemRun {
			if f := r.items[i].run.find(word); f != nil {
				return i, f
			}
		}
	}
	for i := at + 1; i < len(r.items); i++ {
		if r.items[i].kind == itemRun {
			if f := r.items[i].run.find(word); f != nil {
				return i, f
			}
		}
	}
	return -1, nil
}

// repair looks for a permitted command among the corrections; where a correction leads to the next
// mistake, it corrects that one too. It never returns the command itself.
func (p *Policy) repair(fixes []Command, c Command) *Match {
	if !correctable(c) {
		return nil
	}
	for range tryRounds {
		var furthest []near
		var next Command
		for _, f := range fixes[:min(len(fixes), tryFixes)] {
			t := p.Tool(f.Words[0])
			if t == nil {
				continue
			}
			if m := t.match(f); m != nil {
				return m
			}
			n := t.nearest(f)
			if len(n) > 0 && (furthest == nil || n[0].rank() > furthest[0].rank()) {
				furthest, next = n, f
			}
		}
		if furthest == nil {
			return nil
		}
		fixes = nil
		for _, n := range furthest {
			e := n.explain(furthest, next)
			fixes = slices.Concat(fixes, e.fixes, e.quoted)
		}
	}
	return nil
}

func size(c Command) int {
	n := 0
	for _, w := range c.Words {
		n += len(w)
	}
	if c.Input != nil {
		n += len(*c.Input)
	}
	return n
}

// refuseTool says what may be meant by a command that the policy doesn't have.
func (p *Policy) refuseTool(c Command) *Refusal {
	name := c.Words[0]
	r := &Refusal{Word: 0, Reason: "no such command"}
	var names []string
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		r.Reason = "commands are written without a path"
		if p.Tool(name[i+1:]) == nil {
			return r
		}
		names = []string{name[i+1:]}
	} else if p != nil {
		all := make([]string, len(p.Tools))
		for i, t := range p.Tools {
			all[i] = t.Name
		}
		names = alike(name, all, nearTools)
	}
	if len(names) == 0 {
		return r
	}
	r.Reason += ": did you mean " + strings.Join(names, " or ")
	var fixes []Command
	for _, n := range names {
		fixes = append(fixes, replaced(c, 0, 1, n))
	}
	if m := p.repair(fixes, c); m != nil {
		r.Usage, r.Try = m.Rule.Text, &Command{Words: m.Words, Input: m.Input}
	}
	return r
}

// correctable says whether a command is short enough to look for a corrected one.
func correctable(c Command) bool { return len(c.Words) <= tryWords && size(c) <= tryBytes }

// replaced is the command with words i to j (exclusive) replaced. A command that isn't correctable stays as
// it is: repair will not look at it, and copying it for every correction would be most of the work.
func replaced(c Command, i, j int, words ...string) Command {
	if !correctable(c) {
		return c
	}
	c.Words = slices.Concat(c.Words[:i], words, c.Words[j:])
	return c
}
