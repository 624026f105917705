package attack

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// memoryLeft takes memory that is in no process's address space, and leaves it: a file in memory and System V's segments.
const memoryLeft = `
NR.update(RbConfig::CONFIG["host_cpu"] == "x86_64" ? { get: 29, at: 30, dt: 67 } : { get: 194, at: 196, dt: 197 })
size = 16 << 20
block = "x" * size
File.open("/dev/shm/opsh-attack-#{Process.pid}", "w") { |f| 8.times { f.syswrite(block) } }
8.times do
  id = kernel(:get, 0, size, 0o1600)
  at = kernel(:at, id, 0, 0)
  break if id < 0 || at < 0
  Fiddle::Pointer.new(at, size)[0, size] = block
  kernel(:dt, at)
end
puts "left it"
`

// removeSegments removes a uid's, as root.
const removeSegments = `
NR.update(RbConfig::CONFIG["host_cpu"] == "x86_64" ? { ctl: 31 } : { ctl: 195 })
File.foreach("/proc/sysvipc/shm") { |l| kernel(:ctl, l.split[1].to_i, 0, 0) if l.split[7] == ARGV[0] }
`

// TestRubyMemoryLeft: what is in memory, but in no process, outlives all of them. The next session of the uid starts without it.
func TestRubyMemoryLeft(t *testing.T) {
	left := func(uid uint32) (all []string) {
		files, err := filepath.Glob("/dev/shm/opsh-attack-*")
		must(t, err)
		segments, err := os.ReadFile("/proc/sysvipc/shm")
		must(t, err)
		return append(files, regexp.MustCompile(fmt.Sprintf(`(?m)^(?:\s*\S+){7}\s+%d\s.*$`, uid)).FindAllString(string(segments), -1)...)
	}
	remove := func(uid uint32) {
		direct(t, 0, removeSegments, fmt.Sprint(uid))
		files, err := filepath.Glob("/dev/shm/opsh-attack-*")
		must(t, err)
		for _, name := range files {
			must(t, os.Remove(name))
		}
	}
	has(t, direct(t, nobody, memoryLeft), `left it`)
	if n := len(left(nobody)); n != 9 {
		t.Errorf("%d of 9 are left", n)
	}
	remove(nobody)
	o := contained(t, how{}, memoryLeft)
	has(t, o.log, `left it`)
	uid := o.records[0].UID
	if o := contained(t, how{}, `puts 1`); o.records[0].UID != uid {
		t.Fatalf("the sessions had the uids %d and %d", uid, o.records[0].UID)
	}
	if all := left(uid); len(all) > 0 {
		t.Errorf("128 MiB each are left in %q", all)
	}
	remove(uid)
}
