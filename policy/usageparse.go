package policy

import (
	"slices"
	"strings"
)

// parseUsage reads one usage line. pos is the place of text's first character in the policy file (the one
// behind the opening quote); the errors carry the places of what they are about, in the line's order. The
// rule is nil where there is an error.
func parseUsage(tool *Tool, text string, pos Pos) (*Rule, []Error) {
	toks, errs := lexUsage(text, pos)
	p := &usageParser{
		toks:  toks,
		errs:  errs,
		end:   Pos{pos.Line, pos.Col + len([]rune(text))},
		named: map[string]bool{},
		rule:  &Rule{Tool: tool, Text: text, Pos: pos},
	}
	p.toolName(tool.Name, pos)
	for len(p.toks) > 0 {
		toks := p.toks
		p.element()
		last := toks[len(toks)-len(p.toks)-1]
		p.rule.spans = append(p.rule.spans, [2]int{toks[0].pos.Col - pos.Col, last.pos.Col - pos.Col + len(last.text)})
	}
	if len(p.errs) > 0 {
		slices.SortStableFunc(p.errs, func(a, b Error) int { return a.Pos.Col - b.Pos.Col })
		return nil, p.errs[:min(len(p.errs), maxUsageErrors)]
	}
	return p.rule, nil
}

// usageParser holds what is left of the line and what became of the rest.
type usageParser struct {
	toks  []token
	errs  []Error
	end   Pos // behind the last character
	rule  *Rule
	named map[string]bool // the placeholders so far
	tail  string          // the optional or repeated operand that stands before, "" where there is none since --
	torn  bool            // an error stands between: the next option begins a run of its own
}

func (p *usageParser) fail(at Pos, msg, hint string) {
	p.torn = true
	if len(p.errs) < maxUsageErrors {
		p.errs = append(p.errs, Error{at, "cannot " + msg, hint})
	}
}

// next takes a token; ok is false at the end of the line.
func (p *usageParser) next() (t token, ok bool) {
	if len(p.toks) == 0 {
		return token{pos: p.end}, false
	}
	t = p.toks[0]
	p.toks = p.toks[1:]
	return t, true
}

// is says what kind of token comes next.
func (p *usageParser) is(kind tokenKind) bool { return len(p.toks) > 0 && p.toks[0].kind == kind }

// dots takes "..." where it is written right behind what it repeats.
func (p *usageParser) dots() bool {
	if p.is(tokenDots) && p.toks[0].glued {
		p.next()
		return true
	}
	return false
}

func (p *usageParser) toolName(name string, pos Pos) {
	if len(p.toks) == 0 {
		p.fail(pos, "read an empty usage line: it begins with the tool's name", "write "+show(name))
		return
	}
	if t := p.toks[0]; t.kind != tokenStray && (t.kind != tokenWord || t.text != name) {
		forgotten := t.kind != tokenWord || isOption(t.text) || isPlaceholder(t.text)
		hint := "write " + show(name)
		if forgotten {
			hint += " in front of it"
		}
		p.fail(t.pos, "begin the usage line with "+show(t.text)+": it begins with the tool's name", hint)
		if forgotten {
			return // the name was forgotten: what stands here is the first element
		}
	}
	p.next()
	p.spaced()
}

// spaced wants a blank, a closing mark or the end behind an element.
func (p *usageParser) spaced() {
	if len(p.toks) == 0 || !p.toks[0].glued {
		return
	}
	switch t := p.toks[0]; t.kind {
	case tokenWord, tokenOpen, tokenInput:
		hint := "write a blank in front of it"
		if t.kind == tokenOpen && len(p.toks) > 1 && strings.HasPrefix(p.toks[1].text, "=") {
			hint = "write an optional value as two spellings: [--color | --color=WHEN]"
			for len(p.toks) > 1 && !p.is(tokenClose) {
				p.next() // one mistake
			}
			p.next()
		}
		p.fail(t.pos, "read "+show(t.text)+" here: nothing separates it from what stands before", hint)
	}
}

// element takes one element off the line. It always takes at least one token.
func (p *usageParser) element() {
	t, _ := p.next()
	switch t.kind {
	case tokenOpen:
		p.bracket(t)
	case tokenClose:
		p.fail(t.pos, "read ]: no bracket is open", "remove it, or write [ in front of what it closes")
	case tokenBar:
		p.fail(t.pos, "read | outside brackets: only an option's spellings are alternatives", "write one usage line for each; there are no pipes")
		if len(p.toks) > 0 {
			p.toks[0].glued = false
		}
	case tokenDots:
		p.fail(t.pos, "read ...: it stands right behind the placeholder that it repeats", "write ARG..., [ARG...] or [-v]...")
	case tokenInput:
		p.inputFrom(t)
	case tokenStray: // reported
		p.torn = true
	case tokenWord:
		switch {
		case isPlaceholder(t.text):
			p.operand(t, t.pos, p.dots(), false)
		case isOption(t.text):
			if f := p.form(t); f != nil {
				p.option(t.pos, []*form{f}, true, false)
			}
			if p.is(tokenDots) && p.toks[0].glued {
				d, _ := p.next()
				p.fail(d.pos, "repeat "+show(t.text)+": only an option in brackets repeats", "write ["+t.text+"]...")
			}
		default:
			p.literal(t)
		}
	}
	p.spaced()
}

