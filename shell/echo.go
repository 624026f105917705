package shell

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"opsh/policy"
	"opsh/shell/audit"
	"opsh/shell/line"
)

// The lines of design section 6. A record is one line however long; what explains it is indented and kept
// within the width of a terminal.

const width = 80

func beginLine(r audit.Record, short string) string {
	return fmt.Sprintf("opsh: begin %s %s policy %.8s [%s]", r.Time, short, r.Policy, r.Short())
}

func runbookLine(r audit.Record) string {
	return fmt.Sprintf("opsh: #0 %s runbook %d bytes sha256 %s [%s]", r.Time, r.Length, r.Runbook, r.Short())
}

// runLines is the record, and what this kernel doesn't hold the tool to.
func runLines(r audit.Record) []string {
	lines := []string{fmt.Sprintf("opsh: #%d %s run %s [%s]", r.Command, r.Time, r.Line, r.Short())}
	for _, l := range r.Lacks {
		lines = append(lines, fold("not restricted: "+l, "  ", "  ")...)
	}
	return lines
}

func runningLine(r audit.Record) string {
	return fmt.Sprintf("opsh: #%d %s running %s [%s]", r.Command, r.Time, spell(r.Millis), r.Short())
}

func exitLine(r audit.Record) string {
	how := ""
	switch {
	case r.Signal != "":
		how = " signal " + r.Signal
	case r.Category != audit.CategoryExit:
		how = " " + string(r.Category)
	}
	return fmt.Sprintf("opsh: #%d %s exit %d%s %s [%s]", r.Command, r.Time, *r.Status, how, spell(r.Millis), r.Short())
}

func refusedLine(r audit.Record) string {
	return fmt.Sprintf("opsh: #%d %s refused %s [%s]", r.Command, r.Time, r.Line, r.Short())
}

// endLine is the last line of a session. With a nonce it proves to who gave the nonce that opsh and not a tool wrote it.
func endLine(r audit.Record, nonce string) string {
	s := fmt.Sprintf("opsh: end %d %s %s %s, %d refused, %s [%s]", *r.Status, r.Category, r.Time,
		count(r.Runs, "run"), r.Refusals, spell(r.Millis), r.Short())
	if nonce != "" {
		s += " mac=" + endMAC(nonce, *r.Status, r.Category, r.Short())
	}
	return s
}

// endMAC is HMAC-SHA256 in hex, keyed with the nonce's characters, of "STATUS CATEGORY HASH" as the end line shows them.
func endMAC(nonce string, status int, category audit.Category, short string) string {
	m := hmac.New(sha256.New, []byte(nonce))
	fmt.Fprintf(m, "%d %s %s", status, category, short)
	return hex.EncodeToString(m.Sum(nil))
}

// count is "1 run" or "2 runs".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// spell writes a duration as people do: 1.333s, 5m0s, 38m1s.
func spell(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	if d >= time.Minute {
		d = d.Round(time.Second)
	}
	return d.String()
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
