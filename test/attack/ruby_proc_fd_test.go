package attack

import "testing"

// TestRubyProcFd: the names that a descriptor has. In a look of opsh's own they would lead to opsh's descriptors.
func TestRubyProcFd(t *testing.T) {
	for _, name := range []string{"/proc/self/fd/#{fd}", "/proc/thread-self/fd/#{fd}", "/dev/fd/#{fd}", "/proc/#{Process.pid}/fd/#{fd}"} {
		starts(t, inMemory+`
name = "`+name+`\0"
puts said(kernel(:execve, name, ARGV_SH, ENVP))
`, `/(proc|dev)/.*fd.*|/memfd:ruby.*`)
	}
}
