package policy

import (
	"errors"
	"fmt"
	"strconv"
)

// Result is how one [[test]] fared.
type Result struct {
	Test
	Command Command  // the split line; nothing where Err is set
	Match   *Match   // the line is permitted
	Refusal *Refusal // the line is refused
	Err     error    // the line doesn't split, so it is refused
}

// Tested reads a policy as Parse does, but returns one whose tests fail, too, and how each fared, in the file's order. It is for showing
// that to people: opsh uses Open, and Bind runs nothing by a policy that Parse would have refused. split must not be nil.
func Tested(name string, src []byte, split Splitter) (*Policy, []Result, error) {
	l := newLoader()
	l.load(src)
	p, err := l.finish(name, src)
	if err != nil {
		return nil, nil, err
	}
	results := make([]Result, len(p.Tests))
	for i, t := range p.Tests {
		results[i] = p.test(t, split)
		why, _ := results[i].Why()
		p.failing = p.failing || why != ""
	}
	return p, results, nil
}

// Draft reads a policy as Parse does, and beside its mistakes returns what of it could be read, nil where nothing could: what else is to be
// said of a file shouldn't wait until its mistakes are mended. In a draft a placeholder may lack its where, a where its meaning, a tool its
// path and its lines. It is for showing only: Bind runs nothing by a policy that Parse refuses.
func Draft(name string, src []byte, split Splitter) (*Policy, error) {
	l := parse(src, split)
	p, err := l.finish(name, src)
	if err == nil || l.policy == nil {
		return p, err
	}
	l.policy.sortWarnings()
	l.policy.Name, l.policy.failing = name, true
	return l.policy, err
}

// test holds the policy against one of its tests. It uses what the prompt uses, so that what a test says holds there.
func (p *Policy) test(t Test, split Splitter) Result {
	r := Result{Test: t}
	if r.Command, r.Err = split(t.Run); r.Err == nil {
		r.Match, r.Refusal = p.Decide(r.Command)
	}
	return r
}

// Why says in one clause why the test fails, with a hint where there is one; "" where it passes.
func (r *Result) Why() (why, hint string) {
	switch {
	case r.Allow && r.Err != nil:
		var advice interface{ Advice() string }
		if errors.As(r.Err, &advice) {
			hint = advice.Advice()
		}
		return fmt.Sprintf("it wants allow, but the line is refused: %v", r.Err), hint
	case r.Allow && r.Match == nil:
		if r.Refusal.Usage != "" {
			hint = "usage: " + r.Refusal.Usage
		}
		return "it wants allow, but the policy refuses " + blamed(r.Command, r.Refusal) + r.Refusal.Reason, hint
	case !r.Allow && r.Match != nil:
		return fmt.Sprintf("it wants refuse, but line %d of the policy permits it", r.Match.Rule.Pos.Line), "usage: " + r.Match.Rule.Text
	}
	return "", ""
}

// blamed names the word that a refusal is about, counted from 1 as people do.
func blamed(c Command, r *Refusal) string {
	word := "the end of the line"
	switch {
	case r.Word < 0:
		return "it: "
	case r.Word < len(c.Words):
		word = "word " + strconv.Itoa(r.Word+1) + ", " + quoted(c.Words[r.Word])
	case c.Input != nil:
		word = "the word behind <, " + quoted(*c.Input)
	}
	return word + ": "
}
