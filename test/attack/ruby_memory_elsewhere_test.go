package attack

import (
	"os"
	"path/filepath"
	"testing"
)

// fillElsewhere takes memory that is in no process's address space, 16 MiB at a time: files without a name, files in memory, System V's
// segments. All of it is given back when the process ends.
const fillElsewhere = `
NR.update(RbConfig::CONFIG["host_cpu"] == "x86_64" ? { get: 29, at: 30, ctl: 31, dt: 67 } : { get: 194, at: 196, ctl: 195, dt: 197 })
size = 16 << 20
block = "x" * size
taken = Hash.new(0)
48.times do |i|
  fd = kernel(:memfd_create, "x\0", 0)
  break if fd < 0
  taken[:memfd] += IO.for_fd(fd, autoclose: false).syswrite(block) rescue break
end
shm = "/dev/shm/opsh-attack-#{Process.pid}"
begin
  File.open(shm, "w") { |f| File.unlink(shm); $kept = f.dup }
  48.times { taken[:shm] += $kept.syswrite(block) }
rescue SystemCallError
end
48.times do
  id = kernel(:get, 0, size, 0o1600)
  break if id < 0
  at = kernel(:at, id, 0, 0)
  kernel(:ctl, id, 0, 0) # IPC_RMID: it goes with the last that is attached
  break if at < 0
  Fiddle::Pointer.new(at, size)[0, size] = block
  taken[:sysv] += size
end
taken.each { |k, v| puts "took #{v >> 20} MiB of #{k}" }
puts "and lives"
`

// TestRubyMemoryElsewhere: the limit is one of address space.
func TestRubyMemoryElsewhere(t *testing.T) {
	has(t, direct(t, nobody, fillElsewhere), `took 768 MiB of memfd`, `took 768 MiB of shm`, `took 768 MiB of sysv`)
	o := contained(t, how{exec: none + "\nlimits = { memory = \"256MiB\" }"}, fillElsewhere)
	has(t, o.log, `opsh: #1 .* exit`)
	for _, kind := range []string{"memfd", "shm", "sysv"} {
		hasNot(t, o.log, "took 768 MiB of "+kind)
	}
	left, err := filepath.Glob("/dev/shm/opsh-attack-*")
	must(t, err)
	for _, name := range left {
		must(t, os.Remove(name))
	}
}
