package words

import (
	"regexp/syntax"
	"slices"
	"unicode"
)

// letters is the characters in classes that a number of automata can't tell the members of apart.
type letters struct {
	cuts    []rune // where an interval begins, from 0 on, sorted
	classOf []int  // of each interval
	classes []class
	order   []int // the classes with a character that can be typed, the easiest to read first
}

type class struct {
	intervals []int
	sample    rune // -1 where none can be typed
}

// readable is what an example is made of where there is a choice.
const readable = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_./-=:,@%+ !\"#$&'()*;<>?[\\]^`{|}~\t\n"

// lettersOf makes the classes for automata; alone are characters that get a class of their own.
func lettersOf(progs []*syntax.Prog, alone []rune) *letters {
	l := &letters{}
	cuts := map[rune]bool{0: true}
	cut := func(low, high rune) { cuts[low], cuts[high+1] = true, true }
	for _, r := range alone {
		cut(r, r)
	}
	tests, wordy := matchers(progs)
	for _, in := range tests {
		switch {
		case in.Op == syntax.InstRuneAnyNotNL:
			cut('\n', '\n')
		case len(in.Rune) == 1:
			cut(in.Rune[0], in.Rune[0])
			if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
				for r := unicode.SimpleFold(in.Rune[0]); r != in.Rune[0]; r = unicode.SimpleFold(r) {
					cut(r, r)
				}
			}
		default:
			for i := 0; i+1 < len(in.Rune); i += 2 {
				cut(in.Rune[i], in.Rune[i+1])
			}
		}
	}
	if wordy {
		cut('0', '9')
		cut('A', 'Z')
		cut('_', '_')
		cut('a', 'z')
		cut('\n', '\n')
	}
	for r := range cuts {
		if r <= unicode.MaxRune {
			l.cuts = append(l.cuts, r)
		}
	}
	slices.Sort(l.cuts)
	l.merge(tests, wordy, alone)
	l.samples()
	return l
}

// matchers is every test of a character that the automata make, each once, and whether they look at more of a
// character's neighbours than whether there are any.
func matchers(progs []*syntax.Prog) (tests []*syntax.Inst, wordy bool) {
	type test struct { // repeated parts of a pattern share their table
		op    syntax.InstOp
		flags uint32
		table *rune
		size  int
	}
	seen := map[test]bool{}
	for _, p := range progs {
		for i := range p.Inst {
			in := &p.Inst[i]
			switch in.Op {
			case syntax.InstEmptyWidth:
				wordy = wordy || looksAround(in)
			case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAnyNotNL:
				key := test{op: in.Op, flags: in.Arg, size: len(in.Rune)}
				if len(in.Rune) > 0 {
					key.table = &in.Rune[0]
				}
				if !seen[key] {
					seen[key] = true
					tests = append(tests, in)
				}
			}
		}
	}
	return tests, wordy
}

// looksAround says whether an assertion depends on which characters stand around it.
func looksAround(in *syntax.Inst) bool {
	return syntax.EmptyOp(in.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0
}

// merge puts the intervals that no test tells apart into one class.
func (l *letters) merge(tests []*syntax.Inst, wordy bool, alone []rune) {
	byAnswers := map[string]int{}
	answers := make([]byte, 0, len(tests)+len(alone)+2)
	for i, low := range l.cuts {
		answers = answers[:0]
		bit := func(on bool) {
			if on {
				answers = append(answers, '1')
			} else {
				answers = append(answers, '0')
			}
		}
		for _, in := range tests {
			bit(in.MatchRune(low))
		}
		for _, r := range alone {
			bit(r == low)
		}
		bit(wordy && syntax.IsWordChar(low))
		bit(wordy && low == '\n')
		c, known := byAnswers[string(answers)]
		if !known {
			c = len(l.classes)
			byAnswers[string(answers)] = c
			l.classes = append(l.classes, class{sample: -1})
		}
		l.classOf = append(l.classOf, c)
		l.classes[c].intervals = append(l.classes[c].intervals, i)
	}
}

// samples finds a character of each class that can be typed.
func (l *letters) samples() {
	for _, r := range readable {
		if c := l.of(r); l.classes[c].sample < 0 {
			l.classes[c].sample = r
			l.order = append(l.order, c)
		}
	}
	for c := range l.classes {
		if l.classes[c].sample >= 0 {
			continue
		}
		l.each(c, func(r rune) bool {
			l.classes[c].sample = r
			l.order = append(l.order, c)
			return false
		})
	}
}

// of is the class of a character.
func (l *letters) of(r rune) int {
	i, found := slices.BinarySearch(l.cuts, r)
	if !found {
		i--
	}
	return l.classOf[i]
}

// each calls yield with the characters of a class that can be typed, until it returns false.
func (l *letters) each(c int, yield func(rune) bool) {
	for _, i := range l.classes[c].intervals {
		high := rune(unicode.MaxRune)
		if i+1 < len(l.cuts) {
			high = l.cuts[i+1] - 1
		}
		for r := l.cuts[i]; r <= high; r++ {
			if typeable(string(r)) && !yield(r) {
				return
			}
		}
	}
}
