package contain

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Start contains this process and executes the tool in it. It returns only with an error.
//
// Credentials, capabilities, no_new_privs and seccomp filters belong to a thread. All is done on one thread, and the
// exec is that thread's: the kernel ends the others before the tool's first instruction, and what counts
// from then on is what this thread had given up.
func (s Spec) Start() error {
	runtime.LockOSThread()
	if err := s.check(); err != nil {
		return err
	}
	if _, ok := native(); !ok {
		return fmt.Errorf("cannot contain a tool: there is no filter for %s", runtime.GOARCH)
	}
	if err := endWithParent(); err != nil {
		return fmt.Errorf("cannot contain a tool: %w", err)
	}
	if s.Traced() {
		if err := awaitHold(); err != nil {
			return fmt.Errorf("cannot contain a tool: %w", err)
		}
	}
	return s.become()
}

// become does it. The order matters: what needs root first, then root itself, then what would stop even these steps.
func (s Spec) become() error {
	runtime.LockOSThread()
	abi, ruleset := landlockABI(), -1
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"reset signals", resetSignals},
		{"set limits", s.setLimits},
		{"start a session", s.startSession},
		{"close descriptors", func() error { return s.closeFiles(unix.CloseRange) }},
		// As root, who reaches all files, and after what closes or keeps descriptors: the ruleset is none of the tool's.
		{"write Landlock's rules", func() (err error) { ruleset, err = s.ruleset(abi); return err }},
		{"drop capabilities", s.dropBounding},
		{"change the uid", s.changeUser},
		{"drop capabilities", dropCapabilities},
		{"set no_new_privs", func() error { return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }},
		{"hide the memory", hideMemory},
		// Again: the kernel forgets it with the uid.
		{"end with opsh", endWithParent},
		{"end with opsh", opshLives},
		// As the tool: where its uid may not go it doesn't start.
		{"enter " + s.Dir, func() error { return unix.Chdir(s.Dir) }},
		{"verify the containment", s.verify},
		// The names above it are root's (policy.Bind has seen to that), so nobody puts another file there before the exec.
		{"verify " + s.Path, FileID{s.Path, s.Dev, s.Ino}.verify},
		// Last: the steps above read /proc.
		{"restrict itself by Landlock", func() error { return s.restrict(ruleset, abi) }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("cannot %s: %w", step.what, err)
		}
	}
	return s.exec()
}

// endWithParent has the kernel kill this process when the thread that started it ends. The agent ends a session by SIGKILLing
// opsh. It is not all that is needed then: the tool may undo it, and it doesn't hold for its children. The watcher ends those by uid.
func endWithParent() error {
	return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
}

// opshLives refuses when opsh has ended before endWithParent: a tool would start after all of its session was ended, and
// nobody would know. opsh alone holds the other end of the status socket.
func opshLives() error {
	status := []unix.PollFd{{Fd: StatusFD}}
	for {
		switch _, err := unix.Poll(status, 0); {
		case err == unix.EINTR:
			continue
		case err != nil:
			return err
		case status[0].Revents != 0:
			return errors.New("it is gone")
		}
		return nil
	}
}

// hideMemory keeps this process out of core files and of its uid's reach, until the exec. It knows the tool's secrets, and may
// know the filter's key.
func hideMemory() error {
	return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}

// resetSignals undoes what opsh ignores: an ignored signal stays ignored through exec, and a tool that
// can't be interrupted is no use. The dispositions that Go's runtime set here end with the exec.
func resetSignals() error {
	var none [4]uint64 // struct sigaction: SIG_DFL, no flags, no restorer, empty mask
	const setSize = 8
	for sig := 1; sig <= 64; sig++ {
		if sig == int(unix.SIGKILL) || sig == int(unix.SIGSTOP) {
			continue
		}
		if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&none)), 0, setSize, 0, 0); e != 0 {
			return e
		}
	}
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&none)), 0, setSize, 0, 0); e != 0 {
		return e
	}
	return nil
}

// startSession takes the tool out of opsh's session, and so away from the operator's own terminal: /dev/tty is the inner one, or none.
func (s Spec) startSession() error {
	if _, err := unix.Setsid(); err != nil {
		return err
	}
	if !s.Terminal {
		return nil
	}
	// Standard input may be a file: standard output is the terminal.
	if err := unix.IoctlSetInt(1, unix.TIOCSCTTY, 0); err != nil {
		return fmt.Errorf("the terminal: %w", err)
	}
	return nil
}
