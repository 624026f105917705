package contain

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Start contains this process and executes the tool in it. It returns only with an error.
//
// Credentials, capabilities, no_new_privs and seccomp filters belong to a thread. All is done on one thread, and the
// exec is that thread's: the kernel ends the others before the tool's first instruction, and what counts
// from then on is what this thread had given up.
func (s Spec) Start() error {
	if err := s.check(); err != nil {
		return err
	}
	if _, ok := native(); !ok {
		return fmt.Errorf("cannot contain a tool: there is no filter for %s", runtime.GOARCH)
	}
	if s.Exec == ExecList {
		return s.supervise()
	}
	return s.become()
}

// become does it. The order matters: what needs root first, then root itself, then what would stop even these steps.
func (s Spec) become() error {
	runtime.LockOSThread()
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"reset signals", resetSignals},
		{"set limits", setLimits},
		{"take over the terminal", s.takeTerminal},
		{"enter " + s.Dir, func() error { return unix.Chdir(s.Dir) }},
		{"close descriptors", s.closeFiles},
		{"drop capabilities", dropBounding},
		{"change the uid", s.changeUser},
		{"drop capabilities", dropCapabilities},
		{"set no_new_privs", func() error { return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }},
		{"verify the containment", s.verify},
		{"verify " + s.Path, func() error { return FileID{s.Path, s.Dev, s.Ino}.verify() }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("cannot %s: %w", step.what, err)
		}
	}
	return s.exec()
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

// Limits of a tool. The uid is the session's own, so that maxProcesses bounds what one session can start.
const (
	maxProcesses = 1024
	maxFiles     = 4096
)

func setLimits() error {
	unix.Umask(0o022)
	for resource, most := range map[int]uint64{unix.RLIMIT_CORE: 0, unix.RLIMIT_NPROC: maxProcesses, unix.RLIMIT_NOFILE: maxFiles} {
		// The syscall package remembers the limit of files that the process started with, and puts it back at
		// exec unless it was changed through it.
		if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return err
		}
	}
	return nil
}

func (s Spec) takeTerminal() error {
	if !s.Terminal {
		return nil
	}
	if _, err := unix.Setsid(); err != nil {
		return err
	}
	return unix.IoctlSetInt(1, unix.TIOCSCTTY, 0)
}

// closeFiles leaves the tool its standard streams and what the Grant hands it. All others close with the exec, the status pipe
// among them: that is how opsh learns of it.
func (s Spec) closeFiles() error {
	open, err := openFiles()
	if err != nil {
		return err
	}
	for _, fd := range open {
		keep := fd < 3 || slices.Contains(s.Files, fd)
		flags := unix.FD_CLOEXEC
		if keep {
			flags = 0
		}
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, flags); err != nil && !(err == unix.EBADF && !keep) {
			return fmt.Errorf("descriptor %d: %w", fd, err)
		}
	}
	// Once more, from anew: nothing may have been opened in between without closing at exec.
	if open, err = openFiles(); err != nil {
		return err
	}
	for _, fd := range open {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC == 0 && fd > 2 && !slices.Contains(s.Files, fd) {
			return fmt.Errorf("descriptor %d would stay open", fd)
		}
	}
	for _, fd := range append([]int{0, 1, 2}, s.Files...) {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
			return fmt.Errorf("descriptor %d: %w", fd, err)
		}
	}
	return nil
}

func openFiles() ([]int, error) {
	d, err := os.Open("/proc/self/fd")
	if err != nil {
		return nil, err
	}
	defer d.Close() //nolint:errcheck // nothing was written
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var fds []int
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		if err != nil {
			return nil, err
		}
		if fd != int(d.Fd()) {
			fds = append(fds, fd)
		}
	}
	return fds, nil
}

// changeUser gives up root on this thread, for ever: real, effective and saved.
func (s Spec) changeUser() error {
	var groups unsafe.Pointer
	if len(s.Groups) > 0 {
		groups = unsafe.Pointer(&s.Groups[0])
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(s.Groups)), uintptr(groups), 0); e != 0 {
		return fmt.Errorf("setgroups: %w", e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESGID, uintptr(s.GID), uintptr(s.GID), uintptr(s.GID)); e != 0 {
		return fmt.Errorf("setresgid %d: %w", s.GID, e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(s.UID), uintptr(s.UID), uintptr(s.UID)); e != 0 {
		return fmt.Errorf("setresuid %d: %w", s.UID, e)
	}
	return nil
}

// dropBounding empties the bounding set while there is still the capability to do so.
func dropBounding() error {
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("ambient: %w", err)
	}
	for c := uintptr(0); ; c++ {
		has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, c, 0, 0, 0)
		if err == unix.EINVAL && c > unix.CAP_CHOWN {
			return nil // the kernel has no more of them; verify sees whether the set is empty
		}
		if err != nil {
			return err
		}
		if has == 1 {
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil {
				return fmt.Errorf("capability %d (the container needs SETPCAP): %w", c, err)
			}
		}
	}
}

// dropCapabilities empties what setresuid leaves: the inheritable set.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	return unix.Capset(&header, &none[0])
}

// verify reads back from the kernel what the steps before have done.
func (s Spec) verify() error {
	f, err := os.Open("/proc/thread-self/status")
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	uid, gid := fmt.Sprint(s.UID), fmt.Sprint(s.GID)
	const noCaps = "0000000000000000"
	var groups []string
	for _, g := range s.Groups {
		groups = append(groups, fmt.Sprint(g))
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	want := map[string]string{
		"Uid": strings.Join([]string{uid, uid, uid, uid}, " "), "Gid": strings.Join([]string{gid, gid, gid, gid}, " "),
		"Groups": strings.Join(groups, " "),
		"CapInh": noCaps, "CapPrm": noCaps, "CapEff": noCaps, "CapBnd": noCaps, "CapAmb": noCaps,
		"NoNewPrivs": "1",
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ":")
		w, ok := want[key]
		if !ok {
			continue
		}
		got := strings.Fields(value)
		if key == "Groups" {
			slices.Sort(got)
			got = slices.Compact(got)
		}
		if strings.Join(got, " ") != w {
			return fmt.Errorf("%s is %q, not %q", key, strings.Join(got, " "), w)
		}
		delete(want, key)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if len(want) > 0 {
		return fmt.Errorf("the kernel doesn't say %d of its properties", len(want))
	}
	return nil
}

// verify refuses a file that isn't the one that was checked.
func (f FileID) verify() error {
	var st unix.Stat_t
	if err := unix.Stat(f.Path, &st); err != nil {
		return err
	}
	if st.Dev != f.Dev || st.Ino != f.Ino {
		return fmt.Errorf("it was replaced since the policy was asked")
	}
	return nil
}
