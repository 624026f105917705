package contain

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// exec = [list] is held by ptrace: this process stays root and becomes the supervisor of a second opsh-exec, which contains
// itself and becomes the tool. The kernel stops every thread of it and of its descendants at each exec, after the new
// program is mapped and before its first instruction, and then the file that is mapped is compared by device and inode. There is no name to
// race with. The kernel kills them all when the supervisor dies.

// Descriptors of the second opsh-exec, beside those of Spec.
const (
	goFD    = 5 // a pipe: it waits until the supervisor holds it
	readyFD = 6 // a pipe: it says that it waits
)

const superviseOptions = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACECLONE |
	unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK

// SupervisedName is the argv[0] of the second step.
const SupervisedName = "opsh-exec: supervised"

// StartSupervised is Start in the second step: it waits until it is traced.
func (s Spec) StartSupervised() error {
	if err := s.check(); err != nil {
		return err
	}
	if s.Exec != ExecList {
		return errors.New("cannot start a supervised tool: it needs no supervisor")
	}
	ready, goOn := os.NewFile(readyFD, "ready"), os.NewFile(goFD, "go")
	if err := ready.Close(); err != nil {
		return fmt.Errorf("cannot reach the supervisor: %w", err)
	}
	if n, err := goOn.Read(make([]byte, 1)); n != 1 {
		return fmt.Errorf("cannot start: the supervisor is gone: %w", err)
	}
	return s.become()
}

// supervise starts the second step, traces it and everything it becomes and starts, and ends as the tool ends.
func (s Spec) supervise() error {
	runtime.LockOSThread() // the tracer is a thread
	// Out of opsh's process group: what opsh sends to the tool's group arrives here, and only here.
	if err := unix.Setpgid(0, 0); err != nil {
		return fmt.Errorf("cannot supervise: %w", err)
	}
	ready, theirReady, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("cannot supervise: %w", err)
	}
	theirGo, goOn, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("cannot supervise: %w", err)
	}
	files := []*os.File{os.Stdin, os.Stdout, os.Stderr, SpecFD: os.NewFile(SpecFD, "spec"), StatusFD: os.NewFile(StatusFD, "status"),
		goFD: theirGo, readyFD: theirReady}
	for _, fd := range s.Files {
		for len(files) <= fd {
			files = append(files, nil)
		}
		files[fd] = os.NewFile(uintptr(fd), "granted")
	}
	child, err := os.StartProcess("/proc/self/exe", []string{SupervisedName}, &os.ProcAttr{Dir: "/", Env: []string{}, Files: files})
	if err != nil {
		return fmt.Errorf("cannot supervise: %w", err)
	}
	theirReady.Close() //nolint:errcheck // a pipe of ours
	theirGo.Close()    //nolint:errcheck // a pipe of ours
	if _, err := io.ReadAll(ready); err != nil {
		return fmt.Errorf("cannot supervise: %w", err)
	}
	if err := seize(child.Pid); err != nil {
		child.Kill() //nolint:errcheck // it may have ended by itself
		return fmt.Errorf("cannot supervise (the container must let root trace its children): %w", err)
	}
	// From here on the second step answers to opsh. What the supervisor holds of the tool's would keep it open for ever.
	for _, f := range files[StatusFD:] {
		if f != nil {
			f.Close() //nolint:errcheck // nothing of it was used here
		}
	}
	if err := detachStreams(); err != nil {
		return fmt.Errorf("cannot supervise: %w", err)
	}
	if _, err := goOn.Write([]byte{1}); err != nil {
		return fmt.Errorf("cannot supervise: %w", err)
	}
	forward(child.Pid)
	t := tracer{first: child.Pid, program: FileID{s.Path, s.Dev, s.Ino}, allowed: s.ExecFiles}
	return t.follow()
}

// forward passes on how opsh asks a tool to end. SIGKILL can't be, and needn't: the kernel ends the tool with the supervisor.
func forward(child int) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, unix.SIGHUP, unix.SIGTERM)
	go func() {
		for s := range asked {
			unix.Kill(-child, s.(syscall.Signal)) //nolint:errcheck // it may just have ended
		}
	}()
}

