package attack

import (
	"os/exec"
	"syscall"
	"testing"
)

// sigio asks the kernel to send a signal to somebody when there is something to read. The kernel does it in the asker's name, later.
const sigio = `
target = ARGV[0] ? Integer(ARGV[0]) : Process.ppid
r, w = IO.pipe
begin
  r.fcntl(10, 9)      # F_SETSIG, SIGKILL
  r.fcntl(8, target)  # F_SETOWN
  r.fcntl(4, 0o20000) # F_SETFL, O_ASYNC
  w.syswrite("x")
rescue SystemCallError => e
  puts e.class
end
sleep 0.3
puts "sent"
`

// TestRubySigio: a signal without kill.
func TestRubySigio(t *testing.T) {
	stranger := exec.Command("sleep", "300")
	stranger.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nogroup}}
	must(t, stranger.Start())
	has(t, direct(t, nobody, sigio, text(stranger.Process.Pid)), "sent")
	err := stranger.Wait()
	if err == nil || stranger.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("it ended with %v", err)
	}
	o := contained(t, how{}, sigio)
	has(t, o.log, `sent`, `opsh: #1 .* exit 0`, `opsh: end 0`)
}