func (p *usageParser) literal(t token) {
	if p.is(tokenDots) && p.toks[0].glued {
		d, _ := p.next()
		p.fail(d.pos, "repeat "+show(t.text)+": only a placeholder or an option repeats", "write a placeholder with a list")
		return
	}
	if msg, hint := literalFault(t.text); msg != "" {
		p.fail(t.pos, "read "+show(t.text)+": "+msg, hint)
		return
	}
	if t.text == "--" {
		p.tail = ""
	}
	p.add(item{kind: itemLiteral, text: t.text, pos: t.pos})
}

// literalFault says why a word can't be a literal.
func literalFault(s string) (msg, hint string) {
	switch c := s[0]; {
	case s == "-" || s == "--":
		return "", ""
	case strings.Contains(s, "?"):
		return "? stands in options only", "write a placeholder with a list"
	case 'A' <= c && c <= 'Z':
		const why = "a placeholder is made of capitals, digits and _, a literal begins with a lower-case letter or a digit"
		if name := strings.TrimRight(s, "."); name != s && isPlaceholder(name) {
			return why, "write " + name + "..."
		}
		if name := strings.ToUpper(s); isPlaceholder(name) {
			return why, "write " + name + "; for the word " + s + " itself, beside where." + name + " = [\"" + s + "\"]"
		}
		return why, "write a placeholder with a list"
	case !('a' <= c && c <= 'z' || '0' <= c && c <= '9'):
		return "a literal begins with a lower-case letter or a digit", "write a placeholder with a list"
	}
	if name := hiddenPlaceholder(s); name != "" {
		return name + " in it isn't a placeholder: a placeholder is a word of its own, or an option's value behind =", "write a placeholder with a list or a match"
	}
	return "", ""
}

// hiddenPlaceholder is the first part of a word that reads like a placeholder, "" where there is none.
func hiddenPlaceholder(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool {
		return r != '_' && strings.ContainsRune(".:/=,@%+-", r)
	})
	if i := slices.IndexFunc(parts, isPlaceholder); i >= 0 {
		return parts[i]
	}
	return ""
}

func (p *usageParser) operand(t token, pos Pos, repeated, optional bool) {
	text := t.text
	if repeated {
		text += "..."
	}
	if optional {
		text = "[" + text + "]"
	}
	p.add(item{kind: itemOperand, text: text, place: p.place(t), optional: optional, repeated: repeated, pos: pos})
	if optional || repeated {
		p.tail = text
	}
}

// add appends a literal or an operand. Behind an optional or repeated operand it would open a second way
// to fill the line: in "[A] B" one word is B, and which of two is A must be found by trying.
func (p *usageParser) add(it item) {
	p.torn = false
	if p.tail != "" {
		p.fail(it.pos, "put "+it.text+" behind "+p.tail+": only options may follow it, or -- and then anything", "write two usage lines")
		return
	}
	p.rule.items = append(p.rule.items, it)
}

// place notes one use of a placeholder.
func (p *usageParser) place(t token) *place {
	if !p.named[t.text] {
		p.named[t.text] = true
		p.rule.names = append(p.rule.names, t.text)
	}
	pl := &place{name: t.text, pos: t.pos}
	p.rule.places = append(p.rule.places, pl)
	return pl
}

func (p *usageParser) inputFrom(t token) {
	if !p.is(tokenWord) {
		if p.is(tokenStray) {
			return // reported
		}
		p.fail(t.pos, "read <: a placeholder is missing behind it", "write < SCRIPT at the end of the line")
		return
	}
	name, _ := p.next()
	switch {
	case !isPlaceholder(name.text) && name.glued:
		p.fail(t.pos, "read <"+show(name.text)+": a placeholder is written in capitals", "write "+show(strings.ToUpper(name.text)))
	case !isPlaceholder(name.text):
		p.fail(name.pos, "read < "+show(name.text)+": the input file is given by a placeholder", "write < SCRIPT, and where.SCRIPT = { path = \"/some/directory\" }")
	case name.glued:
		p.fail(t.pos, "read <"+name.text+": a blank is missing behind <", "write < "+name.text)
	case len(p.toks) > 0:
		p.fail(p.toks[0].pos, "read "+show(p.toks[0].text)+" behind < "+name.text+": the input stands at the end of the line, once", "write < "+name.text+" at the end")
		p.toks = nil
	default:
		p.rule.input = p.place(name)
	}
}
