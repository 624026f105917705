package attack

import "testing"

// TestFind: a search that starts programs.
func TestFind(t *testing.T) {
	for _, action := range []string{"-exec", "-execdir", "-ok"} {
		trick{path: "/usr/bin/find", args: []string{"/etc/hostname", action, "/bin/sh", "-c", payload, ";"}, list: true,
			steps: []step{{"\\?|" + shellRan + "|denied", "y\r"}}}.try(t)
	}
}
