package compare

import (
	"opsh/cmd/opsctl/internal/compare/words"
	"opsh/policy"
)

// What Never may do: a hint about a line that decides nothing is worth no more. Of what it can't look through it says nothing.
const (
	neverWork  = 1_000_000
	neverPairs = 1_000_000
)

// Never is the usage lines that decide nothing, because the lines of the same tool that stand before them permit all that they permit. It
// names none of which it can't be sure. known are lines that decide something, as a test may have shown.
func Never(p *policy.Policy, known map[*policy.Rule]bool) (lines []*policy.Rule) {
	src := Source{Policy: p}
	c := &comparison{older: src, newer: src, finder: words.NewFinder(neverWork), states: mostStates, pairs: neverPairs, usages: map[*policy.Rule]*usage{}}
	for _, t := range p.Tools {
		if len(t.Rules) < 2 {
			continue
		}
		all := c.allUsages(t)
		for i, u := range all {
			if i == 0 || known[u.rule] {
				continue
			}
			s := &search{comparison: c, from: src, to: src, line: u, alone: true, visited: map[string][]*state{}, told: map[string]bool{}}
			if s.run(nil, all[:i]); len(s.found) == 0 && s.unknown == "" {
				lines = append(lines, u.rule)
			}
		}
	}
	return lines
}
