package answer

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"opsh/policy"
	"opsh/shell/line"
)

// Refusal is what stands under a refused line: the word, the nearest usage line, a corrected line.
func Refusal(r *policy.Refusal, c policy.Command) []string {
	reason := r.Reason
	switch {
	case r.Word >= 0 && r.Word < len(c.Words):
		reason = fmt.Sprintf("word %d, %s: %s", r.Word+1, Shorten(line.QuoteWord(c.Words[r.Word])), r.Reason)
	case r.Word >= len(c.Words) && c.Input != nil:
		reason = fmt.Sprintf("behind <, %s: %s", Shorten(line.QuoteWord(*c.Input)), r.Reason)
	case r.Word >= len(c.Words):
		reason = "at the end: " + r.Reason
	}
	out := Fold(reason, "  ", "  ")
	if r.Usage != "" {
		out = append(out, Fold("usage: "+r.Usage, "  ", "         ")...)
	}
	if r.Try != nil {
		// One line, whatever its width: it is there to be copied.
		out = append(out, "  try:   "+Quoted(*r.Try))
	}
	return out
}

// Unsplit is what stands under a line that doesn't split: where, why, what to write.
func Unsplit(err error) []string {
	out := Fold(err.Error(), "  ", "  ")
	if at := (*line.Error)(nil); errors.As(err, &at) && at.Hint != "" {
		out = append(out, Fold("hint: "+at.Hint, "  ", "  ")...)
	}
	return out
}

// headBytes is how much of a line that doesn't split is shown: whoever types it chooses its size.
const headBytes = 1 << 10

// Raw is a line that doesn't split, quoted whole, or the first KiB of it and how much there is more.
func Raw(raw string) string {
	first, more := Head(raw)
	shown := line.QuoteWord(first)
	if more > 0 {
		shown += fmt.Sprintf(" and %d bytes more", more)
	}
	return shown
}

// Head is the first KiB of a text, cut between characters, and how many bytes it leaves out.
func Head(text string) (first string, more int) {
	first = text[:min(len(text), headBytes)]
	for len(first) < len(text) && len(first) > headBytes-utf8.UTFMax && !utf8.RuneStart(text[len(first)]) {
		first = first[:len(first)-1]
	}
	return first, len(text) - len(first)
}
