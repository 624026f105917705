package policy

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Why a reader of our own beside BurntSushi/toml: that library tells no position of a value, stops at the
// first mistake, and matches keys without regard to case, so that of `path` and `Path` either may win. So
// this reader says what the file holds and where. The library stays the judge: a policy loads only when it
// accepts the file too and agrees about every key and value (load_agree.go). A mistake here can therefore
// refuse a good file, but not let another policy in than the one the library reads.
//
// It is stricter than TOML 1.0 where nothing in a policy needs more: integers are decimal; floats, dates
// and other numbers are recognised only to be refused.

type tomlKind int

const (
	kindTable tomlKind = iota
	kindList
	kindString
	kindInt
	kindBool
	kindOther // a float, a date: nothing in a policy is one
)

// String is the kind as a message names it.
func (k tomlKind) String() string {
	return [...]string{"a table", "a list", "a string", "a whole number", "true or false", "a number or date"}[k]
}

// tomlOrigin says how a table came about; TOML lets only some be added to later.
type tomlOrigin int

const (
	originValue  tomlOrigin = iota // { … } or [ … ]: closed
	originParent                   // [a.b] makes a: a header for it may follow
	originHeader                   // [a], and each table of [[a]]
	originDotted                   // a.b = 1 makes a: more dotted keys may follow
	originTables                   // the list that [[a]] makes
)

// tomlNode is one value of the file and where it stands.
type tomlNode struct {
	kind   tomlKind
	origin tomlOrigin
	key    Pos // where its key begins; for a list's element, where the element does
	pos    Pos // where the value begins; for a table with a header, where the header does

	text  Pos    // kindString: its first character
	plain bool   // kindString: one line without escapes, so that its columns are the file's
	str   string // kindString; kindOther: as written
	num   int64  // kindInt
	on    bool   // kindBool

	keys  []string             // kindTable: in the file's order
	table map[string]*tomlNode // kindTable
	items []*tomlNode          // kindList
	meant []string             // kindTable: what its misspelt keys were taken for (checkKeys)
}

// at is the place of the string's byte at offset. Where escapes or several lines make the columns of the
// file and of the value differ, it is the place where the string begins.
func (n *tomlNode) at(offset int) Pos {
	if !n.plain {
		return n.pos
	}
	return Pos{Line: n.text.Line, Col: n.text.Col + utf8.RuneCountInString(n.str[:offset])}
}

func newTable(origin tomlOrigin, key, pos Pos) *tomlNode {
	return &tomlNode{kind: kindTable, origin: origin, key: key, pos: pos, table: map[string]*tomlNode{}}
}

func (n *tomlNode) add(name string, child *tomlNode) *tomlNode {
	n.keys = append(n.keys, name)
	n.table[name] = child
	return child
}

// keyPart is one name of a dotted key.
type keyPart struct {
	name string
	pos  Pos
}

// Nesting is bounded before the library sees the file: it recurses, and a file of four million brackets
// would overflow its stack, which no recover catches.
const (
	maxKeyParts = 8
	maxNesting  = 8
)

// tomlReader walks over the source once, a character at a time.
type tomlReader struct {
	src   string
	off   int // the next byte
	line  int
	col   int
	start int // where the line begins
	lists int // how many are open

	root     *tomlNode
	here     *tomlNode // the table that keys go into
	errs     []Error
	comments []Comment
}

// readTOML returns what the source holds, as far as it could be read, and every mistake in it. broken says
// that there was a syntax error, so that what is missing may stand in the part that was skipped.
func readTOML(src string) (root *tomlNode, errs []Error, broken bool) {
	r := &tomlReader{src: src, line: 1, col: 1}
	broken = r.file()
	return r.root, r.errs, broken
}

// file reads all of the source.
func (r *tomlReader) file() (broken bool) {
	r.root = newTable(originHeader, r.place(), r.place())
	r.here = r.root
	for r.blankLines(); !r.end(); r.blankLines() {
		first := r.line
		if err := r.statement(); err != nil {
			r.errs, broken = append(r.errs, *err), true
			r.resume(first)
		}
	}
	return broken
}

