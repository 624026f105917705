package lint

import (
	"fmt"
	"slices"
	"strings"

	"opsh/policy"
)

// A comment allows what a warning is about, on its line or on the next line that isn't a comment:
//
//	# opsctl: allow RULE: reason
//
// Of several usage lines on one line of the file it is about one. It must say why: whoever reviews the policy reads it. One that allows nothing
// is a warning itself, so that none outlives what it was for.

// excuse is such a comment.
type excuse struct {
	comment      int // its index in the layout
	rule, reason string
	line         int // which it is about
	used         bool
	usage        *policy.Rule // the usage line that it is used for: where several stand on one line of the file, it is about one of them
}

// excuse marks the warnings that comments allow, and adds those about the comments. lines are the file's.
func (c *checker) excuse(lines []string) []Finding {
	wrong := func(i int, text, hint string) {
		c.warn(Finding{Rule: "allow-comment", At: c.layout.Comments[i].Pos, Text: text, Hint: hint})
	}
	const form = "write # opsctl: allow RULE: reason"
	var all []*excuse
	byLine := map[int][]*excuse{}
	next := behindComments(lines)
	for i, comment := range c.layout.Comments {
		text, ok := strings.CutPrefix(strings.TrimSpace(comment.Text), "opsctl:")
		if !ok {
			continue
		}
		text, ok = strings.CutPrefix(strings.TrimSpace(text), "allow ")
		id, reason, _ := strings.Cut(text, ":")
		e := &excuse{comment: i, rule: strings.TrimSpace(id), reason: strings.TrimSpace(reason), line: next[comment.Pos.Line]}
		if front := []rune(lines[comment.Pos.Line-1])[:comment.Pos.Col-1]; strings.TrimSpace(string(front)) != "" {
			e.line = comment.Pos.Line
		}
		switch {
		case !ok:
			wrong(i, "this comment does nothing: opsctl has allow only", form)
		case e.rule == mistake || e.rule == "allow-comment":
			wrong(i, "this comment does nothing: "+e.rule+" can't be allowed", "remove it")
		case ruleOf(e.rule).ID == "":
			wrong(i, fmt.Sprintf("this comment does nothing: there is no rule %q", e.rule), "write the rule in brackets behind a warning; opsctl help policy check lists them")
		case e.reason == "":
			wrong(i, "this comment does nothing: its reason is missing", "write # opsctl: allow "+e.rule+": and why it is meant to be so")
		default:
			all = append(all, e)
			byLine[e.line] = append(byLine[e.line], e)
		}
	}
	for i := range c.found {
		f := &c.found[i]
		here := byLine[f.At.Line]
		if j := slices.IndexFunc(here, func(e *excuse) bool { return e.rule == f.Rule && (!e.used || e.usage == f.line) }); j >= 0 {
			f.Reason, here[j].used, here[j].usage = here[j].reason, true, f.line
		}
	}
	for _, e := range all {
		if !e.used && c.whole {
			wrong(e.comment, fmt.Sprintf("this comment does nothing: there is no warning %s on line %d", e.rule, e.line), "remove it, or move it to the line of the warning")
		}
	}
	return c.found
}

// behindComments is, for the number of each line, that of the next line which isn't only a comment: a comment alone on its line is about it.
func behindComments(lines []string) []int {
	next := make([]int, len(lines)+1)
	for n := len(lines); n > 0; n-- {
		next[n] = n
		if n < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[n-1]), "#") {
			next[n] = next[n+1]
		}
	}
	return next
}
