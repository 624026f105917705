package contain

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// exec installs the filter on this thread and executes the tool from it.
func (s Spec) exec() error {
	path, err := unix.BytePtrFromString(s.Path)
	if err != nil {
		return fmt.Errorf("cannot execute %s: %w", s.Path, err)
	}
	argv, err := syscall.SlicePtrFromStrings(s.Argv)
	if err != nil {
		return fmt.Errorf("cannot execute %s: its arguments hold NUL: %w", s.Path, err)
	}
	env, err := syscall.SlicePtrFromStrings(s.Env)
	if err != nil {
		return fmt.Errorf("cannot execute %s: its environment holds NUL: %w", s.Path, err)
	}
	a, ok := native()
	if !ok {
		return errors.New("cannot filter system calls on " + runtime.GOARCH)
	}
	var random [24]byte
	if _, err := rand.Read(random[:]); err != nil {
		return fmt.Errorf("cannot make a key: %w", err)
	}
	var secret key
	for i := range secret {
		secret[i] = binary.LittleEndian.Uint64(random[8*i:])
	}
	if s.Exec != ExecNone {
		// Where its uid can't read a program the kernel hides from the tracer what it is, and it would be killed without a word.
		if err := unix.Access(s.Path, unix.R_OK); err != nil {
			return fmt.Errorf("cannot execute %s: its uid can't read it: %w", s.Path, err)
		}
	}
	memory, err := lowered(unix.RLIMIT_AS, s.Limits.orDefault().Memory, s.Limits.orDefault().Memory)
	if err != nil {
		return fmt.Errorf("cannot limit the memory: %w", err)
	}
	listener, err := install(filter(a, secret, s.Exec == ExecAny, s.sockets(a)...))
	if err != nil {
		return err
	}
	if err := handOver(listener); err != nil {
		return err
	}
	execute(s.Path, memory, path, argv, env, secret)
	return nil
}

// install puts the filter on this thread alone: TSYNC would ask the same of threads that the exec ends anyway, and fail where one of
// them differs. It returns the listener that questions come to.
func install(program []bpf.Instruction) (listener int, err error) {
	raw, err := bpf.Assemble(program)
	if err != nil {
		return -1, fmt.Errorf("cannot write the filter: %w", err)
	}
	code := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		code[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	// Once a question is taken only death interrupts who asked: a program with a timer would ask the same again and again.
	flags := uintptr(unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
	fd, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
	if e == unix.EINVAL { // Linux before 5.19
		flags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
		fd, _, e = unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
	}
	runtime.KeepAlive(code)
	switch {
	case e == unix.EBUSY:
		return -1, errors.New("cannot filter system calls: the container's runtime listens to a filter of its own, and the kernel lets only one do so")
	case e != 0:
		return -1, fmt.Errorf("cannot filter system calls: %w", e)
	}
	// The kernel's own word for it, since a container's system call layer may answer for what it doesn't do.
	if mode, err := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0); err != nil || mode != unix.SECCOMP_MODE_FILTER {
		return -1, fmt.Errorf("cannot filter system calls: the mode is %d (%v)", mode, err)
	}
	return int(fd), nil
}
