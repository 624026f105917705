package attack

import "testing"

// TestXargs: it starts what it is told, with words from a file or the keyboard.
func TestXargs(t *testing.T) {
	trick{path: "/usr/bin/xargs", args: []string{"-a", "/etc/hostname", "/bin/sh", "-c", payload}, list: true}.try(t)
}
