package prompt

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// A typed line is drawn so that what is going to run can be read off the screen, and so that the cursor
// stands where the terminal thinks it does. Characters that are invisible, that turn the direction of
// text around (a bidi override can make "rm" read as something else), or that terminals disagree about are
// drawn as <U+202E>; a newline inside a recalled line and a tab as one visible cell each.
const (
	newlineGlyph = '⏎'
	tabGlyph     = '⇥'
)

// maxMarks is how many combining marks are drawn on one character; more of them hide their neighbours.
const maxMarks = 3

// columns is fixed instead of taken from the locale: a character of ambiguous width takes one column, as it
// does in terminals unless they are told otherwise.
func columns(r rune) int {
	if r >= ' ' && r < 0x7f {
		return 1
	}
	c := runewidth.Condition{StrictEmojiNeutral: true}
	return c.RuneWidth(r)
}

// plain says whether r can be sent to a terminal as it is, in a cell of its own.
func plain(r rune) bool {
	switch {
	case r >= ' ' && r < 0x7f:
		return true
	case r == newlineGlyph, r == tabGlyph: // they stand for something else here
		return false
	case r == unicode.ReplacementChar: // the agent's pump makes another byte of it
		return false
	case r == 0x2800: // the braille blank
		return false
	case disputed(r), unicode.In(r, unicode.M, unicode.Other_Default_Ignorable_Code_Point):
		return false
	}
	return unicode.IsPrint(r) && columns(r) > 0
}

// disputed says whether terminals differ in how many columns they give r. Every other character that is
// drawn as it is was measured: tmux 3.3 gives it the width that columns does.
func disputed(r rune) bool {
	switch {
	case r >= 0x1f1e6 && r <= 0x1f1ff, r >= 0x1f3fb && r <= 0x1f3ff: // flags and skin tones: one cell or several
	case r >= 0x1160 && r <= 0x11ff, r >= 0xd7b0 && r <= 0xd7ff: // Hangul vowels and finals join the letter before them, or not
	case r >= 0x2630 && r <= 0x2637, r >= 0x268a && r <= 0x268f: // wide since Unicode 16
	case r >= 0x4dc0 && r <= 0x4dff, r >= 0x1d300 && r <= 0x1d376: // likewise
	case r >= 0x3248 && r <= 0x324f: // ambiguous, and wide nevertheless
	default:
		return false
	}
	return true
}

// mark says whether r is drawn over the character before it.
func mark(r rune) bool {
	return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) && columns(r) == 0 &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// bears says whether a mark is drawn over r: not over blanks and not over what is drawn in place of another
// character.
func bears(r rune) bool { return r != ' ' && plain(r) }

// named is how a character that must not reach the terminal is drawn.
func named(r rune) string {
	switch r {
	case '\n':
		return string(newlineGlyph)
	case '\t':
		return string(tabGlyph)
	}
	return fmt.Sprintf("<U+%04X>", r)
}

// visible is s as the painter draws it, without newlines and control characters.
func visible(s string) string {
	var b strings.Builder
	for _, c := range layOut("", []rune(s), 1<<30).cells {
		b.WriteString(c.text)
	}
	return b.String()
}

// joined says whether text[i] is drawn in the cell of a character before it.
func joined(text []rune, i int) bool {
	if i <= 0 || i >= len(text) || !mark(text[i]) {
		return false
	}
	for n := 1; n <= maxMarks && n <= i; n++ {
		if !mark(text[i-n]) {
			return bears(text[i-n])
		}
	}
	return false
}

// before and after are where the cursor stands one step to the left and to the right: a character and its
// marks are one step, because they are one thing on the screen.
func before(text []rune, pos int) int {
	for pos--; joined(text, pos); pos-- {
	}
	return max(pos, 0)
}

func after(text []rune, pos int) int {
	for pos++; joined(text, pos); pos++ {
	}
	return min(pos, len(text))
}
