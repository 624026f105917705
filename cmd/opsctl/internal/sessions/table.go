package sessions

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"opsh/shell/audit"
	"opsh/shell/line"
)

// Table is sessions as lines for people: each column as wide as what stands in it.
func Table(all []*Session) []string {
	rows := [][]string{{"BEGAN (UTC)", "TOOK", "WHO", "SERVICE", "END", "RUN", "FAILED", "REFUSED", "TOOLS", "SESSION", "REASON"}}
	for _, s := range all {
		rows = append(rows, []string{
			s.From.UTC().Format("2006-01-02 15:04:05"), took(s), who(s), dash(s.Service), end(s),
			fmt.Sprint(s.Runs), fmt.Sprint(s.Failed), fmt.Sprint(s.Refusals), dash(strings.Join(s.Tools, ",")), dash(s.ID), s.Reason,
		})
	}
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i := range r {
			r[i] = line.Plain(r[i])
			widths[i] = max(widths[i], ansi.StringWidth(r[i]))
		}
	}
	var lines []string
	for _, r := range rows {
		var b strings.Builder
		for i, cell := range r {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-ansi.StringWidth(cell)+2))
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func took(s *Session) string {
	d := s.To.Sub(s.From)
	if d >= time.Minute {
		return d.Round(time.Second).String()
	}
	return d.Round(100 * time.Millisecond).String()
}

func who(s *Session) string {
	if s.Opened == nil {
		return "-"
	}
	return dash(s.Opened.Person)
}

// end is how the session ended, or why that isn't known.
func end(s *Session) string {
	switch {
	case s.State == audit.Broken:
		return "ALTERED"
	case s.Status == nil:
		return "open"
	case s.State == audit.Open:
		return "lost" // another session wrote its end
	}
	return fmt.Sprintf("%d %s", *s.Status, s.Category)
}
