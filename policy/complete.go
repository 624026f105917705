package policy

import (
	"slices"
	"strings"
)

// maxCandidates bounds what one Tab offers: more than that is no help.
const maxCandidates = 1000

// Complete lists, sorted, what the next word may be when words stand before it and prefix of it is typed:
// tools, options (an option with an attached value ends in "="), literals and values of a list. It is
// pure: the files that a path admits are not among them, see NextPaths.
func (p *Policy) Complete(words []string, prefix string) []string {
	offers := &offers{prefix: prefix, known: map[string]bool{}}
	if len(words) == 0 {
		for _, t := range p.Tools {
			offers.word(t.Name)
		}
		return offers.sorted()
	}
	if t := p.Tool(words[0]); t != nil {
		for _, r := range t.Rules {
			var g pass
			if g.prefix(r, words) {
				g.offer(offers)
			}
		}
	}
	return offers.sorted()
}

// NextPaths is the path placeholders that the next word may fill when words stand before it; with input
// set, those of the word behind "<". ListFiles says which files these are.
func (p *Policy) NextPaths(words []string, input bool) []*Where {
	offers := &offers{known: map[string]bool{}}
	if len(words) == 0 {
		return nil
	}
	t := p.Tool(words[0])
	if t == nil {
		return nil
	}
	for _, r := range t.Rules {
		var g pass
		switch {
		case !g.prefix(r, words):
		case !input:
			g.offer(offers)
		case r.input != nil && g.finish(len(words)):
			offers.values(r.input.where, "", false)
		}
	}
	return offers.paths
}

// prefix says whether the line can go on behind the words.
func (g *pass) prefix(r *Rule, words []string) bool {
	g.start(r)
	for i := 1; i < len(words); i++ {
		if !g.step(i, words[i]) {
			return false
		}
	}
	return g.owed.kind == missNone
}

// offer adds what the next word may be.
func (g *pass) offer(o *offers) {
	if g.pending != nil {
		o.values(g.pending.place.where, "", false)
		return
	}
	for at, taken := g.at, g.taken; at < len(g.rule.items); at, taken = at+1, false {
		switch it := &g.rule.items[at]; it.kind {
		case itemLiteral:
			o.word(it.text)
			return
		case itemOperand:
			o.values(it.place.where, "", false)
			if !it.optional && !taken {
				return
			}
		case itemRun:
			if g.offerOptions(o, it.run) {
				return
			}
		}
	}
}

// offerOptions adds the options that may still be given; owes says that one of them must be.
func (g *pass) offerOptions(o *offers, r *run) (owes bool) {
	for _, opt := range r.options {
		given := g.seen[opt.index/64]&(1<<(opt.index%64)) != 0
		if given && !opt.repeats {
			continue
		}
		owes = owes || opt.required && !given
		for _, f := range opt.forms {
			o.word(f.key())
			if f.kind == formAttached {
				o.values(f.place.where, f.key(), true)
			}
		}
	}
	return owes
}

// offers collects candidates.
type offers struct {
	prefix string
	known  map[string]bool
	list   []string
	paths  []*Where
}

func (o *offers) word(s string) {
	if len(o.list) < maxCandidates && strings.HasPrefix(s, o.prefix) && !o.known[s] {
		o.known[s] = true
		o.list = append(o.list, s)
	}
}

// values adds what a placeholder lists, each behind the option it is attached to.
func (o *offers) values(w *Where, option string, attached bool) {
	switch {
	case w == nil:
	case w.Kind == WhereList:
		for _, v := range w.List {
			if w.takes(v, attached) {
				o.word(option + v)
			}
		}
	case w.Kind == WherePath && !attached && !slices.Contains(o.paths, w):
		o.paths = append(o.paths, w)
	}
}

func (o *offers) sorted() []string {
	slices.Sort(o.list)
	return o.list
}
