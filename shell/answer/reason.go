package answer

import (
	"errors"
	"fmt"
	"strings"

	"opsh/policy"
	"opsh/shell/line"
)

// maxReason bounds the reason in bytes.
const maxReason = 1000

// Reason holds the reason of a session, "" where none was given, against what the policy wants. It is shown and recorded, so it must be plain text.
func Reason(reason string, want policy.Reason) error {
	switch {
	case reason == "" && want.Required:
		return errors.New("a reason is required: the ticket or incident this session is for")
	case len(reason) > maxReason:
		return fmt.Errorf("the reason is longer than %d bytes", maxReason)
	case strings.HasPrefix(line.QuoteWord(reason), "$'"):
		return errors.New("the reason holds characters that can't be shown")
	case want.Match != nil && reason != "" && !want.Match.MatchString(reason):
		return errors.New("the reason must match " + line.QuoteWord(want.Pattern))
	}
	return nil
}
