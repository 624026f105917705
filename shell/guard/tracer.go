package guard

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// tracer is the thread that holds a process of the agent's and all that descends from it. The kernel attaches it to each copy of a held
// process, and stops each thread at an exec after the new program is mapped and before its first instruction.
//
// A tracer is a thread, and waits for what is its own alone (__WNOTHREAD): no other thread may take a stop that it has to answer. When it ends
// before its time, be it with the whole guard, the kernel kills all that it holds.
type tracer struct {
	rules *rules
	tell  func(Event)
	procs map[int]*process // by the number of the process
	of    map[int]int      // the process of each thread
}

const (
	traceOptions = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK
	eventStop    = 128 // PTRACE_EVENT_STOP
)

// trace seizes a process of the agent's for this thread, which must be locked and go on with run. When there is no error every thread of the process
// is held; nil and an error: none is.
func trace(r *rules, tell func(Event), pid int, p *process) (*tracer, error) {
	t := &tracer{rules: r, tell: tell, procs: map[int]*process{pid: p}, of: map[int]int{}}
	err := t.seize(pid)
	if len(t.of) == 0 {
		return nil, err
	}
	return t, err
}

// seize takes every thread. Those that held ones start are the kernel's to attach; so the list is read until it holds no new one.
func (t *tracer) seize(pid int) error {
	for {
		all, err := threads(pid)
		if err != nil {
			return err
		}
		before := len(t.of)
		for _, tid := range all {
			if _, held := t.of[tid]; held {
				continue
			}
			_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(tid), 0, traceOptions, 0, 0)
			if errno == unix.EPERM && tracedBy(tid, os.Getpid()) {
				errno = 0 // a held thread has just started it
			}
			if errno == unix.ESRCH {
				continue // it has just ended
			}
			if errno != 0 {
				return fmt.Errorf("cannot trace it: %w", errno)
			}
			t.of[tid] = pid
		}
		if len(t.of) == 0 {
			return errors.New("cannot trace it: it has ended")
		}
		if len(t.of) == before {
			return nil
		}
	}
}

// run answers the stops until nothing is left that is held.
func (t *tracer) run() {
	for {
		var ws unix.WaitStatus
		tid, err := unix.Wait4(-1, &ws, unix.WALL|unix.WNOTHREAD, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return // ECHILD: nothing is left
		case ws.Stopped():
			t.answer(tid, ws)
		default:
			t.forget(tid)
		}
	}
}

func (t *tracer) forget(tid int) {
	if t.of[tid] == tid {
		delete(t.procs, tid)
	}
	delete(t.of, tid)
}

// answer lets a stopped thread go on, or not.
func (t *tracer) answer(tid int, ws unix.WaitStatus) {
	t.know(tid)
	event, sig := int(ws)>>16, ws.StopSignal()
	switch {
	case event == unix.PTRACE_EVENT_EXEC:
		t.judge(tid)
		return
	case event == eventStop && (sig == unix.SIGSTOP || sig == unix.SIGTSTP || sig == unix.SIGTTIN || sig == unix.SIGTTOU):
		ptrace(unix.PTRACE_LISTEN, tid, 0) //nolint:errcheck // stopped by job control: it stays so until a SIGCONT. It may just have been killed
		return
	case event != 0:
		sig = 0
	}
	ptrace(unix.PTRACE_CONT, tid, uintptr(sig)) //nolint:errcheck // it may just have been killed
}

// know takes in a thread that is new, and with it its process. The stop of a new process may come before that of who made it, and after: so
// who made it is asked of the kernel. If that one is gone the copy is nobody's, and may start nothing.
func (t *tracer) know(tid int) {
	if _, known := t.of[tid]; known {
		return
	}
	s, err := statusOf(tid)
	if err != nil {
		s.tgid = tid
	}
	t.of[tid] = s.tgid
	if _, known := t.procs[s.tgid]; known {
		return
	}
	if parent, known := t.procs[s.ppid]; known && err == nil {
		t.procs[s.tgid] = parent.forked()
		return
	}
	t.procs[s.tgid] = &process{role: roleFork}
}

// judge is asked at an exec. The process has one thread then, which has taken the number of the first one.
func (t *tracer) judge(pid int) {
	if was, err := unix.PtraceGetEventMsg(pid); err == nil && int(was) != pid {
		delete(t.of, int(was)) // the number that the thread had before
	}
	t.of[pid] = pid
	p := t.procs[pid]
	if p == nil {
		p = &process{role: roleFork}
	}
	i, err := imageOf(pid)
	v, next, why := kill, (*process)(nil), ""
	if err != nil {
		why = "cannot see what it is: " + err.Error()
	} else {
		v, next, why = t.rules.judge(p, i)
	}
	switch v {
	case letGo:
		// It traces its own tools, and a process can have one tracer only.
		if ptrace(unix.PTRACE_DETACH, pid, 0) == nil {
			t.forget(pid)
			return
		}
		why = "it could not be let go"
	case hold:
		t.procs[pid] = next
		if ptrace(unix.PTRACE_CONT, pid, 0) == nil {
			return
		}
		why = "it could not be held"
	}
	unix.Kill(pid, unix.SIGKILL) //nolint:errcheck // it is gone already then
	t.tell(Event{Kind: Killed, PID: pid, Session: p.session, Path: i.link, Argv: i.argv, Why: why})
}

func ptrace(request, tid int, data uintptr) error {
	if _, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), 0, data, 0, 0); e != 0 {
		return e
	}
	return nil
}
