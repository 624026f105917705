package entry

import (
	"slices"
	"testing"

	"github.com/google/shlex"
)

// TestCommand: the agent's splitter gives opsh the reason as it was given.
func TestCommand(t *testing.T) {
	for _, reason := range []string{
		"INC-7", "INC-7 orders stuck", "it's", `"quoted" it's`, `back\slash`, `back\slash it's\`, "なぜ 'それ'", "# no comment", "$HOME `id` $(id) ; | & > <", "-c", "--", "'", `"`, " x ", "a\u3000b", "ほか“引用”",
	} {
		for runbook, want := range map[bool][]string{true: {"opsh", "-s", "--reason", reason}, false: {"opsh", "--reason", reason}} {
			command, err := Order{runbook, reason}.Command()
			if err != nil {
				t.Errorf("%q: %v", reason, err)
				continue
			}
			if words, err := shlex.Split(command); err != nil || !slices.Equal(words, want) {
				t.Errorf("%q: %s is split into %q, %v", reason, command, words, err)
			}
		}
	}
	for runbook, want := range map[bool]string{true: "opsh -s", false: "opsh"} {
		if command, err := (Order{Runbook: runbook}).Command(); err != nil || command != want {
			t.Errorf("%q, %v", command, err)
		}
	}
	for _, reason := range []string{" ", "a\nb", "a\tb", "a\x1b[2J", "a\x00", "\xff", "a\u202eb", "\u2028"} {
		if command, err := (Order{true, reason}).Command(); err == nil {
			t.Errorf("%q was accepted: %s", reason, command)
		}
	}
}
