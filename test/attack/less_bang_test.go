package attack

import "testing"

// TestLessBang: less gives what stands behind ! to a shell.
func TestLessBang(t *testing.T) {
	trick{path: "/usr/bin/less", args: []string{"/etc/services"}, list: true,
		steps: []step{{"network|services", "!" + payload + "\r"}}, ends: "\rq\r\rq"}.try(t)
}
