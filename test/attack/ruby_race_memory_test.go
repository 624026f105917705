package attack

import "testing"

// raceInMemory names a program in memory that another process changes all the time: what is looked at is not what is used. The names differ in
// two bytes, so that each is always whole. A child tries until one try made something of it.
const raceInMemory = `
wanted = Integer(ARGV[0])
shared = kernel(:mmap, 0, 4096, 3, 0x21, -1, 0) # MAP_SHARED|MAP_ANONYMOUS
page = Fiddle::Pointer.new(shared, 4096)
page[0, 14] = "/usr/bin/date\0"
flipper = fork do
  loop { page[11, 2] = "sh"; page[11, 2] = "te" }
end
$stderr.reopen("/dev/null") # date doesn't understand a shell's arguments
workers = 4.times.map do |w|
  slot = 64 + 8 * w
  page[slot, 8] = [0].pack("q")
  fork do
    while (n = page[slot, 8].unpack1("q")) < wanted / 4
      child = fork do
        while n < wanted / 4
          page[slot, 8] = [n += 1].pack("q")
          kernel(:execve, shared, ARGV_SH, ENVP)
        end
        exit!(0)
      end
      Process.wait(child)
    end
  end
end
workers.each { |w| Process.wait(w) }
Process.kill(:KILL, flipper)
puts "tries: #{4.times.sum { |w| page[64 + 8 * w, 8].unpack1("q") }}"
`

// TestRubyRaceInMemory: the time between a look and a use, 5,000 times.
func TestRubyRaceInMemory(t *testing.T) {
	out := direct(t, nobody, raceInMemory, "400")
	has(t, out, `tries: 4\d\d`)
	if n := count(out, shellRan); n < 20 || n > 380 {
		t.Errorf("%d of 400 were shells: the name doesn't change as it should", n)
	}
	o := contained(t, how{exec: `exec = ["/usr/bin/date"]`}, raceInMemory, "5000")
	hasNot(t, o.log, shellRan)
	has(t, o.log, `tries: 5\d\d\d`)
	lost(t, o, 500)
}
