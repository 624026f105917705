package attack

import "testing"

// TestEd: the oldest editor has it, too.
func TestEd(t *testing.T) {
	for _, line := range []string{"!" + payload, "r !" + payload + "\r,p", "a\rx\r.\rw !" + payload} {
		trick{path: "/usr/bin/ed", args: []string{"-p", "ready> "}, list: true, steps: []step{{"ready> ", line + "\r"}}, ends: "Q\rQ\r"}.try(t)
	}
}
