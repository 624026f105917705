package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// profileVerb is the argument that makes this program start another under the least filter there is.
const profileVerb = "--under-a-profile"

// underProfile has a command start as in a container: under a seccomp filter. A container's own has every call pay for the way into a filter,
// whatever that decides. This one permits everything, so it costs no more than any container's.
func underProfile(cmd *exec.Cmd) *exec.Cmd {
	inner := exec.Command("/proc/self/exe", append([]string{profileVerb}, cmd.Args...)...)
	inner.Args[1+1] = cmd.Path
	inner.Stdin = cmd.Stdin
	return inner
}

// becomeProfiled executes a program under that filter. It returns only with an error.
func becomeProfiled(args []string) error {
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	allowAll := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}}
	program := unix.SockFprog{Len: uint16(len(allowAll)), Filter: &allowAll[0]}
	if _, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program))); e != 0 {
		return fmt.Errorf("cannot set a filter: %w", e)
	}
	return syscall.Exec(args[0], args, os.Environ())
}
