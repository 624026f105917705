// Package compare says what a policy permits that another refuses.
//
// Permission is the union of a tool's usage lines, so unions are compared and not lines: the commands of each line are
// walked, in the steps that Decide takes, beside all the lines of the other policy, with one word for each way in which
// the two could take a word differently (package words). What is found is proven by deciding it under both policies;
// what can't be looked through is reported as unknown, never passed over. All other settings are compared by which of
// two values permits more. Where neither does, the change is for a person to read.
//
// Decide looks at words only, Bind at files. So that neither is loosened unseen, a word that had to name a checked file
// and needn't any more counts as wider, too, though Decide permits it under both policies.
package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"opsh/cmd/opsctl/internal/compare/words"
	"opsh/policy"
)

// Effect says which way a change goes.
type Effect string

// The effects. What is Wider, for Review or Unknown needs the security team's eyes.
const (
	Wider    Effect = "wider"    // it permits what was refused
	Review   Effect = "review"   // neither value permits more, or what it permits is beyond opsh's knowledge
	Unknown  Effect = "unknown"  // it can't be told in reasonable time
	Narrower Effect = "narrower" // it refuses what was permitted
	Note     Effect = "note"     // worth knowing, and permits neither more nor less
)

// Widens says whether somebody must look at the change. Not to know counts as wider.
func (e Effect) Widens() bool { return e == Wider || e == Review || e == Unknown }

// Source is a policy and what the reader calls its file.
type Source struct {
	Name   string
	Policy *policy.Policy // nil where there was none
}

// at is a place in the file, "" where it has none.
func (s Source) at(p policy.Pos) string {
	if p.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", s.Name, p.Line)
}

// Change is one difference. Its texts hold what the policies hold: they are to be shown as plain text.
type Change struct {
	Subject string   `json:"subject"` // "session", "audit", "tool mysql", "secret db" or "test"
	Setting string   `json:"setting"` // the key; "allow" where it is about the usage lines
	Effect  Effect   `json:"effect"`
	Text    string   `json:"text"`              // what changed, one clause
	At      string   `json:"at,omitempty"`      // FILE:LINE: in the new policy; in the old one where it is narrower or gone
	Usage   string   `json:"usage,omitempty"`   // the usage line at At
	Example *Example `json:"example,omitempty"` // a command that shows it
}

// Example is a command that one policy permits and the other doesn't, or not so freely. Both were asked.
type Example struct {
	Line      string   `json:"line"` // as opsh and bash read it
	Words     []string `json:"words"`
	Input     *string  `json:"input,omitempty"`
	Otherwise string   `json:"otherwise"` // what the other policy says to it
	Checked   bool     `json:"checked"`   // it permits it, but wants a word to name a file that only root can change
}

// Report is all differences, those of one subject together.
type Report struct {
	Changes []Change
	States  int // how many states of usage lines were looked at
}

// Widened says whether a change of the report needs the security team's eyes.
func (r *Report) Widened() bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return c.Effect.Widens() })
}

// Count is how many changes have the effect.
func (r *Report) Count(e Effect) (n int) {
	for _, c := range r.Changes {
		if c.Effect == e {
			n++
		}
	}
	return n
}

// What one comparison may cost: seconds. A policy that people can read is far from either.
const (
	mostStates = 100_000    // of usage lines
	mostPairs  = 10_000_000 // of states, by their lines
	mostWork   = 20_000_000 // steps of automata
)

// Policies compares two policies. Where there was no old one, everything is new.
func Policies(older, newer Source) *Report {
	c := part(older, newer)
	if c.older.Policy == nil {
		c.older.Policy = &policy.Policy{}
		c.add(Change{Subject: "session", Setting: "session", Effect: Review, Text: "there was no policy before: all settings are new"})
	} else {
		c.session()
		c.audit()
		c.secrets()
	}
	c.tools()
	c.tests()
	return &Report{Changes: c.changes, States: c.looked}
}

// part is a comparison of some of the tools: parts run side by side, and each may cost what one may.
func part(older, newer Source) *comparison {
	return &comparison{changes: []Change{}, older: older, newer: newer, finder: words.NewFinder(mostWork), states: mostStates, pairs: mostPairs, usages: map[*policy.Rule]*usage{}}
}

// comparison collects changes.
type comparison struct {
	older, newer Source
	changes      []Change
	finder       *words.Finder
	states       int // that may still be looked at
	pairs        int // that may still be compared
	looked       int // states that the parts looked at
	usages       map[*policy.Rule]*usage
}

func (c *comparison) add(change Change) { c.changes = append(c.changes, change) }

// tools compares the tools of both policies, in the order of their names. The number of parts is fixed, so that every
// machine finds the same.
func (c *comparison) tools() {
	names := map[string]bool{}
	for _, p := range []*policy.Policy{c.older.Policy, c.newer.Policy} {
		for _, t := range p.Tools {
			names[t.Name] = true
		}
	}
	all := sorted(names)
	var parts [4]*comparison
	var work sync.WaitGroup
	for i := range parts {
		parts[i] = part(c.older, c.newer)
		mine := all[i*len(all)/len(parts) : (i+1)*len(all)/len(parts)]
		work.Go(func() {
			for _, name := range mine {
				parts[i].tool(name)
			}
		})
	}
	work.Wait()
	for _, p := range parts {
		c.changes = append(c.changes, p.changes...)
		c.looked += mostStates - p.states
	}
}

func (c *comparison) tool(name string) {
	before, after := c.older.Policy.Tool(name), c.newer.Policy.Tool(name)
	switch {
	case before == nil:
		c.add(Change{Subject: "tool " + name, Setting: "tool", Effect: Wider, At: c.newer.at(after.Pos),
			Text: fmt.Sprintf("a new tool: it runs %s as %s", after.Path, after.User)})
	case after == nil:
		c.add(Change{Subject: "tool " + name, Setting: "tool", Effect: Narrower, At: c.older.at(before.Pos), Text: "the tool is gone"})
		return
	default:
		c.settings(before, after)
	}
	c.lines(before, after)
}

// sorted is the keys of a map, in order.
func sorted[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// shown is a text of a policy as one clause holds it.
func shown(text string) string {
	const most = 100
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// onlyIn is the texts of a list that another lacks, in its order.
func onlyIn(list, other []string) (only []string) {
	has := map[string]bool{}
	for _, s := range other {
		has[s] = true
	}
	for _, s := range list {
		if !has[s] {
			only = append(only, s)
		}
	}
	return only
}

// some is the first few texts of a list.
func some(list []string) string {
	const most = 5
	texts := make([]string, 0, most)
	for _, s := range list[:min(len(list), most)] {
		texts = append(texts, shown(s))
	}
	text := strings.Join(texts, ", ")
	if len(list) > most {
		text += fmt.Sprintf(" and %d more", len(list)-most)
	}
	return text
}
