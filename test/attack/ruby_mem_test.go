package attack

import "testing"

// memOf reads and changes the memory of a process that it finds by its number: the first writable piece there is.
const memOf = `
def piece(pid)
  File.foreach("/proc/#{pid}/maps") { |l| return l.split("-")[0].hex if l.include?(" rw-p ") }
  0
end
ARGV.each do |pid|
  pid = Process.ppid if pid == "opsh"
  begin
    at = piece(pid)
    File.open("/proc/#{pid}/mem", "r+b") { |f| byte = f.pread(1, at); f.sysseek(at); f.syswrite(byte) }
    puts "mem: changed"
  rescue SystemCallError => e
    puts "mem: #{e.class}"
  end
  %w[environ maps auxv stack syscall exe cwd root fd fdinfo io personality].each do |name|
    path = "/proc/#{pid}/#{name}"
    begin
      case name
      when "exe", "cwd", "root" then File.readlink(path)
      when "fd", "fdinfo" then Dir.children(path)
      else File.binread(path, 1)
      end
      puts "#{name}: readable"
    rescue SystemCallError => e
      puts "#{name}: #{e.class}"
    end
  end
end
`

// TestRubyProcMem: somebody else's memory, by its name in /proc: a process of the same uid first, then opsh and another session's tool.
func TestRubyProcMem(t *testing.T) {
	const waits = `puts "waiting as #{Process.pid}."; sleep`
	victim := begin(t, how{}, waits)
	m, err := victim.Expect(`waiting as (\d+)\.`, patience)
	must(t, err)
	uid := trailBegin(t, victim.ID).UID
	has(t, direct(t, uid, memOf, m[1]), `mem: changed`, `environ: readable`, `fd: readable`)

	o := contained(t, how{}, memOf, "opsh", m[1], text(victim.PID), "1")
	if n := count(o.log, `mem: Errno::E(ACCES|PERM)`); n != 4 {
		t.Errorf("%d of 4 were refused:\n%s", n, o.log)
	}
	hasNot(t, o.log, "readable", "changed")
}
