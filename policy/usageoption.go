package policy

import "strings"

// bracket reads what stands in brackets: an operand that may be left out, or an option with its spellings.
// open is the token "[".
func (p *usageParser) bracket(open token) {
	end := p.closing()
	if end < 0 {
		p.fail(open.pos, "read [: it is never closed", "write ] behind the option or the placeholder")
		p.toks = nil // what follows would be read as if it stood outside
		return
	}
	rest := p.toks[end+1:]
	inside := p.toks[:end:end]
	p.toks = inside
	forms, ok := p.inBrackets(open)
	p.toks = rest
	repeats := p.dots()
	switch {
	case !ok: // reported
	case forms != nil:
		p.option(open.pos, forms, false, repeats)
	case repeats:
		p.fail(open.pos, "repeat what stands in brackets: only an option is repeated so", "write ["+inside[0].text+"...]")
	}
}

// closing is the index of the bracket that closes the open one, -1 where there is none.
func (p *usageParser) closing() int {
	depth := 1
	for i, t := range p.toks {
		switch t.kind {
		case tokenOpen:
			depth++
		case tokenClose:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// inBrackets reads all of p.toks. It returns an option's spellings, or nil forms after an operand was added.
func (p *usageParser) inBrackets(open token) (forms []*form, ok bool) {
	t, more := p.next()
	switch {
	case !more:
		p.fail(open.pos, "read []: nothing stands in it", "remove it")
		return nil, false
	case t.kind == tokenStray:
		p.torn = true
		return nil, false
	case t.kind != tokenWord:
		p.fail(t.pos, "read "+show(t.text)+" in brackets: there are no groups", "write one usage line for each way")
		return nil, false
	case isPlaceholder(t.text):
		repeated := p.dots()
		if len(p.toks) > 0 {
			hint := "write one usage line for each way"
			if len(p.toks) == 1 && p.is(tokenDots) {
				hint = "write [" + t.text + "...]"
			}
			p.fail(p.toks[0].pos, "read "+show(p.toks[0].text)+" behind "+t.text+": brackets hold one operand or one option", hint)
			return nil, false
		}
		p.operand(t, open.pos, repeated, true)
		return nil, true
	}
	for {
		if t.kind == tokenStray {
			return nil, false
		}
		if t.kind != tokenWord || !isOption(t.text) {
			p.fail(t.pos, "read "+show(t.text)+" in brackets: they hold an operand, or one option and its spellings", "write one usage line for each way")
			return nil, false
		}
		f := p.form(t)
		if f == nil {
			return nil, false
		}
		forms = append(forms, f)
		var bar token
		bar, more = p.next()
		switch {
		case !more:
			return forms, true
		case bar.kind == tokenStray:
			return nil, false
		case bar.kind == tokenDots:
			p.fail(bar.pos, "repeat "+f.text()+" inside the brackets: the dots stand behind them", "write ["+f.text()+"]...")
			return nil, false
		case bar.kind != tokenBar:
			hint := "write [" + f.text() + "] and what follows by itself"
			if bar.kind == tokenWord && !isOption(bar.text) {
				hint = "write " + f.name + " VALUE, and where.VALUE = [\"" + bar.text + "\"]"
			}
			p.fail(bar.pos, "read "+show(bar.text)+" behind "+f.text()+": brackets hold one option", hint)
			return nil, false
		}
		if t, more = p.next(); !more {
			p.fail(bar.pos, "read |: a spelling is missing behind it", "")
			return nil, false
		}
	}
}

// form reads one spelling, and the placeholder that follows it. It returns nil where there is an error.
func (p *usageParser) form(t token) *form {
	name, value, attached := strings.Cut(t.text, "=")
	f := &form{name: name, pos: t.pos}
	if msg, hint := nameFault(name); msg != "" {
		p.fail(t.pos, "read "+show(t.text)+": "+msg, hint)
		return nil
	}
	if attached {
		at := Pos{t.pos.Line, t.pos.Col + len(name) + 1}
		switch {
		case value == "":
			p.fail(at, "read "+show(t.text)+": a value is missing behind =", "write "+name+"=VALUE")
			return nil
		case isPlaceholder(value):
			f.kind, f.place = formAttached, p.place(token{text: value, pos: at})
		case hiddenPlaceholder(value) != "" || strings.Contains(value, "?"):
			p.fail(at, "read "+show(t.text)+": a value is one placeholder, or has none", "write "+name+"=VALUE, and where.VALUE with a list or a match")
			return nil
		default:
			f.kind, f.value = formFixed, value
		}
		return f
	}
	if p.is(tokenWord) && !p.toks[0].glued && isPlaceholder(p.toks[0].text) {
		next, _ := p.next()
		f.kind, f.place = formNext, p.place(next)
	}
	return f
}

// nameFault says why a word can't be an option.
func nameFault(name string) (msg, hint string) {
	bare := strings.TrimPrefix(strings.TrimPrefix(name, "-"), "-")
	switch {
	case bare == "" || !('a' <= bare[0] && bare[0] <= 'z' || 'A' <= bare[0] && bare[0] <= 'Z' || '0' <= bare[0] && bare[0] <= '9' || bare == "?"):
		return "an option's name begins with a letter or a digit", ""
	case bare != "?" && strings.Contains(bare, "?"):
		return "? is an option by itself only", ""
	case name[1] != '-' && len(bare) > 2 && 'a' <= bare[0] && bare[0] <= 'z' && isPlaceholder(bare[1:]):
		return "a value isn't attached to a short option", "write " + name[:2] + " " + bare[1:]
	}
	return "", ""
}

// option adds an option to the run that stands before it, or begins one.
func (p *usageParser) option(pos Pos, forms []*form, required, repeats bool) {
	items := p.rule.items
	if p.torn || len(items) == 0 || items[len(items)-1].kind != itemRun {
		items = append(items, item{kind: itemRun, pos: pos, run: &run{names: map[string]bool{}, forms: map[string]*form{}}})
		p.rule.items = items
		p.torn = false
	}
	r := items[len(items)-1].run
	for _, f := range forms {
		if r.names[f.name] {
			hint := "write its values as one option, [" + f.name + "=a | " + f.name + "=b]"
			if f.kind == formBare {
				hint = "remove one, or write [" + f.name + "]... where it may be repeated"
			}
			p.fail(pos, "use "+f.name+" twice among options that stand together: what it means then is up to the tool", hint)
			return
		}
	}
	o := &option{index: p.rule.options, forms: forms, required: required, repeats: repeats}
	fixed, attached := map[string]bool{}, map[string]bool{}
	texts := make([]string, len(forms))
	for i, f := range forms {
		f.option = o
		fixed[f.name] = fixed[f.name] || f.kind == formFixed
		attached[f.name] = attached[f.name] || f.kind == formAttached
		// --env=prod and --env=ENV in one option: a word would have two readings.
		if r.forms[f.key()] != nil || fixed[f.name] && attached[f.name] {
			p.fail(pos, "read "+f.text()+": the spelling stands in the brackets already", "leave one out")
			return
		}
		r.forms[f.key()] = f
		texts[i] = f.text()
	}
	for _, f := range forms {
		r.names[f.name] = true
	}
	o.text = strings.Join(texts, " | ")
	r.options = append(r.options, o)
	if required {
		r.required = append(r.required, o)
	}
	p.rule.options++
}
