package attack

import "testing"

// TestLessOpen: less asks a program for what it shows.
func TestLessOpen(t *testing.T) {
	trick{path: "/usr/bin/less", args: []string{"/etc/services"}, env: `{ LESSOPEN = "|` + payload + ` %s" }`, ends: "q\rq"}.try(t)
}
