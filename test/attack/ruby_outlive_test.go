package attack

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"opsh/shell/audit"
)

// outlives makes processes that nothing but their uid connects with the session: their own session, an ancestor that has ended, all signals ignored,
// no descriptors, not to be ended with any parent; and one that changes its number all the time.
const outlives = `
NR.update(RbConfig::CONFIG["host_cpu"] == "x86_64" ? { prctl: 157 } : { prctl: 167 })
r, w = IO.pipe
fork do
  Process.setsid
  fork do
    Process.setsid rescue nil
    %w[HUP INT QUIT TERM TSTP TTIN TTOU USR1 USR2 PIPE ALRM].each { |s| trap(s, "IGNORE") }
    kernel(:prctl, 1, 0, 0, 0, 0) # PR_SET_PDEATHSIG
    kernel(:prctl, 15, "[kworker]\0", 0, 0, 0) # PR_SET_NAME
    [$stdin, $stdout, $stderr].each { |io| io.reopen("/dev/null", "r+") }
    Dir.chdir("/")
    w.puts Process.pid
    w.close
    sleep
  end
  exit!(0)
end
if ARGV[0] != "direct"
  fork do
    w.close
    Process.setsid
    [$stdin, $stdout, $stderr].each { |io| io.reopen("/dev/null", "r+") }
    loop { Process.exit!(0) if fork; Process.setsid rescue nil }
  end
end
w.close
puts "daemon #{r.gets.chomp}."
sleep if ARGV[0] == "stay"
`

// TestRubyOutlive: what a tool leaves running when it ends.
func TestRubyOutlive(t *testing.T) {
	out := direct(t, nobody, outlives, "direct")
	daemon := number(t, out, `daemon (\d+)\.`)
	if err := syscall.Kill(daemon, 0); err != nil {
		t.Errorf("it doesn't live on: %v", err)
	}
	must(t, syscall.Kill(daemon, syscall.SIGKILL))

	for _, mode := range []string{none, onlyRuby, anything} {
		o := contained(t, how{exec: mode}, outlives) // it holds that nothing is left
		has(t, o.log, `daemon \d+\.`)
		if len(o.exit(t).Left) == 0 {
			t.Errorf("%s: the record doesn't say what was left; the log:\n%s", mode, o.log)
		}
	}
}

// TestRubyOutliveKilledOpsh: the agent ends a session by SIGKILLing opsh, which then can't end anything.
func TestRubyOutliveKilledOpsh(t *testing.T) {
	for _, mode := range []string{none, onlyRuby, anything} {
		s := begin(t, how{exec: mode}, outlives, "stay")
		_, err := s.Expect(`daemon \d+\.`, patience)
		must(t, err)
		uid := trailBegin(t, s.ID).UID
		if len(processesOf(t, uid)) < 2 {
			t.Errorf("%s: nothing lives", mode)
		}
		must(t, s.Kill())
		end, err := s.Wait(patience)
		must(t, err)
		if end.Signal != int(syscall.SIGKILL) {
			t.Errorf("%s: opsh ended with %+v", mode, end)
		}
		name := filepath.Join(world.place.State, "trail", s.ID+".jsonl")
		for give := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
			content, err := os.ReadFile(name)
			must(t, err)
			if strings.Contains(string(content), `"event":"end"`) {
				break
			}
			if time.Now().After(give) {
				t.Fatalf("%s: nobody closed the trail", mode)
			}
		}
		if left := processesOf(t, uid); len(left) > 0 {
			t.Errorf("%s: processes are left: %q", mode, left)
		}
		records := trail(t, s.ID)
		last := records[len(records)-1]
		if last.Category != audit.CategoryBroken || mode == none && len(last.Left) == 0 { // what is traced the kernel has ended with opsh
			t.Errorf("%s: the last record is %+v", mode, last)
		}
	}
}
