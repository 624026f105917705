package explain

import (
	"fmt"

	"opsh/policy"
	"opsh/shell/line"
)

// maxValues is how many words of a list are named.
const maxValues = 8

// meaning says in words what fills a placeholder.
func meaning(w *policy.Where) string {
	var s string
	switch w.Kind {
	case policy.WhereAny:
		s = "any text"
	case policy.WhereList:
		if len(w.List) == 1 {
			s = line.QuoteWord(w.List[0]) + " only"
			break
		}
		s = "one of " + line.Quote(w.List[:min(len(w.List), maxValues)]...)
		if n := len(w.List) - maxValues; n > 0 {
			s += fmt.Sprintf(" and %d more", n)
		}
	case policy.WhereMatch:
		s = "matches " + line.QuoteWord(w.Pattern)
	case policy.WhereInt:
		s = fmt.Sprintf("a whole number from %d to %d", w.Min, w.Max)
	case policy.WherePath:
		s = "a file below " + line.QuoteWord(w.Dir)
		if w.Ext != "" {
			s += " that ends in " + line.QuoteWord(w.Ext)
		}
	}
	switch {
	case w.Empty:
		s += ", also the empty word"
	case w.Kind == policy.WhereAny:
		s += " that isn't empty"
	}
	if w.Dash {
		s += ", may begin with -"
	}
	return s
}
