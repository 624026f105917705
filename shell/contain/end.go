package contain

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// endPatience is how long killed processes may take to be gone. One in an uninterruptible wait takes as long as its disk.
const endPatience = 10 * time.Second

// End kills every process of uid and waits until there is none. It returns what ran, as far as it was seen: one that ends by itself
// between two looks isn't. It is not outrun by a process that forks: the kernel delivers kill(-1) to all of them at once.
//
// reaper is a uid that no process has: see killAll.
func End(uid, reaper uint32) ([]Process, error) {
	if uid == 0 || reaper == 0 || uid == reaper || uid == noID || reaper == noID {
		return nil, fmt.Errorf("cannot end the processes of uid %d as uid %d", uid, reaper)
	}
	found, err := findContained(uid)
	if err != nil {
		return nil, err
	}
	until := time.Now().Add(endPatience)
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		if err := killAll(uid, reaper); err != nil {
			return found, fmt.Errorf("cannot end the processes of uid %d: %w", uid, err)
		}
		if len(found) == 0 {
			// None was seen. One that forks so fast that it was missed has its SIGKILL by now, and comes to no further instruction
			// of its own. Nearly every command ends here, so a second look at all processes would be its largest cost.
			return nil, nil
		}
		left, err := findContained(uid)
		if err != nil || len(left) == 0 {
			return found, err
		}
		for _, p := range left { // those that the first look missed
			if !slices.ContainsFunc(found, func(known Process) bool { return known.PID == p.PID }) {
				found = append(found, p)
			}
		}
		if time.Now().After(until) {
			return found, fmt.Errorf("cannot end the processes of uid %d: %d of them don't end, such as %d", uid, len(left), left[0].PID)
		}
		time.Sleep(wait)
	}
}

// killAll sends SIGKILL to all processes of uid, from a thread that has that uid as its effective one. The kernel spares
// the sender's own process. A sender hits by its real and effective uid, so root's processes are out of the thread's reach; and it
// is hit by its real and saved one, which are the reaper's, so the tool's processes can't stop it. The thread
// has no way back, and isn't used again: for a moment the tool's processes may set its priority or processor.
func killAll(uid, reaper uint32) error {
	done := make(chan error, 1)
	go onLostThread(func() {
		err := takeIDs(reaper, uid)
		if err == nil {
			if _, _, e := unix.RawSyscall(unix.SYS_KILL, ^uintptr(0), uintptr(unix.SIGKILL), 0); e != 0 && e != unix.ESRCH {
				err = e
			}
		}
		done <- err
	})
	return <-done
}

// onLostThread does something on a thread that ends with it. Never on the main one: Go doesn't end that, and the kernel takes
// its uids for the process's. opsh would then look like the tool's process, and another session's reaper, which has the same
// uid, would hit it. Nor on one that has started processes: a Keeper on it would wait for them, and its end would end those that
// are to end with their parent.
func onLostThread(do func()) {
	runtime.LockOSThread()
	if unix.Gettid() != unix.Getpid() && !hasChildren() {
		do()
		return // without unlocking: the runtime ends the thread
	}
	done := make(chan struct{})
	go onLostThread(func() { defer close(done); do() }) // not here: this thread is taken until that is done
	<-done
	runtime.UnlockOSThread()
}

// hasChildren says whether this thread has any, ended or not.
func hasChildren() bool {
	_, _, e := unix.RawSyscall6(unix.SYS_WAITID, unix.P_ALL, 0, 0, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT|unix.WALL|unix.WNOTHREAD, 0, 0)
	return e != unix.ECHILD
}

// takeIDs gives this thread its uids and no capability, and reads both back: with CAP_KILL, or root's uid among the
// sender's, kill(-1) would end the machine.
func takeIDs(reaper, uid uint32) error {
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(reaper), uintptr(uid), uintptr(reaper)); e != 0 {
		return fmt.Errorf("setresuid: %w", e)
	}
	// setresuid empties the effective set too, unless a securebit forbids it.
	if err := dropCapabilities(); err != nil {
		return fmt.Errorf("capset: %w", err)
	}
	var real, effective, saved uint32
	if _, _, e := unix.RawSyscall(unix.SYS_GETRESUID, uintptr(unsafe.Pointer(&real)), uintptr(unsafe.Pointer(&effective)),
		uintptr(unsafe.Pointer(&saved))); e != 0 {
		return fmt.Errorf("getresuid: %w", e)
	}
	if real != reaper || effective != uid || saved != reaper || real == 0 || effective == 0 || real == effective {
		return errors.New("the thread's uids did not change")
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData
	if err := unix.Capget(&header, &caps[0]); err != nil {
		return fmt.Errorf("capget: %w", err)
	}
	if caps != ([2]unix.CapUserData{}) {
		return errors.New("the thread kept capabilities")
	}
	return nil
}
