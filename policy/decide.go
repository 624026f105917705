package policy

import (
	"slices"
	"strings"
)

// Tool is the tool that operators call name, nil where the policy has none.
func (p *Policy) Tool(name string) *Tool {
	if p == nil {
		return nil
	}
	return p.byName[name]
}

// Usage is the tool's usage lines as the policy writes them, in its order.
func (t *Tool) Usage() []string {
	lines := make([]string, len(t.Rules))
	for i, r := range t.Rules {
		lines[i] = r.Text
	}
	return lines
}

// Decide says which rule permits the command, or why none does. Exactly one of the results is non-nil.
// It looks at words only: no file, no clock, no environment. The first usage line that fits decides; what
// no line shows is refused. Time and memory grow with the words times the tool's usage lines, not with
// the policy.
func (p *Policy) Decide(c Command) (*Match, *Refusal) {
	if len(c.Words) > 0 {
		if t := p.Tool(c.Words[0]); t != nil {
			if m := t.match(c); m != nil {
				return m, nil
			}
		}
	}
	return nil, p.refuse(c)
}

// match is the first of the tool's usage lines that fits, nil where none does. The match holds copies:
// nobody who keeps the words can change what was decided.
func (t *Tool) match(c Command) *Match {
	var g pass
	for _, r := range t.Rules {
		if r.other(c) {
			continue // nearly all lines of a tool with many: walking them would be what a decision costs
		}
		if g.walk(r, c) {
			m := &Match{Tool: t, Rule: r, Words: slices.Clone(c.Words), Fills: slices.Clone(g.fills), decided: true}
			if c.Input != nil {
				in := *c.Input
				m.Input = &in
			}
			return m
		}
	}
	return nil
}

// other says that a line begins with a literal which isn't the command's: walk would part from it there.
func (r *Rule) other(c Command) bool {
	return len(r.items) > 0 && r.items[0].kind == itemLiteral && (len(c.Words) < 2 || c.Words[1] != r.items[0].text)
}

// pass is one greedy walk along a usage line. It never goes back, because a line that parseUsage and check
// let through leaves nothing to choose: what a word is follows from the words before it and from whether
// it begins with -.
type pass struct {
	rule    *Rule
	at      int      // the item that the next word is held against
	taken   bool     // the operand there has a word already
	pending *form    // the option whose value is the next word
	seen    []uint64 // a bit for each option of the line that was given
	fills   []Fill
	took    took   // what the last word was taken for
	trace   *trace // keeps what each word was taken for; nil for Decide
	miss    miss   // why the line doesn't fit
	owed    miss   // the first required option that was not given where its run ended

	few [4]uint64 // seen of a line with up to 256 options
}

// took is the part of a line that a word was taken for.
type took struct {
	item int
	form *form // of an option, or of the option whose value the word is
	pos  Pos   // of the literal, the spelling or the placeholder
}

// miss is the place where a line and a command part.
type miss struct {
	kind missKind
	word int // index of the word, the number of words for what is missing at the end
	item int
	form *form   // missValue, missAttached, missTwice, missPending
	opt  *option // missRequired
}

type missKind int

const (
	missNone       missKind = iota
	missExtra               // the line ends in front of the word
	missLiteral             // another word stands here
	missOperand             // where doesn't admit the word
	missOption              // the run has no such option
	missTwice               // the option was given before
	missValue               // where doesn't admit the option's value, a word of its own
	missAttached            // where doesn't admit the value behind =
	missPending             // the words end behind an option that takes a value
	missEnd                 // the words end in front of a literal or an operand
	missRequired            // an option must be given
	missNoInput             // "< FILE" must be given
	missInput               // the line has no "< FILE"
	missInputValue          // where doesn't admit the file's name
)

// walk says whether the whole command fits the line.
func (g *pass) walk(r *Rule, c Command) bool {
	g.start(r)
	for i := 1; i < len(c.Words); i++ {
		if !g.step(i, c.Words[i]) {
			return false
		}
		if g.trace != nil {
			g.trace.note(g, i)
		}
	}
	return g.finish(len(c.Words)) && g.input(len(c.Words), c.Input)
}

func (g *pass) start(r *Rule) {
	g.rule, g.at, g.taken, g.pending = r, 0, false, nil
	g.fills, g.miss, g.owed = g.fills[:0], miss{}, miss{}
	if n := (r.options + 63) / 64; n > len(g.few) {
		g.seen = make([]uint64, n)
	} else {
		g.few = [4]uint64{}
		g.seen = g.few[:]
	}
}

