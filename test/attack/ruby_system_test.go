package attack

import "testing"

// TestRubySystem: what every script can do.
func TestRubySystem(t *testing.T) {
	starts(t, `system(PRINT)`, "/bin/sh")
}
