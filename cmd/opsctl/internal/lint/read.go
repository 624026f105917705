package lint

import (
	"slices"
	"strings"

	"opsh/policy"
)

// A usage line is read here as its program reads the words: those of insert first, clusters of short options taken apart, and the word behind
// an option that takes a value as that value, so that what is left over is what the program takes for its commands and operands.

// use is one option or operand of a usage line, as the program reads it.
type use struct {
	option   string        // "-o", "--output"; "" where it is an operand
	shown    string        // the option as the policy writes it: "-sSo"
	valued   bool          // the option has a value
	attached bool          // in the same word
	text     string        // the value or the operand, where the policy writes it
	where    *policy.Where // which values the operator may write, nil where the policy does
	from     int           // offset in the rule's text, -1 for words of insert
	may      bool          // it may be left out
	repeats  bool
	guess    bool // an operand that may be the value of the option before, which isn't known
	dashes   bool // an operand that the program takes for an option if it looks like one
	letters  bool // an operand that is a cluster of options without a -
}

// reader reads the words of one usage line.
type reader struct {
	facts   map[string]*fact
	fact    *fact
	uses    []use
	pending []int // options that wait for their value: the next word
	guess   bool  // an option stands before that isn't known
	ended   bool  // -- ended the options
	begun   bool  // an operand stands before
}

// read reads a usage line behind the words of insert. by is the program that its words are for.
func (t *tool) read(rule *policy.Rule) (uses []use, by *fact) {
	r := &reader{facts: t.facts, fact: t.fact}
	for _, w := range t.Insert {
		text := ""
		for _, p := range w {
			if p.Kind != policy.PieceText {
				text += "{" + p.Text + "}" // whatever is put in, it is the policy's
				continue
			}
			text += p.Text
		}
		r.word(text, -1)
	}
	for _, p := range rule.Parts() {
		switch p.Kind {
		case policy.PartLiteral:
			r.word(rule.Text[p.From:p.To], p.From)
		case policy.PartOperand:
			r.operand(use{where: p.Where, from: p.From, may: p.Optional, repeats: p.Repeats})
		case policy.PartOption:
			if !p.Optional {
				r.pending = nil
			}
			waiting := r.pending
			for _, s := range p.Spellings {
				r.option(s.Word, s.Where, s.Attached, use{from: p.From, may: p.Optional, repeats: p.Repeats})
			}
			r.pending = append(r.pending, waiting...)
		}
	}
	return r.uses, r.fact
}

// word reads a word that the policy writes.
func (r *reader) word(text string, from int) {
	switch {
	case len(r.pending) > 0:
		for _, i := range r.waiting() {
			r.uses[i].text, r.uses[i].valued = text, true
		}
	case text == "--" && !r.ended:
		r.ended = true
	case len(text) > 1 && text[0] == '-' && r.takesOptions():
		r.option(text, nil, false, use{from: from})
	case r.fact.style == oldStyle && !r.begun:
		r.begun = true
		r.option("-"+text, nil, false, use{from: from})
	default:
		if f := of(r.facts, text); f != nil && r.fact.wraps != "" && r.command() == r.fact.wraps {
			*r = reader{facts: r.facts, fact: f} // bundle exec rails
			return
		}
		r.operand(use{text: text, from: from})
	}
}

// waiting is the options whose value the next word is: all spellings of one, or the first of several in an old cluster.
func (r *reader) waiting() []int {
	n := len(r.pending)
	if r.fact.style == oldStyle {
		n = 1
	}
	now := r.pending[:n]
	r.pending = r.pending[n:]
	return now
}

// takesOptions says whether the program looks for options in the next word.
func (r *reader) takesOptions() bool {
	return !r.ended && !(r.begun && r.fact.style == scriptStyle)
}

