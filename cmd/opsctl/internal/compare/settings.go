package compare

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"opsh/policy"
	"opsh/shell/answer"
)

// pairOf is a tool in both policies, and where its changes go.
type pairOf struct {
	*comparison
	subject       string
	before, after *policy.Tool
}

func (p *pairOf) change(setting string, effect Effect, text string) {
	p.add(Change{Subject: p.subject, Setting: setting, Effect: effect, Text: text})
}

// settings compares all that belongs to a tool as a whole.
func (c *comparison) settings(before, after *policy.Tool) {
	p := &pairOf{c, "tool " + after.Name, before, after}
	p.program()
	p.exec()
	p.handed()
	p.bounds()
	p.access()
	p.connect()
	p.landlock()
	p.approval()
	if before.About != after.About {
		p.change("about", Note, was(shown(before.About), shown(after.About)))
	}
	c.wheres(before, after)
}

// program is what runs, and as whom.
func (p *pairOf) program() {
	for _, s := range []struct{ key, before, after, why string }{
		{"path", p.before.Path, p.after.Path, "another program runs"},
		{"dir", p.before.Dir, p.after.Dir, "it starts in another directory"},
		{"user", p.before.User, p.after.User, "it has another home and other groups"},
	} {
		if s.before != s.after {
			p.change(s.key, Review, was(shown(s.before), shown(s.after))+": "+s.why)
		}
	}
	if p.before.ShareUID != p.after.ShareUID {
		p.was(p.subject, "share_uid", towards(p.after.ShareUID), p.before.ShareUID, p.after.ShareUID)
	}
}

// exec: none permits less than a list, and that less than any.
func (p *pairOf) exec() {
	before, after := p.before.Exec, p.after.Exec
	rank := map[policy.ExecMode]int{policy.ExecNone: 0, policy.ExecList: 1, policy.ExecAny: 2}
	show := func(e policy.Exec) string {
		if e.Mode == policy.ExecList {
			return some(e.Paths)
		}
		return string(e.Mode)
	}
	if before.Mode != after.Mode {
		p.was(p.subject, "exec", towards(rank[after.Mode] > rank[before.Mode]), show(before), show(after))
		return
	}
	p.list("exec", before.Paths, after.Paths, Narrower)
}

// list compares two lists that permit what they name. gone is what becomes of a list that only lost something.
func (p *pairOf) list(setting string, before, after []string, gone Effect) {
	switch more, less := onlyIn(after, before), onlyIn(before, after); {
	case len(more) > 0:
		p.change(setting, Wider, gained(before, after))
	case len(less) > 0:
		p.change(setting, gone, gained(before, after))
	}
}

// handed is what the tool gets beside its words.
func (p *pairOf) handed() {
	if a, b := texts(p.before.Insert), texts(p.after.Insert); !slices.Equal(a, b) {
		change := gained(a, b)
		if more, less := onlyIn(b, a), onlyIn(a, b); len(more) == 1 && len(less) == 1 {
			change = wasText(less[0], more[0])
		}
		p.change("insert", Review, change+": what these words do to the tool is beyond opsh's knowledge")
	}
	p.templates("env.", p.before.Env, p.after.Env)
	p.templates("file.", p.before.Files, p.after.Files)
	// A variable that is missing may change what the tool does: RAILS_ENV.
	p.list("pass", p.before.Pass, p.after.Pass, Review)
	if p.before.PassAWS != p.after.PassAWS {
		p.was(p.subject, "pass_aws", towards(p.after.PassAWS), p.before.PassAWS, p.after.PassAWS)
	}
}

func (p *pairOf) templates(prefix string, before, after map[string]policy.Template) {
	all := maps.Clone(before)
	if all == nil {
		all = map[string]policy.Template{}
	}
	maps.Copy(all, after)
	for _, name := range sorted(all) {
		old, had := before[name]
		now, has := after[name]
		switch {
		case !had:
			p.change(prefix+name, Review, "is new: "+shown(text(now)))
		case !has:
			p.change(prefix+name, Review, "is gone, was "+shown(text(old)))
		case text(old) != text(now):
			p.change(prefix+name, Review, wasText(text(old), text(now)))
		}
	}
}

// text is a template as the policy writes it.
func text(t policy.Template) string {
	var b strings.Builder
	for _, piece := range t {
		b.WriteString(piece.Reference())
	}
	return b.String()
}

