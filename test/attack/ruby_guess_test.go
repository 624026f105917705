package attack

import "testing"

// guess calls execve with what the key might be in the registers behind its arguments: constants, what the kernel gave this
// process as random bytes, everything on its own stack, and chance. Each try is a child's, since the first success ends it.
const guess = `
tries = [[0, 0, 0], [-1, -1, -1], [1, 2, 3], [0x6f707368] * 3]
at_random = nil
File.binread("/proc/self/auxv").unpack("Q*").each_slice(2) { |k, v| at_random = v if k == 25 }
seed = Fiddle::Pointer.new(at_random)[0, 16].unpack("q2")
tries += [[*seed, seed[0]], [*seed.reverse, seed[1]], [seed[0]] * 3]
range = File.foreach("/proc/self/maps").find { |l| l.include?("[stack]") }.split(" ")[0].split("-").map { |x| x.hex }
stack = Fiddle::Pointer.new(range[1] - 8192)[0, 8192].unpack("q*")
tries += stack.each_cons(3).to_a
tries << Random.bytes(24).unpack("q3") while tries.size < 2000
tried = Hash.new(0)
tries.each do |a, b, c|
  tried[said(kernel(:execve, SH, ARGV_SH, ENVP, a, b, c))] += 1
end
puts "tried #{tried}"
`

// TestRubyGuess: the one execve that the filter lets through has a key in registers.
func TestRubyGuess(t *testing.T) {
	has(t, direct(t, nobody, guess), shellRan)
	o := contained(t, how{}, guess)
	hasNot(t, o.log, shellRan)
	has(t, o.log, `tried \{"EACCES"=>2\d\d\d\}`)
	o.denied(t, "exec", "/bin/sh")
	if n := o.exit(t).Denials; n < 2000 {
		t.Errorf("%d denials are recorded", n)
	}
}
