package line

import (
	"fmt"
	"unicode/utf8"
)

// Split splits a line into words as sh does, expanding nothing. The error is an *Error. Time and memory are linear in the line.
func Split(raw string) (Line, error) {
	if len(raw) > MaxBytes {
		return Line{}, &Error{Msg: fmt.Sprintf("the line has %d bytes, at most %d are read", len(raw), MaxBytes)}
	}
	s := splitter{raw: raw, text: make([]byte, 0, usualBytes)}
	s.next()
	l := Line{Words: make([]Word, 0, usualWords)}
	for s.blanks(); s.r != end; s.blanks() {
		switch {
		case s.r == '<':
			s.input(&l)
		case l.Input != nil:
			s.fail(s.col, "the file behind < is the last word of a line", "put < FILE at the end, and quote a name that holds blanks")
		default:
			l.Words = append(l.Words, s.word(len(l.Words) == 0))
		}
	}
	if s.err != nil {
		return Line{}, s.err
	}
	return l, nil
}

// So many words, and bytes of one, have room from the start: most lines have no more.
const (
	usualWords = 8
	usualBytes = 128
)

// end is the character behind the last one, and behind an error: so every loop ends at either.
const end = -1

// splitter reads a line character by character. No character gets past next that may not stand in any line.
type splitter struct {
	raw  string // the line
	at   int    // where in it lies what is behind r
	r    rune   // the character at hand, or end
	col  int    // its column
	text []byte // the word being read
	err  *Error // the first one
}

func (s *splitter) next() {
	s.col++
	if s.err != nil || s.at == len(s.raw) {
		s.r = end
		return
	}
	if c := s.raw[s.at]; c >= ' ' && c < utf8.RuneSelf-1 { // nearly every character; none of these is forbidden
		s.r = rune(c)
		s.at++
		return
	}
	r, size := utf8.DecodeRuneInString(s.raw[s.at:])
	if forbidden(r) {
		name := nameOf(r)
		if r == utf8.RuneError && size == 1 {
			name = fmt.Sprintf("byte 0x%02X, which isn't UTF-8", s.raw[s.at])
		}
		s.fail(s.col, "cannot take "+name+", in quotes or outside", hintOf(r))
		return
	}
	s.r = r
	s.at += size
}

// fail ends the reading, with the first error.
func (s *splitter) fail(col int, msg, hint string) {
	if s.err == nil {
		s.err = &Error{Col: col, Msg: msg, Hint: hint}
	}
	s.r = end
}

// open ends the reading where another line may go on. The error that made the text end comes first.
func (s *splitter) open(col int, msg, hint string) {
	if s.err == nil {
		s.err = &Error{Col: col, Msg: msg, Hint: hint, Open: true}
	}
	s.r = end
}

// follows reports whether c is the character behind the one at hand.
func (s *splitter) follows(c byte) bool { return s.at < len(s.raw) && s.raw[s.at] == c }

func (s *splitter) put(r rune) { s.text = utf8.AppendRune(s.text, r) }

// joined skips a backslash at a line's end: both go, in sh too.
func (s *splitter) joined() bool {
	if s.r != '\\' || !s.follows('\n') {
		return false
	}
	s.next()
	s.next()
	return true
}

func (s *splitter) blanks() {
	for s.r == ' ' || s.joined() {
		if s.r == ' ' {
			s.next()
		}
	}
}

// input reads < FILE, the only redirection. opsh opens the file; the tool never learns its name.
func (s *splitter) input(l *Line) {
	col := s.col
	switch {
	case l.Input != nil:
		s.fail(col, "a second <: a command reads one file", "")
		return
	case len(l.Words) == 0:
		s.fail(col, "no command stands in front of <", "write TOOL ... < FILE")
		return
	}
	s.next()
	for s.joined() { // sh puts <\ and < on the next line together
	}
	switch s.r {
	case '<':
		s.fail(col, "<< is a here-document in sh, opsh has none", "write < FILE")
	case '&':
		s.fail(col, "<& copies a descriptor in sh, opsh has none of that", "write < FILE")
	case '(':
		s.fail(col, "<( reads a command's output in bash, opsh has none of that", "write < FILE")
	case '>':
		s.fail(col, "<> opens a file for writing in sh, opsh only reads", "write < FILE")
	}
	s.blanks()
	switch s.r {
	case '<':
		s.fail(s.col, "a second <: a command reads one file", "")
	case end:
		s.fail(col, "no file stands behind <", "write < FILE, or quote it: '<'")
		return
	}
	w := s.word(false)
	l.Input = &w
}

