package policy

// Attempt is how far a command got along one usage line.
type Attempt struct {
	Rule  *Rule
	Takes []Take // what the words behind the tool's name were taken for, one by one, up to where the line stopped
	Stop  *Stop  // nil where the line permits the command
}

// Take says what a word was taken for. Those with a Where are a Match's Fills.
type Take struct {
	Word   int    // index in Command.Words, len(Words) for the word behind "<"
	Part   int    // index in Rule.Parts
	At     int    // the byte of Rule.Text where what took the word begins: the literal, the spelling, the placeholder
	Offset int    // Words[Word][Offset:] is what Where admitted
	Where  *Where // nil where the word stands in the usage line as it was typed
}

// Stop says where a usage line and a command part, as a Refusal does for the line that it blames.
type Stop struct {
	Word     int    // as in Refusal
	From, To int    // Rule.Text[From:To] is what doesn't fit, or has the word elsewhere; the line's end where nothing stands there
	Offset   int    // Words[Word][Offset:] is what Where refused
	Where    *Where // what refused the word, nil where something else is wrong
	Reason   string // one clause, as in Refusal
}

// Trace walks the usage line as Decide does and says what became of each word. It doesn't look at the tool's name.
func (r *Rule) Trace(c Command) Attempt {
	t := &trace{rule: r, first: make([]int, len(r.items)+1)}
	for i, it := range r.items {
		t.first[i+1] = t.first[i] + 1
		if it.kind == itemRun {
			t.first[i+1] = t.first[i] + len(it.run.options)
		}
	}
	g := pass{trace: t}
	if !g.walk(r, c) {
		s := t.stop(&g, c)
		return Attempt{Rule: r, Takes: t.takes[:s.Word-1], Stop: s}
	}
	if c.Input != nil {
		n := len(c.Words)
		t.takes = append(t.takes, Take{Word: n, Part: t.first[len(r.items)], At: t.offset(r.input.pos), Where: r.input.where})
	}
	return Attempt{Rule: r, Takes: t.takes}
}

// trace collects what words were taken for.
type trace struct {
	rule  *Rule
	first []int // the index in Parts of each item, and of what stands behind them
	takes []Take
}

func (t *trace) offset(p Pos) int { return p.Col - t.rule.Pos.Col }

// note keeps what word i was taken for.
func (t *trace) note(g *pass, i int) {
	one := Take{Word: i, Part: t.part(g.took.item, g.took.form), At: t.offset(g.took.pos)}
	if n := len(g.fills); n > 0 && g.fills[n-1].Word == i {
		one.Offset, one.Where = g.fills[n-1].Offset, g.fills[n-1].Where
	}
	t.takes = append(t.takes, one)
}

// part is the index in Parts of an item, or of the option in it.
func (t *trace) part(item int, f *form) int {
	if f == nil {
		return t.first[item]
	}
	return t.first[item] + f.option.index - t.rule.items[item].run.options[0].index
}

// stop says why the walk ended, in the words of a refusal.
func (t *trace) stop(g *pass, c Command) *Stop {
	n := g.near(c)
	s := &Stop{Word: n.miss.word, Reason: n.explain([]near{n}, c).why}
	s.From, s.To = t.span(n.miss, c)
	switch m := n.miss; m.kind {
	case missOperand:
		s.Where = t.rule.items[m.item].place.where
	case missValue:
		s.Where = m.form.place.where
	case missAttached:
		s.Where, s.Offset = m.form.place.where, len(m.form.name)+1
	case missInputValue:
		s.Where = t.rule.input.where
	}
	return s
}

// span is the stretch of the usage line that a miss is about.
func (t *trace) span(m miss, c Command) (from, to int) {
	of := func(part int) (int, int) { return t.rule.spans[part][0], t.rule.spans[part][1] }
	name := func(p *place) (int, int) { at := t.offset(p.pos); return at, at + len(p.name) }
	switch m.kind {
	case missExtra, missLiteral, missOperand, missOption:
		if word := c.Words[m.word]; isOption(word) {
			if at, f := t.rule.elsewhere(m.item, word); at >= 0 {
				return of(t.part(at, f))
			}
		}
	case missTwice:
		return of(t.part(m.item, m.form))
	case missValue, missAttached, missPending:
		return name(m.form.place)
	case missRequired:
		return of(t.part(m.item, m.opt.forms[0]))
	case missNoInput:
		return of(t.first[len(t.rule.items)])
	case missInputValue:
		return name(t.rule.input)
	}
	switch {
	case m.kind == missInput, m.item == len(t.rule.items) && t.rule.input == nil:
		return len(t.rule.Text), len(t.rule.Text)
	case m.item == len(t.rule.items):
		return of(t.first[m.item])
	}
	from, _ = of(t.first[m.item])
	_, to = of(t.first[m.item+1] - 1) // a run ends with its last option
	return from, to
}
