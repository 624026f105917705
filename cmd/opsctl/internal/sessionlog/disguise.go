package sessionlog

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"
)

// disguise is text that a person would read as a record's line, and how it got there.
type disguise struct{ text, how string }

// disguises finds what a line of a log holds of them. A terminal shows a line in pieces: whatever moves the cursor begins a new one. It
// shows colours, and nothing of other controls.
func disguises(text string) []disguise {
	if !controls(text) {
		if readsLike(text) {
			return []disguise{{strings.TrimSpace(text), ""}}
		}
		return nil
	}
	var found []disguise
	add := func(piece, how string) {
		if readsLike(piece) {
			found = append(found, disguise{strings.TrimSpace(piece), how})
		}
	}
	all := pieces(text)
	for i, p := range all {
		how := "behind control characters"
		if i == 0 {
			how = "among control characters"
		}
		add(p, how)
	}
	if len(found) == 0 && len(all) > 1 {
		add(strings.Join(all, ""), "among control characters")
	}
	return found
}

// controls says that a text holds control characters: a terminal then shows something else than the text.
func controls(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' && c != '\t', c == 0x7f:
			return true
		case c == 0xc2 || c == 0xe2:
			if _, size := utf8.DecodeRuneInString(text[i:]); c1.MatchString(text[i : i+size]) {
				return true
			}
		}
	}
	return false
}

// quiet says that a terminal shows a line from left to right and no more.
func quiet(text string) bool {
	if !controls(text) {
		return true
	}
	all := true
	eachToken(text, func(token string, _ int, shown bool) { all = all && (shown || still.MatchString(token)) })
	return all
}

// pieces cuts a line where the cursor moves, and leaves out what isn't text.
func pieces(text string) []string {
	var all []string
	var piece strings.Builder
	flush := func() {
		if piece.Len() > 0 {
			all = append(all, piece.String())
			piece.Reset()
		}
	}
	eachToken(text, func(token string, width int, shown bool) {
		switch {
		case shown:
			piece.WriteString(token)
		case moves(token):
			flush()
		}
	})
	flush()
	return all
}

// eachToken hands out a text's characters and the control sequences between them. Shown are those that are text.
func eachToken(text string, do func(token string, width int, shown bool)) {
	text = c1.ReplaceAllStringFunc(text, func(r string) string {
		if len(r) > 2 {
			return "\x1bE"
		}
		return "\x1b" + string(rune(r[1]-0x40))
	})
	var state byte
	for len(text) > 0 {
		token, width, n, next := ansi.DecodeSequence(text, state, nil)
		if n <= 0 {
			token, n, next = text[:1], 1, 0
		}
		first := token[0]
		do(token, width, width > 0 || first >= ' ' && first != 0x7f && (first < 0x80 || first >= 0xc0))
		text, state = text[n:], next
	}
}

var (
	// c1 are the controls that have a character of their own beside the sequence ESC and a letter; and the separators at which some programs
	// break a line.
	c1 = regexp.MustCompile("[\u0080-\u009f\u2028\u2029]")
	// still are the control sequences that leave the cursor and the text where they are: colours, modes, titles, links.
	// A string that isn't finished swallows what follows, so it doesn't count.
	still = regexp.MustCompile(`(?s)\A(?:\x1b\[[0-9;:<=>?]*[mnqtc]|\x1b[()*+\-./%#][ -~]?|\x1b[=>\\]|\x1b[\]PX^_].*(?:\x1b\\|\x07)|[\x00\x07\x0e\x0f\x7f])\z`)
)

// moves says that a control sequence moves the cursor, or may.
func moves(token string) bool { return !still.MatchString(token) }

// readsLike says that a person may take the text for the line of a record.
func readsLike(text string) bool {
	// Nearly every line is told by its first letter.
	for i, r := range text {
		if unicode.IsSpace(r) || unseen(r) {
			continue
		}
		if r < 0x80 && !strings.ContainsRune("oO0", r) {
			return false
		}
		return record.MatchString(skeleton(text[i:min(len(text), i+400)]))
	}
	return false
}

var record = regexp.MustCompile(`\Aopsh:(?:#|begin|end)`)

// skeleton is a text's beginning without what isn't seen and with each letter as the one that it looks like.
func skeleton(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKC.String(text) {
		if unicode.IsSpace(r) || unseen(r) {
			continue
		}
		r = unicode.ToLower(r)
		if l, ok := alike[r]; ok {
			r = l
		}
		if b.WriteRune(r); b.Len() > 16 {
			break
		}
	}
	return b.String()
}

// unseen are the characters that draw nothing, or draw over the one before.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Mn, unicode.Me, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// alike are characters that look like those of opsh's lines, as Unicode's confusables list them (UTS #39), beside those that NFKC resolves.
var alike = map[rune]rune{
	'0': 'o', 'о': 'o', 'ο': 'o', 'օ': 'o', 'ಂ': 'o', 'ං': 'o', 'ഠ': 'o', 'ဝ': 'o', '๐': 'o', '໐': 'o', '०': 'o', '০': 'o', '٥': 'o', 'ס': 'o', 'ہ': 'o', 'ө': 'o', 'σ': 'o', 'ᴏ': 'o', 'ⲟ': 'o', '〇': 'o', '○': 'o',
	'р': 'p', 'ρ': 'p', 'ϱ': 'p', 'ⲣ': 'p', 'ᴘ': 'p', 'þ': 'p',
	'ѕ': 's', 'ꜱ': 's', '5': 's', '$': 's', 'ƽ': 's', 'ഺ': 's',
	'һ': 'h', 'հ': 'h', 'ʜ': 'h', 'н': 'h', 'ⲏ': 'h', 'ħ': 'h', 'ћ': 'h',
	'։': ':', '׃': ':', '܃': ':', '܄': ':', 'ः': ':', 'ઃ': ':', '᛬': ':', '᠃': ':', '᠉': ':', '⁚': ':', '∶': ':', 'ː': ':', '˸': ':', '꞉': ':', '፡': ':', 'ㆍ': ':', ';': ':',
	'♯': '#', '⌗': '#', '⋕': '#',
	'е': 'e', 'ｅ': 'e', 'є': 'e', 'ԁ': 'd', 'ɗ': 'd', 'ո': 'n', 'п': 'n', 'Ь': 'b', 'ƅ': 'b', 'ɡ': 'g', 'і': 'i', 'ı': 'i', 'ɩ': 'i', '1': 'i', 'l': 'i',
}
