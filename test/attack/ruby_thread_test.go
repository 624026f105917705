package attack

import "testing"

// TestRubyThread: an exec by another thread than the first, which then takes the first one's number.
func TestRubyThread(t *testing.T) {
	starts(t, `Thread.new { puts said(kernel(:execve, SH, ARGV_SH, ENVP)) }.join`, "/bin/sh")
	starts(t, `8.times.map { Thread.new { puts said(kernel(:execve, SH, ARGV_SH, ENVP)) } }.each(&:join)`, "/bin/sh")
}
