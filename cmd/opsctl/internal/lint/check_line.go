package lint

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"opsh/policy"
	"opsh/shell/line"
)

// line holds a usage line against what is known of the tool's program.
func (t *tool) line(r *policy.Rule) {
	parts := r.Parts()
	verbs, lastVerb := verbOf(r, parts)
	for i := range t.fact.dangers {
		d := &t.fact.dangers[i]
		// What takes a danger away may be what couldn't be read of a policy with mistakes.
		if !beginsWith(verbs, d.verb) || t.guarded(d, r, parts) || !t.whole && d.unless != "" {
			continue
		}
		switch {
		case d.options != "":
			t.options(d, r, parts)
		case d.operand != noOperand:
			t.operands(d, r, parts, len(verbs))
		default:
			t.danger(d, r, lastVerb[len(strings.Fields(d.verb))-1], path.Base(t.Path)+" "+d.verb, "")
		}
	}
}

// verbOf is the literal words that a line begins with, whatever options stand between them, and where each begins.
func verbOf(r *policy.Rule, parts []policy.Part) (words []string, at []int) {
	for _, p := range parts {
		switch p.Kind {
		case policy.PartLiteral:
			words, at = append(words, r.Text[p.From:p.To]), append(at, p.From)
		case policy.PartOperand:
			return words, at
		}
	}
	return words, at
}

func beginsWith(words []string, verb string) bool {
	want := strings.Fields(verb)
	return len(words) >= len(want) && slices.Equal(words[:len(want)], want)
}

// options looks for an option that does what the danger says.
func (t *tool) options(d *danger, r *policy.Rule, parts []policy.Part) {
	names := strings.Fields(d.options)
	for _, p := range parts {
		if p.Kind != policy.PartOption {
			continue
		}
		for _, s := range p.Spellings {
			name, value, fixed := strings.Cut(s.Word, "=")
			known := slices.Contains(names, name) || d.options == "*" && !t.hasOption(name)
			switch {
			case !known:
				continue
			case s.Where == nil:
				// Without a value, or with one that the policy itself writes.
				if d.probes == nil && !(fixed && value != "" && off(value)) {
					t.danger(d, r, p.From, s.Word, "")
				}
			case d.probes == nil:
				if free(s.Where) {
					t.danger(d, r, p.From, spelt(s), s.Where.Name)
				}
			default:
				if probe, ok := admitted(s.Where, d.probes, s.Attached); ok {
					t.danger(d, r, p.From, spelt(s)+" takes "+line.QuoteWord(probe), s.Where.Name)
				}
			}
			break
		}
	}
}

// hasOption says whether a danger of its own is known of an option, so that what is said of all options needn't be said of it.
func (t *tool) hasOption(name string) bool {
	return slices.ContainsFunc(t.fact.dangers, func(d danger) bool { return slices.Contains(strings.Fields(d.options), name) })
}

// off says whether a value turns an option off.
func off(value string) bool {
	return slices.Contains([]string{"0", "off", "OFF", "false", "no"}, value)
}

// free says whether the operator writes the value: it isn't one of a list, a number or the name of a reviewed file.
func free(w *policy.Where) bool {
	return w.Kind == policy.WhereAny || w.Kind == policy.WhereMatch
}

// spelt is an option and its placeholder, as people write it.
func spelt(s policy.Spelling) string {
	if s.Attached {
		return s.Word + s.Where.Name
	}
	return s.Word + " " + s.Where.Name
}

// admitted is the first of some values that a where admits. A path names a reviewed file, whatever its letters.
func admitted(w *policy.Where, probes []string, attached bool) (string, bool) {
	if w == nil || w.Kind == policy.WherePath {
		return "", false
	}
	for _, p := range probes {
		if w.Takes(p, attached) {
			return p, true
		}
	}
	return "", false
}

// operands looks for an operand that does what the danger says. behind is how many literal words stand in front.
func (t *tool) operands(d *danger, r *policy.Rule, parts []policy.Part, behind int) {
	n := 0
	for _, p := range parts {
		if p.Kind != policy.PartOperand {
			continue
		}
		// Behind a literal word an operand is a subcommand's, and doesn't stand in a subcommand's place.
		first := n == 0 && (d.verb != "" || behind == 0)
		later := !first || p.Repeats
		n++
		if d.operand == firstOperand && !first || d.operand == laterOperand && !later {
			continue
		}
		if probe, ok := admitted(p.Where, d.probes, false); ok {
			t.danger(d, r, p.From, p.Where.Name+" takes "+line.QuoteWord(probe), p.Where.Name)
			return
		}
	}
}

// guarded says whether something takes the danger away: a word that opsh inserts, a required one of the line, a variable.
func (t *tool) guarded(d *danger, r *policy.Rule, parts []policy.Part) bool {
	for guard := range strings.FieldsSeq(d.unless) {
		if name, ok := strings.CutPrefix(guard, "env:"); ok {
			if v, set := t.Env[name]; set && len(v) > 0 {
				return true
			}
			continue
		}
		if slices.ContainsFunc(t.Insert, func(w policy.Template) bool {
			return len(w) == 1 && w[0].Kind == policy.PieceText && w[0].Text == guard
		}) {
			return true
		}
		for _, p := range parts {
			if !p.Optional && (p.Kind == policy.PartLiteral && r.Text[p.From:p.To] == guard || p.Kind == policy.PartOption && p.Spellings[0].Word == guard) {
				return true
			}
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
// it is told once for a tool, with the first line that has it.
func (t *tool) danger(d *danger, r *policy.Rule, from int, what, name string) {
	idle := d.effect == runsProgram && !t.startsAnything()
	if d.env && !idle && t.shows == "" {
		t.shows = what
	}
	switch {
	case idle,
		(d.effect == readsFiles || d.effect == writesFiles) && t.Access != nil && t.Landlock != policy.LandlockOff,
		d.effect == otherServer && t.ConnectOnly && len(t.Connect) == 0 && t.Landlock != policy.LandlockOff:
		return
	}
	text := what + ": " + d.text
	key := t.Name + "\x00" + string(d.effect) + "\x00" + text
	if name != "" {
		key = t.Name + "\x00" + string(d.effect) + "\x00" + name + "\x00" + d.text
	}
	if i, ok := t.told[key]; ok {
		if f := &t.found[i]; f.At.Line != r.Pos.Line && !strings.Contains(f.Text, "; also line") {
			f.Text += fmt.Sprintf("; also line %d", r.Pos.Line)
		}
		return
	}
	t.told[key] = len(t.found)
	t.warn(Finding{Rule: string(d.effect), At: r.At(from), Text: text, Hint: d.instead, See: d.see})
}
