package evidence

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"opsh/shell/audit"
)

// columns are the CSV's, for programs: the same in every language.
var columns = []string{"session", "gap", "began", "ended", "person", "source_address", "mfa", "mode", "reason", "runbook_sha256", "task", "run", "refused", "denied",
	"status", "category", "verification", "records", "last_hash", "trail", "cloudtrail_event", "sampled", "draw"}

// The gaps of a row.
const (
	gapNoTrail = "no trail"
	gapNoEvent = "no event"
	gapNoTime  = "no time"
	gapTwice   = "differs from another trail of this session"
)

// WriteCSV writes the population, a row for each session, also one that is known from its event alone. It is UTF-8 with a byte order mark,
// without which spreadsheets take Japanese for something else.
func (p *Population) WriteCSV(w io.Writer, seed string, sample []*Session) error {
	var b strings.Builder
	b.WriteString("\uFEFF")
	row := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(cell(c))
		}
		b.WriteString("\r\n")
	}
	row(columns)
	for _, s := range p.Sessions {
		row(p.cells(s, seed, slices.Contains(sample, s)))
	}
	for _, e := range p.Untrailed {
		cells := make([]string, len(columns))
		copy(cells, []string{e.Session, gapNoTrail, when(e.Time), "", e.ARN, e.Address, e.MFA})
		cells[slices.Index(columns, "cloudtrail_event")] = e.ID
		row(cells)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (p *Population) cells(s *Session, seed string, sampled bool) []string {
	var start Start
	if s.Start != nil {
		start = *s.Start
	}
	var begin audit.Record
	if s.Begin != nil {
		begin = *s.Begin
	}
	var gaps []string
	for _, g := range []struct {
		of  []*Session
		gap string
	}{{p.Unstarted, gapNoEvent}, {p.Undated, gapNoTime}, {p.Twice, gapTwice}} {
		if slices.Contains(g.of, s) {
			gaps = append(gaps, g.gap)
		}
	}
	runbook, status, state, draw, drawn := "", "", string(s.Verdict.State), "", "no"
	if s.Runbook != nil {
		runbook = s.Runbook.Runbook
	}
	if s.Verdict.Status != nil {
		status = strconv.Itoa(*s.Verdict.Status)
	}
	if s.Error != "" {
		state = "unreadable"
	}
	if seed != "" {
		draw = Draw(seed, s.ID())
	}
	if sampled {
		drawn = "yes"
	}
	runs, refusals, denials := s.Counts()
	return []string{s.ID(), strings.Join(gaps, "; "), when(s.Began()), when(s.Ended()), start.ARN, start.Address, start.MFA, begin.Mode, begin.Reason, runbook, begin.Task,
		strconv.Itoa(runs), strconv.Itoa(refusals), strconv.Itoa(denials), status, string(s.Verdict.Category), state, strconv.Itoa(s.Verdict.Records), s.Verdict.Hash,
		s.Place, start.ID, drawn, draw}
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(audit.TimeFormat)
}

// cell is a cell that no spreadsheet takes for a formula: what a reason begins with is its author's choice. Quotes alone don't help, since
// they are gone when the cell is read; so what begins a formula, in ASCII or full width, has an apostrophe before it
// (https://owasp.org/www-community/attacks/CSV_Injection).
func cell(text string) string {
	text = strings.ReplaceAll(text, "\x00", "")
	if strings.ContainsAny(first(text), "=+-@\t\r\n＝＋－＠") {
		text = "'" + text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// first is the first character.
func first(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}
