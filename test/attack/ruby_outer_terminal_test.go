package attack

import (
	"testing"
)

// outerTerminal opens the terminal of a process, which it finds by its number, and all others, for reading and writing.
const outerTerminal = `
of = ARGV[0] ? Integer(ARGV[0]) : Process.ppid
number = File.read("/proc/#{of}/stat").rpartition(")")[2].split[4].to_i
outer = "/dev/pts/#{(number & 0xff) | (number >> 12 & 0xfff00)}"
flags = File::NONBLOCK | File::NOCTTY
[["read", File::RDONLY], ["write", File::WRONLY]].each do |what, mode|
  begin
    f = File.open(outer, mode | flags)
    f.write("INJ" + "ECTED\r\n") if what == "write"
    puts "#{what}: the outer one opened"
  rescue SystemCallError => e
    puts "#{what}: #{e.class}"
  end
end
own = $stdout.stat.rdev
others = Dir["/dev/pts/[0-9]*"].select { |n| n != outer && File.stat(n).rdev != own rescue false }
others += Dir["/proc/{#{of},#{File.read("/proc/#{of}/stat").rpartition(")")[2].split[1]}}/fd/*"]
puts "others: #{others.count { |n| File.open(n, File::RDONLY | flags).close || true rescue false }} opened"
`

// TestRubyOuterTerminal: the terminal behind opsh's, where the operator and the session log are.
func TestRubyOuterTerminal(t *testing.T) {
	const waits = `puts "wait" + "ing"; sleep`
	victim := begin(t, how{}, waits)
	_, err := victim.Expect("waiting", patience)
	must(t, err)
	has(t, direct(t, 0, outerTerminal, text(victim.PID)), `read: the outer one opened`, `write: the outer one opened`)
	_, err = victim.Expect("INJECTED", patience)
	must(t, err)

	o := contained(t, how{}, outerTerminal) // with the other session's terminals still there
	has(t, o.log, `read: Errno::EACCES`, `write: Errno::EACCES`, `others: 0 opened`)
	hasNot(t, o.log, "INJECTED")
}
