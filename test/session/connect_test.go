package session

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"opsh/test/standin"
)

// person sits at a terminal with opsctl connect in it.
type person struct {
	*client
	master, slave *os.File
	before        unix.Termios
}

func connect(t *testing.T, s *standin.Service, args ...string) *person {
	t.Helper()
	return connectAs(t, s, func(*exec.Cmd) {}, args...)
}

// connectAs is connect with a process that set changes.
func connectAs(t *testing.T, s *standin.Service, set func(*exec.Cmd), args ...string) *person {
	t.Helper()
	master, slave, err := pty.Open()
	must(t, err)
	t.Cleanup(func() { master.Close(); slave.Close() })
	must(t, pty.Setsize(master, &pty.Winsize{Cols: 100, Rows: 30}))
	p := &person{master: master, slave: slave, before: mode(t, slave)}
	words := append([]string{"connect", "--cluster", standin.Cluster, "--task", standin.Task, "--container", standin.Container}, args...)
	p.client = &client{t: t, cmd: exec.Command(world.place.Opsctl, words...), done: make(chan error, 1)}
	p.cmd.Env = s.Environ(os.Environ())
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	set(p.cmd)
	must(t, p.cmd.Start())
	go func() { p.done <- p.cmd.Wait() }()
	go func() {
		buf := make([]byte, 32<<10)
		for {
			n, err := master.Read(buf)
			p.out.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { p.cmd.Process.Kill() }) //nolint:errcheck // it has ended
	return p
}

func mode(t *testing.T, tty *os.File) unix.Termios {
	t.Helper()
	m, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	must(t, err)
	return *m
}

func (p *person) types(keys string) {
	p.t.Helper()
	_, err := p.master.WriteString(keys)
	must(p.t, err)
}

// left waits for the end, and for the terminal to be as it was.
func (p *person) left(status int) {
	p.t.Helper()
	p.ended(status)
	if after := mode(p.t, p.slave); after != p.before {
		p.t.Errorf("the terminal's mode is %+v and was %+v", after, p.before)
	}
}

// TestConnect: keys, Japanese, Ctrl-C, the window's size, and the terminal afterwards.
func TestConnect(t *testing.T) {
	s := service(t, nil)
	began := time.Now()
	p := connect(t, s, "--reason", "INC-7 調査")
	p.sees("> ")
	t.Logf("%d ms to the prompt", time.Since(began).Milliseconds())
	if got := s.Last(1).Command; got != "opsh --reason 'INC-7 調査'" {
		t.Errorf("the command is %q", got)
	}
	p.types("perl -e 'print \"山田\\n\"'\r")
	p.sees("\n山田\r\n")
	p.types(`perl -e '$|=1; print "up\n"; sleep 100'` + "\r")
	p.sees("\nup\r\n")
	p.types("\x03")
	p.sees("exit 130 signal INT")
	must(t, pty.Setsize(p.master, &pty.Winsize{Cols: 120, Rows: 40}))
	for give := time.Now().Add(patience); !strings.Contains(strings.Join(s.Last(1).Sizes(), " "), `{"cols":120,"rows":40}`); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(give) {
			t.Fatalf("the sizes: %q", s.Last(1).Sizes())
		}
	}
	if first := s.Last(1).Sizes()[0]; first != `{"cols":100,"rows":30}` {
		t.Errorf("the first size is %s", first)
	}
	p.types("exit\r")
	p.left(0)
	p.sees("opsh: end 0 exit ")
	p.sees(" 2 runs, ")
}

// TestConnectEnds: however a session ends, the terminal is the operator's again, and says why.
func TestConnectEnds(t *testing.T) {
	s := service(t, nil)
	for i, test := range []struct {
		name   string
		how    func(*person, *standin.Session)
		status int
		says   string
	}{
		{"left", func(p *person, _ *standin.Session) { p.types("~.") }, 250, "left the session"},
		{"killed child", func(p *person, _ *standin.Session) { syscall.Kill(childOf(t, p.cmd.Process.Pid), syscall.SIGKILL) }, 251, "the process that holds the session ended"},
		{"idle", func(_ *person, one *standin.Session) { one.Close("Your session timed out due to inactivity.") }, 249, "idled"},
		{"lost", func(_ *person, one *standin.Session) { s.Deny("ResumeSession", "AccessDeniedException"); one.Cut() }, 251, "could not be resumed"},
		{"stopped", func(_ *person, one *standin.Session) { one.TaskStops() }, 252, "the task has stopped"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := connect(t, s)
			p.sees("> ")
			test.how(p, s.Last(i+1))
			p.left(test.status)
			p.sees("opsctl: error: ") // the terminal may hold it for a moment
			p.sees(test.says)
		})
	}
}

// TestConnectWithout: without a terminal there is nobody to connect.
func TestConnectWithout(t *testing.T) {
	s := service(t, nil)
	cmd := exec.Command(world.place.Opsctl, "connect", "--cluster", standin.Cluster, "--task", standin.Task, "--container", standin.Container)
	cmd.Env = s.Environ(os.Environ())
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "not a terminal") {
		t.Errorf("%v: %s", err, out)
	}
	if n := s.Opened(); n != 0 {
		t.Errorf("%d sessions were opened for nobody", n)
	}
}

// TestPrompt: connect costs less than 300 ms beside what the agent waits.
func TestPrompt(t *testing.T) {
	s := service(t, nil)
	best := time.Hour
	for range 5 {
		began := time.Now()
		p := connect(t, s)
		p.sees("> ")
		best = min(best, time.Since(began))
		p.types("exit\r")
		p.left(0)
	}
	t.Logf("%d ms to the first prompt", best.Milliseconds())
	if best > 300*time.Millisecond {
		t.Errorf("%s to the first prompt", best)
	}
}
