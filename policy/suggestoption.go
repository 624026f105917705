package policy

import (
	"slices"
	"strings"
)

// option explains a word that begins with - and that the line doesn't take where it stands. It says false
// where it has nothing to say of it as an option.
func (n near) option(e *explanation, c Command, typed string) bool {
	m := n.miss
	if at, f := n.rule.elsewhere(m.item, typed); at >= 0 {
		n.misplaced(e, c, at, f)
		return true
	}
	runs := n.rule.runs(m.item)
	if len(runs) == 0 {
		return false
	}
	for _, r := range runs {
		for _, say := range []func(*explanation, Command, int, string) bool{r.otherValue, r.joined, r.abbreviated, r.slip} {
			if say(e, c, m.word, typed) {
				return true
			}
		}
	}
	if m.kind == missOption {
		e.why, e.vague = "no such option here", true
		return true
	}
	return false
}

// runs is the line's runs, that of item at (or the nearest before it) first.
func (r *Rule) runs(at int) []*run {
	var out []*run
	for i, it := range r.items {
		if it.kind == itemRun {
			if i <= at {
				out = slices.Insert(out, 0, it.run)
			} else {
				out = append(out, it.run)
			}
		}
	}
	return out
}

// misplaced explains an option that the line has at item at, and moves it there.
func (n near) misplaced(e *explanation, c Command, at int, f *form) {
	m := n.miss
	if at > m.item {
		e.why = "this option stands behind " + n.rule.items[at-1].label()
	} else {
		e.why = "options stand before " + n.rule.items[at+1].label()
	}
	if !correctable(c) {
		return
	}
	end := min(m.word+1, len(c.Words))
	if f.kind == formNext {
		end = min(end+1, len(c.Words))
	}
	moved := c.Words[m.word:end]
	if at > m.item {
		rest := replaced(c, m.word, end)
		e.fixes = append(e.fixes, replaced(rest, len(rest.Words), len(rest.Words), moved...))
		return
	}
	// The place in front of the first word that went past the run.
	var g pass
	g.start(n.rule)
	for i := 1; i <= m.word; i++ {
		if !g.step(i, c.Words[i]) || g.at > at {
			e.fixes = append(e.fixes, replaced(replaced(c, m.word, end), i, i, moved...))
			return
		}
	}
}

// label is how a reason names an item.
func (it item) label() string {
	if it.kind == itemOperand {
		return it.place.name
	}
	return it.text
}

// otherValue explains an option whose name is right and whose value is not: there is none, it is of its
// own, it is attached, or it is fixed.
func (r *run) otherValue(e *explanation, c Command, i int, typed string) bool {
	name, value, attached := strings.Cut(typed, "=")
	if !r.names[name] {
		return false
	}
	var fixed []string
	for _, o := range r.options {
		for _, f := range o.forms {
			if f.name != name {
				continue
			}
			switch {
			case f.kind == formNext && attached:
				e.why = "write " + f.text() + ", in two words"
				e.fixes = append(e.fixes, replaced(c, i, i+1, name, value))
				return true
			case f.kind == formAttached && !attached:
				e.why = "write " + f.text() + ", in one word"
				if i+1 < len(c.Words) {
					e.fixes = append(e.fixes, replaced(c, i, i+2, name+"="+c.Words[i+1]))
				}
				return true
			case f.kind == formFixed:
				fixed = append(fixed, f.text())
			}
		}
	}
	if fixed == nil {
		e.why = name + " takes no value"
		return true
	}
	e.why = "only " + showSome(fixed) + " may stand here"
	if !attached && i+1 < len(c.Words) {
		typed, attached = name+"="+c.Words[i+1], true
		if slices.Contains(fixed, typed) {
			e.why = "write " + typed + ", in one word"
			e.fixes = append(e.fixes, replaced(c, i, i+2, typed))
			return true
		}
	}
	for _, f := range alike(typed, fixed, 3) {
		if f != name {
			e.fixes = append(e.fixes, replaced(c, i, i+1, f))
		}
	}
	return true
}

// joined explains -tN (two options) and -eX (an option and its value).
func (r *run) joined(e *explanation, c Command, i int, typed string) bool {
	if len(typed) < 3 || typed[1] == '-' {
		return false
	}
	var words, shown []string
	for at := 1; at < len(typed); at++ {
		f := r.forms["-"+typed[at:at+1]]
		if f == nil || len(words) > tryFixes {
			return false
		}
		words, shown = append(words, f.name), append(shown, f.text())
		if f.kind == formNext {
			if at+1 < len(typed) {
				words = append(words, typed[at+1:])
			}
			break
		}
	}
	e.why = "options aren't joined: write " + strings.Join(shown, " ")
	if len(shown) == 1 {
		e.why = "a value isn't attached: write " + shown[0] + ", in two words"
	}
	e.fixes = append(e.fixes, replaced(c, i, i+1, words...))
	return true
}

// abbreviated explains --tab for --table.
func (r *run) abbreviated(e *explanation, c Command, i int, typed string) bool {
	name, value, attached := strings.Cut(typed, "=")
	if len(name) < 3 || len(name) > nearLength {
		return false
	}
	var shown []string
	for _, o := range r.options[:min(len(r.options), nearNames)] {
		for _, f := range o.forms {
			if !strings.HasPrefix(f.name, name) || len(shown) == shownItems {
				continue
			}
			if !slices.Contains(shown, f.name) {
				shown = append(shown, f.name)
			}
			word := f.name
			if attached {
				word += "=" + value
			}
			e.fixes = append(e.fixes, replaced(c, i, i+1, word))
		}
	}
	if shown == nil {
		return false
	}
	if len(shown) > 1 {
		e.fixes = nil // which one was meant isn't for opsh to guess
	}
	e.why = "options aren't abbreviated: write " + strings.Join(shown, " or ")
	return true
}

// slip explains --tabel for --table and -T for -t.
func (r *run) slip(e *explanation, c Command, i int, typed string) bool {
	name, value, attached := strings.Cut(typed, "=")
	var names []string
	for _, o := range r.options[:min(len(r.options), nearNames)] {
		for _, f := range o.forms {
			if len(names) == 0 || names[len(names)-1] != f.name {
				names = append(names, f.name)
			}
		}
	}
	found := alike(name, names, 2)
	if found == nil {
		return false
	}
	e.why = "no such option here: did you mean " + strings.Join(found, " or ")
	for _, f := range found {
		if attached {
			f += "=" + value
		}
		e.fixes = append(e.fixes, replaced(c, i, i+1, f))
	}
	return true
}
