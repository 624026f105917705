package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

var (
	toolName = upTo(64, `^[a-z0-9][a-z0-9_.-]*$`)
	userName = upTo(32, `^[A-Za-z_][A-Za-z0-9_.-]*$`)
)

// tools reads every [tool.NAME]; all is nil where the file has none.
func (l *loader) tools(all *tomlNode) {
	if all == nil || len(all.keys) == 0 {
		l.absent(Pos{1, 1}, "write [tool.NAME] with path, user and allow", "cannot use the policy: it has no tool, so nothing could be run")
		return
	}
	for _, key := range []string{"path", "user", "allow"} {
		if n := all.table[key]; n != nil && n.kind != kindTable {
			l.fail(all.pos, "write [tool.NAME]", "cannot use [tool]: the name of the tool is missing")
			return
		}
	}
	if len(all.keys) > maxTools {
		l.fail(all.table[all.keys[maxTools]].key, "", "cannot use the policy: it has %d tools, at most %d are read", len(all.keys), maxTools)
		return
	}
	for _, name := range all.keys {
		n := all.table[name]
		switch {
		case !toolName.MatchString(name):
			l.fail(n.key, "lower-case letters, digits, - _ and ., beginning with a letter or digit", "cannot name a tool %s: operators couldn't type it as a plain word", keyText(name))
		case name == "help" || name == "history" || name == "exit":
			l.fail(n.key, "choose another name", "cannot name a tool %s: opsh has a command of that name", name)
		}
		if n.kind != kindTable {
			l.fail(n.pos, "write [tool."+keyText(name)+"]", "cannot use tool.%s: it must be a table, not %s", keyText(name), n.kind)
			continue
		}
		t := l.tool(name, n)
		l.policy.Tools = append(l.policy.Tools, t)
		l.policy.byName[name] = t
	}
	slices.SortFunc(l.policy.Tools, func(a, b *Tool) int { return strings.Compare(a.Name, b.Name) })
}

func (l *loader) tool(name string, n *tomlNode) *Tool {
	t := &Tool{Name: name, Dir: "/", Exec: Exec{Mode: ExecNone}, Pos: n.pos}
	l.checkKeys(n, "a tool", toolKeys)

	if m := l.required(n, name, "path"); m != nil {
		t.Path, _ = l.absolute(m, "path")
		if t.Path == "/" {
			l.fail(m.pos, "", `cannot use path = "/": it is a directory`)
		}
	}
	if m := l.required(n, name, "user"); m != nil {
		t.User = l.user(m)
	}
	if m := n.table["about"]; m != nil {
		t.About = l.line(m, "about", 120)
	}
	if m := n.table["dir"]; m != nil {
		if dir, ok := l.absolute(m, "dir"); ok {
			t.Dir = dir
		}
	}
	t.ShareUID = l.flag(n, "share_uid")
	t.Exec = l.exec(n)
	t.Timeout = l.duration(n, "timeout", 10*time.Minute)
	l.containment(t, n)
	t.Approval = l.approval(n)
	l.templates(t, n)
	l.pass(t, n)
	l.wheres(t, n.table["where"])
	if m := l.required(n, name, "allow"); m != nil && toolName.MatchString(name) {
		l.allow(t, n, m)
	}
	l.givesAway(t, n)
	return t
}

// required is the value of a key that a tool can't do without.
func (l *loader) required(n *tomlNode, name, key string) *tomlNode {
	m := n.table[key]
	if m == nil {
		hint := map[string]string{
			"path":  `write path = "/usr/bin/PROGRAM", what runs`,
			"user":  `write user = "NAME", whom it runs as`,
			"allow": `write allow = ["` + name + ` …"], a usage line for each way to run it`,
		}[key]
		l.missing(n, key, n.pos, hint, "cannot use the tool %s: %s is missing", keyText(name), key)
	}
	return m
}

func (l *loader) user(n *tomlNode) string {
	s, ok := l.text(n, "user")
	switch {
	case !ok:
	case s == "root":
		l.fail(n.pos, "name a user that nothing else in the container runs as", "cannot use user = %s: a tool never runs as root", quoted(s))
	case !userName.MatchString(s):
		hint := "write the user's name, not its number"
		if name, _, ok := strings.Cut(s, ":"); ok && userName.MatchString(name) {
			hint = "write " + quoted(name) + ": its groups come with it"
		}
		l.fail(n.pos, hint, "cannot use user = %s: it isn't the name of a user", quoted(s))
	}
	return s
}

