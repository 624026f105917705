package launch

import (
	"fmt"
	"os"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"opsh/shell/contain"
)

// The descriptors that opsh-exec starts with. 5 to 9 stay closed, so that opsh-exec has room of its own.
const (
	specFD    = 3
	statusFD  = 4
	firstFile = 10
	lastFile  = 255
)

// patience is how long opsh-exec may take until it has become the tool. It takes 4 ms.
const patience = 30 * time.Second

// terminal is the inner pty.
type terminal struct {
	master *os.File // non-blocking, and waited for by await
	// slave stays open in opsh as long as the tool runs: without it a tool that closes its own descriptors for
	// a moment would look like the end of its output, and keys it hasn't read would be lost with it.
	slave *os.File
	over  *bell // the tool and all that it left is gone: nobody prints or reads keys any more
}

// openTerminal opens the inner pty in the kernel's usual line mode, for a tool of that uid.
func openTerminal(uid uint32, tty *os.File, noInput bool) (*terminal, error) {
	m, s, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("cannot open a terminal for the tool: %w", err)
	}
	over, err := newBell()
	if err != nil {
		m.Close() //nolint:errcheck // nothing was written
		s.Close() //nolint:errcheck // nothing was written
		return nil, fmt.Errorf("cannot open a terminal for the tool: %w", err)
	}
	t := &terminal{master: m, slave: s, over: over}
	if err := t.prepare(uid, tty, noInput); err != nil {
		t.close()
		return nil, fmt.Errorf("cannot prepare the tool's terminal: %w", err)
	}
	return t, nil
}

func (t *terminal) prepare(uid uint32, tty *os.File, noInput bool) error {
	if err := t.leaveAlone(); err != nil {
		return err
	}
	// The tool's own, and nobody else's: programs open /dev/stdout and /dev/stderr by name, to log there.
	if err := t.slave.Chown(int(uid), -1); err != nil {
		return err
	}
	if err := t.slave.Chmod(0o600); err != nil {
		return err
	}
	mode, err := t.mode()
	if err != nil {
		return err
	}
	mode.Iflag |= unix.IUTF8 // Backspace takes away a whole Japanese character, not its last byte
	if noInput {
		mode.Lflag &^= unix.ECHO // a Ctrl-C that nobody typed there isn't the tool's output
	}
	if tty == nil {
		mode.Oflag &^= unix.OPOST // a file or a pipe behind Out gets the tool's own bytes
	}
	if err := unix.IoctlSetTermios(int(t.slave.Fd()), unix.TCSETS, mode); err != nil {
		return err
	}
	return t.resize(tty)
}

// leaveAlone takes the master from Go's runtime, which would wake up for all that is printed there, for nothing: what is blocking when NewFile gets it
// it doesn't wait for. Only then it becomes non-blocking: a full inner terminal must not block opsh.
func (t *terminal) leaveAlone() error {
	fd, err := unix.FcntlInt(t.master.Fd(), unix.F_DUPFD_CLOEXEC, 0) // Fd makes it blocking
	if err != nil {
		return err
	}
	t.master.Close() //nolint:errcheck // nothing was written, and the duplicate is open
	t.master = os.NewFile(uintptr(fd), "/dev/ptmx")
	return t.control(func(fd int) error { return unix.SetNonblock(fd, true) })
}

// mode is the inner terminal's, as the tool has set it.
func (t *terminal) mode() (mode *unix.Termios, err error) {
	err = t.control(func(fd int) (err error) {
		mode, err = unix.IoctlGetTermios(fd, unix.TCGETS)
		return err
	})
	return mode, err
}

// resize gives the inner terminal the outer one's size; the kernel tells the tool. The agent starts sessions at
// 0x0 and resizes later: until then 80x24, because tools divide by the width.
func (t *terminal) resize(tty *os.File) error {
	size := unix.Winsize{}
	if tty != nil {
		err := control(tty, func(fd int) error {
			if ws, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil {
				size = *ws
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if size.Col == 0 {
		size.Col = 80
	}
	if size.Row == 0 {
		size.Row = 24
	}
	return t.control(func(fd int) error { return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &size) })
}

func (t *terminal) close() {
	t.slave.Close()     //nolint:errcheck // closed twice at the end of a tool that did run
	t.master.Close()    //nolint:errcheck // all that could be read was
	t.over.file.Close() //nolint:errcheck // nothing is kept there
}

// start starts opsh-exec and returns when it has become the tool.
func start(p plan, j Job, t *terminal, tell contain.Told) (*child, error) {
	c, err := begin(p, j, t, tell)
	if err != nil {
		return nil, fmt.Errorf("cannot run %s: %w", p.name, err)
	}
	return c, nil
}

func begin(p plan, j Job, t *terminal, tell contain.Told) (*child, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	p.spec.Terminal = true
	for _, f := range p.files {
		p.spec.Files = append(p.spec.Files, f.FD)
	}
	spec, err := p.spec.Memfd()
	if err != nil {
		return nil, err
	}
	defer spec.Close()
	status, theirs, err := statusPair()
	if err != nil {
		return nil, err
	}
	defer status.Close()
	defer theirs.Close() // opsh's copy: the child has its own
	stdin := p.stdin
	switch {
	case stdin != nil:
	case j.Keys != nil && !j.NoInput:
		stdin = t.slave
	default:
		if stdin, err = os.Open(os.DevNull); err != nil {
			return nil, err
		}
		defer stdin.Close()
	}
	files := []*os.File{stdin, t.slave, t.slave, specFD: spec, statusFD: theirs}
	for _, f := range p.files {
		for len(files) <= f.FD {
			files = append(files, nil) // closed in opsh-exec
		}
		files[f.FD] = f.File
	}
	k, err := contain.Keep(p.spec, tell, func() (int, error) {
		// Nothing of opsh's environment: opsh-exec is root until it execs, and an environment steers the Go runtime. It does one thing after the
		// other, and starts sooner when the runtime doesn't prepare for more.
		helper, err := os.StartProcess(j.Helper, []string{"opsh-exec"}, &os.ProcAttr{Dir: "/", Env: []string{"GOMAXPROCS=1"}, Files: files})
		if err != nil {
			return 0, err
		}
		pid := helper.Pid // Release forgets it
		return pid, helper.Release()
	})
	if err != nil {
		return nil, err
	}
	theirs.Close() //nolint:errcheck // or its end would not be seen
	c := &child{Keeper: k}
	if err := c.become(p.spec, status, tell); err != nil {
		c.giveUp()
		return nil, err
	}
	return c, nil
}

// statusPair is the status socket. opsh's end is non-blocking, so that it honours a deadline.
func statusPair() (ours, theirs *os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	if err := unix.SetNonblock(pair[0], true); err != nil {
		unix.Close(pair[0]) //nolint:errcheck // nothing was sent
		unix.Close(pair[1]) //nolint:errcheck // nothing was sent
		return nil, nil, err
	}
	return os.NewFile(uintptr(pair[0]), "status"), os.NewFile(uintptr(pair[1]), "status"), nil
}
