package policy

import (
	"cmp"
	"fmt"
	"slices"
)

// warning is something that the policy gives away, and where it says so.
type warning struct {
	pos  Pos
	text string
}

// Warnings is what the policy gives away knowingly, one line each, "NAME:LINE:COL: what", in the file's order.
// None is a mistake; whoever builds an image or opens a session shall know. It doesn't look at the machine.
func (p *Policy) Warnings() []string {
	var lines []string
	for _, w := range p.warnings {
		lines = append(lines, fmt.Sprintf("%s:%s: %s", visible(p.Name), w.pos, w.text))
	}
	return lines
}

func (l *loader) warn(pos Pos, format string, args ...any) {
	l.policy.warnings = append(l.policy.warnings, warning{pos, fmt.Sprintf(format, args...)})
}

// sortWarnings puts them into the file's order: tables were read in another.
func (p *Policy) sortWarnings() {
	slices.SortStableFunc(p.warnings, func(a, b warning) int {
		return cmp.Or(a.pos.Line-b.pos.Line, a.pos.Col-b.pos.Col)
	})
}

// givesAway notes what a tool's keys open.
func (l *loader) givesAway(t *Tool, n *tomlNode) {
	warn := func(key, text string) { l.warn(n.table[key].key, "%s: %s", t.Name, text) }
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
