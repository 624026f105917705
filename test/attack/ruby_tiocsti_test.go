package attack

import (
	"io"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// pushed types into every terminal that it can reach, as if the operator had. The kernel looks at a request's low 32 bits only.
const pushed = `
tty = IO.sysopen("/dev/tty", File::RDWR | File::NONBLOCK) rescue nil
puts "no /dev/tty" unless tty
got = Hash.new(0)
%w[i d \n].each_with_index { |c, i| c = "\n" if i == 2; (0..63).each { |fd| [0x5412, 0x1_0000_5412].each { |r| got[said(kernel(:ioctl, fd, r, c + "\0"))] += 1 } } }
puts "pushed: #{got}", "line discipline: #{said(kernel(:ioctl, 1, 0x5423, [0].pack("l")))}"
puts "read back: #{$stdin.gets}" if got["0"] > 0
`

// TestRubyTIOCSTI: keys that nobody pressed.
func TestRubyTIOCSTI(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "/usr/bin/ruby", filepath.Join(world.scripts, write(t, pushed)))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	terminal, err := pty.Start(cmd)
	must(t, err)
	defer terminal.Close()
	out, _ := io.ReadAll(terminal) // it ends with EIO
	must(t, cmd.Wait())
	has(t, string(out), `pushed: .*"0"=>\d`, `line discipline: 0`, `read back: i`)

	for _, mode := range []string{none, anything} {
		o := contained(t, how{exec: mode}, pushed)
		has(t, o.log, `pushed: \{"EPERM"=>384\}`, `line discipline: EPERM`)
		hasNot(t, o.log, "read back", "no /dev/tty")
		o.denied(t, "ioctl", "")
	}
}
