package cover

import (
	"maps"
	"slices"
	"strconv"

	"opsh/policy"
	"opsh/shell/answer"
)

// partGoal asks for a command that gives a part of a usage line, or leaves it out.
type partGoal struct {
	part  int
	given bool
}

// wordGoal asks for a command with a word for a placeholder.
type wordGoal struct {
	where *policy.Where
	word  string
}

// propose finds a command that the usage line permits, as the goals say; nil where it finds none, because an earlier usage line takes them
// all, or because no word for a placeholder could be made up.
func (s *survey) propose(r *policy.Rule, part *partGoal, word *wordGoal) *Proposal {
	for _, all := range []bool{false, true} { // with what must be given only, and with all that may be
		c, ok := s.build(r, part, word, all)
		if !ok {
			continue
		}
		again, ok := typed(c)
		if !ok {
			continue
		}
		if m, _ := s.policy.Decide(again); m != nil && m.Rule == r && (part == nil || s.gives(r, again, part.part) == part.given) {
			return &Proposal{Run: answer.Quoted(c), Allow: true}
		}
	}
	return nil
}

func (s *survey) gives(r *policy.Rule, c policy.Command, part int) bool {
	return slices.ContainsFunc(r.Trace(c).Takes, func(t policy.Take) bool { return t.Part == part })
}

// allowing proposes a test that is allowed with the word, or with any, for a placeholder.
func (s *survey) allowing(w *policy.Where, word *string) *Proposal {
	if word == nil {
		good, ok := s.sample(w)
		if !ok {
			return nil
		}
		word = &good
	}
	for _, r := range s.wheres[w].rules {
		if p := s.propose(r, nil, &wordGoal{w, *word}); p != nil {
			return p
		}
	}
	return nil
}

// refusing proposes a test that is refused because of the placeholder.
func (s *survey) refusing(w *policy.Where) *Proposal {
	for _, r := range s.wheres[w].rules {
		for _, bad := range s.strangers(w) {
			c, ok := s.build(r, nil, &wordGoal{w, bad}, false)
			if !ok {
				break
			}
			again, ok := typed(c)
			if !ok {
				continue
			}
			if m, _ := s.policy.Decide(again); m == nil && s.because(r, again) == w {
				return &Proposal{Run: answer.Quoted(c)}
			}
		}
	}
	return nil
}

// build makes a command of a usage line: what is required, what the goals ask for, and, with all, what is optional. It needn't be permitted.
func (s *survey) build(r *policy.Rule, part *partGoal, word *wordGoal, all bool) (c policy.Command, ok bool) {
	c.Words = []string{r.Tool.Name}
	ok = true
	value := func(w *policy.Where) string {
		if word != nil && w == word.where {
			return word.word
		}
		good, found := s.sample(w)
		ok = ok && found
		return good
	}
	for i, p := range s.lines[r].parts {
		spelling := 0
		wanted := word != nil && p.Where == word.where
		if word != nil {
			if j := slices.IndexFunc(p.Spellings, func(sp policy.Spelling) bool { return sp.Where == word.where }); j >= 0 {
				spelling, wanted = j, true
			}
		}
		give := !p.Optional || all || wanted
		if part != nil && part.part == i {
			give = part.given
		}
		if !give {
			continue
		}
		switch p.Kind {
		case policy.PartLiteral:
			c.Words = append(c.Words, r.Text[p.From:p.To])
		case policy.PartOperand:
			c.Words = append(c.Words, value(p.Where))
		case policy.PartInput:
			in := value(p.Where)
			c.Input = &in
		case policy.PartOption:
			switch sp := p.Spellings[spelling]; {
			case sp.Where == nil:
				c.Words = append(c.Words, sp.Word)
			case sp.Attached:
				c.Words = append(c.Words, sp.Word+value(sp.Where))
			default:
				c.Words = append(c.Words, sp.Word, value(sp.Where))
			}
		}
	}
	return c, ok
}

// typed is the command as opsh reads it when it is typed; ok is false where that is another one.
func typed(c policy.Command) (again policy.Command, ok bool) {
	again, err := answer.Split(answer.Quoted(c))
	if err != nil {
		return again, false
	}
	same := slices.Equal(c.Words, again.Words) && (c.Input == nil) == (again.Input == nil) && (c.Input == nil || *c.Input == *again.Input)
	return again, same
}

func sortedNames(wheres map[string]*policy.Where) []string { return slices.Sorted(maps.Keys(wheres)) }

// strangers are words that a placeholder probably doesn't admit, those first that a reviewer would try.
func (s *survey) strangers(w *policy.Where) []string {
	switch w.Kind {
	case policy.WhereList:
		return []string{"other", "another", "none", w.List[0] + "x"}
	case policy.WhereInt:
		above, below := w.Max+1, w.Min-1
		if above > w.Max {
			return []string{strconv.FormatInt(above, 10), "x"}
		}
		return []string{strconv.FormatInt(below, 10), "x"}
	case policy.WherePath:
		return []string{"/etc/passwd", "../other" + w.Ext}
	}
	return []string{"$(id)", "a b", "../x", "x;", "é", "x", "0", "-x"}
}
