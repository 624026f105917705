package attack

import "testing"

// TestRubyForkExec: a child that becomes a shell, and the tool itself that does.
func TestRubyForkExec(t *testing.T) {
	starts(t, `Process.wait(fork { exec("/bin/sh", "-c", PRINT) })`, "/bin/sh")
	starts(t, `exec(PRINT)`, "/bin/sh")
}
