package policy

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// MaxFile is the size in bytes that a policy file may have.
const MaxFile = 4 << 20

const (
	maxLine         = 64 << 10 // bytes; also what Split takes
	maxSourceErrors = 100      // then something else than a policy was opened
)

// checkSource looks at the bytes before anything reads them as TOML. What it refuses would make the file
// look different to its reviewer than it is (Trojan Source: bidirectional controls in a comment), so it
// is refused in comments too.
func checkSource(src []byte) []Error {
	if len(src) > MaxFile {
		return []Error{*wrongAt(Pos{1, 1}, fmt.Sprintf("cannot read the file: it has %d bytes, a policy at most %d", len(src), MaxFile), "")}
	}
	if len(bytes.TrimSpace(src)) == 0 {
		return []Error{*wrongAt(Pos{1, 1}, "cannot read the file: it is empty", "begin with version = 1")}
	}
	if bytes.HasPrefix(src, []byte("\ufeff")) {
		return []Error{*wrongAt(Pos{1, 1}, "cannot read the file: it begins with a byte order mark", "save it as UTF-8 without BOM")}
	}
	var errs []Error
	pos, start := Pos{1, 1}, 0
	for i := 0; i < len(src) && len(errs) < maxSourceErrors; {
		c, size := utf8.DecodeRune(src[i:])
		switch {
		case c == utf8.RuneError && size == 1:
			errs = append(errs, *wrongAt(pos, fmt.Sprintf("cannot read the file: byte 0x%02X isn't UTF-8", src[i]), "save it as UTF-8"))
			// One complaint a line: the rest of it is in the same wrong encoding.
			for i+size < len(src) && src[i+size] != '\n' {
				size++
			}
		case c == '\n':
			pos, start = Pos{pos.Line + 1, 0}, i+1
		case c == '\r' && i+1 < len(src) && src[i+1] == '\n', c == '\t':
		case deceives(c):
			hint := "remove it"
			if c == 0 {
				hint = "open the policy: this is no text file"
			} else if c == '\r' {
				hint = "save it with the line ends of Linux (LF) or Windows (CR LF)"
			}
			errs = append(errs, *wrongAt(pos, fmt.Sprintf("cannot read the file: %U isn't visible, or hides what stands beside it", c), hint))
			if c == 0 || c == '\r' {
				return errs // all the rest is like it
			}
		}
		if i-start == maxLine {
			errs = append(errs, *wrongAt(Pos{pos.Line, 1}, fmt.Sprintf("cannot read the line: it is longer than %d bytes", maxLine), ""))
		}
		i += size
		pos.Col++
	}
	return errs
}

// deceives says that a character must not stand in the file at all. Joiners and variation selectors may:
// comments in Japanese, Hindi or with emoji have them. They are refused in values (hidden).
func deceives(c rune) bool {
	return hidden(c) && c != '\u200c' && c != '\u200d' && !unicode.Is(unicode.Variation_Selector, c)
}

// hidden says that a terminal doesn't show the character as itself: controls, bidirectional and other
// format characters, line separators, and whatever Unicode lets a font leave out.
func hidden(c rune) bool {
	if c >= ' ' && c < 0x7f {
		return false
	}
	return unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// combines says that the character is drawn onto the one before it.
func combines(c rune) bool { return unicode.In(c, unicode.Mn, unicode.Me) }
