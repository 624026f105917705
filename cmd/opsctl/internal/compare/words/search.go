package words

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"opsh/policy"
)

// search runs the automata of the sets side by side, from short words to long ones, past the known words, and finds
// the shortest word of each kind that is in one of them at least.
func (f *Finder) search(sets []Set, known map[string]bool) (found []string, whole bool) {
	progs, ok := programs(sets)
	if !ok {
		return nil, false
	}
	alone := []rune{'-'}
	for _, s := range sets {
		alone = append(alone, []rune(s.Front)...)
	}
	s := &side{letters: lettersOf(progs, alone), known: plant(known), most: kindsAtMost(sets), seen: map[string]bool{}}
	spare := max(0, f.Work-enough)
	left := f.Work - spare
	for i, set := range sets {
		s.machines = append(s.machines, newMachine(set, progs[i], s.letters, &left))
	}
	var first []string
	for i, set := range sets {
		if word, ok := s.machines[i].shortest(); ok && !known[set.Front+word] {
			first = append(first, set.Front+word)
		}
	}
	found, whole = s.run(sets, first, &left)
	f.Work = spare + left
	return found, whole
}

// side is machines that run side by side.
type side struct {
	letters  *letters
	machines []*machine
	known    *twig
	most     int // as many kinds there can be
	places   []place
	seen     map[string]bool
	both     bool // only words that all machines take are looked for
}

// kindsAtMost is how many kinds of words in some of the sets there can be: each set has it or not, but not none, once
// for words that begin with - and once for the others. A set of any word has them all.
func kindsAtMost(sets []Set) int {
	var plain, dashed []Set
	for _, s := range sets {
		if s.Front == "" {
			plain = append(plain, s)
		}
		if !s.noDash() {
			dashed = append(dashed, s)
		}
	}
	count := func(sets []Set) int {
		const many = 30
		isAny := func(s Set) bool { return s.Front == "" && s.Where.Kind == policy.WhereAny }
		if slices.ContainsFunc(sets, isAny) {
			return 1 << min(len(slices.DeleteFunc(sets, isAny)), many)
		}
		return 1<<min(len(sets), many) - 1
	}
	return count(plain) + count(dashed)
}

// place is what a word leads to. known is nil where no known word begins so.
type place struct {
	states []int
	known  *twig
	dash   bool // the word begins with -
	from   int  // the place before the last character, -1 for the empty word
	by     rune
}

// twig is a place in the tree of the known words.
type twig struct {
	number int // from 1
	next   map[rune]*twig
	ends   bool
}

func plant(words map[string]bool) *twig {
	root, count := &twig{number: 1, next: map[rune]*twig{}}, 1
	for w := range words {
		t := root
		for _, r := range w {
			if t.next[r] == nil {
				count++
				t.next[r] = &twig{number: count, next: map[rune]*twig{}}
			}
			t = t.next[r]
		}
		t.ends = true
	}
	return root
}

// run goes on until it found every kind. first are words that were found already, the shortest of theirs.
func (s *side) run(sets []Set, first []string, left *int) (found []string, whole bool) {
	kinds := map[string]bool{}
	for _, w := range first {
		if kind := kindOf(sets, w); !kinds[kind] {
			kinds[kind] = true
			found = append(found, w)
		}
	}
	root := place{known: s.known, from: -1}
	for range s.machines {
		root.states = append(root.states, start)
	}
	s.visit(root)
	for i := 0; i < len(s.places) && len(found) < s.most; i++ {
		if kind := s.kind(i); strings.Contains(kind, "1") && !kinds[kind] {
			kinds[kind] = true
			found = append(found, s.word(i))
		}
		for _, class := range s.letters.order {
			if *left -= len(s.machines) + 1; *left < 0 {
				return found, false
			}
			s.follow(i, class)
		}
	}
	return found, true
}

// kind is kindOf of the place's word, without a 1 where that is known.
func (s *side) kind(i int) string {
	p := &s.places[i]
	if i == 0 || p.known != nil && p.known.ends {
		return ""
	}
	kind := make([]byte, len(p.states)+1)
	for j, state := range p.states {
		kind[j] = '0'
		if s.machines[j].states[state].ends {
			kind[j] = '1'
		}
	}
	kind[len(p.states)] = ' '
	if p.dash {
		kind[len(p.states)] = '-'
	}
	return string(kind)
}

// follow goes from a place with the characters of a class: with each that leads along known words, and with one that
// leads away from them.
func (s *side) follow(i, class int) {
	p := s.places[i] // a copy: visit makes the list grow
	next := place{states: make([]int, len(p.states)), dash: p.dash, from: i}
	alive := false
	for j, state := range p.states {
		next.states[j] = s.machines[j].step(state, class)
		if alive = alive || next.states[j] != dead; s.both && next.states[j] == dead {
			return
		}
	}
	if !alive {
		return
	}
	visit := func(r rune, known *twig) {
		to := next
		to.by, to.known = r, known
		if i == 0 {
			to.dash = r == '-'
		}
		s.visit(to)
	}
	beside := s.letters.classes[class].sample
	if p.known != nil {
		for _, r := range slices.Sorted(maps.Keys(p.known.next)) {
			if s.letters.of(r) == class {
				visit(r, p.known.next[r])
			}
		}
		if p.known.next[beside] != nil {
			beside = -1
			s.letters.each(class, func(r rune) bool {
				if p.known.next[r] == nil {
					beside = r
				}
				return beside < 0
			})
		}
	}
	if beside >= 0 {
		visit(beside, nil)
	}
}

// visit notes a place that wasn't seen before.
func (s *side) visit(p place) {
	var key []byte
	for _, state := range p.states {
		key = binary.AppendUvarint(key, uint64(state))
	}
	number := uint64(0)
	if p.known != nil {
		number = uint64(p.known.number)
	}
	key = binary.AppendUvarint(key, number)
	if p.dash {
		key = append(key, 1)
	}
	if !s.seen[string(key)] {
		s.seen[string(key)] = true
		s.places = append(s.places, p)
	}
}

// word is what leads to a place.
func (s *side) word(i int) string {
	var back []rune
	for ; s.places[i].from >= 0; i = s.places[i].from {
		back = append(back, s.places[i].by)
	}
	slices.Reverse(back)
	return string(back)
}