func (g *pass) fail(m miss) bool {
	m.item = g.at
	g.miss = m
	return false
}

func (g *pass) next() {
	g.at++
	g.taken = false
}

func (g *pass) fill(word, offset int, w *Where) {
	g.fills = append(g.fills, Fill{Word: word, Offset: offset, Where: w})
}

// step holds one word against the line.
func (g *pass) step(i int, word string) bool {
	if f := g.pending; f != nil {
		// An option always takes the next word, whatever it looks like: so does the tool.
		g.pending = nil
		if !f.place.where.takes(word, false) {
			return g.fail(miss{kind: missValue, word: i, form: f})
		}
		g.fill(i, 0, f.place.where)
		g.took = took{g.at, f, f.place.pos}
		return true
	}
	for ; g.at < len(g.rule.items); g.next() {
		switch it := &g.rule.items[g.at]; it.kind {
		case itemLiteral:
			if word != it.text {
				return g.fail(miss{kind: missLiteral, word: i})
			}
			g.took = took{g.at, nil, it.pos}
			g.next()
			return true
		case itemOperand:
			w := it.place.where
			if (it.optional || g.taken) && strings.HasPrefix(word, "-") && !w.dash() {
				continue // not the operand's; options or -- may follow it, nothing else
			}
			if !w.takes(word, false) {
				return g.fail(miss{kind: missOperand, word: i})
			}
			g.fill(i, 0, w)
			g.took = took{g.at, nil, it.place.pos}
			if it.repeated {
				g.taken = true
			} else {
				g.next()
			}
			return true
		case itemRun:
			if isOption(word) {
				return g.option(i, word, it.run)
			}
			g.leave(i, it.run)
		}
	}
	return g.fail(miss{kind: missExtra, word: i})
}

// option holds a word that begins with - against a run.
func (g *pass) option(i int, word string, r *run) bool {
	f := r.find(word)
	if f == nil {
		return g.fail(miss{kind: missOption, word: i})
	}
	bit := uint64(1) << (f.option.index % 64)
	if g.seen[f.option.index/64]&bit != 0 && !f.option.repeats {
		return g.fail(miss{kind: missTwice, word: i, form: f})
	}
	g.seen[f.option.index/64] |= bit
	g.took = took{g.at, f, f.pos}
	switch f.kind {
	case formNext:
		g.pending = f
	case formAttached:
		offset := len(f.name) + 1
		if !f.place.where.takes(word[offset:], true) {
			return g.fail(miss{kind: missAttached, word: i, form: f})
		}
		g.fill(i, offset, f.place.where)
	}
	return true
}

// find is the spelling that a word is, nil where it is none of the run's.
func (r *run) find(word string) *form {
	if f := r.forms[word]; f != nil {
		return f
	}
	if eq := strings.IndexByte(word, '='); eq >= 0 {
		return r.forms[word[:eq+1]] // a key that ends in = is an attached placeholder's
	}
	return nil
}

// leave ends a run in front of word i. A required option that is missing doesn't end the walk, so that a
// refusal can say of `mysql app_production -e …` that options stand before DATABASE; finish sees to it.
func (g *pass) leave(i int, r *run) {
	for _, o := range r.required {
		if g.owed.kind == missNone && g.seen[o.index/64]&(1<<(o.index%64)) == 0 {
			g.owed = miss{kind: missRequired, word: i, item: g.at, opt: o}
		}
	}
}

// finish says whether the line may end where the n words do.
func (g *pass) finish(n int) bool {
	if g.pending != nil {
		return g.fail(miss{kind: missPending, word: n, form: g.pending})
	}
	for ; g.at < len(g.rule.items); g.next() {
		switch it := &g.rule.items[g.at]; {
		case it.kind == itemRun:
			g.leave(n, it.run)
		case it.kind == itemLiteral, !it.optional && !g.taken:
			return g.fail(miss{kind: missEnd, word: n})
		}
	}
	if g.owed.kind != missNone {
		g.miss = g.owed
		return false
	}
	return true
}

// input holds the word behind "<" against the line.
func (g *pass) input(n int, word *string) bool {
	switch in := g.rule.input; {
	case in == nil && word == nil:
		return true
	case in == nil:
		return g.fail(miss{kind: missInput, word: n})
	case word == nil:
		return g.fail(miss{kind: missNoInput, word: n})
	case !in.where.takes(*word, false):
		return g.fail(miss{kind: missInputValue, word: n})
	default:
		g.fill(n, 0, in.where)
		return true
	}
}
