package compare

import (
	"fmt"
	"slices"

	"opsh/policy"
)

// lines compares the commands that the tool's usage lines permit. before is nil where the tool is new.
func (c *comparison) lines(before, after *policy.Tool) {
	c.permits(c.newer, after, c.older, before, Wider)
	if before != nil {
		c.permits(c.older, before, c.newer, after, Narrower)
	}
}

// permits adds what the lines of a tool permit and those of the other policy refuse.
func (c *comparison) permits(from Source, tool *policy.Tool, to Source, other *policy.Tool, effect Effect) {
	mine, theirs := c.allUsages(tool), c.allUsages(other)
	strict := slices.ContainsFunc(theirs, (*usage).readsPaths)
	for i, u := range mine {
		if kept(mine[:i], u, theirs, strict) {
			continue
		}
		s := &search{comparison: c, from: from, to: to, line: u, strict: strict, visited: map[string][]*state{}, told: map[string]bool{}}
		s.run(mine[:i], theirs)
		change := Change{Subject: "tool " + tool.Name, Setting: "allow", Effect: effect, At: from.at(u.rule.Pos), Usage: u.rule.Text}
		for _, f := range s.found {
			if s.shownBy(f.lapse) {
				continue
			}
			change.Text, change.Example = f.text(effect), f.example
			c.add(change)
		}
		change.Example = nil
		if len(s.found) == mostFindings {
			change.Effect, change.Text = Note, "and perhaps more commands: no others were looked for"
			c.add(change)
		}
		if s.unknown != "" {
			change.Effect, change.Text = Unknown, "cannot tell what more this line permits: "+s.unknown
			if effect == Narrower {
				change.Effect, change.Text = Note, "cannot tell what of this line is refused now: "+s.unknown
			}
			c.add(change)
		}
	}
}

func (c *comparison) allUsages(t *policy.Tool) (all []*usage) {
	if t == nil {
		return nil
	}
	for _, r := range t.Rules {
		all = append(all, c.usage(r))
	}
	return all
}

// kept says whether the other policy has the same line, so that there is nothing to look for. Where it reads paths
// (strict), the first line that matches decides what is checked; then what stands before its line must stand before
// this one, too.
func kept(before []*usage, u *usage, theirs []*usage, strict bool) bool {
	same := func(a *usage) func(*usage) bool { return func(b *usage) bool { return a.meaning == b.meaning } }
	i := slices.IndexFunc(theirs, same(u))
	if i < 0 || !strict {
		return i >= 0
	}
	return !slices.ContainsFunc(theirs[:i], func(t *usage) bool { return !slices.ContainsFunc(before, same(t)) })
}

// finding is a command that one policy permits and the other doesn't, or not so freely.
type finding struct {
	example *Example
	match   *policy.Match
	lapse   *lapse // nil where the other policy refuses the command
}

// lapse is a word that one policy permits as the name of a file that it checks, and the other without that check.
type lapse struct {
	word          string
	checked, free *policy.Where // free is nil where the word is the line's own
}

// shownBy says whether another finding shows a lapse better: with a word that the other policy's letters refuse.
func (s *search) shownBy(l *lapse) bool {
	return l != nil && slices.ContainsFunc(s.found, func(f finding) bool {
		return f.lapse == nil && slices.ContainsFunc(f.match.Fills, func(fill policy.Fill) bool {
			return fill.Where == l.free && !l.checked.Takes(filledBy(f.match, fill), fill.Offset > 0)
		})
	})
}

// filledBy is the word, or the part of one, that filled a placeholder.
func filledBy(m *policy.Match, f policy.Fill) string {
	if f.Word == len(m.Words) {
		return *m.Input
	}
	return m.Words[f.Word][f.Offset:]
}

func (f finding) text(effect Effect) string {
	switch {
	case f.lapse == nil && effect == Wider:
		return "permits a command that was refused"
	case f.lapse == nil:
		return "permitted a command that is refused now"
	case effect == Wider:
		return fmt.Sprintf("%s had to be %s that only root can change; now it is %s", shown(f.lapse.word), meaning(f.lapse.checked), f.lapse.now())
	}
	return fmt.Sprintf("%s must now be %s that only root can change; it was %s", shown(f.lapse.word), meaning(f.lapse.checked), f.lapse.now())
}

func (l *lapse) now() string {
	switch {
	case l.free == nil:
		return "a word of the usage line"
	case l.free.Kind == policy.WherePath:
		return meaning(l.free)
	}
	return "handed over as typed"
}

// loosened says whether a word that fills one placeholder from some byte on under the policy whose commands are looked
// at, and another under the one that is asked, escapes a check of the latter.
func loosened(free *policy.Where, freeAt int, checked *policy.Where, checkedAt int) bool {
	if checked == nil || checked.Kind != policy.WherePath {
		return false
	}
	return free == nil || free.Kind != policy.WherePath || freeAt != checkedAt || !within(free, checked)
}
