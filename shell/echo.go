package shell

import (
	"opsh/shell/answer"
	"opsh/shell/audit"
	"opsh/shell/transcript"
)

// What stands around the lines of records. A record is one line however long (see transcript); what explains it is indented and kept
// within the width of a terminal.

// runLines is the record, and what this kernel doesn't hold the tool to.
func runLines(r audit.Record) []string {
	lines := []string{transcript.Line(r)}
	for _, l := range r.Lacks {
		lines = append(lines, answer.Fold("not restricted: "+l, "  ", "  ")...)
	}
	return lines
}
