package attack

import "testing"

// i386 calls execve by its 32-bit number, 11, through machine code: a filter that knows amd64's numbers only takes it for munmap.
const i386 = `
low = kernel(:mmap, 0, 8192, 7, 0x62, -1, 0) # MAP_PRIVATE|MAP_ANONYMOUS|MAP_32BIT
abort said(low) if low < 0
page = Fiddle::Pointer.new(low, 8192)
put = lambda { |at, bytes| page[at, bytes.bytesize] = bytes; low + at }
path, *words = [SH, *WORDS].each_with_index.map { |w, i| put.(0x100 + 64 * i, w) }
argv = put.(0x300, [*words, 0].pack("L*"))
# push rbx; mov eax, 11; mov ebx, path; mov ecx, argv; xor edx, edx; int 0x80; pop rbx; ret
put.(0x800, [0x53, 0xb8, 11, 0xbb, path, 0xb9, argv, 0x31, 0xd2, 0xcd, 0x80, 0x5b, 0xc3].pack("CCLCLCLCCCCCC"))
puts "about to"
p Fiddle::Function.new(low + 0x800, [], Fiddle::TYPE_INT).call
`

// TestRubyI386: the calls of another architecture.
func TestRubyI386(t *testing.T) {
	has(t, direct(t, nobody, i386), shellRan)
	for _, mode := range []string{none, onlyRuby} {
		o := contained(t, how{exec: mode}, i386)
		has(t, o.log, "about to")
		hasNot(t, o.log, shellRan)
		if e := o.exit(t); e.Signal != "SYS" {
			t.Errorf("it ended with %+v; the log:\n%s", e, o.log)
		}
	}
}
