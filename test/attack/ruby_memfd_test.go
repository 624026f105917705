package attack

import "testing"

// inMemory makes a program of a shell in memory, with no name in any directory.
const inMemory = `
fd = kernel(:memfd_create, "ruby\0", 0)
abort said(fd) if fd < 0
IO.for_fd(fd, autoclose: false).tap { |f| f.binmode; f.write(File.binread("/bin/sh")); f.flush }
`

// TestRubyMemfd: execveat with a descriptor alone.
func TestRubyMemfd(t *testing.T) {
	starts(t, inMemory+`
empty = "\0"
puts said(kernel(:execveat, fd, empty, ARGV_SH, ENVP, 0x1000)) # AT_EMPTY_PATH
`, `/proc/\d+/fd/\d+/`)
}
