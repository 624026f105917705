package attack

import "testing"

// TestRubyLdSo: the dynamic linker starts a program that nobody asks the kernel for.
func TestRubyLdSo(t *testing.T) {
	starts(t, `exec(Dir["/lib64/ld-linux-*.so.*", "/lib/ld-linux-*.so.*"].first, "/bin/sh", "-c", PRINT)`, `/lib(64)?/ld-linux.*|/usr/lib.*`)
}
