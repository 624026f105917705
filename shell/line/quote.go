package line

import (
	"strings"
	"unicode/utf8"
)

// Quote writes words as one line that Split and bash read back as the same words. See QuoteWord for what it can write.
func Quote(words ...string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		quote(&b, w, i == 0, i > 0)
	}
	return b.String()
}

// QuoteWord writes one word so that it reads back the same wherever it stands in a line, bare where it can be.
//
// It takes any bytes and writes one line of printable UTF-8: what Split lets into no word becomes $'\xNN' (a byte
// that isn't UTF-8, a control) or $'\uNNNN', so that a refused line too can be shown and recorded. bash 4.2 or
// later in a UTF-8 locale reads these back; Split doesn't, as it never made such a word; and nothing reads back a
// NUL, which no argv can hold. The result is at most four times as long and three bytes more; for a word of Split's
// three times and three bytes more.
func QuoteWord(w string) string {
	var b strings.Builder
	quote(&b, w, true, true)
	return b.String()
}

// quote writes a word for the tool's place, for a later place, or so that it can stand in both.
func quote(b *strings.Builder, w string, first, later bool) {
	switch {
	case (!first || isBare(w, true)) && (!later || isBare(w, false)):
		b.WriteString(w)
	case !printable(w):
		dollarQuote(b, w)
	case !strings.Contains(w, "'"):
		b.WriteByte('\'')
		b.WriteString(w)
		b.WriteByte('\'')
	case !strings.Contains(w, "!"):
		doubleQuote(b, w)
	default:
		// An interactive bash takes ! for an earlier command also inside "...".
		singleQuote(b, w)
	}
}

// isBare reports whether w, without any quotes, is one word that means itself.
func isBare(w string, first bool) bool {
	if w == "" || w[0] == '=' || first && reserved(w) { // zsh, the shell of macOS, looks for a program behind a leading =
		return false
	}
	p := place{first: first}
	for _, r := range w {
		switch r {
		case ' ', '\'', '"', '\\', utf8.RuneError: // the last: a byte that isn't UTF-8
			return false
		}
		if msg, _ := p.meaning(r); msg != "" || forbidden(r) {
			return false
		}
		p.bare(r)
	}
	return true
}

// printable reports whether w can stand in quotes as it is, on one line.
func printable(w string) bool {
	for len(w) > 0 {
		r, size := utf8.DecodeRuneInString(w)
		if r == '\n' || r == '\t' || forbidden(r) {
			return false
		}
		w = w[size:]
	}
	return true
}

// doubleQuote writes a word that holds ', as in SQL: "SELECT 'a'".
func doubleQuote(b *strings.Builder, w string) {
	b.WriteByte('"')
	for i := 0; i < len(w); i++ {
		switch w[i] {
		case '$', '`', '"', '\\':
			b.WriteByte('\\')
		}
		b.WriteByte(w[i])
	}
	b.WriteByte('"')
}

// singleQuote writes a word that holds both ' and !.
func singleQuote(b *strings.Builder, w string) {
	for w != "" {
		run, rest, more := strings.Cut(w, "'")
		if run != "" {
			b.WriteByte('\'')
			b.WriteString(run)
			b.WriteByte('\'')
		}
		if more {
			b.WriteString(`\'`)
		}
		w = rest
	}
}

// dollarQuote writes any word at all in the form $'...'.
func dollarQuote(b *strings.Builder, w string) {
	const hex = "0123456789abcdef"
	b.WriteString("$'")
	for len(w) > 0 {
		r, size := utf8.DecodeRuneInString(w)
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\\' || r == '\'':
			b.WriteByte('\\')
			b.WriteRune(r)
		case !forbidden(r):
			b.WriteString(w[:size])
		case size == 1:
			b.WriteString(`\x`)
			b.WriteByte(hex[w[0]>>4])
			b.WriteByte(hex[w[0]&15])
		case r <= 0xFFFF:
			b.WriteString(`\u`)
			for shift := 12; shift >= 0; shift -= 4 {
				b.WriteByte(hex[r>>shift&15])
			}
		default:
			b.WriteString(`\U`)
			for shift := 28; shift >= 0; shift -= 4 {
				b.WriteByte(hex[r>>shift&15])
			}
		}
		w = w[size:]
	}
	b.WriteByte('\'')
}

// Plain is text of somebody else's, a file's or a service's, made fit to be printed: line breaks and tabs stay, every other character that
// no line may hold, since a terminal obeys it or doesn't show it, becomes '?'.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && forbidden(r) {
			return '?'
		}
		return r
	}, text)
}
