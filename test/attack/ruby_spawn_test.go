package attack

import "testing"

// TestRubySpawn: a process without waiting for it.
func TestRubySpawn(t *testing.T) {
	starts(t, `Process.wait(spawn("/bin/sh", "-c", PRINT))`, "/bin/sh")
}