// operand reads a word that no option names: the value of the option before, or an operand.
func (r *reader) operand(u use) {
	if len(r.pending) > 0 {
		for _, i := range r.waiting() {
			v := &r.uses[i]
			v.where, v.text, v.valued, v.may = u.where, u.text, true, v.may || u.may
			if v.from < 0 {
				v.from = u.from
			}
		}
		if !u.repeats {
			return
		}
	}
	r.dashedWords(u)
	u.guess, u.dashes, u.letters = r.guess, r.takesOptions(), r.fact.style == oldStyle && !r.begun
	r.guess, r.begun = false, true
	r.uses = append(r.uses, u)
}

// option reads a word that begins with -, up to the = of a value in it, and what it takes. like is the rest of the use.
func (r *reader) option(word string, where *policy.Where, attached bool, like use) {
	r.begun = r.begun || r.fact.style == oldStyle
	name, value, equals := strings.Cut(word, "=")
	like.shown, like.where, like.text, like.attached = name, where, value, attached || equals
	like.valued = where != nil || equals && value != ""
	if strings.HasPrefix(name, "--") || r.fact.style == wordStyle || len(name) < 2 {
		r.add(name, like)
		return
	}
	for i, c := range name[1:] {
		short, rest := "-"+string(c), name[1+i+len(string(c)):]
		if rest == "" {
			r.add(short, like)
			return
		}
		flag := like
		flag.valued, flag.attached, flag.text, flag.where = false, false, "", nil
		if r.fact.takes(short) && r.fact.style != oldStyle {
			flag.valued, flag.attached, flag.text = true, true, rest
			r.add(short, flag)
			if where != nil { // -he SQL: e is the host
				r.operand(use{where: where, from: like.from, may: like.may})
			}
			return
		}
		r.add(short, flag)
	}
}

// add notes an option. Where it takes a value and has none, that is the next word.
func (r *reader) add(name string, u use) {
	if u.option = r.fact.full(name); len(r.uses) > 0 && r.command()+" "+u.option == r.fact.switches {
		u.option = r.fact.switches
	}
	if u.where != nil && !u.attached && slices.Contains(strings.Fields(r.fact.flags), u.option) {
		word := use{where: u.where, from: u.from, may: u.may, repeats: u.repeats}
		u.where, u.valued = nil, false
		r.uses = append(r.uses, u)
		r.operand(word) // "-t DATABASE", where -t takes no value
		return
	}
	r.uses = append(r.uses, u)
	if takes := r.fact.takes(u.option); !u.valued && takes {
		r.pending = append(r.pending, len(r.uses)-1)
	} else if !u.valued && !takes {
		r.guess = !r.fact.knows(u.option)
	}
}

// command is the first word that is no option.
func (r *reader) command() string {
	for _, u := range r.uses {
		if u.option == "" {
			return u.text
		}
	}
	return ""
}

// takes says whether the program's option has a value.
func (f *fact) takes(option string) bool {
	return slices.Contains(strings.Fields(f.values), option)
}

// knows says whether something is known of the program's option.
func (f *fact) knows(option string) bool {
	return f.takes(option) || slices.Contains(strings.Fields(f.flags), option) || slices.ContainsFunc(f.dangers, func(d danger) bool { return slices.Contains(strings.Fields(d.options), option) })
}

// full is the option as the tables have it: programs take other spellings, and beginnings of long ones.
func (f *fact) full(option string) string {
	if !strings.HasPrefix(option, "--") || f.knows(option) {
		return option
	}
	if f.loose {
		option = "--" + strings.TrimPrefix(strings.ReplaceAll(option[2:], "_", "-"), "loose-")
	}
	if !f.shortens || len(option) < 4 || f.knows(option) {
		return option
	}
	for _, d := range f.dangers {
		for o := range strings.FieldsSeq(d.options) {
			if strings.HasPrefix(o, option) {
				return o
			}
		}
	}
	for o := range strings.FieldsSeq(f.values) {
		if strings.HasPrefix(o, option) {
			return o
		}
	}
	return option
}