func (r *tomlReader) end() bool  { return r.off >= len(r.src) }
func (r *tomlReader) place() Pos { return Pos{Line: r.line, Col: r.col} }

// peek is the next byte, 0 at the end: the file holds no NUL (checkSource).
func (r *tomlReader) peek() byte {
	if r.end() {
		return 0
	}
	return r.src[r.off]
}

func (r *tomlReader) sees(s string) bool { return strings.HasPrefix(r.src[r.off:], s) }

// next steps over one character.
func (r *tomlReader) next() {
	if r.end() {
		return
	}
	size := 1
	if c := r.src[r.off]; c == '\n' {
		r.line, r.col, r.start = r.line+1, 0, r.off+1
	} else if c >= utf8.RuneSelf {
		_, size = utf8.DecodeRuneInString(r.src[r.off:])
	}
	r.off += size
	r.col++
}

func (r *tomlReader) skip(n int) {
	for ; n > 0; n-- {
		r.next()
	}
}

// run steps over the longest stretch of characters that ok accepts and returns it.
func (r *tomlReader) run(ok func(byte) bool) string {
	from := r.off
	for !r.end() && ok(r.peek()) {
		r.next()
	}
	return r.src[from:r.off]
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func isBareKey(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

func (r *tomlReader) blanks() { r.run(isBlank) }

func (r *tomlReader) comment() {
	if r.peek() == '#' {
		pos := r.place()
		text := r.run(func(c byte) bool { return c != '\n' })
		r.comments = append(r.comments, Comment{pos, text[1:]})
	}
}

// blankLines steps over blanks, comments and ends of lines. A carriage return stands only in front of a
// newline (checkSource).
func (r *tomlReader) blankLines() {
	for {
		r.run(func(c byte) bool { return isBlank(c) || c == '\r' || c == '\n' })
		if r.peek() != '#' {
			return
		}
		r.comment()
	}
}

func (r *tomlReader) wrong(msg, hint string) *Error { return wrongAt(r.place(), msg, hint) }

func wrongAt(pos Pos, msg, hint string) *Error { return &Error{Pos: pos, Msg: msg, Hint: hint} }

// statement reads a header or a key and its value, to the end of the line.
func (r *tomlReader) statement() *Error {
	if r.peek() != '[' {
		return r.pair(r.here, 0)
	}
	if err := r.header(); err != nil {
		return err
	}
	return r.endOfStatement()
}

// resume goes on behind a syntax error: at the next line, or, when a list was open, at the next one that
// looks like a header or a key. The line the error was found in counts when the statement began above it
// (a list that was never closed).
func (r *tomlReader) resume(first int) {
	if r.line == first && r.lists == 0 {
		r.toNextLine()
		return
	}
	r.lists = 0
	if r.line > first {
		r.off, r.col = r.start, 1
	} else {
		r.toNextLine()
	}
	for !r.end() && !looksLikeStatement(r.src[r.off:]) {
		r.toNextLine()
	}
}

func (r *tomlReader) toNextLine() {
	r.run(func(c byte) bool { return c != '\n' })
	r.next()
}

func looksLikeStatement(src string) bool {
	line, _, _ := strings.Cut(src, "\n")
	line = strings.TrimSpace(line)
	if name, ok := strings.CutPrefix(line, "["); ok {
		name = strings.TrimPrefix(name, "[")
		name, _, ok = strings.Cut(name, "]")
		return ok && name != "" && isBareKey(name[0]) && !strings.ContainsAny(name, ",")
	}
	name, _, ok := strings.Cut(line, "=")
	name = strings.TrimRight(name, " \t")
	return ok && name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}

// dottedKey reads a key: names with dots between them.
func (r *tomlReader) dottedKey() ([]keyPart, *Error) {
	var parts []keyPart
	for {
		r.blanks()
		part := keyPart{pos: r.place()}
		switch c := r.peek(); {
		case r.sees(`"""`), r.sees("'''"):
			return nil, r.wrong("cannot read the key: a key stands on one line", "")
		case c == '"' || c == '\'':
			n, err := r.str()
			if err != nil {
				return nil, err
			}
			part.name = n.str
		default:
			if part.name = r.run(isBareKey); part.name == "" {
				return nil, r.noKey()
			}
		}
		if parts = append(parts, part); len(parts) > maxKeyParts {
			return nil, wrongAt(part.pos, "cannot read the key: it has more than "+strconv.Itoa(maxKeyParts)+" parts", "")
		}
		r.blanks()
		if r.peek() != '.' {
			return parts, nil
		}
		r.next()
	}
}

// header reads [a.b] or [[a.b]] and makes it the table that keys go into.
func (r *tomlReader) header() *Error {
	pos, begin := r.place(), r.off
	brackets := "]"
	if r.next(); r.peek() == '[' {
		r.next()
		brackets = "]]"
	}
	parts, err := r.dottedKey()
	// What follows a header that can't be read must not land in the table above it.
	r.here = newTable(originHeader, pos, pos)
	if err != nil {
		return err
	}
	if !r.sees(brackets) {
		return r.headerEnd(begin, brackets)
	}
	r.skip(len(brackets))

	t, last := r.root, parts[len(parts)-1]
	for i, p := range parts[:len(parts)-1] {
		child := t.table[p.name]
		switch {
		case child == nil:
			child = t.add(p.name, newTable(originParent, p.pos, pos))
		case child.kind == kindList && child.origin == originTables:
			child = child.items[len(child.items)-1]
		case child.kind != kindTable || child.origin == originValue:
			r.twice(parts[:i+1], child)
			return nil
		}
		t = child
	}
	old := t.table[last.name]
	if brackets == "]]" {
		if old == nil {
			old = t.add(last.name, &tomlNode{kind: kindList, origin: originTables, key: last.pos, pos: pos})
		} else if old.kind != kindList || old.origin != originTables {
			r.twice(parts, old)
			return nil
		}
		r.here = newTable(originHeader, pos, pos)
		old.items = append(old.items, r.here)
		return nil
	}
	switch {
	case old == nil:
		r.here = t.add(last.name, newTable(originHeader, last.pos, pos))
	case old.kind == kindTable && old.origin == originParent:
		old.origin, old.key, old.pos = originHeader, last.pos, pos
		r.here = old
	default:
		r.twice(parts, old)
	}
	return nil
}

// pair reads key = value into table.
func (r *tomlReader) pair(table *tomlNode, depth int) *Error {
	parts, err := r.dottedKey()
	if err != nil {
		return err
	}
	if r.peek() != '=' {
		return r.noEquals()
	}
	r.next()
	r.blanks()
	value, err := r.value(depth)
	if err == nil && depth == 0 {
		err = r.endOfStatement() // before the value counts: torn, it may say something else than was meant
	}
	if err != nil {
		return err
	}
	for i, p := range parts[:len(parts)-1] {
		child := table.table[p.name]
		switch {
		case child == nil:
			child = table.add(p.name, newTable(originDotted, p.pos, p.pos))
		case child.kind != kindTable || child.origin != originDotted:
			r.twice(parts[:i+1], child)
			return nil
		}
		table = child
	}
	last := parts[len(parts)-1]
	if old := table.table[last.name]; old != nil {
		r.twice(parts, old)
		return nil
	}
	value.key = last.pos
	table.add(last.name, value)
	return nil
}

// twice reports a key that the file has already. It isn't a syntax error: reading goes on behind it.
func (r *tomlReader) twice(parts []keyPart, old *tomlNode) {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = keyText(p.name)
	}
	hint := "keep one of them"
	if len(parts) == 2 && parts[0].name == "tool" {
		hint = "move its keys there, or give this tool another name"
	}
	r.errs = append(r.errs, *wrongAt(parts[len(parts)-1].pos,
		"cannot set "+strings.Join(names, ".")+" twice: line "+strconv.Itoa(old.key.Line)+" sets it already", hint))
}
