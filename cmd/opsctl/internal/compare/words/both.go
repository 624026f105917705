package words

import "opsh/policy"

// Both is a short word, not an empty one, that both wheres admit and that can be typed; "" and false where none was found. whole is false
// where there may be one nevertheless.
func (f *Finder) Both(a, b *policy.Where) (word string, ok, whole bool) {
	sets := []Set{f.Of(a, ""), f.Of(b, "")}
	key := "both\x00" + sets[0].key + "\x00" + sets[1].key
	got, known := f.answers[key]
	if !known {
		got = f.both(sets)
		f.answers[key] = got
	}
	if len(got.words) == 0 {
		return "", false, got.whole
	}
	return got.words[0], true, true
}

func (f *Finder) both(sets []Set) answer {
	for i, s := range sets {
		if s.Where.Kind != policy.WhereList {
			continue
		}
		for _, w := range s.Where.List {
			if w != "" && s.Has(w) && sets[1-i].Has(w) && typeable(w) {
				return answer{[]string{w}, true}
			}
		}
		return answer{whole: true}
	}
	progs, ok := programs(sets)
	if !ok {
		return answer{}
	}
	s := &side{letters: lettersOf(progs, []rune{'-'}), seen: map[string]bool{}, both: true}
	spare := max(0, f.Work-enough)
	left := f.Work - spare
	root := place{from: -1}
	for i, set := range sets {
		s.machines = append(s.machines, newMachine(set, progs[i], s.letters, &left))
		root.states = append(root.states, start)
	}
	s.visit(root)
	got := answer{whole: true}
	for i := 0; i < len(s.places) && got.whole; i++ {
		if s.ends(i) {
			got.words = []string{s.word(i)}
			break
		}
		for _, class := range s.letters.order {
			if left -= len(sets) + 1; left < 0 {
				got.whole = false
				break
			}
			s.follow(i, class)
		}
	}
	f.Work = spare + left
	return got
}

// ends says whether the place's word is in every set.
func (s *side) ends(i int) bool {
	for j, state := range s.places[i].states {
		if !s.machines[j].states[state].ends {
			return false
		}
	}
	return i > 0 // the empty word is no example of anything
}
