package contain

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// tracer is the part of a Keeper that holds a tool, and all that descends from it, by ptrace. The kernel stops every one of their
// threads at each exec, after the new program is mapped and before its first instruction; the file that is mapped is then compared
// with the list by device and inode. There is no name to race with.
type tracer struct {
	first  int
	helper FileID // opsh-exec
	spec   Spec
	held   []FileID // the program, then the list
	pins   []int
	tell   Told
	became bool // the first process has become the tool
}

const traceOptions = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACECLONE |
	unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK

// Traced says that the tool may start programs, so that it needs a tracer.
func (s Spec) Traced() bool { return s.Exec != ExecNone }

// hold pins the files, seizes the process and gives this thread the tool's eyes.
func (t *tracer) hold(pid int) error {
	t.first = pid
	var st unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("/proc/%d/exe", pid), &st); err != nil {
		return err
	}
	t.helper = FileID{Dev: uint64(st.Dev), Ino: st.Ino}
	t.held = append([]FileID{{t.spec.Path, t.spec.Dev, t.spec.Ino}}, t.spec.ExecFiles...)
	for _, f := range t.held {
		fd, err := f.pin()
		if err != nil {
			return fmt.Errorf("cannot verify %s: %w", f.Path, err)
		}
		t.pins = append(t.pins, fd)
	}
	if err := seize(t.first); err != nil {
		return fmt.Errorf("the container must let root trace its children: %w", err)
	}
	if t.spec.SameUser {
		return nil
	}
	return lookAs(t.spec.UID, t.spec.GID)
}

func (t *tracer) letGo() {
	for _, fd := range t.pins {
		unix.Close(fd) //nolint:errcheck // nothing was written
	}
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
			_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(tid), 0, traceOptions, 0, 0)
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
		// Stopped by job control: it stays so until a SIGCONT. Nobody would send one to the first process, nor to
		// those of its group that the same key stopped; opsh does that for a tool without a tracer.
		err := ptrace(unix.PTRACE_LISTEN, pid, 0)
		if pid == t.first && err == nil {
			err = unix.Kill(-pid, unix.SIGCONT)
		}
		return err
	case event != 0:
		sig = 0
	}
	return ptrace(unix.PTRACE_CONT, pid, uintptr(sig))
}

// permits looks at what is mapped now, not at any name, and tells it.
func (t *tracer) permits(pid int) bool {
	var st unix.Stat_t
	err := unix.Stat(fmt.Sprintf("/proc/%d/exe", pid), &st)
	if pid == t.first && !t.became {
		if t.starts(pid) {
			return true
		}
		t.became = true
		return err == nil && t.held[0].is(&st) == nil // opsh has told of it
	}
	listed := err == nil && (t.spec.Exec == ExecAny || slices.ContainsFunc(t.held[1:], func(f FileID) bool { return f.is(&st) == nil }))
	told := t.tell.elsewhere(Event{Call: CallExec, Denied: !listed, Killed: !listed, Path: programOf(pid), Argv: argumentsOf(pid), PID: pid})
	return listed && told == nil
}

// starts says that the exec is the end of opsh-exec's own start: who started it goes on a moment before that, so that the Keeper may see it. The
// tool's comes after opsh-exec has given up root.
func (t *tracer) starts(pid int) bool {
	if t.spec.SameUser {
		var st unix.Stat_t
		return unix.Stat(fmt.Sprintf("/proc/%d/exe", pid), &st) == nil && t.helper.is(&st) == nil
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	uids := field(status, "Uid")
	return err == nil && len(uids) > 0 && uids[0] == "0"
}

func ptrace(request int, pid int, data uintptr) error {
	if _, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(pid), 0, data, 0, 0); e != 0 {
		return e
	}
	return nil
}

// canTrace says why this kernel or container lets nobody trace. A profile that forbids the call answers EPERM before the kernel looks for the
// process, which there isn't.
func canTrace() error {
	const nobody = 1<<30 - 1 // above any pid_max
	if err := ptrace(unix.PTRACE_SEIZE, nobody, 0); err != unix.ESRCH && err != unix.EIO {
		return fmt.Errorf("ptrace (%w): the container's seccomp profile must permit it", err)
	}
	scope, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	switch text := strings.TrimSpace(string(scope)); {
	case errors.Is(err, os.ErrNotExist):
		return nil // no Yama
	case err != nil:
		return err
	case text == "3":
		return errors.New("ptrace: kernel.yama.ptrace_scope is 3 on the host, which forbids it to everybody")
	}
	return nil
}
