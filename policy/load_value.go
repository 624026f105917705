package policy

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// value reads the value behind = or in a list.
func (r *tomlReader) value(depth int) (*tomlNode, *Error) {
	if depth >= maxNesting {
		return nil, r.wrong("cannot read the value: it is nested too deeply", "")
	}
	switch r.peek() {
	case '"', '\'':
		return r.str()
	case '[':
		return r.list(depth)
	case '{':
		return r.inline(depth)
	}
	return r.word()
}

// list reads [ … ], over any number of lines.
func (r *tomlReader) list(depth int) (*tomlNode, *Error) {
	n := &tomlNode{kind: kindList, pos: r.place()}
	r.lists++
	r.next()
	for {
		if r.blankLines(); r.peek() == ']' {
			r.next()
			r.lists--
			return n, nil
		}
		if r.end() {
			return nil, wrongAt(n.pos, "cannot read the list: its ] is missing", "write ] behind the last element")
		}
		if r.beginsStatement() {
			return nil, r.listTorn(n)
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		item.key = item.pos
		n.items = append(n.items, item)
		switch r.blankLines(); r.peek() {
		case ',':
			r.next()
		case ']':
		default:
			if r.end() {
				continue
			}
			return nil, r.listTorn(n)
		}
	}
}

// inline reads { … }. TOML 1.0 keeps it on one line, without a last comma; the library is laxer. Both are
// reported, and then read over: otherwise each line of such a table would be reported once more.
func (r *tomlReader) inline(depth int) (*tomlNode, *Error) {
	n := newTable(originValue, r.place(), r.place())
	var folded, comma *Error
	gap := func() {
		if r.blanks(); folded == nil && (r.endOfLine() || r.peek() == '#') {
			folded = r.wrong("cannot read the table: { and } must stand on one line", "write it on one line, or each key on a line of its own: env.TZ = \"UTC\"")
		}
		r.blankLines()
	}
	r.next()
	for gap(); r.peek() != '}'; gap() {
		switch {
		case r.end():
			return nil, wrongAt(n.pos, "cannot read the table: its } is missing", "write } at the end of the line")
		case len(n.keys) > 0 && comma == nil:
			return nil, r.wrong("cannot read the table that begins in line "+strconv.Itoa(n.pos.Line)+": a comma or } is missing before this", "write } at the end of the table, or a comma between two keys")
		}
		if err := r.pair(n, depth+1); err != nil {
			return nil, err
		}
		gap()
		if comma = nil; r.peek() == ',' {
			comma = r.wrong("cannot read the table: no comma may stand before }", "remove it")
			r.next()
		}
	}
	r.next()
	for _, err := range []*Error{folded, comma} {
		if err != nil {
			r.errs = append(r.errs, *err)
		}
	}
	return n, nil
}

func (r *tomlReader) endOfLine() bool { return r.end() || r.peek() == '\n' || r.peek() == '\r' }

// decimal is a TOML integer in decimal notation.
var decimal = late(`^[+-]?(0|[1-9](_?[0-9])*)$`)

// word reads what has no quotes.
func (r *tomlReader) word() (*tomlNode, *Error) {
	n := &tomlNode{pos: r.place()}
	text := r.run(func(c byte) bool { return isBareKey(c) || c == '+' || c == '.' || c == ':' })
	switch {
	case text == "true" || text == "false":
		n.kind, n.on = kindBool, text == "true"
	case decimal.MatchString(text):
		num, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
		if err != nil {
			return nil, wrongAt(n.pos, "cannot read the number: it is too large", "")
		}
		n.kind, n.num = kindInt, num
	case text == "":
		return nil, r.noValue()
	case strings.Contains("0123456789+-", text[:1]) || text == "inf" || text == "nan":
		n.kind, n.str = kindOther, text
	default:
		return nil, wrongAt(n.pos, "cannot read the value: a string stands in quotes", bareHint(text+r.rest()))
	}
	return n, nil
}

// str reads a string of any of the four forms.
func (r *tomlReader) str() (*tomlNode, *Error) {
	n := &tomlNode{kind: kindString, pos: r.place(), plain: true}
	quote := r.src[r.off : r.off+1]
	long := r.sees(strings.Repeat(quote, 3))
	if long {
		quote = strings.Repeat(quote, 3)
	}
	r.skip(len(quote))
	if long {
		// A newline right behind the quotes isn't part of the string.
		if r.peek() == '\r' {
			r.next()
		}
		if r.peek() == '\n' {
			r.next()
		}
	}
	n.text = r.place()

	var b strings.Builder
	begin, from := r.off, r.off // of the text, and of the stretch of it that is taken as written
	for {
		switch c := r.peek(); {
		case r.end() || !long && (c == '\n' || c == '\r'):
			behind, _, _ := strings.Cut(r.src[begin:], "\n")
			return nil, unclosed(n.pos, quote, behind)
		case r.sees(quote):
			// Up to two quotes more belong to a long string.
			for i := 0; long && i < 2 && r.sees(quote+quote[:1]); i++ {
				r.next()
			}
			b.WriteString(r.src[from:r.off])
			r.skip(len(quote))
			n.str = b.String()
			return n, nil
		case c == '\\' && quote[0] == '"':
			b.WriteString(r.src[from:r.off])
			n.plain = false
			if err := r.escape(&b, long); err != nil {
				return nil, err
			}
			from = r.off
		default:
			if c == '\n' {
				n.plain = false
			}
			r.next()
		}
	}
}

// escape reads a backslash and what belongs to it.
func (r *tomlReader) escape(b *strings.Builder, long bool) *Error {
	pos := r.place()
	bad := wrongAt(pos, "cannot read the string: there is no such escape in it", `write \\ for a backslash, or use '…', which has no escapes`)
	r.next()
	c := r.peek()
	if long && (isBlank(c) || c == '\n' || c == '\r') {
		// A backslash at the end of a line: the string goes on at the next character that isn't blank.
		r.blanks()
		if !r.endOfLine() {
			return bad
		}
		r.run(func(c byte) bool { return isBlank(c) || c == '\r' || c == '\n' })
		return nil
	}
	digits := map[byte]int{'u': 4, 'U': 8}[c]
	if digits == 0 {
		i := strings.IndexByte(`btnfr"\`, c)
		if i < 0 || r.end() {
			return bad
		}
		b.WriteByte("\b\t\n\f\r\"\\"[i])
		r.next()
		return nil
	}
	r.next()
	if r.off+digits > len(r.src) {
		return bad
	}
	num, err := strconv.ParseUint(r.src[r.off:r.off+digits], 16, 32)
	if err != nil || num > utf8.MaxRune || !utf8.ValidRune(rune(num)) {
		return bad
	}
	b.WriteRune(rune(num))
	r.skip(digits)
	return nil
}
