package contain

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Process is a process that was found running.
type Process struct {
	PID     int
	Command string // its arguments, or its name where it has none; the process's own choice of bytes
}

// Find lists the processes that have one of the uids as real, effective, saved or file system uid. Zombies are none: they
// run nothing and hold nothing.
func Find(uids ...uint32) ([]Process, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("cannot look for processes: %w", err)
	}
	defer d.Close() //nolint:errcheck // nothing was written
	entries, err := d.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("cannot look for processes: %w", err)
	}
	var found []Process
	buf := make([]byte, 4<<10) // a status has 1.5 KiB
	for _, name := range entries {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		n, err := readProc("/proc/"+name+"/status", buf)
		if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
			continue // it has ended meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("cannot look for processes: %w", err)
		}
		if status := buf[:n]; hasUID(status, uids) {
			found = append(found, Process{pid, command(name, status)})
		}
	}
	return found, nil
}

// readProc reads the beginning of a file of /proc. A session looks at every process several times; package os would
// make ten calls of these three.
func readProc(path string, buf []byte) (int, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	for {
		n, err := unix.Read(fd, buf)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

func hasUID(status []byte, uids []uint32) bool {
	if state := field(status, "State"); len(state) > 0 && (state[0][0] == 'Z' || state[0][0] == 'X') {
		return false
	}
	for _, u := range field(status, "Uid") {
		n, err := strconv.ParseUint(u, 10, 32)
		for _, uid := range uids {
			if err == nil && uint32(n) == uid {
				return true
			}
		}
	}
	return false
}

// field is a line of /proc/PID/status, in words.
func field(status []byte, name string) []string {
	for l := range bytes.Lines(status) {
		if value, ok := bytes.CutPrefix(l, []byte(name+":")); ok {
			return strings.Fields(string(value))
		}
	}
	return nil
}

func command(pid string, status []byte) string {
	cmdline, err := os.ReadFile("/proc/" + pid + "/cmdline")
	if words := strings.TrimRight(strings.ReplaceAll(string(cmdline), "\x00", " "), " "); err == nil && words != "" {
		return words
	}
	return strings.Join(field(status, "Name"), " ")
}

// endPatience is how long killed processes may take to be gone. One in an uninterruptible wait takes as long as its disk.
const endPatience = 10 * time.Second

// End kills every process of uid and waits until there is none. It returns what ran before. It is not outrun by a
// process that forks: the kernel delivers kill(-1) to all of them at once.
//
// reaper is a uid that no process has: see killAll.
func End(uid, reaper uint32) ([]Process, error) {
	if uid == 0 || reaper == 0 || uid == reaper || uid == ^uint32(0) || reaper == ^uint32(0) {
		return nil, fmt.Errorf("cannot end the processes of uid %d as uid %d", uid, reaper)
	}
	found, err := Find(uid)
	if err != nil {
		return nil, err
	}
	for until := time.Now().Add(endPatience); ; time.Sleep(time.Millisecond) {
		if err := killAll(uid, reaper); err != nil {
			return found, fmt.Errorf("cannot end the processes of uid %d: %w", uid, err)
		}
		if len(found) == 0 {
			// None was seen. One that forks so fast that the scan missed it has its SIGKILL by now, and runs no more.
			return nil, nil
		}
		left, err := Find(uid)
		if err != nil || len(left) == 0 {
			return found, err
		}
		if time.Now().After(until) {
			return found, fmt.Errorf("cannot end the processes of uid %d: %d of them don't end, such as %d", uid, len(left), left[0].PID)
		}
	}
}

// killAll sends SIGKILL to all processes of uid, on a thread that has that uid as its effective one. The kernel
// spares the sender's own process. The thread's real uid is the reaper's and its saved one root's: a process may be
// signalled by those who have its real or saved uid, so the tool's processes can't hit opsh through this thread; and a
// sender hits by its real and effective uid, so root's processes are out of the thread's reach, unless it
// has CAP_KILL, which goes with the effective uid. All of that is read back first: a mistake here ends the machine.
func killAll(uid, reaper uint32) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := as(reaper, uid, 0)
		if err == nil {
			if _, _, e := unix.RawSyscall(unix.SYS_KILL, ^uintptr(0), uintptr(unix.SIGKILL), 0); e != 0 && e != unix.ESRCH {
				err = e
			}
		}
		if back := as(0, 0, 0); back != nil {
			err = errors.Join(err, back) // the thread stays locked: nothing of opsh ever runs on it again
		} else {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

// as gives this thread its uids, and checks that the kernel did. With an effective uid but root's there must be no
// effective capability left.
func as(real, effective, saved uint32) error {
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(real), uintptr(effective), uintptr(saved)); e != 0 {
		return fmt.Errorf("setresuid: %w", e)
	}
	var r, e, s uint32
	if _, _, errno := unix.RawSyscall(unix.SYS_GETRESUID, uintptr(unsafe.Pointer(&r)), uintptr(unsafe.Pointer(&e)),
		uintptr(unsafe.Pointer(&s))); errno != 0 {
		return fmt.Errorf("getresuid: %w", errno)
	}
	if r != real || e != effective || s != saved {
		return errors.New("the thread's uids did not change")
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData
	if err := unix.Capget(&header, &caps[0]); err != nil {
		return fmt.Errorf("capget: %w", err)
	}
	if effective != 0 && caps[0].Effective|caps[1].Effective != 0 {
		return errors.New("the thread kept its capabilities")
	}
	return nil
}
