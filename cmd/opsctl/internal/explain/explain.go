// Package explain says, word by word, what a policy makes of a line: the usage line that permits it and what would run, or how far each
// usage line got and why it stopped there.
//
// It looks at the policy alone, at no machine. All it prints is fit for a terminal, whatever stands in the line or in the policy.
package explain

import (
	"errors"
	"strings"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/line"
)

// Explanation is what a policy makes of a line. Exactly one of Unsplit, Match and Refusal is set.
type Explanation struct {
	Policy   *policy.Policy
	Raw      string           // the line as it was typed
	Unsplit  *line.Error      // why the line doesn't split, and is refused for that
	Match    *policy.Match    // the line is permitted
	Refusal  *policy.Refusal  // it splits, and is refused
	Attempts []policy.Attempt // of each usage line of the tool, in the policy's order

	words []line.Word // as typed, the one behind "<" last
	cmd   policy.Command
}

// Explain decides by the policy as opsh does.
func Explain(p *policy.Policy, raw string) *Explanation {
	e := &Explanation{Policy: p, Raw: raw}
	l, err := line.Split(raw)
	if err != nil {
		if !errors.As(err, &e.Unsplit) {
			e.Unsplit = &line.Error{Msg: err.Error()}
		}
		return e
	}
	e.words, e.cmd = l.Words, answer.Command(l)
	if l.Input != nil {
		e.words = append(e.words, *l.Input)
	}
	e.Match, e.Refusal = p.Decide(e.cmd)
	if len(e.cmd.Words) == 0 {
		return e
	}
	if t := p.Tool(e.cmd.Words[0]); t != nil {
		for _, r := range t.Rules {
			e.Attempts = append(e.Attempts, r.Trace(e.cmd))
		}
	}
	return e
}

// Allowed says whether the policy permits the line.
func (e *Explanation) Allowed() bool { return e.Match != nil }

// nearest is the usage line that decided: the one that permits, or the one that the refusal blames. It is nil where the tool has none.
func (e *Explanation) nearest() *policy.Attempt {
	var best *policy.Attempt
	most := -1
	for i := range e.Attempts {
		if n := e.fit(&e.Attempts[i]); n > most {
			best, most = &e.Attempts[i], n
		}
	}
	return best
}

// fit says how well a usage line's attempt agrees with what was decided.
func (e *Explanation) fit(a *policy.Attempt) int {
	n := 0
	switch {
	case e.Match != nil && a.Rule == e.Match.Rule:
		return 1
	case e.Match != nil || a.Stop.Word != e.Refusal.Word:
		return 0
	case a.Rule.Text == e.Refusal.Usage: // the corrected command's, where there is one
		n = 2
	}
	if strings.HasPrefix(e.Refusal.Reason, a.Stop.Reason) {
		n++
	}
	return n + 1
}
