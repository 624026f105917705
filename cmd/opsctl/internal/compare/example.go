package compare

import (
	"fmt"
	"slices"

	"opsh/cmd/opsctl/internal/compare/words"
	"opsh/policy"
	"opsh/shell/line"
)

// complete is words that bring a walk to its line's end, and the file behind <. ok is false where none were found; if
// there may be some nevertheless, s.unknown says so.
func (s *search) complete(w *policy.Walk) (rest []string, input *string, ok bool) {
	one := func(set words.Set) (string, bool) {
		word, ok, whole := s.finder.One(set)
		if !ok && !whole {
			s.unknown = "no word was found that where." + set.Where.Name + " admits"
		}
		return word, ok
	}
	take := func(set words.Set) bool {
		word, ok := one(set)
		if ok {
			if w = w.Step(word); w != nil {
				rest = append(rest, word)
			}
		}
		return ok && w != nil
	}
	if p := w.Pending(); p != nil && !take(s.finder.Of(p, "")) {
		return nil, nil, false
	}
	for i := w.At(); i < len(s.line.elements); i++ {
		e := s.line.elements[i]
		switch {
		case e.Word != "":
			if w = w.Step(e.Word); w == nil {
				return nil, nil, false
			}
			rest = append(rest, e.Word)
		case e.Where != nil:
			if !e.Optional && !(i == w.At() && w.Begun()) && !take(s.finder.Of(e.Where, "")) {
				return nil, nil, false
			}
		}
		for _, o := range e.Options {
			if !o.Required || w.Given(o.Index) {
				continue
			}
			f := o.Forms[0]
			if f.Attached {
				if !take(s.finder.Of(f.Where, f.Word)) {
					return nil, nil, false
				}
				continue
			}
			if w = w.Step(f.Word); w == nil {
				return nil, nil, false
			}
			rest = append(rest, f.Word)
			if f.Where != nil && !take(s.finder.Of(f.Where, "")) {
				return nil, nil, false
			}
		}
	}
	if in := s.line.rule.Input(); in != nil {
		word, ok := one(s.finder.Of(in, ""))
		if !ok {
			return nil, nil, false
		}
		input = &word
	}
	return rest, input, w.Ends()
}

// prove asks both policies, with the command as a person would type it. l is what the other policy would check, nil
// where it refuses the command. The match is the policy's that permits it.
func (s *search) prove(c policy.Command, l *lapse) (*Example, *policy.Match, error) {
	e := &Example{Line: quote(c), Words: c.Words, Input: c.Input}
	typed, err := split(e.Line)
	if err != nil {
		return nil, nil, fmt.Errorf("the shortest example can't be typed: %w", err)
	}
	m, _ := s.from.Policy.Decide(typed)
	other, refusal := s.to.Policy.Decide(typed)
	switch {
	case m == nil || !slices.Equal(typed.Words, c.Words), (l == nil) != (other == nil), other != nil && !escapes(m, other):
		return nil, nil, fmt.Errorf("the policies decide the shortest example otherwise than was thought: %s", e.Line)
	case other == nil:
		e.Otherwise = blame(typed, refusal)
	default:
		e.Checked = true
		e.Otherwise = s.to.at(other.Rule.Pos) + " permits it if the file is there and only root can change it"
	}
	return e, m, nil
}

// escapes says whether a command that is permitted twice has a word that is checked less strictly the first time.
func escapes(free, checked *policy.Match) bool {
	return slices.ContainsFunc(checked.Fills, func(f policy.Fill) bool {
		var where *policy.Where
		offset := 0
		if i := slices.IndexFunc(free.Fills, func(g policy.Fill) bool { return g.Word == f.Word }); i >= 0 {
			where, offset = free.Fills[i].Where, free.Fills[i].Offset
		}
		return loosened(where, offset, f.Where, f.Offset)
	})
}

// blame says why a command is refused.
func blame(c policy.Command, r *policy.Refusal) string {
	switch {
	case r.Word < 0:
		return r.Reason
	case r.Word < len(c.Words):
		return fmt.Sprintf("word %d, %s: %s", r.Word+1, line.QuoteWord(c.Words[r.Word]), r.Reason)
	case c.Input != nil:
		return "behind <, " + line.QuoteWord(*c.Input) + ": " + r.Reason
	}
	return "at the end: " + r.Reason
}
