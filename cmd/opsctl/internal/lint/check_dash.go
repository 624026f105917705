package lint

import (
	"path"

	"opsh/policy"
	"opsh/shell/line"
)

// admitsOptions warns of operands that the program takes for options: dash = true lets the operator type whatever it knows.
func (l *usage) admitsOptions() {
	for _, u := range l.words {
		if !u.dashes || u.where == nil || !u.where.Dash || !free(u.where) {
			continue
		}
		word, ok, whole := l.finder.Both(u.where, l.dashed)
		if !ok && whole {
			continue
		}
		what := u.where.Name + " takes " + line.QuoteWord(word)
		if !ok {
			what = u.where.Name + " has a pattern too large to look through"
		}
		l.tell(Finding{Rule: "operand-options", Text: what + ": " + path.Base(l.Path) + " reads it as an option, with all that its options do",
			Hint: "remove dash = true, write -- in front of it where the program knows that, or a list"}, u, u.where.Name)
	}
}

// dashedWords is a usage line's list with dash = true, read as the options that its words are.
func (r *reader) dashedWords(u use) {
	if u.where == nil || u.where.Kind != policy.WhereList || !u.where.Dash || !r.takesOptions() {
		return
	}
	pending := r.pending
	for _, word := range u.where.List {
		if len(word) > 1 && word[0] == '-' {
			r.option(word, nil, false, use{from: u.from, may: true})
		}
	}
	r.pending = pending
}
