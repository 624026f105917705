package lint

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"opsh/policy"
	"opsh/shell/line"
)

// usage holds a usage line against what is known of the tool's program.
type usage struct {
	*tool
	fact  *fact // of the program that gets the words: bundle exec has another
	rule  *policy.Rule
	uses  []use
	words []use           // those that are no options
	typed map[string]bool // the placeholders of which it is told that they stand where a command does
	told  map[string]bool
}

func (t *tool) usage(r *policy.Rule) *usage {
	l := &usage{tool: t, rule: r, typed: map[string]bool{}, told: map[string]bool{}}
	l.uses, l.fact = t.read(r)
	for _, u := range l.uses {
		if u.option == "" {
			l.words = append(l.words, u)
		}
	}
	return l
}

// line warns of what a usage line gives away.
func (t *tool) line(r *policy.Rule) {
	l := t.usage(r)
	l.command()
	for i := range l.fact.dangers {
		d := &l.fact.dangers[i]
		found, ok := l.find(strings.Fields(d.verb), l.words)
		// What takes a danger away may be what couldn't be read of a policy with mistakes.
		if !ok || l.guarded(d) || !t.whole && d.unless != "" {
			continue
		}
		if w := found.through; w != nil && free(w) && l.typed[w.Name] {
			continue // one danger is enough to know
		}
		switch {
		case d.options != "":
			l.options(d)
		case d.operand != noOperand:
			l.operands(d, found.behind)
		case found.through != nil:
			w := found.through
			if l.danger(d, found.last, w.Name+" takes "+found.word, w.Name) && free(w) {
				l.typed[w.Name] = true
			}
		default:
			l.danger(d, found.last, path.Base(t.Path)+" "+d.verb, "")
		}
	}
	l.admitsOptions()
}

// found is where a usage line has a command.
type found struct {
	last    use           // the last word of it, or the first that the operator types
	behind  []use         // what stands behind
	through *policy.Where // the placeholder that admits one of its words, nil where it is written
	word    string        // which
}

// find looks for the words of a command at the beginning of some. A placeholder is a word of it if it admits that.
func (l *usage) find(verb []string, words []use) (found, bool) {
	if len(verb) == 0 {
		return found{behind: words}, true
	}
	if len(words) == 0 {
		return found{}, false
	}
	u, f, ok := words[0], found{}, false
	var through *policy.Where
	as := ""
	if u.where == nil {
		ok = u.text == verb[0] || l.fact.folds && strings.EqualFold(u.text, verb[0])
	} else if as, ok = l.admits(u.where, verb[0]); ok {
		through = u.where
	}
	if ok {
		rest := words[1:]
		if u.repeats {
			u.may, rest = true, words
		}
		if f, ok = l.find(verb[1:], rest); ok {
			if len(verb) == 1 {
				f.last = u
			}
			if through != nil && (f.through == nil || free(through)) {
				f.through, f.word, f.last = through, as, u
			}
			return f, true
		}
	}
	if (u.guess || u.may) && len(words) > 1 && !u.repeats {
		return l.find(verb, words[1:])
	}
	return found{}, false
}

// admits says how an operator may type a word of a command where the placeholder stands.
func (l *usage) admits(w *policy.Where, word string) (as string, ok bool) {
	ways := []string{word}
	if l.fact.folds {
		ways = append(ways, strings.ToUpper(word), strings.ToUpper(word[:1])+word[1:])
	}
	if w.Kind == policy.WhereList && l.fact.folds {
		ways = slices.DeleteFunc(slices.Clone(w.List), func(s string) bool { return !strings.EqualFold(s, word) })
	}
	if w.Kind != policy.WhereList && !free(w) {
		return "", false
	}
	for _, s := range ways {
		if w.Takes(s, false) {
			return s, true
		}
	}
	return "", false
}

// options looks for an option that does what the danger says.
func (l *usage) options(d *danger) {
	names := strings.Fields(d.options)
	for _, u := range l.uses {
		if u.option == "" || !slices.Contains(names, u.option) && (d.options != "*" || l.hasOption(u.option)) {
			continue
		}
		shown := u.shown
		if u.where != nil && u.attached {
			shown += "=" + u.where.Name
		} else if u.where != nil {
			shown += " " + u.where.Name
		}
		switch {
		case u.where != nil:
			if word, ok := l.does(d, &u); ok {
				l.danger(d, u, shown+word, u.where.Name)
			}
		case d.words != "" && d.even && d.where.Takes(u.text, true):
			l.danger(d, u, shown+" "+line.QuoteWord(u.text), "")
		case d.words == "" && d.probes == nil && !(u.valued && (off(u.text) || l.fact.takes(u.option))):
			// Without a value, or with one that the policy itself writes, which says no more than how.
			l.danger(d, u, shown, "")
		}
	}
}

