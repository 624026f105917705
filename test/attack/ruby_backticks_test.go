package attack

import "testing"

// TestRubyBackticks: the shell in a string.
func TestRubyBackticks(t *testing.T) {
	starts(t, "puts(`#{PRINT}`)", "/bin/sh")
}
