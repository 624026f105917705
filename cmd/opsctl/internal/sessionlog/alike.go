package sessionlog

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"
)

// readsLike says that a person may take the text for the line of a record, from its start.
func readsLike(text string) bool {
	// Nearly every line is told by its first letter.
	for _, r := range text {
		if unicode.IsSpace(r) || unseen(r) {
			continue
		}
		return mayStart(r) && record.MatchString(skeleton(text))
	}
	return false
}

// mayStart says that a character may pass for the first of a line of opsh's.
func mayStart(r rune) bool { return r >= 0x80 || r == 'o' || r == 'O' || r == '0' }

// record is how a line of opsh's begins, of letters as skeleton writes them.
var record = regexp.MustCompile(`\Ao ?p ?s ?h ?: ?(?:# ?[0-9ols]|b ?e ?g ?[il] ?n(?: |\z)|e ?n ?d(?: |\z))`)

// skeletonRunes is as much of a text as is looked at: a line's beginning with a blank behind each letter.
const skeletonRunes = 32

// skeleton is a text's beginning without what isn't seen, in lower case, with one blank for many and each letter as the one that it looks like
// (Unicode's confusables, UTS #39).
func skeleton(text string) string {
	var b strings.Builder
	n, blank := 0, true
	for _, r := range text {
		switch {
		case unseen(r):
			continue
		case unicode.IsSpace(r):
			if !blank {
				b.WriteByte(' ')
				n++
			}
			blank = true
		default:
			b.WriteRune(r)
			n++
			blank = false
		}
		if n == skeletonRunes {
			break
		}
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unseen(r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		if l, ok := alike[r]; ok {
			return l
		}
		return unicode.ToLower(r)
	}, confusables.Skeleton(strings.ToLower(norm.NFKD.String(b.String()))))
}

// unseen are the characters that draw nothing, or draw over the one before.
func unseen(r rune) bool {
	return r >= 0x80 && (r == '\u2800' || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Mn, unicode.Me, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)) ||
		r < ' ' && !unicode.IsSpace(r) || r == 0x7f
}

// alike are some that Unicode doesn't list, since nobody would take them for each other in a name.
var alike = map[rune]rune{'5': 's', '$': 's', 'н': 'h', 'ħ': 'h', 'ћ': 'h', 'þ': 'p', ';': ':', '♯': '#', '⌗': '#', '〇': 'o', '○': 'o'}
