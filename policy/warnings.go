package policy

import (
	"cmp"
	"fmt"
	"slices"
)

// Warning is something that the policy gives away, and where it says so.
type Warning struct {
	Pos  Pos
	Key  string // the key that gives it away: "exec", "share_uid"
	Tool string // "" where it is the session's
	Text string // what it means, beginning with the key
}

// Warnings is what the policy gives away knowingly, one line each, "NAME:LINE:COL: what", in the file's order.
// None is a mistake; whoever builds an image or opens a session shall know. It doesn't look at the machine.
func (p *Policy) Warnings() []string {
	var lines []string
	for _, w := range p.warnings {
		text := w.Text
		if w.Tool != "" {
			text = w.Tool + ": " + text
		}
		lines = append(lines, fmt.Sprintf("%s:%s: %s", visible(p.Name), w.Pos, text))
	}
	return lines
}

// GivesAway is what Warnings prints, taken apart, in the file's order.
func (p *Policy) GivesAway() []Warning { return slices.Clone(p.warnings) }

// warn notes what a key of a table gives away.
func (l *loader) warn(n *tomlNode, tool, key, text string) {
	l.policy.warnings = append(l.policy.warnings, Warning{n.table[key].key, key, tool, text})
}

// sortWarnings puts them into the file's order: tables were read in another.
func (p *Policy) sortWarnings() {
	slices.SortStableFunc(p.warnings, func(a, b Warning) int {
		return cmp.Or(a.Pos.Line-b.Pos.Line, a.Pos.Col-b.Pos.Col)
	})
}

// givesAway notes what a tool's keys open.
func (l *loader) givesAway(t *Tool, n *tomlNode) {
	warn := func(key, text string) { l.warn(n, t.Name, key, text) }
	if t.ShareUID {
		warn("share_uid", "share_uid = true: all sessions run it under one uid, and may end each other's and read its memory")
	}
	if t.Exec.Mode == ExecAny {
		warn("exec", `exec = "any": it may start any program`)
	}
	if t.PassAWS {
		warn("pass_aws", "pass_aws = true: it has the task's AWS credentials")
	}
	held := "connect"
	switch {
	case t.Access == nil && !t.ConnectOnly:
		return
	case t.Access != nil && t.ConnectOnly:
		held = "files and connect"
	case t.Access != nil:
		held = "files"
	}
	switch t.Landlock {
	case LandlockOff:
		warn("landlock", `landlock = "off": nothing holds it to `+held)
		return
	case LandlockBestEffort:
		warn("landlock", `landlock = "best-effort": where the kernel can't hold it to `+held+", it runs nevertheless")
	}
	if len(t.Connect) > 0 {
		warn("connect", "connect: the kernel holds it to these ports, not to these hosts")
	}
}
