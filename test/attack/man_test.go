package attack

import "testing"

// TestMan: man starts its pager by a shell's command line, and the pager starts a shell.
func TestMan(t *testing.T) {
	each(t, map[string]trick{
		"-P":       {path: "/usr/bin/man", args: []string{"-P", "sh -c '" + payload + "'", "man"}, ends: "q\rq", names: ".*"},
		"MANPAGER": {path: "/usr/bin/man", args: []string{"man"}, env: `{ MANPAGER = "sh -c 'echo shell-$((6*7))'" }`, ends: "q\rq", names: ".*"},
	})
}
