package words

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"opsh/policy"
)

// Set is the words that a where admits in one place of a usage line: Front, which is empty or an option up to its =,
// and behind it what Where takes.
type Set struct {
	Front string
	Where *policy.Where

	key string // sets of one key hold the same words
}

// Has says whether the word is in the set. It asks the policy itself.
func (s Set) Has(word string) bool {
	return strings.HasPrefix(word, s.Front) && s.Where.Takes(word[len(s.Front):], s.Front != "")
}

// Key is equal for sets that hold the same words because the policy describes them alike.
func (s Set) Key() string { return s.key }

// noDash says whether no word of the set begins with -.
func (s Set) noDash() bool { return s.Front == "" && !s.Where.Dash }

// Of is the set of a where that stands behind front.
func (f *Finder) Of(w *policy.Where, front string) Set {
	text, ok := f.keys[w]
	if !ok {
		text = meaning(w)
		f.keys[w] = text
	}
	if front == "" && w.Dash {
		text += " dash"
	}
	return Set{Front: front, Where: w, key: front + " " + text}
}

// meaning is equal where wheres admit the same words; dash is left out.
func meaning(w *policy.Where) string {
	text := string(w.Kind)
	switch w.Kind {
	case policy.WhereList:
		text += fmt.Sprintf("%q", slices.Sorted(slices.Values(w.List)))
	case policy.WhereMatch:
		text += fmt.Sprintf("%q", w.Re)
	case policy.WhereInt:
		text += fmt.Sprint(w.Min, w.Max)
	case policy.WherePath:
		text += fmt.Sprintf("%q%q", w.Dir, w.Ext)
	}
	if w.Empty {
		text += " empty"
	}
	return text
}

// program is the automaton of what a where that isn't a list takes, but for the empty word. Of a path it doesn't know
// the greatest length.
func program(w *policy.Where) (*syntax.Prog, error) {
	var pattern string
	switch w.Kind {
	case policy.WhereAny:
		pattern = `\A(?s:.+)\z`
	case policy.WhereMatch:
		pattern = w.Re.String() // anchored by the policy
	case policy.WhereInt:
		pattern = `\A(?:` + numbers(w.Min, w.Max) + `)\z`
	case policy.WherePath:
		pattern = `\A(?:` + paths(w.Dir, w.Ext) + `)\z`
	default:
		return nil, fmt.Errorf("cannot read where.%s: there is no kind %q", w.Name, w.Kind)
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("cannot read where.%s: %w", w.Name, err)
	}
	return syntax.Compile(tree.Simplify())
}
