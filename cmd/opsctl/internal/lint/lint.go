// Package lint says what is wrong with a policy, and what is dangerous in one that loads.
//
// Mistakes are package policy's to find. What loads but gives more away than its author sees is found here, by what the programs are known to
// do with their words (facts_*.go). A where is judged by what it admits: it is dangerous where it admits a value that is, so that a list, or a
// pattern that was written with care, warns of nothing. What the kernel holds (exec = "none", files, connect) isn't warned of. A comment
// beside it, with a reason, allows what is meant to be so.
package lint

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"opsh/cmd/opsctl/internal/compare/words"
	"opsh/policy"
)

// Finding is one thing to say about a policy. Its texts hold what the policy holds: they are to be shown as plain text.
type Finding struct {
	Rule   string     // an ID of Rules
	At     policy.Pos // its column counts characters
	Text   string     // what is wrong and why: "cannot X: why" for a mistake
	Hint   string     // what to write instead, "" where there is nothing to say
	See    string     // the address of a public page about it, "" for mistakes
	Reason string     // why a comment allows it, "" where none does

	line *policy.Rule // the usage line that it is about, nil where it is about none
}

// Error says whether it is a mistake: the policy doesn't load.
func (f *Finding) Error() bool { return f.Rule == mistake }

// warns says whether somebody has something to do: it is neither a mistake nor allowed by a comment.
func (f *Finding) warns() bool { return !f.Error() && f.Reason == "" }

// Report is all there is to say about one policy, in the file's order.
type Report struct {
	Name                string
	Findings            []Finding
	Tools, Lines, Tests int // 0 where nothing of the policy could be read

	lines []string // of the file
}

// Errors is how many mistakes the policy has.
func (r *Report) Errors() int { return r.count((*Finding).Error) }

// Warnings is how many warnings no comment allows.
func (r *Report) Warnings() int { return r.count((*Finding).warns) }

// Allowed is how many warnings a comment allows.
func (r *Report) Allowed() int { return len(r.Findings) - r.Errors() - r.Warnings() }

func (r *Report) count(is func(*Finding) bool) (n int) {
	for i := range r.Findings {
		if is(&r.Findings[i]) {
			n++
		}
	}
	return n
}

// Check reads the policy in src; name is what messages call it. Where it has mistakes, what could be read is looked at nevertheless, but what
// is missing isn't warned of: it may stand where the mistake is.
func Check(name string, src []byte, split policy.Splitter) *Report {
	r := &Report{Name: name, lines: strings.Split(string(src), "\n")}
	p, err := policy.Draft(name, src, split)
	if all := (*policy.Errors)(nil); errors.As(err, &all) {
		for _, e := range all.List {
			r.Findings = append(r.Findings, Finding{Rule: mistake, At: e.Pos, Text: e.Msg, Hint: e.Hint})
		}
	}
	if p != nil {
		c := &checker{policy: p, layout: policy.LayoutOf(src), split: split, whole: err == nil, facts: facts(), finder: words.NewFinder(mostWork), dashed: pattern("-.+")}
		c.all()
		r.Findings = append(r.Findings, c.excuse(r.lines)...)
		r.Tools, r.Tests = len(p.Tools), len(p.Tests)
		for _, t := range p.Tools {
			r.Lines += len(t.Rules)
		}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(a.At.Line-b.At.Line, a.At.Col-b.At.Col, cmp.Compare(a.Rule, b.Rule))
	})
	return r
}

// checker collects the warnings of one policy.
type checker struct {
	policy *policy.Policy
	layout *policy.Layout
	split  policy.Splitter
	whole  bool // the policy loads
	facts  map[string]*fact
	finder *words.Finder
	dashed *policy.Where // what programs read as options

	found []Finding
}

// mostWork bounds what is looked for in patterns, in steps of their automata: less than a second.
const mostWork = 5_000_000

// all looks for everything.
func (c *checker) all() {
	c.givenAway()
	for _, t := range c.policy.Tools {
		tool := c.tool(t)
		tool.program()
		tool.exec()
		tool.prompts()
		for _, r := range t.Rules {
			tool.line(r)
		}
		tool.patterns()
		tool.secrets()
		tool.passed()
	}
	if m := c.policy.Session.Reason; m.Match != nil {
		c.pattern(m.Pattern, "reason", "session", "reason", "match")
	}
	if c.whole {
		c.tests()
	}
}

// warn notes a warning. f.At is where it belongs.
func (c *checker) warn(f Finding) {
	if f.See == "" {
		f.See = ruleOf(f.Rule).See
	}
	c.found = append(c.found, f)
}

// tool is one tool as the checks see it.
type tool struct {
	*checker
	*policy.Tool
	fact   *fact  // of its program, an empty one where nothing is known
	shows  string // how the operator may print the tool's environment, a clause; "" where that isn't known
	prompt bool   // it may be left at a prompt of its own

	inserted map[string]bool // what is told of insert
}

func (c *checker) tool(t *policy.Tool) *tool {
	f := of(c.facts, t.Path)
	if f == nil {
		f = &fact{}
	}
	return &tool{checker: c, Tool: t, fact: f, inserted: map[string]bool{}}
}

// key is where the tool's key stands, the tool's own place where it has no such key.
func (t *tool) key(names ...string) policy.Pos {
	if at, ok := t.layout.Key(append([]string{"tool", t.Name}, names...)...); ok {
		return at
	}
	return t.Pos
}

// has says whether the policy writes the tool's key.
func (t *tool) has(key string) bool {
	_, ok := t.layout.Key("tool", t.Name, key)
	return ok
}
