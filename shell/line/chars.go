package line

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Characters beyond ASCII: which may stand in no line, and which are what chat programs and input methods leave
// behind where an ASCII character was meant.

// forbidden reports whether a character may not stand in a line, quoted or not. utf8.RuneError, which stands for bytes
// that aren't UTF-8, may not.
//
// What may stand in a line is what Unicode calls graphic: letters, marks, numbers, punctuation, symbols, spaces. So
// controls, formats (bidirectional ones, zero-width ones, tags), line separators, surrogates, private use,
// noncharacters and what this Go's Unicode doesn't know are out without a list that could miss one.
func forbidden(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r < ' ' && r != '\n' && r != '\t' || r == 0x7F
	case r == utf8.RuneError:
		// Typed as U+FFFD it is out too: it stands for bytes that got lost, and ECS's agent writes it to the session log
		// as another byte, so that log and record would disagree.
		return true
	}
	return !unicode.IsGraphic(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// hintOf says how a forbidden character gets into a line that a person didn't mean it to be in.
func hintOf(r rune) string {
	switch r {
	case '\r':
		return "the text has the line ends of Windows (CR LF): save it with LF"
	case 0xFEFF:
		return "save the text without a byte order mark"
	}
	return "delete it, or type the line afresh: pasted text can hold what a screen doesn't show"
}

// nameOf names a forbidden character by number and in words, as it must not reach a screen itself.
func nameOf(r rune) string { return fmt.Sprintf("U+%04X, %s", r, inWords(r)) }

func inWords(r rune) string {
	switch r {
	case 0:
		return "NUL"
	case '\b':
		return "backspace"
	case '\r':
		return "a carriage return"
	case 0x1B:
		return "escape"
	case 0x7F:
		return "delete"
	case 0x00AD:
		return "a soft hyphen"
	case 0x034F:
		return "a combining grapheme joiner"
	case 0x061C:
		return "the Arabic letter mark"
	case 0x115F, 0x1160, 0x3164, 0xFFA0:
		return "a Hangul filler, which draws nothing"
	case 0x180E:
		return "a Mongolian vowel separator"
	case 0x200B:
		return "a zero-width space"
	case 0x200C:
		return "a zero-width non-joiner"
	case 0x200D:
		return "a zero-width joiner"
	case 0x200E:
		return "a left-to-right mark"
	case 0x200F:
		return "a right-to-left mark"
	case 0x2028:
		return "a line separator"
	case 0x2029:
		return "a paragraph separator"
	case 0x202A:
		return "left-to-right embedding"
	case 0x202B:
		return "right-to-left embedding"
	case 0x202C:
		return "pop directional formatting"
	case 0x202D:
		return "left-to-right override"
	case 0x202E:
		return "right-to-left override"
	case 0x2060:
		return "a word joiner"
	case 0x2066:
		return "left-to-right isolate"
	case 0x2067:
		return "right-to-left isolate"
	case 0x2068:
		return "first strong isolate"
	case 0x2069:
		return "pop directional isolate"
	case 0xFEFF:
		return "a byte order mark (zero-width no-break space)"
	case utf8.RuneError:
		return "which stands for a lost character"
	}
	switch {
	case unicode.Is(unicode.Cc, r):
		return "a control character"
	case unicode.Is(unicode.Variation_Selector, r):
		return "a variation selector, which draws nothing"
	case 0xE0000 <= r && r <= 0xE007F:
		return "a tag character, which draws nothing"
	case unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point):
		return "a formatting character, which draws nothing"
	case unicode.Is(unicode.Co, r):
		return "a private-use character"
	}
	return "not a character"
}

// foreign judges a bare character beyond ASCII. No shell gives one a meaning, but its author may have: letters, marks
// and digits are words of some language, anything else goes in quotes.
func (p *place) foreign(r rune) (msg, hint string) {
	ascii := asciiFor(r)
	switch {
	case r == 0x30FC || r == 0xFF70: // ー belongs into データ, but no word begins with it
		if p.begun {
			return "", ""
		}
		ascii = "-"
	case 0xFF01 <= r && r <= 0xFF5E || 0x02B0 <= r && r <= 0x02FF || ascii != "":
		// Full-width forms and modifier letters: some are letters to Unicode, all are look-alikes.
	case unicode.Is(unicode.M, r) && !p.begun: // would be drawn on the blank
	case unicode.In(r, unicode.L, unicode.M, unicode.N):
		return "", ""
	}
	name := fmt.Sprintf("U+%04X", r)
	switch {
	case ascii == " ":
		return "cannot take " + name + ", a space that isn't a blank, outside quotes", "write a blank instead; if it is meant, quote it"
	case ascii != "":
		return "cannot take " + name + " outside quotes: it only looks like " + ascii, "write " + ascii + " instead; if it is meant, quote it"
	}
	return "cannot take " + name + " outside quotes", "quote it"
}

// asciiFor is the ASCII character that was meant by one that looks like it: " " for every space, "" where none is known.
func asciiFor(r rune) string {
	switch {
	case 0xFF01 <= r && r <= 0xFF5E:
		return string(r - 0xFF01 + '!')
	case unicode.Is(unicode.Zs, r):
		return " "
	}
	switch r {
	case 0x2018, 0x2019, 0x201A, 0x201B, 0x2039, 0x203A, // single quotation marks
		0x00B4, 0x02B9, 0x02BB, 0x02BC, 0x02BD, 0x02C8, 0x02CA, 0x2032, 0xA78B, 0xA78C: // accents, primes, apostrophes that are letters
		return "'"
	case 0x02CB, 0x2035:
		return "`"
	case 0x201C, 0x201D, 0x201E, 0x201F, 0x00AB, 0x00BB, 0x301D, 0x301E, 0x301F, // double quotation marks
		0x300C, 0x300D, 0x300E, 0x300F, 0xFF62, 0xFF63, // corner brackets, Japan's quotation marks
		0x02BA, 0x02DD, 0x02EE, 0x2033, 0x2036:
		return `"`
	case 0x301C, 0x02DC, 0x223C: // wave dash, small tilde, tilde operator
		return "~"
	case 0x02D7, 0x2043, 0x207B, 0x208B, 0x2212, 0x2796: // minus signs, hyphen bullet
		return "-"
	case 0x037E, 0x061B, 0x204F, 0xFE14, 0xFE54: // the Greek question mark is a semicolon to the eye
		return ";"
	case 0x00A6, 0x01C0, 0x2223, 0x2502, 0xFFE8: // broken bar, click, divides, box drawings
		return "|"
	case 0x2044, 0x2215, 0x29F8:
		return "/"
	case 0x2216, 0x29F5, 0xFE68, 0x00A5, 0xFFE5, 0x20A9, 0xFFE6: // yen and won stand on the backslash's key
		return `\`
	case 0x2329, 0x27E8, 0x3008, 0xFE64:
		return "<"
	case 0x232A, 0x27E9, 0x3009, 0xFE65:
		return ">"
	case 0x00D7, 0x2217, 0xFE61:
		return "*"
	case 0x01C3:
		return "!"
	case 0x02C6:
		return "^"
	case 0x02D0, 0x2236, 0xA789, 0xFE55:
		return ":"
	case 0x2024:
		return "."
	case 0x2026: // what word processors make of three points
		return "..."
	}
	if unicode.Is(unicode.Dash, r) {
		return "-"
	}
	return ""
}
