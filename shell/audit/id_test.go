package audit

import (
	"strings"
	"testing"
)

func TestSessionID(t *testing.T) {
	for _, id := range []string{"a", "Z9", "0-_", "ecs-execute-command-0a1b2c", strings.Repeat("x", 128)} {
		if !isSessionID(id) {
			t.Errorf("%q is refused", id)
		}
	}
	for _, id := range []string{"", "-a", "_a", ".", "..", "a/b", "a.b", "a b", "a\n", "é", "a\x00", strings.Repeat("x", 129)} {
		if isSessionID(id) {
			t.Errorf("%q is taken", id)
		}
	}
}
