package policy

import (
	"fmt"
	"slices"
	"strings"
)

// explanation is what a refusal says of one usage line.
type explanation struct {
	rule   *Rule
	word   int
	why    string
	fixes  []Command // corrections to try, the likeliest first; not all of them are permitted
	quoted []Command // the same for a value that lacks its quotes
	vague  bool      // another line that got as far may have more to say
}

// explain puts a miss into words. all is every line that got as far. It repeats nothing that was typed.
func (n near) explain(all []near, c Command) explanation {
	e := explanation{rule: n.rule, word: n.miss.word}
	m, typed := n.miss, ""
	if m.word < len(c.Words) {
		typed = c.Words[m.word]
	}
	switch m.kind {
	case missExtra, missLiteral, missOperand, missOption:
		if typed == "--" && m.kind != missOption {
			e.why = "this usage line doesn't show --"
			if m.word+1 < len(c.Words) && !strings.HasPrefix(c.Words[m.word+1], "-") {
				e.fixes = append(e.fixes, replaced(c, m.word, m.word+1))
			}
			return e
		}
		if isOption(typed) && n.option(&e, c, typed) {
			return e
		}
		n.word(&e, all, c, typed)
	case missTwice:
		e.why = m.form.option.text + " may be given once only"
		if m.form.kind == formBare {
			e.fixes = append(e.fixes, replaced(c, m.word, m.word+1))
		}
	case missValue:
		n.value(&e, c, typed)
	case missAttached:
		at := len(m.form.name) + 1
		e.why = m.form.place.where.why(typed[at:], true)
		for _, v := range m.form.place.where.instead(typed[at:]) {
			e.fixes = append(e.fixes, replaced(c, m.word, m.word+1, typed[:at]+v))
		}
	case missPending:
		e.why = m.form.place.name + " is missing behind " + m.form.name
	case missEnd:
		e.why = n.missing(all)
	case missRequired:
		e.why = m.opt.text + " is missing"
		if m.word < len(c.Words) {
			e.why += " in front of it"
			if f := m.opt.forms[0]; n.stuck && f.kind == formNext {
				e.fixes = append(e.fixes, replaced(c, m.word, m.word, f.name))
			}
		}
	case missNoInput:
		e.why = "< " + n.rule.input.name + " is missing"
	case missInput:
		e.why = "this usage line takes no input from a file"
	case missInputValue:
		e.why = n.rule.input.where.why(*c.Input, false)
		for _, v := range n.rule.input.where.instead(*c.Input) {
			e.fixes = append(e.fixes, Command{Words: c.Words, Input: &v})
		}
	}
	return e
}

// word explains a word that isn't an option.
func (n near) word(e *explanation, all []near, c Command, typed string) {
	m := n.miss
	e.quoted = n.quoted(c)
	switch m.kind {
	case missLiteral:
		words := literals(all)
		e.why = "only " + showSome(words) + " may stand here"
		for _, w := range alike(typed, words, 3) {
			e.fixes = append(e.fixes, replaced(c, m.word, m.word+1, w))
		}
		if slices.Contains(words, "--") {
			e.fixes = append(e.fixes, replaced(c, m.word, m.word, "--"))
		}
	case missOperand:
		w := n.rule.items[m.item].place.where
		e.why = w.why(typed, false)
		for _, v := range w.instead(typed) {
			e.fixes = append(e.fixes, replaced(c, m.word, m.word+1, v))
		}
	default:
		e.vague = true
		switch k := len(c.Words) - m.word; {
		case isOption(typed):
			e.why = "no such option here"
		case k == 1:
			e.why = "one word too many"
		default:
			e.why = fmt.Sprintf("%d words too many", k)
		}
	}
}

// value explains the word behind an option that takes one.
func (n near) value(e *explanation, c Command, typed string) {
	m := n.miss
	e.why = m.form.place.where.why(typed, false)
	for _, v := range m.form.place.where.instead(typed) {
		e.fixes = append(e.fixes, replaced(c, m.word, m.word+1, v))
	}
	r := n.rule.items[m.item].run
	if r == nil || !isOption(typed) || r.find(typed) == nil {
		return
	}
	// -e -t 'SELECT 1': another option where the value belongs.
	e.why = m.form.place.name + " stands right behind " + m.form.name
	f := replaced(c, m.word, m.word+1)
	e.fixes = append(e.fixes, replaced(f, m.word-1, m.word-1, typed))
}

// instead is the words of where that word may be a slip of.
func (w *Where) instead(word string) []string {
	if w == nil {
		return nil
	}
	switch w.Kind {
	case WhereList:
		return alike(word, w.List, 3)
	case WhereInt:
		if len(word) > 0 && len(word) < 20 {
			sign := word[:len(word)-len(strings.TrimLeft(word, "+-"))]
			digits := strings.TrimLeft(word[len(sign):], "0")
			if digits == "" {
				return []string{"0"}
			}
			return []string{strings.TrimPrefix(sign, "+") + digits}
		}
	case WherePath:
		if w.Ext != "" && !strings.HasSuffix(word, w.Ext) && !strings.HasSuffix(word, "/") {
			return []string{word + w.Ext}
		}
	}
	return nil
}

// quoted is the corrections for a value of several words that was typed without quotes: the words from an
// option's value on, joined by blanks, two of them, three, and so on.
func (n near) quoted(c Command) []Command {
	if !correctable(c) {
		return nil
	}
	var g pass
	g.start(n.rule)
	value := -1
	for i := 1; i < n.miss.word; i++ {
		if f := g.pending; f != nil && f.place.where != nil && (f.place.where.Kind == WhereAny || f.place.where.Kind == WhereMatch) {
			value = i
		}
		if !g.step(i, c.Words[i]) {
			break
		}
	}
	if value < 0 || strings.Contains(c.Words[value], " ") {
		return nil // there is no value, or it had its quotes
	}
	var out []Command
	for end := value + 1; end <= len(c.Words) && (end == value+1 || !isOption(c.Words[end-1])); end++ {
		if end < max(n.miss.word, value+2) {
			continue
		}
		out = append(out, replaced(c, value, end, strings.Join(c.Words[value:end], " ")))
	}
	return out
}

// literals is the literals that the lines want at the word where they ended.
func literals(all []near) []string {
	var out []string
	for _, n := range all {
		if n.miss.kind != missLiteral && n.miss.kind != missEnd {
			continue
		}
		if it := n.rule.items[n.miss.item]; it.kind == itemLiteral && !slices.Contains(out, it.text) {
			out = append(out, it.text)
		}
	}
	return out
}

// missing says what the words lack at their end.
func (n near) missing(all []near) string {
	it := n.rule.items[n.miss.item]
	if it.kind == itemOperand {
		return it.place.name + " is missing"
	}
	words := literals(all)
	if len(words) == 1 {
		return words[0] + " is missing"
	}
	return "one of " + showSome(words) + " is missing"
}
