package contain

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
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
	runtime.LockOSThread()
	if err := s.check(); err != nil {
		return err
	}
	if s.Exec != ExecList {
		return errors.New("cannot start a supervised tool: it needs no supervisor")
	}
	if err := endWithParent(); err != nil {
		return fmt.Errorf("cannot start: %w", err)
	}
	if err := unix.Close(readyFD); err != nil {
		return fmt.Errorf("cannot reach the supervisor: %w", err)
	}
	if n, err := ignoringEINTR(func() (int, error) { return unix.Read(goFD, make([]byte, 1)) }); n != 1 {
		return fmt.Errorf("cannot start: the supervisor is gone (%v)", err)
	}
	return s.become()
}

// supervise starts the second step, traces it and everything it becomes and starts, and ends as the tool ends. It returns
// only with an error, and then no tool has run.
//
// It needs a thread of its own that lasts: a tracer is a thread, and so is the parent with which the second step ends.
func (s Spec) supervise() error {
	held, err := s.hold()
	if err != nil {
		return fmt.Errorf("cannot supervise: %w", err)
	}
	child, goOn, err := s.second()
	if err != nil {
		return fmt.Errorf("cannot supervise: %w", err)
	}
	if err := seize(child); err != nil {
		unix.Kill(child, unix.SIGKILL) //nolint:errcheck // it may have ended by itself
		return fmt.Errorf("cannot supervise (the container must let root trace its children): %w", err)
	}
	forward(child)
	if err := s.lookAsTool(); err != nil {
		return fmt.Errorf("cannot supervise: %w", err)
	}
	// From here on the second step answers to opsh. What the supervisor holds of the tool's would keep it open for ever.
	for _, fd := range append([]int{SpecFD, StatusFD}, s.Files...) {
		unix.Close(fd) //nolint:errcheck // nothing of it was used here
	}
	if _, err := unix.Write(goOn, []byte{1}); err != nil {
		dieBy(unix.SIGKILL)
	}
	t := tracer{first: child, program: held[0], allowed: held[1:]}
	t.follow()
	return nil
}

// hold prepares this process, and pins the program and the list, in this order.
func (s Spec) hold() ([]FileID, error) {
	// Out of opsh's process group: what opsh sends to the tool's group arrives here, and only here.
	if err := unix.Setpgid(0, 0); err != nil {
		return nil, err
	}
	if err := hideMemory(); err != nil {
		return nil, err
	}
	for _, fd := range s.kept() {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
			return nil, fmt.Errorf("descriptor %d: %w", fd, err)
		}
	}
	files := append([]FileID{{s.Path, s.Dev, s.Ino}}, s.ExecFiles...)
	for _, f := range files {
		if err := f.pin(); err != nil {
			return nil, fmt.Errorf("cannot verify %s: %w", f.Path, err)
		}
	}
	return files, nil
}

// second starts the second step and returns when it waits for a byte on goOn.
func (s Spec) second() (child, goOn int, err error) {
	var ready, proceed [2]int
	if err := unix.Pipe2(ready[:], unix.O_CLOEXEC); err != nil {
		return 0, 0, err
	}
	if err := unix.Pipe2(proceed[:], unix.O_CLOEXEC); err != nil {
		return 0, 0, err
	}
	const closed = ^uintptr(0)
	files := []uintptr{0, 1, 2, SpecFD: SpecFD, StatusFD: StatusFD, goFD: uintptr(proceed[0]), readyFD: uintptr(ready[1])}
	for _, fd := range s.Files {
		for len(files) <= fd {
			files = append(files, closed)
		}
		files[fd] = uintptr(fd)
	}
	child, err = syscall.ForkExec("/proc/self/exe", []string{SupervisedName}, &syscall.ProcAttr{Dir: "/", Env: []string{}, Files: files})
	if err != nil {
		return 0, 0, err
	}
	unix.Close(ready[1])   //nolint:errcheck // a pipe of ours
	unix.Close(proceed[0]) //nolint:errcheck // a pipe of ours
	// Nothing is ever written: it ends when the second step closes it, or is gone.
	_, err = ignoringEINTR(func() (int, error) { return unix.Read(ready[0], make([]byte, 1)) })
	unix.Close(ready[0]) //nolint:errcheck // a pipe of ours
	return child, proceed[1], err
}

// forward passes on how opsh asks a tool to end. SIGKILL can't be, and needn't: the kernel ends the tool with the supervisor.
func forward(child int) {
	asked := make(chan os.Signal, 4)
	signal.Notify(asked, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM)
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

// tracedByUs says whether a thread is traced by this one: the kernel names the tracing thread.
func tracedByUs(pid, tid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/status", pid, tid))
	tracer := field(status, "TracerPid")
	return err == nil && len(tracer) == 1 && tracer[0] == strconv.Itoa(unix.Gettid())
}

// lookAsTool gives this thread the tool's eyes, and lets go of its terminal. What /proc/PID/exe is the kernel tells a process's
// own uid and gid, or the holder of SYS_PTRACE, which Docker gives nobody. They are file system ids only: who may signal or
// trace this thread goes by the others, which stay root's.
func (s Spec) lookAsTool() error {
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	for fd := range 3 {
		if err := unix.Dup3(null, fd, 0); err != nil {
			return err
		}
	}
	if err := unix.Close(null); err != nil {
		return err
	}
	for _, id := range []struct {
		call uintptr
		want uint32
	}{{unix.SYS_SETFSGID, s.GID}, {unix.SYS_SETFSUID, s.UID}} {
		unix.RawSyscall(id.call, uintptr(id.want), 0, 0)           //nolint:errcheck // it tells the one before, not whether it did it
		now, _, _ := unix.RawSyscall(id.call, uintptr(noID), 0, 0) //nolint:errcheck // no such id: it changes nothing
		if uint32(now) != id.want {
			return fmt.Errorf("change the file system ids (the container needs SETUID and SETGID): %w", unix.EPERM)
		}
	}
	// Again: the kernel forgets both with any change of ids.
	if err := hideMemory(); err != nil {
		return err
	}
	return endWithParent()
}

// endAs ends this process as the tool ended, so that opsh sees the same.
func endAs(status unix.WaitStatus) {
	if status.Signaled() {
		dieBy(status.Signal())
	}
	os.Exit(status.ExitStatus())
}

// dieBy ends this process by a signal. The kernel then ends what it traces. It doesn't return.
func dieBy(sig syscall.Signal) {
	if err := resetSignals(); err == nil {
		// This very thread: another one might take it only after the exit below.
		unix.Tgkill(os.Getpid(), unix.Gettid(), sig) //nolint:errcheck // what follows is for a signal that doesn't kill
	}
	os.Exit(128 + int(sig))
}

func ignoringEINTR(do func() (int, error)) (int, error) {
	for {
		if n, err := do(); err != unix.EINTR {
			return n, err
		}
	}
}
