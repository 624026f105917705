package sessionlog

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// disguise is text that a person would read as a record's line, and how it got there.
type disguise struct{ text, how string }

// disguises finds what a line of a log holds of them. What a reader sees of control characters depends on the reader: a terminal obeys them, a
// browser shows none, others take some for the end of a line. So the text is looked at in each of these ways.
func disguises(text string) []disguise {
	var found []disguise
	look := func(how string, views ...string) {
		for _, v := range views {
			if seen, ok := reads(v); ok && !slices.ContainsFunc(found, func(d disguise) bool { return d.text == seen }) && len(found) < mostInLine {
				found = append(found, disguise{seen, how})
			}
		}
	}
	if !controls(text) {
		look("", text)
		look("in a text that runs backwards", backwards(text)...)
		return found
	}
	v := views(text)
	look("among control characters", v.joined)
	look("behind control characters", v.moved...)
	look("behind control characters", v.cut...)
	look("inside a control sequence", v.hidden...)
	look("in a text that runs backwards", backwards(v.joined)...)
	return found
}

// mostInLine bounds what is found in one line of a log.
const mostInLine = 20

// reads finds what in a text reads like the line of a record: at its start, behind blanks that a terminal may break the line at, or in any place where
// it is as long as the real ones.
func reads(text string) (string, bool) {
	if readsLike(text) {
		return strings.TrimSpace(text), true
	}
	if at := shape.FindStringIndex(even(text)); at != nil {
		return strings.TrimSpace(even(text)[at[0]:]), true
	}
	for rest := text; ; {
		gap := strings.Index(rest, "  ")
		if gap < 0 {
			return "", false
		}
		if rest = strings.TrimLeft(rest[gap:], " "); readsLike(rest) {
			return strings.TrimSpace(rest), true
		}
	}
}

// shape is the beginning of a record's line up to what tells it from prose: its number or status, and its time.
var shape = regexp.MustCompile(`(?i)opsh: ?(?:# ?[0-9]+ [0-9]{4}-[0-9]{2}-[0-9]{2}t[0-9:.]+z [a-z]|begin [0-9]{4}-[0-9]{2}-|end [0-9]+ [a-z]+ [0-9]{4}-[0-9]{2}-)`)

// even is a text without what isn't seen, with plain blanks. Most texts are so.
func even(text string) string {
	if !strings.Contains(text, "psh") && !strings.Contains(text, "PSH") {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unseen(r):
			return -1
		}
		return r
	}, text)
}

// backwards are the parts of a text whose direction was changed, as who obeys that shows them.
func backwards(text string) []string {
	if !strings.ContainsFunc(text, directs) {
		return nil
	}
	var all []string
	for _, part := range strings.FieldsFunc(text, directs) {
		r := []rune(part)
		slices.Reverse(r)
		all = append(all, string(r))
	}
	return all
}

// directs says that a character changes the direction of what follows.
func directs(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

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

// view is what can be seen of a text with control characters.
type view struct {
	joined string   // all text, as if the controls weren't there
	moved  []string // the text between those that move the cursor
	cut    []string // the text between any: what stands before a colour may be as good as invisible
	hidden []string // what control strings hold
}

func views(text string) (v view) {
	var joined, moved, cut strings.Builder
	flush := func(b *strings.Builder, to *[]string) {
		if b.Len() > 0 {
			*to = append(*to, b.String())
			b.Reset()
		}
	}
	eachToken(text, func(token string, _ int, shown bool) {
		if shown {
			joined.WriteString(token)
			moved.WriteString(token)
			cut.WriteString(token)
			return
		}
		flush(&cut, &v.cut)
		if !still.MatchString(token) {
			flush(&moved, &v.moved)
		}
		if len(token) > 2 && strings.ContainsRune("P]X^_", rune(token[1])) {
			v.hidden = append(v.hidden, strings.FieldsFunc(token[2:], unicode.IsControl)...)
		}
	})
	flush(&cut, &v.cut)
	flush(&moved, &v.moved)
	v.joined = joined.String()
	return v
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
