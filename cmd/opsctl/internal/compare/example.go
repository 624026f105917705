package compare

import (
	"fmt"
	"slices"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/line"
)

// complete is words that bring a walk to its line's end, and the file behind <. ok is false where none were found; if
// there may be some nevertheless, s.unknown says so.
func (s *search) complete(w *policy.Walk) (rest []string, input *string, ok bool) {
	if p := w.Pending(); p != nil {
		word, ok := s.one(p, "")
		if !ok {
			return nil, nil, false
		}
		rest = append(rest, word)
		w = w.Step(word)
	}
	more, ok := s.remaining(w, w.At())
	if in := s.line.rule.Input(); in != nil && ok {
		var word string
		word, ok = s.one(in, "")
		input = &word
	}
	return append(rest, more...), input, ok
}

// one is a word for a place of the line.
func (s *search) one(w *policy.Where, front string) (string, bool) {
	word, ok, whole := s.finder.One(s.finder.Of(w, front))
	if !ok && !whole {
		s.unknown = "no word was found that where." + w.Name + " admits"
	}
	return word, ok
}

// remaining is words for the elements from i on. What may be left out is, but for an operand that must stand between
// two rows of options: the first doesn't reach past it.
func (s *search) remaining(w *policy.Walk, i int) ([]string, bool) {
	if i >= len(s.line.elements) {
		return nil, w.Ends()
	}
	e := &s.line.elements[i]
	var ways [][]string
	switch {
	case e.Word != "":
		ways = append(ways, []string{e.Word})
	case e.Where != nil:
		if e.Optional || i == w.At() && w.Begun() {
			ways = append(ways, nil)
		}
		if word, ok := s.one(e.Where, ""); ok {
			ways = append(ways, []string{word})
		}
	default:
		if list, ok := s.required(e, w); ok {
			ways = append(ways, list)
		}
	}
	for _, way := range ways {
		next := w
		for _, word := range way {
			if next != nil {
				next = next.Step(word)
			}
		}
		if next == nil {
			continue
		}
		if rest, ok := s.remaining(next, i+1); ok {
			return append(way, rest...), true
		}
	}
	return nil, false
}

// required is the words of a row's options that must be given and weren't.
func (s *search) required(row *policy.Element, w *policy.Walk) (list []string, ok bool) {
	for _, o := range row.Options {
		if !o.Required || w.Given(o.Index) {
			continue
		}
		f := o.Forms[0] // it has no other
		if f.Where == nil {
			list = append(list, f.Word)
			continue
		}
		front := ""
		if f.Attached {
			front = f.Word
		} else {
			list = append(list, f.Word)
		}
		word, ok := s.one(f.Where, front)
		if !ok {
			return nil, false
		}
		list = append(list, word)
	}
	return list, true
}

// prove asks both policies, with the command as a person would type it. l is what the other policy would check, nil
// where it refuses the command. The match is the policy's that permits it.
func (s *search) prove(c policy.Command, l *lapse) (*Example, *policy.Match, error) {
	e := &Example{Line: answer.Quoted(c), Words: c.Words, Input: c.Input}
	typed, err := answer.Split(e.Line)
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