// word reads one word. The first one names the tool, and there a shell looks for more than in the others.
func (s *splitter) word(first bool) Word {
	w := Word{Col: s.col}
	s.text = s.text[:0]
	p := place{first: first}
	for s.r != end && s.r != ' ' {
		switch {
		case s.joined():
			continue
		case s.r == '\'':
			s.single()
		case s.r == '"':
			s.double()
		case s.r == '$' && s.follows('\''):
			s.dollar()
		case s.r == '\\':
			s.escaped(p)
		default:
			if msg, hint := p.meaning(s.r); msg != "" {
				s.fail(s.col, msg, hint)
				continue
			}
			p.bare(s.r)
			s.put(s.r)
			s.next()
			continue
		}
		w.Quoted = true
		p.quoted(s.text)
	}
	w.Text = string(s.text)
	if first && !w.Quoted && reserved(w.Text) {
		s.fail(w.Col, w.Text+" is a word of the shell's own language", quoteIt(w.Text))
	}
	return w
}

// escaped reads \x.
func (s *splitter) escaped(p place) {
	col := s.col
	s.next()
	switch {
	case s.r == end:
		s.open(col, "the line ends in a backslash", `write \\ for a backslash`)
	case s.r == '\t':
		s.fail(s.col, "cannot take U+0009, a tab, outside quotes", "put it in quotes")
	case s.r >= utf8.RuneSelf:
		// A backslash doesn't make a full-width character any less of a slip.
		if msg, hint := p.meaning(s.r); msg != "" {
			s.fail(s.col, msg, hint)
		}
	}
	s.take()
}

// take adds the character at hand to the word.
func (s *splitter) take() {
	if s.r != end {
		s.put(s.r)
		s.next()
	}
}

// single reads '…'.
func (s *splitter) single() {
	col := s.col
	for s.next(); s.r != '\''; s.take() {
		if s.r == end {
			s.open(col, "the ' here has no closing '", `write \' for an apostrophe, or "..." around it`)
			return
		}
	}
	s.next()
}

// double reads "…". A backslash escapes what sh lets it escape there, and stays in front of anything else.
func (s *splitter) double() {
	col := s.col
	s.next()
	for s.r != '"' {
		switch s.r {
		case end:
			s.open(col, `the " here has no closing "`, `write \" for a quotation mark, or '...' around it`)
			return
		case '$', '`':
			c := string(s.r)
			s.fail(s.col, "a shell interprets "+c+` inside "..."`, `write \`+c+` or put it in '...'`)
			continue
		case '\\':
			if s.joined() {
				continue
			}
			if s.next(); s.r != '$' && s.r != '`' && s.r != '"' && s.r != '\\' {
				s.put('\\')
				continue
			}
		}
		s.take()
	}
	s.next()
}

// dollar reads $'…', with the four escapes that Quote writes: bash's others could spell any byte.
func (s *splitter) dollar() {
	col := s.col
	s.next()
	s.next()
	for s.r != '\'' {
		if s.r == '\\' {
			at := s.col
			switch s.next(); s.r {
			case end:
				continue
			case 'n':
				s.r = '\n'
			case 't':
				s.r = '\t'
			case '\\', '\'':
			default:
				s.fail(at, `inside $'...' only \n \t \\ \' are read`, `write \\ for a backslash`)
				continue
			}
		}
		if s.r == end {
			s.open(col, "the $' here has no closing '", "")
			return
		}
		s.take()
	}
	s.next()
}
