package contain

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Keeper is the thread of opsh's that a tool belongs to: it starts opsh-exec, traces it where the tool may start programs, and waits for
// its end. When it ends, opsh's death included, the kernel kills the tool, and all that is traced.
//
// It is a thread of its own because a parent, a tracer and who waits are threads. No other thread of opsh's has children that are
// waited for, and nobody but the Keeper may wait for a process of the tool's: a stop would be lost that it has to answer.
type Keeper struct {
	pid   int // of the first process
	ended chan struct{}
	done  chan struct{}
	trace *tracer // nil: it may start nothing

	mu       sync.Mutex // guards what follows, and with it the first process's number
	reaped   bool
	reapedAt time.Time
	status   unix.WaitStatus
	hangups  []hangup
}

type hangup struct {
	Process
	at time.Time
}

// Keep calls start, which starts opsh-exec for the Spec and returns its pid.
func Keep(s Spec, tell Told, start func() (pid int, err error)) (*Keeper, error) {
	k := &Keeper{ended: make(chan struct{}), done: make(chan struct{})}
	if s.Traced() {
		k.trace = &tracer{spec: s, tell: tell}
	}
	ready := make(chan error)
	// Not the main thread: it gets the tool's file system ids, which would then be the process's, and Find
	// would take it for one of the tool's.
	go onLostThread(func() {
		defer close(k.done)
		var err error
		k.pid, err = start()
		if err == nil && k.pid <= 1 {
			// To kill, 0 means this process's own group, -1 every process, and 1 ends the container.
			err = fmt.Errorf("cannot keep process %d", k.pid)
		}
		if err == nil && k.trace != nil {
			if err = k.trace.hold(k.pid); err != nil {
				unix.Kill(k.pid, unix.SIGKILL) //nolint:errcheck // it may have ended by itself; it isn't waited for yet, so the pid is its own
				k.wait()
				err = fmt.Errorf("cannot supervise: %w", err)
			}
		}
		ready <- err
		if err == nil {
			k.wait()
		}
		if k.trace != nil {
			k.trace.letGo()
		}
	})
	if err := <-ready; err != nil {
		return nil, err
	}
	return k, nil
}

// PID is the first process's, as long as it wasn't waited for.
func (k *Keeper) PID() int { return k.pid }

// Ended is closed when the first process has ended.
func (k *Keeper) Ended() <-chan struct{} { return k.ended }

// Done is closed when the Keeper has nothing left to answer.
func (k *Keeper) Done() <-chan struct{} { return k.done }

// Status is how the first process ended; 125 when nobody saw it.
func (k *Keeper) Status() unix.WaitStatus { return k.status }

// Signal sends a signal to the first process's group, as long as that is the tool's.
func (k *Keeper) Signal(s syscall.Signal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.reaped || k.pid <= 1 {
		return
	}
	if unix.Kill(-k.pid, s) == unix.ESRCH { // it leads no group yet
		unix.Kill(k.pid, s) //nolint:errcheck // it may just have ended
	}
}

// HungUp are the processes that a hangup or a kill ended in the moment before the first one's end, or before now while that runs, and since:
// when the first one ends, the kernel hangs up on those in the foreground.
func (k *Keeper) HungUp(moment time.Duration) (all []Process) {
	k.mu.Lock()
	defer k.mu.Unlock()
	since := time.Now()
	if k.reaped {
		since = k.reapedAt
	}
	since = since.Add(-moment)
	for _, h := range k.hangups {
		if h.at.After(since) {
			all = append(all, h.Process)
		}
	}
	return all
}

// wait returns when nothing is left to wait for. When something goes wrong it returns too, and the kernel kills what it kept.
func (k *Keeper) wait() {
	defer k.end(unknownEnd)
	for {
		// A look first: the number of a process that was waited for may be another's at once.
		var info struct {
			signo, errno, code, _ int32
			pid                   int32
			_                     [108]byte
		}
		// Only this thread's: opsh has other children, and other threads wait for them.
		_, _, e := unix.Syscall6(unix.SYS_WAITID, unix.P_ALL, 0, uintptr(unsafe.Pointer(&info)),
			unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT|unix.WALL|unix.WNOTHREAD, 0, 0)
		if e == unix.EINTR {
			continue
		}
		if e != 0 {
			return // ECHILD: none is left
		}
		if err := k.take(int(info.pid)); err != nil {
			return
		}
	}
}

// take takes one change of a process and answers it.
func (k *Keeper) take(pid int) error {
	k.mu.Lock()
	var name []byte
	name, _ = os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)) //nolint:errcheck // then it has no name
	var status unix.WaitStatus
	// It may have gone on to its end since the look, which is not to be had before that of its threads.
	got, err := unix.Wait4(pid, &status, unix.WALL|unix.WNOTHREAD|unix.WUNTRACED|unix.WNOHANG, nil)
	gone := got == pid && err == nil && (status.Exited() || status.Signaled())
	switch {
	case gone && pid == k.pid:
		k.reaped, k.reapedAt = true, time.Now()
	case gone && status.Signaled() && (status.Signal() == unix.SIGHUP || status.Signal() == unix.SIGKILL):
		k.hangups = append(k.hangups, hangup{Process{PID: pid, Command: strings.TrimSuffix(string(name), "\n")}, time.Now()})
		if len(k.hangups) > mostHangups {
			k.hangups = k.hangups[1:]
		}
	}
	k.mu.Unlock()
	switch {
	case err != nil && !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.ECHILD):
		return err
	case gone && pid == k.pid:
		k.end(status)
	case got == pid && status.Stopped():
		if err := k.answer(pid, status); err != nil && err != unix.ESRCH {
			return err
		}
	}
	return nil
}

// answer: a stopped first process is set going again. Nobody could do that from opsh's prompt, which only comes back when the tool has
// ended. The kernel spares it Ctrl-Z, but a tool may stop itself.
func (k *Keeper) answer(pid int, status unix.WaitStatus) error {
	if k.trace != nil {
		return k.trace.answer(pid, status)
	}
	return unix.Kill(-pid, unix.SIGCONT)
}

// mostHangups bounds what a fork bomb makes opsh remember.
const mostHangups = 100

// unknownEnd reads as exit status 125: never a success that nobody saw.
const unknownEnd = unix.WaitStatus(125 << 8)

// end says once how the first process ended.
func (k *Keeper) end(status unix.WaitStatus) {
	select {
	case <-k.ended:
	default:
		k.status = status
		close(k.ended)
	}
}