// seize traces every thread of pid. Threads that those already traced start are traced by the kernel; so the list is read until it
// holds no new one.
func seize(pid int) error {
	held := map[int]bool{}
	for {
		entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			return err
		}
		before := len(held)
		for _, e := range entries {
			tid, err := strconv.Atoi(e.Name())
			if err != nil || held[tid] {
				continue
			}
			_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(tid), 0, superviseOptions, 0, 0)
			if errno == unix.EPERM && tracedByUs(pid, tid) {
				errno = 0 // a thread that another traced one has just started
			}
			if errno == unix.ESRCH {
				continue // a thread that has just ended
			}
			if errno != 0 {
				return errno
			}
			held[tid] = true
		}
		if len(held) == before {
			return nil
		}
	}
}

func tracedByUs(pid, tid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/status", pid, tid))
	tracer := field(status, "TracerPid")
	return err == nil && len(tracer) == 1 && tracer[0] == strconv.Itoa(os.Getpid())
}

// detachStreams lets go of the tool's terminal.
func detachStreams() error {
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	for fd := range 3 {
		if err := unix.Dup3(null, fd, 0); err != nil {
			return err
		}
	}
	return unix.Close(null)
}

// tracer is the supervisor's view of the tool.
type tracer struct {
	first   int    // the tool's first process
	began   bool   // it has become the tool
	program FileID // what it may become, once
	allowed []FileID
}

// follow answers every stop until the first process has ended, and ends as it did. The kernel then kills what is left (EXITKILL).
func (t *tracer) follow() error {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WALL, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return fmt.Errorf("cannot supervise: %w", err)
		case pid == t.first && status.Exited():
			os.Exit(status.ExitStatus())
		case pid == t.first && status.Signaled():
			dieBy(status.Signal())
		case status.Stopped():
			if err := t.answer(pid, status); err != nil && err != unix.ESRCH {
				return fmt.Errorf("cannot supervise: %w", err) // exiting kills all of them
			}
		}
	}
}

// answer lets a stopped thread go on. ESRCH: it was killed meanwhile.
func (t *tracer) answer(pid int, status unix.WaitStatus) error {
	event, sig := int(status)>>16, status.StopSignal()
	const eventStop = 128 // PTRACE_EVENT_STOP
	switch {
	case event == unix.PTRACE_EVENT_EXEC:
		if !t.permits(pid) {
			return unix.Kill(pid, unix.SIGKILL)
		}
		sig = 0
	case event == eventStop && (sig == unix.SIGSTOP || sig == unix.SIGTSTP || sig == unix.SIGTTIN || sig == unix.SIGTTOU):
		// Stopped by job control: it stays so until a SIGCONT, and for the first process nobody else would send one.
		err := ptrace(unix.PTRACE_LISTEN, pid, 0)
		if pid == t.first && err == nil {
			err = unix.Kill(pid, unix.SIGCONT)
		}
		return err
	case event != 0:
		sig = 0
	}
	return ptrace(unix.PTRACE_CONT, pid, uintptr(sig))
}

// permits looks at what is mapped now, not at any name.
func (t *tracer) permits(pid int) bool {
	var st unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("/proc/%d/exe", pid), &st); err != nil {
		return false
	}
	is := func(f FileID) bool { return f.Dev == st.Dev && f.Ino == st.Ino }
	if pid == t.first && !t.began {
		t.began = true
		return is(t.program)
	}
	return slices.ContainsFunc(t.allowed, is)
}

func ptrace(request int, pid int, data uintptr) error {
	if _, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(pid), 0, data, 0, 0); e != 0 {
		return e
	}
	return nil
}

// dieBy ends this process by the signal that ended the tool, so that opsh sees the same.
func dieBy(sig syscall.Signal) {
	if err := resetSignals(); err == nil {
		unix.Kill(os.Getpid(), sig) //nolint:errcheck // what follows is for a signal that doesn't kill
	}
	os.Exit(128 + int(sig))
}
