package answer

import (
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
)

// width is a terminal's: what explains a record is indented and kept within it.
const width = 80

// Fold breaks text at blanks so that it stays within the terminal's 80 columns: first stands before its first line, rest before the others.
func Fold(text, first, rest string) []string {
	var out []string
	now, indent := first, first
	for _, word := range strings.Fields(text) {
		switch {
		case now == indent:
			now += word
		case runewidth.StringWidth(now)+1+runewidth.StringWidth(word) <= width:
			now += " " + word
		default:
			out = append(out, now)
			now, indent = rest+word, rest
		}
	}
	return append(out, now)
}

// Shorten keeps a quoted word readable in a message; a record has it whole.
func Shorten(s string) string {
	const most = 40
	if runewidth.StringWidth(s) <= most {
		return s
	}
	return runewidth.Truncate(s, most, "...")
}

// Brief is a limit of the policy without the zeros: 15m, 4h, 1h30m.
func Brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
