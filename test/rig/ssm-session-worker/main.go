// Ssm-session-worker stands for the process of the SSM agent that serves one ECS Exec session. It does with a command what
// the agent does: splits it, starts it as root on a terminal of 0x0, resizes that later, copies the output into a spool file,
// kills the command when the session ends, and writes the session log with script(1).
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/google/shlex"
	"golang.org/x/sys/unix"

	"opsh/test/rig/wire"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "ssm-session-worker:", err)
		os.Exit(1)
	}
}

func serve() error {
	orders := json.NewDecoder(os.NewFile(wire.Orders, "orders"))
	reports := json.NewEncoder(os.NewFile(wire.Reports, "reports"))
	var s wire.Session
	if err := orders.Decode(&s); err != nil {
		return err
	}
	words, err := shlex.Split(s.Command)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return errors.New("cannot start a session: the command is empty")
	}
	spool, err := os.OpenFile(filepath.Join(s.Dir, "ipcTempFile.log"), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	master, slave, err := terminal()
	if err != nil {
		return err
	}
	cmd := exec.Command(words[0], words[1:]...)
	if s.Program != "" && words[0] == "opsh" {
		cmd.Path, cmd.Err = s.Program, nil
	}
	cmd.Env = environment(s.Env)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	slave.Close()
	if err := reports.Encode(wire.Report{PID: cmd.Process.Pid}); err != nil {
		return err
	}

	pumped, left := make(chan struct{}), make(chan struct{})
	go func() { defer close(pumped); pump(master, spool, left, !s.Fast) }()
	go keys(master)
	go obey(orders, master, left, cmd)
	cmd.Wait() //nolint:errcheck // the status is in ProcessState
	// Then the terminal goes, whoever else still has it open: the kernel sends SIGHUP to its foreground process group.
	select {
	case <-pumped:
	case <-time.After(time.Second):
	}
	master.Close()
	<-pumped
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	spool.Close()
	os.Stdout.Close() // the client's channel closes
	return reports.Encode(wire.Report{Exit: status.ExitStatus(), Signal: int(status.Signal()), Ended: true, Log: transcript(s, spool.Name())})
}

// terminal is a pty whose master can be closed while somebody waits for its output. The pty package leaves it blocking, and then it goes only when more comes.
func terminal() (master, slave *os.File, err error) {
	m, slave, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer m.Close()
	fd, err := unix.FcntlInt(m.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	return os.NewFile(uintptr(fd), "/dev/ptmx"), slave, err
}

// resize goes around Fd, which would make the master blocking.
func resize(master *os.File, cols, rows uint16) {
	raw, err := master.SyscallConn()
	if err != nil {
		return // it is closed
	}
	raw.Control(func(fd uintptr) { unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Col: cols, Row: rows}) })
}

// environment is the container's, and what the agent adds.
func environment(env []string) []string {
	out := append([]string{}, env...)
	out = append(out, "TERM=xterm-256color")
	for _, kv := range env {
		if strings.HasPrefix(kv, "LANG=") {
			return out
		}
	}
	return append(out, "LANG=C.UTF-8")
}

// pump copies the terminal's output to the spool and the client, 1,024 bytes a millisecond at most, as the agent does. When
// the client has left, nobody reads the terminal any more, and who writes to it blocks.
func pump(master, spool *os.File, left <-chan struct{}, paced bool) {
	buf := make([]byte, 1024)
	if !paced {
		buf = make([]byte, 64<<10)
	}
	client := true
	for {
		select {
		case <-left:
			return
		default:
		}
		n, err := master.Read(buf)
		if n > 0 {
			spool.Write(buf[:n])
			if client {
				_, werr := os.Stdout.Write(buf[:n])
				client = werr == nil
			}
		}
		if err != nil {
			return
		}
		if paced {
			time.Sleep(time.Millisecond)
		}
	}
}

func keys(master *os.File) {
	buf := make([]byte, 32<<10)
	for {
		n, err := os.Stdin.Read(buf)
		if n > 0 {
			master.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// obey does what the client or the agent's operator asks.
func obey(orders *json.Decoder, master *os.File, left chan<- struct{}, cmd *exec.Cmd) {
	gone := false
	for {
		var o wire.Order
		if err := orders.Decode(&o); err != nil {
			cmd.Process.Kill() // who gave orders is gone: nothing is left running
			return
		}
		switch o.Do {
		case "resize":
			resize(master, o.Cols, o.Rows)
		case "kill": // how the agent ends a session: opsh alone, and then the terminal goes
			cmd.Process.Kill()
		case "leave":
			if !gone {
				gone = true
				close(left)
			}
		case "hangup":
			master.Close()
		}
	}
}

// transcript is what the agent does after the session: script, by $SHELL, and the log is what script made of it.
func transcript(s wire.Session, spool string) string {
	log := filepath.Join(s.Dir, "session.log")
	cmd := exec.Command("script", log, "-c", "cat "+spool)
	cmd.Env = environment(s.Env)
	cmd.Run() //nolint:errcheck // the agent doesn't look either
	text, _ := os.ReadFile(log)
	return string(text)
}
