package words

import (
	"regexp/syntax"
	"slices"
	"strings"

	"opsh/policy"
	"opsh/shell/line"
)

// Finder finds words. It remembers what it was asked, and how much it may still do.
type Finder struct {
	Work int // steps of automata that may still be made; where it falls below 0, answers are no longer whole

	keys    map[*policy.Where]string
	answers map[string]answer
}

type answer struct {
	words []string
	whole bool
}

// enough is the steps that one question may take, so that one pattern can't use up what all have.
const enough = 2_000_000

// NewFinder is a finder that may make work steps.
func NewFinder(work int) *Finder {
	return &Finder{Work: work, keys: map[*policy.Where]string{}, answers: map[string]answer{}}
}

// Apart finds words that show every way in which a word can be in some of the sets and not in others: any word that can
// be typed and is in a set is, in all the sets, where one of these is. Each of exact is a word by itself: if it can be
// typed it is among the answer, and no other stands for it. The words of an answer are the shortest of their kind, but
// for those that are in every set. whole is false where there may be more kinds than were found.
func (f *Finder) Apart(sets []Set, exact []string) (found []string, whole bool) {
	sets = distinct(sets)
	exact = slices.Compact(slices.Sorted(slices.Values(exact)))
	var key strings.Builder
	for _, s := range sets {
		key.WriteString(s.key + "\x00")
	}
	for _, w := range exact {
		key.WriteString("\x00" + w)
	}
	a, ok := f.answers[key.String()]
	if !ok {
		a = f.apart(sets, exact)
		f.answers[key.String()] = a
	}
	return a.words, a.whole
}

// distinct is the sets, each once, in the order of their keys.
func distinct(sets []Set) []Set {
	sets = slices.SortedFunc(slices.Values(sets), func(a, b Set) int { return strings.Compare(a.key, b.key) })
	return slices.CompactFunc(sets, func(a, b Set) bool { return a.key == b.key })
}

func (f *Finder) apart(sets []Set, exact []string) answer {
	a := answer{whole: true}
	known := map[string]bool{} // words that the automata needn't find
	kinds := map[string]bool{}
	add := func(word string, alone bool) {
		if known[word] || !typeable(word) {
			return
		}
		known[word] = true
		if kind := kindOf(sets, word); alone || strings.Contains(kind, "1") && !kinds[kind] {
			kinds[kind] = kinds[kind] || !alone
			a.words = append(a.words, word)
		}
	}
	for _, w := range exact {
		add(w, true)
	}
	// What policies treat as no other word.
	for _, w := range []string{"", "-", "--"} {
		add(w, true)
	}
	for _, s := range sets {
		add(s.Front, true)
	}
	var patterns []Set
	for _, s := range sets {
		if s.Where.Kind != policy.WhereList {
			patterns = append(patterns, s)
			continue
		}
		for _, w := range s.Where.List {
			add(s.Front+w, false)
		}
	}
	if len(patterns) == 0 {
		return a
	}
	found, whole := f.search(patterns, known)
	a.whole = whole
	for _, w := range found {
		// Lists hold none of these, so that the kind among patterns is the kind among all sets.
		a.words = append(a.words, nicer(patterns, known, w))
	}
	return a
}

// kindOf has a letter for each set, 1 where it has the word, and one for a leading -.
func kindOf(sets []Set, word string) string {
	kind := make([]byte, len(sets)+1)
	for i, s := range sets {
		kind[i] = '0'
		if s.Has(word) {
			kind[i] = '1'
		}
	}
	kind[len(sets)] = ' '
	if strings.HasPrefix(word, "-") {
		kind[len(sets)] = '-'
	}
	return string(kind)
}

// nicer is a word of the same kind that a person reads with less wonder, where the kind is to be in every set.
func nicer(sets []Set, known map[string]bool, word string) string {
	for _, s := range sets {
		if !s.Has(word) {
			return word
		}
	}
	if named := named(sets[0]); !known[named] && kindOf(sets, named) == kindOf(sets, word) && typeable(named) {
		return named
	}
	return word
}

// named is a word made of the placeholder's name. It needn't be in the set.
func named(s Set) string { return s.Front + strings.ToLower(s.Where.Name) + s.Where.Ext }

// typeable says whether a line may hold the word.
func typeable(word string) bool { return line.Plain(word) == word }

// One is a word of the set, "" and false where none was found. whole is false where there may be one nevertheless.
func (f *Finder) One(s Set) (word string, ok, whole bool) {
	if named := named(s); s.Has(named) && typeable(named) {
		return named, true, true
	}
	list, whole := f.Apart([]Set{s}, nil)
	best := ""
	for _, w := range list {
		if s.Has(w) && (!ok || w != "" && !strings.HasPrefix(w, "-") && (best == "" || strings.HasPrefix(best, "-"))) {
			best, ok = w, true
		}
	}
	return best, ok, whole
}

// programs is the automata of sets that aren't lists.
func programs(sets []Set) (progs []*syntax.Prog, ok bool) {
	for _, s := range sets {
		p, err := program(s.Where)
		if err != nil {
			return nil, false
		}
		progs = append(progs, p)
	}
	return progs, true
}