// exec reads exec and unsafe_exec: "any" is said twice, so that a reviewer can't miss it.
func (l *loader) exec(n *tomlNode) Exec {
	e := Exec{Mode: ExecNone}
	unsafe := l.flag(n, "unsafe_exec")
	m := n.table["exec"]
	switch {
	case m == nil:
	case m.kind == kindList:
		e.Mode = ExecList
		l.texts(m, "exec", maxWords, func(item *tomlNode) {
			if path, ok := l.absolute(item, "a path of exec"); ok {
				if why := launcher(path); why != "" {
					l.fail(item.pos, `list the programs that the tool needs, or write exec = "any" and unsafe_exec = true`, "cannot list %s in exec: %s", quoted(path), why)
				}
				e.Paths = append(e.Paths, path)
			}
		})
	case m.kind == kindString && m.str == "none":
	case m.kind == kindString && m.str == "any":
		e.Mode = ExecAny
		if !unsafe {
			l.absent(m.pos, "write unsafe_exec = true beside it, if the tool can't do without", `cannot use exec = "any": whoever may run the tool could then start anything`)
		}
	default:
		hint := `write "none", or the list of the programs it may start: ["/usr/bin/ruby"]`
		if m.kind == kindString && strings.HasPrefix(m.str, "/") {
			hint = "write [" + quoted(m.str) + "]"
		} else if m.kind == kindString && nearestKey(m.str, []string{"none", "any"}) != "" {
			hint = hintForWord(m, "none", "any")
		}
		l.fail(m.pos, hint, "cannot use exec: there is no such value")
	}
	if unsafe && e.Mode != ExecAny {
		l.absent(n.table["unsafe_exec"].pos, "remove it", `cannot use unsafe_exec: it belongs beside exec = "any"`)
	}
	return e
}

// shells may not stand in an exec list. The kernel holds what a shell starts to the list, too, but a shell
// reads, writes and computes by itself; busybox is a hundred programs in one file; and the dynamic loader
// maps the file named in its first argument without any exec that the kernel could see.
const shells = " sh ash bash rbash dash zsh ksh mksh lksh pdksh oksh yash posh csh tcsh fish elvish nu pwsh xonsh busybox toybox env "

var loaderName = late(`^(ld|ld-linux.*|ld-musl.*|ld-[0-9.]+|ld64)\.so(\.[0-9]+)*$`)

// launcher says why a program may not stand in an exec list, "" when it may. It goes by the name; where a
// link leads is for Bind to see.
func launcher(path string) string {
	base := path[strings.LastIndexByte(path, '/')+1:]
	bare := strings.TrimRight(base, "0123456789.-")
	switch {
	case path == "/":
		return "it is a directory"
	case loaderName.MatchString(base):
		return "the dynamic loader runs any file it is given"
	case strings.Contains(shells, " "+base+" ") || strings.Contains(shells, " "+bare+" "):
		return base + " does what any program does"
	}
	return ""
}

// allow reads the usage lines and holds their placeholders against where.
func (l *loader) allow(t *Tool, n, m *tomlNode) {
	used := map[string]bool{}
	bad := false
	l.texts(m, "allow", maxUsages, func(item *tomlNode) {
		rule, errs := parseUsage(t, item.str, item.at(0))
		if rule != nil && len(errs) == 0 {
			rule.escaped = !item.plain
			t.Rules = append(t.Rules, rule)
			for _, name := range rule.placeholders() {
				if t.Where[name] == nil && !used[name] && !slices.Contains(n.meant, "where") {
					hint := "write where." + name + ` = "any", a list, or { match = '…' }`
					if near := nearestOf(l, name, t.Where); near != "" {
						hint = fmt.Sprintf("line %d has where.%s: write both the same", t.Where[near].Pos.Line, near)
					}
					l.absent(item.at(placeOfName(item.str, name)), hint, "cannot use %s: where.%s is missing", name, name)
				}
				used[name] = true
			}
			errs = rule.check(t.Where)
		} else {
			bad = true
		}
		for _, e := range errs {
			if !item.plain {
				e.Pos = item.pos
			}
			l.errs = append(l.errs, e)
		}
	})
	if bad || m.kind != kindList || len(t.Rules) != len(m.items) {
		return // what seems unused may stand in a line that couldn't be read
	}
	if w := n.table["where"]; w != nil && w.kind == kindTable {
		for _, name := range w.keys {
			if !used[name] && placeholderName.MatchString(name) {
				hint := "remove it, or use " + name + " in allow"
				if near := nearestOf(l, name, used); near != "" && t.Where[near] == nil {
					hint = "did you mean where." + near + "?"
				}
				l.absent(w.table[name].key, hint, "cannot use where.%s: no usage line has %s", name, name)
			}
		}
	}
}

// placeOfName is the byte offset of a placeholder in a usage line, 0 when it isn't found.
func placeOfName(line, name string) int {
	part := func(i int) bool {
		return i >= 0 && i < len(line) && (line[i] >= 'A' && line[i] <= 'Z' || line[i] >= '0' && line[i] <= '9' || line[i] == '_')
	}
	for from := 0; ; {
		i := strings.Index(line[from:], name)
		if i < 0 {
			return 0
		}
		if from += i; !part(from-1) && !part(from+len(name)) {
			return from
		}
		from++
	}
}
