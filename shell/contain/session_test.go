package contain

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

func TestLimits(t *testing.T) {
	for container, files := range map[string]int{"docker": defaultOpenFiles, "few-files": 128} {
		for _, mode := range []string{ExecNone, ExecList, ExecAny} {
			r := containedIn(t, container, specFor(t, mode, "/bin/cat", "/proc/self/limits"))
			for limit, want := range map[string]int{
				"Max core file size": 0, "Max processes": defaultProcesses, "Max file size": maxFileBytes, "Max open files": files,
				"Max address space": defaultMemory,
			} {
				_, rest, _ := strings.Cut(r.output, limit)
				if got := strings.Fields(rest); len(got) < 2 || got[0] != fmt.Sprint(want) || got[1] != fmt.Sprint(want) {
					t.Errorf("%s, %s: %s is not %d in\n%s%s", container, mode, limit, want, r.output, r.refuse)
				}
			}
		}
	}
}

// TestClosingWithoutCloseRange: on an older kernel, or under an older profile of the container, the descriptors are closed one by one.
func TestClosingWithoutCloseRange(t *testing.T) {
	for _, e := range []syscall.Errno{unix.ENOSYS, unix.EINVAL, unix.EPERM} {
		fd, err := unix.Dup(0) // without close-on-exec
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := (Spec{}).closeFiles(func(_, _, _ uint) error { return e }); err != nil {
			t.Error(err)
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("after %v it stays open: %#x %v", e, flags, err)
		}
	}
	fd, err := unix.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := (Spec{}).closeFiles(func(_, _, _ uint) error { return nil }); err == nil {
		t.Error("a call that says that it did and didn't is believed")
	}
}

// session is what a tool sees of its session: whether it leads one, its terminal's foreground group, and whether it has a terminal.
func session() syscall.Errno {
	sid, err := unix.Getsid(0)
	if err != nil || sid != os.Getpid() {
		return syscall.ESRCH
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return errors.Unwrap(err).(syscall.Errno)
	}
	defer tty.Close()
	if group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP); err != nil || group != os.Getpid() {
		return syscall.EPERM
	}
	return 0
}

// onTerminal starts a Spec on a terminal of its own, with /dev/null as standard input.
func onTerminal(t *testing.T, s Spec) (*exec.Cmd, *os.File) {
	t.Helper()
	s.Terminal = true
	spec, err := s.Memfd()
	if err != nil {
		t.Fatal(err)
	}
	defer spec.Close()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	c := conductor(t, "docker", "", spec)
	c.cmd.Stdout, c.cmd.Stderr = slave, slave
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.cmd.Process.Kill() })
	slave.Close()
	c.theirReport.Close()
	c.theirEvents.Close()
	return c.cmd, master
}

func TestSessionAndTerminal(t *testing.T) {
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		cmd, master := onTerminal(t, attemptSpec(t, mode, "session"))
		out, _ := io.ReadAll(master) // EIO at its end
		cmd.Wait()
		if got := strings.TrimSpace(string(out)); got != "done" {
			t.Errorf("%s, with a terminal: %q", mode, got)
		}
		if r := contained(t, attemptSpec(t, mode, "session")); strings.TrimSpace(r.output) != "ENXIO" {
			t.Errorf("%s, without: %q %s", mode, r.output, r.refuse)
		}
	}
}

// TestKeysReachTheTool: Ctrl-C and Ctrl-\ end the tool, although opsh-exec was started with the first ignored.
func TestKeysReachTheTool(t *testing.T) {
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		for key, want := range map[string]syscall.Signal{"\x03": unix.SIGINT, "\x1c": unix.SIGQUIT} {
			cmd, master := onTerminal(t, specFor(t, mode, "/bin/sh", "-c", "echo ready; while :; do :; done"))
			if line, err := bufio.NewReader(master).ReadString('\n'); err != nil || line != "ready\r\n" {
				t.Fatalf("%q %v", line, err)
			}
			if _, err := master.WriteString(key); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if got := cmd.ProcessState.Sys().(syscall.WaitStatus); !got.Signaled() || got.Signal() != want {
				t.Errorf("%s, %q: %v", mode, key, cmd.ProcessState)
			}
		}
	}
}

// TestEndsWithOpsh: when opsh is killed, so is the tool, at once.
func TestEndsWithOpsh(t *testing.T) {
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		cmd, master := onTerminal(t, specFor(t, mode, "/bin/sh", "-c", "trap '' HUP TERM INT; echo $$; while :; do :; done"))
		var pid int
		if _, err := fmt.Fscan(master, &pid); err != nil {
			t.Fatal(err)
		}
		cmd.Process.Kill()
		gone(t, pid)
		cmd.Wait()
	}
}

// gone waits for a process to end.
func gone(t *testing.T, pid int) {
	t.Helper()
	for give := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil || ended(status) {
			return
		}
		if time.Now().After(give) {
			t.Fatalf("%d lives on:\n%s", pid, status)
		}
	}
}

// TestOpshIsGone: opsh was killed while opsh-exec started.
func TestOpshIsGone(t *testing.T) {
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		spec, err := specFor(t, mode, "/bin/echo", "it ran").Memfd()
		if err != nil {
			t.Fatal(err)
		}
		defer spec.Close()
		report := halfOfAPair(t, []byte{1})
		var out bytes.Buffer
		cmd := exec.Command(helper)
		cmd.Env, cmd.Stdout, cmd.ExtraFiles = []string{}, &out, []*os.File{spec, report}
		if err := cmd.Run(); err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, %q", mode, err, out.String())
		}
		report.Close()
	}
}

// halfOfAPair is a status socket whose other end sent something and is gone.
func halfOfAPair(t *testing.T, sent []byte) *os.File {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		_, err = unix.Write(pair[0], sent)
	}
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(pair[0])
	return os.NewFile(uintptr(pair[1]), "status")
}