// does says whether the operator may write a value with which a use does what the danger says: " takes " and that value, "" where all do.
func (t *tool) does(d *danger, u *use) (takes string, ok bool) {
	w := u.where
	if d.words == "" && d.probes == nil {
		return "", free(w)
	}
	if !free(w) && w.Kind != policy.WhereList {
		return "", false // a path names a reviewed file, whatever its letters
	}
	for _, p := range d.probes {
		if w.Takes(p, u.attached) && (w.Kind != policy.WhereList || d.words == "") {
			return " takes " + line.QuoteWord(p), true
		}
	}
	if d.words == "" || w.Kind == policy.WhereList && !d.even {
		return "", false
	}
	word, ok, whole := t.finder.Both(w, d.where)
	if !ok && !whole {
		return tooLarge, true
	}
	return " takes " + line.QuoteWord(word), ok
}

// hasOption says whether a danger of its own is known of an option, so that what is said of all options needn't be said of it.
func (l *usage) hasOption(name string) bool {
	return slices.ContainsFunc(l.fact.dangers, func(d danger) bool { return slices.Contains(strings.Fields(d.options), name) })
}

// off says whether a value turns an option off.
func off(value string) bool {
	return slices.Contains([]string{"0", "off", "false", "no"}, strings.ToLower(value))
}

// free says whether the operator writes the value: it isn't one of a list, a number or the name of a reviewed file.
func free(w *policy.Where) bool {
	return w.Kind == policy.WhereAny || w.Kind == policy.WhereMatch && w.Re != nil // nil in a policy with mistakes
}

// operands looks for an operand that does what the danger says.
func (l *usage) operands(d *danger, words []use) {
	for n, u := range words {
		first, later := n == 0, n > 0 || u.repeats
		if d.operand == firstOperand && !first || d.operand == laterOperand && !later {
			continue
		}
		if u.where == nil {
			if d.even && d.where.Takes(u.text, true) {
				l.danger(d, u, line.QuoteWord(u.text), "")
				return
			}
			continue
		}
		if takes, ok := l.does(d, &u); ok {
			if l.danger(d, u, u.where.Name+takes, u.where.Name) && d.verb == "" {
				l.typed[u.where.Name] = true
			}
			return
		}
	}
}

// guarded says whether something takes the danger away: a word that opsh inserts, a required one of the line, a variable, a reviewed file.
func (l *usage) guarded(d *danger) bool {
	for guard := range strings.FieldsSeq(d.unless) {
		if name, ok := strings.CutPrefix(guard, "env:"); ok {
			if v, set := l.Env[name]; set && len(v) > 0 {
				return true
			}
			continue
		}
		if guard == "<" && l.rule.Input() != nil {
			return true
		}
		name, value, exact := strings.Cut(guard, "=")
		if slices.ContainsFunc(l.uses, func(u use) bool {
			switch {
			case u.may || u.option != name || u.option == "" || u.where != nil && !l.fact.takes(name):
				return false
			case exact:
				return u.text == value
			}
			return !off(u.text)
		}) {
			return true
		}
	}
	return false
}

// startsAnything says whether the kernel lets the tool start what starts anything else: a list of harmless programs holds whoever may name one.
func (t *tool) startsAnything() bool {
	return t.Exec.Mode == policy.ExecAny || slices.ContainsFunc(t.Exec.Paths, func(p string) bool {
		f := of(t.facts, p)
		return f != nil && f.kind != plainTool
	})
}

// danger warns, unless the kernel holds the tool to less. what is the words that do it; name is the placeholder that admits them, if one does:
// it is told once for a line. Each line is told of by itself: what a comment allows on one may be new on the next.
func (l *usage) danger(d *danger, u use, what, name string) (told bool) {
	idle := d.effect == runsProgram && !l.startsAnything()
	if d.env && !idle && l.shows == "" {
		l.shows = what
	}
	switch {
	case idle,
		(d.effect == readsFiles || d.effect == writesFiles) && l.Access != nil && l.Landlock != policy.LandlockOff,
		d.effect == otherServer && l.ConnectOnly && len(l.Connect) == 0 && l.Landlock != policy.LandlockOff:
		return false
	}
	if name == "" {
		name = what
	}
	l.tell(Finding{Rule: string(d.effect), Text: what + ": " + d.text, Hint: d.instead, See: d.see}, u, name+"\x00"+d.text)
	return true
}

// tell notes a warning about a use, once for what it is about. What insert alone does belongs there, whatever the line.
func (l *usage) tell(f Finding, u use, about string) {
	told := l.told
	if f.line = l.rule; u.from >= 0 {
		f.At = l.rule.At(u.from)
	} else {
		f.At, f.line, told = l.key("insert"), nil, l.inserted
	}
	if key := fmt.Sprint(f.Rule, "\x00", about); !told[key] {
		told[key] = true
		l.warn(f)
	}
}
