package attack

import "testing"

// TestRubyPopen: a process behind a file, by its own name and by the pipe sign that open understands.
func TestRubyPopen(t *testing.T) {
	starts(t, `puts IO.popen(PRINT).read`, "/bin/sh")
	starts(t, `puts open("|" + PRINT).read`, "/bin/sh")
}
