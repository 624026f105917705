package contain

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// attempt is what a contained tool tries. It prints the errno, or "done".
func attempt(name string) int {
	e, ok := attempts[name]
	if !ok {
		fmt.Println("no such attempt")
		return 2
	}
	if errno := e.try(); errno != 0 {
		fmt.Println(unix.ErrnoName(errno))
		return 0
	}
	fmt.Println("done")
	return 0
}

func raw(nr uintptr, a ...uintptr) syscall.Errno {
	var r [6]uintptr
	copy(r[:], a)
	_, _, e := unix.RawSyscall6(nr, r[0], r[1], r[2], r[3], r[4], r[5])
	return e
}

func cstring(s string) uintptr {
	p, _ := unix.BytePtrFromString(s)
	return uintptr(unsafe.Pointer(p))
}

// attempts are calls that a tool may try and what they must give it: free (exec = "any") and with exec = "none".
var attempts = map[string]struct {
	try       func() syscall.Errno
	any, none string
}{
	"start a program": {func() syscall.Errno {
		if err := exec.Command("/bin/true").Run(); err != nil {
			return syscall.EACCES
		}
		return 0
	}, "done", "EACCES"},
	"execve with guessed registers": {func() syscall.Errno {
		path := cstring("/bin/true")
		argv := []uintptr{path, 0}
		for range 100_000 {
			var r [24]byte
			rand.Read(r[:])
			at := func(i int) uintptr { return uintptr(binary.LittleEndian.Uint64(r[8*i:])) }
			if e := raw(unix.SYS_EXECVE, path, uintptr(unsafe.Pointer(&argv[0])), 0, at(0), at(1), at(2)); e != syscall.EACCES {
				return e
			}
		}
		return syscall.EACCES
	}, "", "EACCES"},
	"execveat of a memfd": {func() syscall.Errno {
		fd, err := unix.MemfdCreate("x", 0)
		if err != nil {
			return err.(syscall.Errno)
		}
		program, _ := os.ReadFile("/bin/true")
		unix.Write(fd, program)
		return raw(unix.SYS_EXECVEAT, uintptr(fd), cstring(""), 0, 0, unix.AT_EMPTY_PATH)
	}, "EACCES", "EACCES"},
	"execve of a memfd":  {func() syscall.Errno { return execOf(memfdOf("/bin/true")) }, "", "EACCES"},
	"execve in a vfork":  {execInVfork, "done", "EIO"},
	"exec from a thread": {execFromThread, "", "EACCES"},
	"ptrace":             {func() syscall.Errno { return raw(unix.SYS_PTRACE, unix.PTRACE_TRACEME) }, "EPERM", "EPERM"},
	"process_vm_writev":  {func() syscall.Errno { return raw(unix.SYS_PROCESS_VM_WRITEV, 1, 0, 0, 0, 0, 0) }, "EPERM", "EPERM"},
	"process_vm_readv":   {func() syscall.Errno { return raw(unix.SYS_PROCESS_VM_READV, 1, 0, 0, 0, 0, 0) }, "EPERM", "EPERM"},
	"pidfd_getfd":        {func() syscall.Errno { return raw(unix.SYS_PIDFD_GETFD, 0, 0, 0) }, "EPERM", "EPERM"},
	"io_uring_setup":     {func() syscall.Errno { return raw(unix.SYS_IO_URING_SETUP, 1, 0) }, "EPERM", "EPERM"},
	"unshare":            {func() syscall.Errno { return raw(unix.SYS_UNSHARE, unix.CLONE_NEWUSER) }, "EPERM", "EPERM"},
	"setns":              {func() syscall.Errno { return raw(unix.SYS_SETNS, 0, 0) }, "EPERM", "EPERM"},
	"bpf":                {func() syscall.Errno { return raw(unix.SYS_BPF, 0, 0, 0) }, "EPERM", "EPERM"},
	"userfaultfd":        {func() syscall.Errno { return raw(unix.SYS_USERFAULTFD, 0) }, "EPERM", "EPERM"},
	"keyctl":             {func() syscall.Errno { return raw(unix.SYS_KEYCTL, 0, 0, 0, 0, 0) }, "EPERM", "EPERM"},
	"clone3":             {func() syscall.Errno { return raw(unix.SYS_CLONE3, 0, 0) }, "ENOSYS", "ENOSYS"},
	"clone untraced":     {func() syscall.Errno { return raw(unix.SYS_CLONE, unix.CLONE_UNTRACED|uintptr(unix.SIGCHLD)) }, "EPERM", "EPERM"},
	"clone a namespace":  {func() syscall.Errno { return raw(unix.SYS_CLONE, unix.CLONE_NEWUSER|uintptr(unix.SIGCHLD)) }, "EPERM", "EPERM"},
	"TIOCSTI":            {func() syscall.Errno { return raw(unix.SYS_IOCTL, 1, unix.TIOCSTI, cstring("x")) }, "EPERM", "EPERM"},
	"TIOCSTI, high bits": {func() syscall.Errno { return raw(unix.SYS_IOCTL, 1, 1<<32|unix.TIOCSTI, cstring("x")) }, "EPERM", "EPERM"},
	"TIOCLINUX":          {func() syscall.Errno { return raw(unix.SYS_IOCTL, 1, tioclinux, cstring("x")) }, "EPERM", "EPERM"},
	"TIOCSETD":           {func() syscall.Errno { return raw(unix.SYS_IOCTL, 1, unix.TIOCSETD, cstring("x")) }, "EPERM", "EPERM"},
	"become root":        {func() syscall.Errno { return raw(unix.SYS_SETRESUID, 0, 0, 0) }, "EPERM", "EPERM"},
	"kill root's":        {func() syscall.Errno { return raw(unix.SYS_KILL, uintptr(os.Getppid()), 0) }, "EPERM", "EPERM"},
	"mount":              {func() syscall.Errno { return raw(unix.SYS_MOUNT, 0, 0, 0, 0, 0) }, "EPERM", "EPERM"},
	"fsopen":             {func() syscall.Errno { return raw(unix.SYS_FSOPEN, 0, 0) }, "EPERM", "EPERM"},
	"chroot":             {func() syscall.Errno { return raw(unix.SYS_CHROOT, cstring("/")) }, "EPERM", "EPERM"},
	"perf_event_open":    {func() syscall.Errno { return raw(unix.SYS_PERF_EVENT_OPEN, 0, 0, 0, 0, 0) }, "EPERM", "EPERM"},
	"kcmp":               {func() syscall.Errno { return raw(unix.SYS_KCMP, 0, 0, 0, 0, 0) }, "EPERM", "EPERM"},
	"become another":     {func() syscall.Errno { return raw(unix.SYS_SETUID, testUID+1) }, "EPERM", "EPERM"},
	"setgroups":          {func() syscall.Errno { return raw(unix.SYS_SETGROUPS, 0, 0) }, "EPERM", "EPERM"},
	"own memory":         {func() syscall.Errno { return errnoOf(os.ReadFile("/proc/self/environ")) }, "done", "done"},
	"raise core limit": {func() syscall.Errno {
		return raw(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_CORE, uintptr(unsafe.Pointer(&[2]uint64{1, 1})))
	}, "EPERM", "EPERM"},
	"each":                {each, "", ""},
	"session":             {session, "", ""},
	"end the main thread": {endMainThread, "", ""},
	"fork bomb":           {forkBomb, "", ""},
	"always another":      {alwaysAnother, "", ""},
	"exec a memfd":        {func() syscall.Errno { return execOf(memfdOf("/bin/true")) }, "", ""},
	"exec in a vfork":     {execInVfork, "", ""},
	"read the supervisor": {func() syscall.Errno { return errnoOf(os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid()))) }, "EACCES", "EACCES"},
}

func errnoOf(_ []byte, err error) syscall.Errno {
	if err == nil {
		return 0
	}
	if p, ok := err.(*os.PathError); ok {
		return p.Err.(syscall.Errno)
	}
	return syscall.EIO
}

func TestAttempts(t *testing.T) {
	for name, a := range attempts {
		for mode, want := range map[string]string{ExecAny: a.any, ExecNone: a.none, ExecList: a.any} {
			if want == "" {
				continue
			}
			s := attemptSpec(t, mode, name)
			if mode == ExecList {
				s.ExecFiles = []FileID{identify(t, "/bin/true")}
			}
			r := contained(t, s)
			if got := strings.TrimSpace(r.output); got != want {
				t.Errorf("%s under %s: %s, want %s %s", name, mode, got, want, r.refuse)
			}
		}
	}
}
