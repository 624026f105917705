package attack

import "testing"

// clone3 has its flags in memory, where no filter sees them.
const clone3 = `
args = [0x00800000, 0, 0, 0, 17, 0, 0, 0].pack("q8")
child = kernel(:clone3, args, 64)
if child == 0
  kernel(:execve, SH, ARGV_SH, ENVP)
  kernel(:exit_group, 1)
end
puts "clone3: #{child > 0 ? "a child" : said(child)}"
Process.wait(child) if child > 0
puts Thread.new { "threads work" }.value
`

// TestRubyClone3: the kernel's newest fork. Every thread tries it first, so that it isn't recorded by itself.
func TestRubyClone3(t *testing.T) {
	has(t, direct(t, nobody, clone3), shellRan, `threads work`)
	for _, mode := range []string{none, onlyRuby} {
		o := contained(t, how{exec: mode}, clone3)
		hasNot(t, o.log, shellRan)
		has(t, o.log, `clone3: ENOSYS`, `threads work`)
	}
}
