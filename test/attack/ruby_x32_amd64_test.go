package attack

import (
	"strings"
	"testing"
)

// x32 is execve by amd64's third set of calls, in which it has a number of its own.
const x32 = `
argv = [*WORDS.map { |w| Fiddle::Pointer[w].to_i }, 0]
NR[:x32_execve] = 0x40000000 + 520
NR[:x32_getpid] = 0x40000000 + 39
low = kernel(:mmap, 0, 4096, 3, 0x62, -1, 0) # MAP_PRIVATE|MAP_ANONYMOUS|MAP_32BIT
page = Fiddle::Pointer.new(low, 4096)
put = lambda { |at, bytes| page[at, bytes.bytesize] = bytes; low + at }
path, *words = [SH, *WORDS].each_with_index.map { |w, i| put.(0x100 + 64 * i, w) }
argv = put.(0x300, [*words, 0].pack("L*"))
puts "about to"
puts "getpid #{said(kernel(:x32_getpid))}"
puts "execve #{said(kernel(:x32_execve, path, argv, 0))}"
`

// TestRubyX32: most kernels don't have these calls. That opsh's filter ends the process, and not the kernel answers, is what keeps
// those that have them.
func TestRubyX32(t *testing.T) {
	if out := direct(t, nobody, x32); !strings.Contains(out, shellRan) && !strings.Contains(out, "execve ENOSYS") {
		t.Errorf("neither a shell nor a kernel without these calls:\n%s", out)
	}
	for _, mode := range []string{none, onlyRuby} {
		o := contained(t, how{exec: mode}, x32)
		has(t, o.log, "about to")
		hasNot(t, o.log, shellRan, "getpid", "ENOSYS")
		if e := o.exit(t); e.Signal != "SYS" {
			t.Errorf("it ended with %+v; the log:\n%s", e, o.log)
		}
	}
}
