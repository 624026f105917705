// Package cover says what of a policy its tests don't touch: usage lines, optional parts, words of lists, placeholders; and proposes tests
// for it. A proposal is printed only after the policy, as it is, decided it as proposed.
package cover

import (
	"fmt"
	"slices"

	"opsh/policy"
	"opsh/shell/line"
)

// Report is how much of a policy its tests cover. What is counted, each as one goal:
//
//   - each usage line: a test that it allows;
//   - each optional part of one: a test that it allows with the part, and one without. All spellings of an option are one part;
//   - each word of a where's list: a test that is allowed with it; each other where: a test that is allowed with any word;
//   - each where but "any": a test that is refused because of it, and would be allowed with another word in that place. All that "any"
//     refuses is the empty word and one that begins with -.
type Report struct {
	Goals, Covered int
	Gaps           []Gap // in the policy's order
}

// Gap is something that no test touches.
type Gap struct {
	Pos   policy.Pos
	What  string    // one clause
	Usage string    // the usage line that it is about, "" for a where
	Goals int       // how many it stands for
	Test  *Proposal // a test that fills it, or some of it; nil where none was found
}

// Proposal is a test that passes.
type Proposal struct {
	Run   string
	Allow bool
}

// Percent is rounded down: 100 means all.
func (r *Report) Percent() int {
	if r.Goals == 0 {
		return 100
	}
	return r.Covered * 100 / r.Goals
}

// Of measures the tests that pass; one that fails covers nothing.
func Of(p *policy.Policy, results []policy.Result) *Report {
	s := &survey{policy: p, lines: map[*policy.Rule]*usage{}, wheres: map[*policy.Where]*use{}, report: &Report{}}
	for _, t := range p.Tools {
		for _, r := range t.Rules {
			s.addLine(r)
		}
	}
	for _, r := range results {
		if r.Allow && r.Match != nil {
			s.allowed(&r)
		}
	}
	for _, r := range results { // behind the others: these say which words are admitted
		if !r.Allow && r.Refusal != nil && len(r.Command.Words) > 0 {
			s.refused(&r)
		}
	}
	for _, t := range p.Tools {
		s.tool(t)
	}
	slices.SortStableFunc(s.report.Gaps, func(a, b Gap) int {
		if a.Pos.Line != b.Pos.Line {
			return a.Pos.Line - b.Pos.Line
		}
		return a.Pos.Col - b.Pos.Col
	})
	return s.report
}

// survey is what the tests touch.
type survey struct {
	policy *policy.Policy
	lines  map[*policy.Rule]*usage
	wheres map[*policy.Where]*use
	report *Report
}

// usage is what tests do with a usage line.
type usage struct {
	parts       []policy.Part
	allowed     bool
	given, left []bool // each of parts, in tests that it allows
}

// use is what tests do with a where.
type use struct {
	rules   []*policy.Rule // that have it
	words   []string       // that it admitted, each once
	refused bool           // a test is refused because of it
}

func (s *survey) addLine(r *policy.Rule) {
	parts := r.Parts()
	s.lines[r] = &usage{parts: parts, given: make([]bool, len(parts)), left: make([]bool, len(parts))}
	add := func(w *policy.Where) {
		if w == nil {
			return
		}
		if s.wheres[w] == nil {
			s.wheres[w] = &use{}
		}
		if u := s.wheres[w]; !slices.Contains(u.rules, r) {
			u.rules = append(u.rules, r)
		}
	}
	for _, p := range parts {
		add(p.Where)
		for _, sp := range p.Spellings {
			add(sp.Where)
		}
	}
}

// allowed notes what a test that is allowed touches.
func (s *survey) allowed(r *policy.Result) {
	u := s.lines[r.Match.Rule]
	given := make([]bool, len(u.parts))
	for _, t := range r.Match.Rule.Trace(r.Command).Takes {
		given[t.Part] = true
		if t.Where == nil {
			continue
		}
		if w, word := s.wheres[t.Where], wordOf(r.Command, t.Word)[t.Offset:]; !slices.Contains(w.words, word) {
			w.words = append(w.words, word)
		}
	}
	u.allowed = true
	for i, g := range given {
		u.given[i] = u.given[i] || g
		u.left[i] = u.left[i] || !g
	}
}

// refused notes because of which placeholders a test is refused.
func (s *survey) refused(r *policy.Result) {
	t := s.policy.Tool(r.Command.Words[0])
	if t == nil {
		return
	}
	for _, rule := range t.Rules {
		if w := s.because(rule, r.Command); w != nil {
			s.wheres[w].refused = true
		}
	}
}

