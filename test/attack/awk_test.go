package attack

import "testing"

// TestAwk: a language with pipes.
func TestAwk(t *testing.T) {
	for _, awk := range []string{"/usr/bin/gawk", "/usr/bin/mawk"} {
		for _, program := range []string{`BEGIN { system("` + payload + `") }`, `BEGIN { "` + payload + `" | getline x; print x }`, `BEGIN { print "x" | "` + payload + `" }`} {
			trick{path: awk, args: []string{program}, list: true}.try(t)
		}
	}
}
