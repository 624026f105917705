package attack

import "testing"

// TestRubyIoUring: calls made by the kernel for who asked in shared memory, past every filter.
func TestRubyIoUring(t *testing.T) {
	const script = `
params = "\0" * 120
puts "setup: #{said(kernel(:io_uring_setup, 4, params))}"
`
	has(t, direct(t, nobody, script), `setup: \d`)
	for _, mode := range []string{none, anything} {
		o := contained(t, how{exec: mode}, script)
		has(t, o.log, `setup: EPERM`)
		o.denied(t, "io_uring_setup", "")
	}
}
