package attack

import "testing"

// TestEnv: env becomes the program that it is given.
func TestEnv(t *testing.T) {
	trick{path: "/usr/bin/env", args: []string{"sh", "-c", payload}, names: `.*/sh`}.try(t)
	trick{path: "/usr/bin/env", args: []string{"-i", "A=b", "/bin/sh", "-c", payload}}.try(t)
}
