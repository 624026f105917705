package contain

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// tracer is the supervisor's view of the tool.
type tracer struct {
	first   int    // the tool's first process
	began   bool   // it has become the tool
	program FileID // what it may become, once
	allowed []FileID
}

// follow answers every stop until the first process has ended, and ends as it did. The kernel then kills what is left
// (EXITKILL), and so it does when something goes wrong here. It doesn't return.
//
// It may block in wait4, handlers that restart it or not: the thread has nothing else to do.
func (t *tracer) follow() {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WALL, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			dieBy(unix.SIGKILL)
		case pid == t.first && (status.Exited() || status.Signaled()):
			endAs(status)
		case status.Stopped():
			if err := t.answer(pid, status); err != nil && err != unix.ESRCH {
				dieBy(unix.SIGKILL)
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
		// Stopped by job control: it stays so until a SIGCONT. Nobody would send one to the first process, nor to
		// those of its group that the same key stopped; opsh does that for a tool without a supervisor.
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

// permits looks at what is mapped now, not at any name.
func (t *tracer) permits(pid int) bool {
	var st unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("/proc/%d/exe", pid), &st); err != nil {
		return false
	}
	if pid == t.first && !t.began {
		t.began = true
		return t.program.is(&st) == nil
	}
	return slices.ContainsFunc(t.allowed, func(f FileID) bool { return f.is(&st) == nil })
}

func ptrace(request int, pid int, data uintptr) error {
	if _, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(pid), 0, data, 0, 0); e != 0 {
		return e
	}
	return nil
}
