package attack

import "testing"

// TestSed: even the stream editor.
func TestSed(t *testing.T) {
	for _, program := range []string{"1e " + payload, "1s/.*/" + payload + "/e"} {
		trick{path: "/usr/bin/sed", args: []string{program, "/etc/hostname"}, list: true}.try(t)
	}
}