// because is the one placeholder for which a usage line refuses a command: with other words in its places the line permits it. It is nil
// where anything else is wrong, too.
func (s *survey) because(r *policy.Rule, c policy.Command) *policy.Where {
	a := r.Trace(c)
	if a.Stop == nil || a.Stop.Where == nil {
		return nil
	}
	w := a.Stop.Where
	good, ok := s.sample(w)
	if !ok {
		return nil
	}
	for range len(c.Words) + 1 {
		if a.Stop.Where != w {
			return nil
		}
		c = replace(c, a.Stop.Word, a.Stop.Offset, good)
		if a = r.Trace(c); a.Stop == nil {
			return w
		}
	}
	return nil
}

// wordOf is a word of the command, the one behind "<" where i is the number of words.
func wordOf(c policy.Command, i int) string {
	if i == len(c.Words) {
		return *c.Input
	}
	return c.Words[i]
}

// replace is the command with another value in word i, from offset on.
func replace(c policy.Command, i, offset int, value string) policy.Command {
	if i == len(c.Words) {
		c.Input = &value
		return c
	}
	c.Words = slices.Clone(c.Words)
	c.Words[i] = c.Words[i][:offset] + value
	return c
}

// goal counts goals, and notes a gap where they aren't covered. silent: another gap stands for it.
func (s *survey) goal(covered, silent bool, gap func() Gap) {
	s.report.Goals++
	switch {
	case covered:
		s.report.Covered++
	case !silent:
		g := gap()
		g.Goals = 1
		s.report.Gaps = append(s.report.Gaps, g)
	}
}

func (s *survey) tool(t *policy.Tool) {
	for _, r := range t.Rules {
		s.line(r)
	}
	for _, name := range sortedNames(t.Where) {
		s.where(t.Where[name])
	}
}

func (s *survey) line(r *policy.Rule) {
	u := s.lines[r]
	s.goal(u.allowed, false, func() Gap {
		return Gap{Pos: r.Pos, What: "no test is allowed by", Usage: r.Text, Test: s.propose(r, nil, nil)}
	})
	for i, p := range u.parts {
		if !p.Optional {
			continue
		}
		gap := func(what string, given bool) func() Gap {
			return func() Gap {
				return Gap{Pos: r.At(p.From), What: "no test " + what + " " + r.Text[p.From:p.To] + " in", Usage: r.Text,
					Test: s.propose(r, &partGoal{i, given}, nil)}
			}
		}
		s.goal(u.given[i], !u.allowed, gap("gives", true))
		s.goal(u.left[i], !u.allowed, gap("leaves out", false))
	}
}

func (s *survey) where(w *policy.Where) {
	u := s.wheres[w]
	// A usage line that no test is allowed by is a gap already, and its test will fill in the placeholder.
	silent := !slices.ContainsFunc(u.rules, func(r *policy.Rule) bool { return s.lines[r].allowed })
	if w.Kind == policy.WhereList {
		s.list(w, u, silent)
	} else {
		s.goal(len(u.words) > 0, silent, func() Gap {
			return Gap{Pos: w.Pos, What: fmt.Sprintf("no test is allowed with a word for where.%s", w.Name), Test: s.allowing(w, nil)}
		})
	}
	if w.Kind != policy.WhereAny {
		s.goal(u.refused, silent, func() Gap {
			return Gap{Pos: w.Pos, What: "no test is refused because of where." + w.Name, Test: s.refusing(w)}
		})
	}
}

// list counts each word, and notes one gap for all that are missing.
func (s *survey) list(w *policy.Where, u *use, silent bool) {
	known := map[string]bool{}
	for _, word := range u.words {
		known[word] = true
	}
	var missing []string
	for _, word := range w.List {
		s.report.Goals++
		if known[word] {
			s.report.Covered++
		} else {
			missing = append(missing, word)
		}
	}
	if len(missing) == 0 || silent {
		return
	}
	const most = 5
	what := "no test is allowed with " + line.Quote(missing[:min(len(missing), most)]...)
	if n := len(missing) - most; n > 0 {
		what += fmt.Sprintf(" and %d more", n)
	}
	s.report.Gaps = append(s.report.Gaps, Gap{Pos: w.Pos, What: what + " for where." + w.Name, Goals: len(missing), Test: s.allowing(w, &missing[0])})
}
