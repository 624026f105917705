package shell

import (
	"strings"
	"testing"
)

func TestHeader(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	nonce := strings.Repeat("0f", 16)
	for text, want := range map[string]bool{
		"opsh-runbook 1 " + nonce + " 12 " + sum:                    true,
		"opsh-runbook 2 " + nonce + " 12 " + sum:                    false,
		"opsh-runbook 1 " + nonce[1:] + " 12 " + sum:                false,
		"opsh-runbook 1 " + nonce + " -1 " + sum:                    false,
		"opsh-runbook 1 " + nonce + " 12 " + sum[1:]:                false,
		"opsh-runbook 1 " + nonce + "  12 " + sum:                   false,
		"opsh-runbook 1 " + nonce + " 12 " + sum + " ":              false,
		"opsh-runbook 1 " + nonce + " 12 " + strings.ToUpper(sum):   false,
		"opsh-runbook 1 " + nonce + " 12 " + sum + "\nopsh-runbook": false,
	} {
		if got := header().MatchString(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