func texts(list []policy.Template) []string {
	var all []string
	for _, t := range list {
		all = append(all, text(t))
	}
	return all
}

// bounds is what the tool may use up.
func (p *pairOf) bounds() {
	if p.before.Timeout != p.after.Timeout {
		p.was(p.subject, "timeout", towards(p.after.Timeout > p.before.Timeout), answer.Brief(p.before.Timeout), answer.Brief(p.after.Timeout))
	}
	a, b := p.before.Limits, p.after.Limits
	for _, l := range []struct {
		key           string
		before, after int64
		show          func(int64) string
	}{
		{"processes", int64(a.Processes), int64(b.Processes), decimal}, {"memory", a.Memory, b.Memory, size},
		{"open_files", int64(a.OpenFiles), int64(b.OpenFiles), decimal}, {"output", a.Output, b.Output, size},
	} {
		if l.before != l.after {
			p.was(p.subject, "limits."+l.key, towards(l.after > l.before), l.show(l.before), l.show(l.after))
		}
	}
	if a.CPU != b.CPU { // 0 is none
		show := func(d time.Duration) string {
			if d == 0 {
				return "none"
			}
			return answer.Brief(d)
		}
		p.was(p.subject, "limits.cpu", towards(b.CPU == 0 || a.CPU != 0 && b.CPU > a.CPU), show(a.CPU), show(b.CPU))
	}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// size is a number of bytes as policies write it.
func size(n int64) string {
	for _, u := range []struct {
		bytes int64
		name  string
	}{{1 << 30, "GiB"}, {1e9, "GB"}, {1 << 20, "MiB"}, {1e6, "MB"}, {1 << 10, "KiB"}, {1e3, "kB"}} {
		if n%u.bytes == 0 {
			return decimal(n/u.bytes) + u.name
		}
	}
	return decimal(n) + " bytes"
}

// access: a tool without files may open what its user may.
func (p *pairOf) access() {
	before, after := p.before.Access, p.after.Access
	switch {
	case before == nil && after == nil:
	case after == nil:
		p.change("files", Wider, "is gone: it may open whatever its user may")
	case before == nil:
		p.change("files", Narrower, "is new: it may no longer open whatever its user may")
	default:
		p.below("files.read", before.Read, after.Read, slices.Concat(before.Read, before.Write), slices.Concat(after.Read, after.Write))
		p.below("files.write", before.Write, after.Write, before.Write, after.Write)
	}
}

// below compares two lists of paths that stand for all that lies below them. couldBefore and canAfter are all the paths
// that give the same right.
func (p *pairOf) below(setting string, before, after, couldBefore, canAfter []string) {
	uncovered := func(list, by []string) bool {
		return slices.ContainsFunc(list, func(path string) bool { return !covered(path, by) })
	}
	switch text := gained(before, after); {
	case uncovered(after, couldBefore):
		p.change(setting, Wider, text)
	case uncovered(before, canAfter):
		p.change(setting, Narrower, text+", all below what was listed")
	case len(onlyIn(after, before))+len(onlyIn(before, after)) > 0:
		p.change(setting, Note, text+": nothing more or less")
	}
}

// connect: the kernel looks at ports only, but the policy's word is what is compared.
func (p *pairOf) connect() {
	show := func(list []policy.Endpoint) (texts []string) {
		for _, e := range list {
			texts = append(texts, fmt.Sprintf("%s:%d", e.Host, e.Port))
		}
		return texts
	}
	switch before, after := p.before, p.after; {
	case before.ConnectOnly && !after.ConnectOnly:
		p.change("connect", Wider, "is gone: it may connect anywhere, and listen")
	case !before.ConnectOnly && after.ConnectOnly:
		p.change("connect", Narrower, "is new: it may no longer connect anywhere")
	default:
		p.list("connect", show(before.Connect), show(after.Connect), Narrower)
	}
}

// landlock says something only where there is something to hold the tool to. Where there wasn't before, nothing got
// wider; where there isn't any more, files or connect says so.
func (p *pairOf) landlock() {
	held := func(t *policy.Tool) bool { return t.Access != nil || t.ConnectOnly }
	if before, after := p.before.Landlock, p.after.Landlock; held(p.before) && held(p.after) && before != after {
		rank := map[policy.Landlock]int{policy.LandlockRequire: 0, policy.LandlockBestEffort: 1, policy.LandlockOff: 2}
		p.was(p.subject, "landlock", towards(rank[after] > rank[before]), before, after)
	}
}
