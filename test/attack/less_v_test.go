package attack

import "testing"

// TestLessV: less opens an editor.
func TestLessV(t *testing.T) {
	trick{path: "/usr/bin/less", args: []string{"/etc/services"}, list: true, env: `{ VISUAL = "` + editor(t) + `" }`,
		steps: []step{{"services", "v"}}, ends: "\rq\r\rq"}.try(t)
}
