package lint

import (
	"fmt"
	"strings"

	"opsh/policy"
	"opsh/shell/line"
	"opsh/shell/transcript"
)

// most is how many findings are shown to people, then a count of the rest.
const most = 500

// Text is the report for people, as compilers print theirs. What a comment allows is counted only.
func (r *Report) Text() string {
	var b strings.Builder
	shown := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Reason != "" {
			continue
		}
		if shown++; shown > most {
			fmt.Fprintf(&b, "%s: and %d more\n", visible(r.Name), r.Errors()+r.Warnings()-most)
			break
		}
		level, rule := "warning", " ["+f.Rule+"]"
		if f.Error() {
			level, rule = "error", ""
		}
		fmt.Fprintf(&b, "%s:%s: %s: %s%s\n", visible(r.Name), f.At, level, visible(f.Text), rule)
		if text, caret := policy.Excerpt(r.line(f.At.Line), f.At.Col); strings.TrimSpace(text) != "" {
			fmt.Fprintf(&b, "  %s\n  %s^\n", text, strings.Repeat(" ", caret))
		}
		if f.Hint != "" {
			fmt.Fprintf(&b, "  hint: %s\n", visible(f.Hint))
		}
		if f.See != "" {
			fmt.Fprintf(&b, "  see: %s\n", f.See)
		}
	}
	return b.String()
}

// Summary is the report in one line.
func (r *Report) Summary() string {
	parts := []string{transcript.Count(r.Tools, "tool"), transcript.Count(r.Lines, "usage line"), transcript.Count(r.Tests, "test")}
	if n := r.Errors(); n > 0 {
		parts = []string{transcript.Count(n, "error")}
	}
	if n := r.Warnings(); n > 0 {
		parts = append(parts, transcript.Count(n, "warning"))
	}
	if n := r.Allowed(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d allowed by a comment", n))
	}
	return visible(r.Name) + ": " + strings.Join(parts, ", ")
}

// line is a line of the file, "" where it has none of that number.
func (r *Report) line(n int) string {
	if n < 1 || n > len(r.lines) {
		return ""
	}
	return strings.TrimSuffix(r.lines[n-1], "\r")
}

// visible is a text on one line that a terminal only prints.
func visible(text string) string {
	return line.Plain(strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(text))
}
