package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"opsh/shell/guard"
	"opsh/shell/line"
)

// The exit statuses of opshd itself; the command's own come through.
const (
	statusBroken  = 125
	statusNoExec  = 126
	statusMissing = 127
)

// container is what the container runs beside the guard.
type container struct {
	command               []string // its own command; empty: none
	environ               []string
	stateDir, opsh        string
	stdin, stdout, stderr *os.File
	exit                  func(int)
}

// run starts the guard, then the command: nothing of the container runs before it is guarded. The process ends with the command, and has its
// status; without a command it stays. run must be called on the process's first thread, and returns only where nothing could be started.
func (c container) run() int {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH, syscall.SIGCONT)
	if os.Getpid() != 1 {
		c.complain("warning: not the container's first process: whoever is root in it can end the guard, and the agent with it. In ECS, leave initProcessEnabled out")
	}
	log, r := newLog(c.stderr), startRecorder(c)
	if _, err := guard.Start(guard.Config{
		Opsh: c.opsh, Shell: value(c.environ, "SHELL"), StateDir: c.stateDir, Now: time.Now,
		Tell: func(e guard.Event) { log.say(e.String()); r.tell(e) },
	}); err != nil {
		c.complain("error: " + err.Error())
		return statusBroken
	}
	log.say("opshd: on: of what ECS Exec starts only " + line.QuoteWord(c.opsh) + " runs")
	end := func(status int) { r.stop(); c.exit(status) }
	child, status, err := c.start()
	if err != nil {
		c.complain("error: " + err.Error())
		go end(status)
	}
	go c.obey(signals, child, end)
	c.reap(child, end)
	return 0
}

func (c container) complain(text string) { fmt.Fprintln(c.stderr, "opshd: "+text) }

// start starts the command in a process group of its own, which has the terminal where there is one. 0: there is no command.
func (c container) start() (pid, status int, err error) {
	if len(c.command) == 0 {
		return 0, 0, nil
	}
	path, err := exec.LookPath(c.command[0])
	if err != nil {
		return 0, statusMissing, fmt.Errorf("cannot start the container's command: %w", err)
	}
	attr := &syscall.ProcAttr{Env: c.environ, Files: []uintptr{c.stdin.Fd(), c.stdout.Fd(), c.stderr.Fd()}, Sys: &syscall.SysProcAttr{Setpgid: true}}
	if _, err := unix.IoctlGetInt(int(c.stdin.Fd()), unix.TIOCGPGRP); err == nil {
		attr.Sys.Foreground = true
	}
	pid, err = syscall.ForkExec(path, c.command, attr)
	if err != nil {
		return 0, statusNoExec, fmt.Errorf("cannot start the container's command %s: %w", line.QuoteWord(path), err)
	}
	return pid, 0, nil
}

// obey passes signals on to the command's group. Without a command those that end a process end the container.
func (c container) obey(signals <-chan os.Signal, child int, end func(int)) {
	for s := range signals {
		sig := s.(syscall.Signal)
		switch {
		case child != 0:
			syscall.Kill(-child, sig) //nolint:errcheck // it may have ended
		case sig == syscall.SIGTERM || sig == syscall.SIGINT || sig == syscall.SIGQUIT || sig == syscall.SIGHUP:
			end(128 + int(sig))
		}
	}
}

// reap waits for every child of this thread's and every orphan, for ever, and calls end when it was the command.
//
// A process that the guard holds may become an orphan, and its stops are then shown to this thread too, which must not take them: so it
// looks first, and takes only what has ended and nobody traces. The thread that holds the other is about to answer.
func (c container) reap(child int, end func(int)) {
	for {
		var info struct {
			signo, errno, code, _ int32
			pid                   int32
			_                     [108]byte
		}
		_, _, e := unix.Syscall6(unix.SYS_WAITID, unix.P_ALL, 0, uintptr(unsafe.Pointer(&info)), unix.WEXITED|unix.WNOWAIT|unix.WALL|unix.WNOTHREAD, 0, 0)
		pid := int(info.pid)
		const exited, killed, dumped = 1, 2, 3 // CLD_EXITED, CLD_KILLED, CLD_DUMPED
		switch {
		case e == unix.EINTR:
			continue
		case e != 0: // ECHILD: there is none now
			time.Sleep(100 * time.Millisecond)
			continue
		case info.code != exited && info.code != killed && info.code != dumped, traced(pid):
			time.Sleep(200 * time.Microsecond)
			continue
		}
		var ws unix.WaitStatus
		if got, err := unix.Wait4(pid, &ws, unix.WALL|unix.WNOTHREAD|unix.WNOHANG, nil); err != nil || got != pid || pid != child {
			continue
		}
		if ws.Signaled() {
			go end(128 + int(ws.Signal()))
		} else {
			go end(ws.ExitStatus())
		}
	}
}

// traced says whether somebody traces a process that has ended.
func traced(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !strings.Contains(string(status), "\nTracerPid:\t0\n")
}

// value is a variable's last value.
func value(environ []string, name string) string {
	v := ""
	for _, kv := range environ {
		if s, ok := strings.CutPrefix(kv, name+"="); ok {
			v = s
		}
	}
	return v
}

// log is the container's. Where nobody reads it, lines are dropped and counted: a guard that waited for it would hold the agent up.
type log struct {
	lines   chan string
	dropped atomic.Int64
}

func newLog(out io.Writer) *log {
	l := &log{lines: make(chan string, 1000)}
	go func() {
		for text := range l.lines {
			fmt.Fprintln(out, text)
			if n := l.dropped.Swap(0); n > 0 {
				fmt.Fprintf(out, "opshd: error: %d lines of this log are missing here: nobody read it\n", n)
			}
		}
	}()
	return l
}

func (l *log) say(text string) {
	select {
	case l.lines <- text:
	default:
		l.dropped.Add(1)
	}
}
