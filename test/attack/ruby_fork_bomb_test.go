package attack

import (
	"testing"
)

// bomb starts processes until the kernel refuses, or there are as many as was asked for. They end with the first. Ruby's own fork would
// try again and again.
const bomb = `
NR.update(RbConfig::CONFIG["host_cpu"] == "x86_64" ? { close: 3, read: 0 } : { close: 57, read: 63 })
r, w = IO.pipe
byte = "\0" * 8
started = 0
while started < Integer(ARGV[0])
  child = kernel(:clone, 17, 0, 0, 0, 0) # SIGCHLD
  if child == 0
    kernel(:close, w.fileno)
    kernel(:read, r.fileno, byte, 1)
    kernel(:exit_group, 0)
  end
  break if child < 0
  started += 1
end
puts "started #{started}, then #{child < 0 ? said(child) : "no more"}"
exit!(0)
`

// wild is one whose children start children, without end. It is only for where something bounds it.
const wild = `
exit!(3) if Process.getrlimit(Process::RLIMIT_NPROC)[0] > 1024
fork { loop { kernel(:clone, 17, 0, 0, 0, 0) } }
sleep 1
puts "goes away"
exit!(0)
`

// TestRubyForkBomb: a machine on which nothing can be started any more.
func TestRubyForkBomb(t *testing.T) {
	has(t, direct(t, nobody, bomb, "2000"), `started 2000, then no more`)
	for _, mode := range []string{none, onlyRuby} {
		few := how{exec: mode + "\nlimits = { processes = 64 }"}
		o := contained(t, few, bomb, "2000")
		has(t, o.log, `started [0-9]{2}, then E(AGAIN|WOULDBLOCK)`)
		o = contained(t, few, wild)
		has(t, o.log, `goes away`)
		if len(o.exit(t).Left) == 0 {
			t.Errorf("the record doesn't say what was left; the log:\n%s", o.log)
		}
	}
}
