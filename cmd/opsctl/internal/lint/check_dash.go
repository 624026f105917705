package lint

import (
	"path"

	"opsh/policy"
	"opsh/shell/line"
)

// admitsOptions warns of operands that the program takes for options: dash = true lets the operator type whatever it knows.
func (l *usage) admitsOptions() {
	for _, u := range l.words {
		if u.where == nil || !free(u.where) || !u.letters && !(u.dashes && u.where.Dash) {
			continue
		}
		what := u.where.Name
		if !u.letters {
			word, ok, whole := l.finder.Both(u.where, l.dashed)
			switch {
			case ok:
				what += " takes " + line.QuoteWord(word)
			case whole:
				continue
			default:
				what += tooLarge
			}
		}
		l.tell(Finding{Rule: "operand-options", Text: what + ": " + path.Base(l.Path) + " reads it as an option, with all that its options do",
			Hint: "remove dash = true, write -- in front of it where the program knows that, or a list"}, u, u.where.Name)
	}
}

// tooLarge is said of a pattern that may do what is looked for.
const tooLarge = " has a pattern too large to look through"

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
