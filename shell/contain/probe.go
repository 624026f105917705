package contain

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Probe says what this kernel or container lacks for containment, and which setting gives it. nil: nothing.
func Probe() error {
	var missing []string
	if _, ok := native(); !ok {
		missing = append(missing, "a system call filter for "+runtime.GOARCH+": use amd64 or arm64")
	}
	if os.Geteuid() != 0 {
		missing = append(missing, "root: leave USER alone in the image")
	}
	if _, err := os.Stat("/proc/thread-self/status"); err != nil {
		missing = append(missing, "/proc of this container: mount it")
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData
	if err := unix.Capget(&header, &caps[0]); err != nil {
		return fmt.Errorf("cannot contain tools: cannot read the capabilities: %w", err)
	}
	for _, c := range []struct {
		name   string
		number uint
	}{{"SETUID", unix.CAP_SETUID}, {"SETGID", unix.CAP_SETGID}, {"SETPCAP", unix.CAP_SETPCAP}, {"KILL", unix.CAP_KILL}} {
		if caps[c.number/32].Effective&(1<<(c.number%32)) == 0 {
			missing = append(missing, "the capability "+c.name+": don't drop it in the task definition")
		}
	}
	// Asking for an action tells whether the kernel has filters, and whether the container lets us use them.
	action := uint32(unix.SECCOMP_RET_KILL_PROCESS)
	if err := seccompHas(&action); err != nil {
		missing = append(missing, fmt.Sprintf("seccomp filters (%v): the kernel needs 4.14, and the container's profile must permit seccomp", err))
	}
	if _, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil {
		missing = append(missing, fmt.Sprintf("no_new_privs (%v)", err))
	}
	if len(missing) == 0 {
		return nil
	}
	return errors.New("cannot contain tools: missing is " + strings.Join(missing, "; "))
}

func seccompHas(action *uint32) error {
	if _, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(action))); e != 0 {
		return e
	}
	return nil
}
