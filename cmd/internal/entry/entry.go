// Package entry is what opsctl and the broker both say about how opsh is started by ECS Exec: the command line, and the broker's request
// and answer.
package entry

import (
	"fmt"
	"strings"

	"opsh/shell/line"
)

// Order is how opsh is to be started.
type Order struct {
	Runbook bool   // opsh -s, which reads a runbook; otherwise opsh alone, for a person
	Reason  string // "" when there is none
}

// Command is the command line that ExecuteCommand gets. The agent splits it as google/shlex does, and starts it without a shell.
func (o Order) Command() (string, error) {
	words := "opsh"
	if o.Runbook {
		words += " -s"
	}
	reason := o.Reason
	if reason == "" {
		return words, nil
	}
	if strings.TrimSpace(reason) == "" || strings.ContainsAny(reason, "\n\t") || line.Plain(reason) != reason || strings.ToValidUTF8(reason, "") != reason {
		return "", fmt.Errorf("cannot give the reason %s: it must be one line of text", line.QuoteWord(reason))
	}
	if !strings.Contains(reason, "'") {
		return words + " --reason '" + reason + "'", nil
	}
	return words + ` --reason "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(reason) + `"`, nil
}
