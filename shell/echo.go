package shell

import (
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"opsh/policy"
	"opsh/shell/audit"
	"opsh/shell/line"
	"opsh/shell/transcript"
)

// What stands around the lines of records. A record is one line however long (see transcript); what explains it is indented and kept
// within the width of a terminal.

const width = 80

// runLines is the record, and what this kernel doesn't hold the tool to.
func runLines(r audit.Record) []string {
	lines := []string{transcript.Line(r)}
	for _, l := range r.Lacks {
		lines = append(lines, fold("not restricted: "+l, "  ", "  ")...)
	}
	return lines
}

// brief is a limit of the policy without the zeros: 15m, 4h, 1h30m.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// quoted is a command as records show it: pasted into bash it gives the same argv.
func quoted(c policy.Command) string {
	s := line.Quote(c.Words...)
	if s == "" {
		s = line.QuoteWord("") // a blank line, which only -c can hand over
	}
	if c.Input != nil {
		s += " < " + line.QuoteWord(*c.Input)
	}
	return s
}

// explain is what stands under a refused line: the word, the nearest usage line, a corrected line.
func explain(r *policy.Refusal, c policy.Command) []string {
	reason := r.Reason
	switch {
	case r.Word >= 0 && r.Word < len(c.Words):
		reason = fmt.Sprintf("word %d, %s: %s", r.Word+1, shorten(line.QuoteWord(c.Words[r.Word])), r.Reason)
	case r.Word >= len(c.Words) && c.Input != nil:
		reason = fmt.Sprintf("behind <, %s: %s", shorten(line.QuoteWord(*c.Input)), r.Reason)
	case r.Word >= len(c.Words):
		reason = "at the end: " + r.Reason
	}
	out := fold(reason, "  ", "  ")
	if r.Usage != "" {
		out = append(out, fold("usage: "+r.Usage, "  ", "         ")...)
	}
	if r.Try != nil {
		// One line, whatever its width: it is there to be copied.
		out = append(out, "  try:   "+quoted(*r.Try))
	}
	return out
}

// shorten keeps a quoted word readable in a message; the record has it whole.
func shorten(s string) string {
	const most = 40
	if runewidth.StringWidth(s) <= most {
		return s
	}
	return runewidth.Truncate(s, most, "...")
}

// fold breaks text at blanks so that it stays within the terminal's 80 columns.
func fold(text, first, rest string) []string {
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
