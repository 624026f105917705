package contain

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The limits of a tool whose policy says nothing of them.
const (
	// The uid is the session's own, so that this bounds what one session can start, threads included.
	defaultProcesses = 512
	defaultOpenFiles = 1024
	defaultMemory    = 4 << 30
)

const (
	maxFileBytes = 4 << 30 // of one file: a runaway one would fill the disk, and the agent then records no session
	// cpuGrace is the seconds between SIGXCPU, which a tool may catch to say what it was at, and SIGKILL.
	cpuGrace = 5
)

// orDefault fills in what was left out. No CPU limit is the default.
func (l Limits) orDefault() Limits {
	for _, d := range []struct {
		limit *uint64
		value uint64
	}{{&l.Processes, defaultProcesses}, {&l.OpenFiles, defaultOpenFiles}, {&l.Memory, defaultMemory}} {
		if *d.limit == 0 {
			*d.limit = d.value
		}
	}
	return l
}

// checkLimits refuses what overflows, or what the kernel takes for no limit.
func (s Spec) checkLimits() error {
	if l := s.Limits; max(l.Processes, l.Memory, l.CPU, l.OpenFiles) > math.MaxInt64 {
		return errors.New("cannot run a tool: a limit is too large")
	}
	return nil
}

// setLimits sets all of them but the memory's: see execute.
func (s Spec) setLimits() error {
	unix.Umask(0o077) // what one session's tool leaves is no business of the next one's
	l := s.Limits.orDefault()
	type limit struct {
		what       string
		resource   int
		soft, hard uint64
	}
	limits := []limit{
		{"core files", unix.RLIMIT_CORE, 0, 0},
		{"processes", unix.RLIMIT_NPROC, l.Processes, l.Processes},
		{"open files", unix.RLIMIT_NOFILE, l.OpenFiles, l.OpenFiles},
		{"the size of files", unix.RLIMIT_FSIZE, maxFileBytes, maxFileBytes},
	}
	if l.CPU != 0 {
		limits = append(limits, limit{"cpu", unix.RLIMIT_CPU, l.CPU, l.CPU + cpuGrace})
	}
	for _, x := range limits {
		want, err := lowered(x.resource, x.soft, x.hard)
		if err == nil {
			// The syscall package remembers the limit of files that the process started with, and puts it back at
			// an exec of its own, unless it was changed through it.
			err = syscall.Setrlimit(x.resource, &want)
		}
		var got syscall.Rlimit
		if err == nil {
			err = syscall.Getrlimit(x.resource, &got)
		}
		if err == nil && got != want {
			err = fmt.Errorf("it is %d, not %d", got, want)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", x.what, err)
		}
	}
	return endFirst()
}

// lowered is a limit as it can be set: a container's own may be lower, and without SYS_RESOURCE it can't be raised.
func lowered(resource int, soft, hard uint64) (syscall.Rlimit, error) {
	var now syscall.Rlimit
	err := syscall.Getrlimit(resource, &now)
	return syscall.Rlimit{Cur: min(soft, now.Max), Max: min(hard, now.Max)}, err
}

// endFirst has the kernel end the tool, and not opsh, when memory runs out. A tool that means harm can take it back, to what opsh
// itself has and not below.
func endFirst() error {
	const path, most = "/proc/self/oom_score_adj", "1000"
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer unix.Close(fd) //nolint:errcheck // it is read back
	if _, err := unix.Write(fd, []byte(most)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	got := make([]byte, 16)
	n, err := unix.Pread(fd, got, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if string(got[:n]) != most+"\n" {
		return errors.New(path + " is " + strconv.Quote(string(got[:n])))
	}
	return nil
}

// execute sets the limit of memory and executes the tool. It doesn't return: where there is no tool it tells opsh why, and ends.
//
// The limit is one of address space, and Go's runtime reserves more of it than the smallest limit permits. Beyond the limit the
// kernel refuses it any further page, also of what is reserved. Set with the other limits, 16 MiB ended opsh-exec where the exec failed: the
// runtime wanted heap for the error, and its last words and status came as the tool's. So nothing may come between the limit and the exec, or
// the end, that allocates or lets the runtime start a thread: raw calls alone, of pointers made before. The exec itself isn't
// held to what this process has: the new address space begins empty (with 16 MiB cat runs, with 32 mariadb, with 64 ruby).
func execute(what string, memory syscall.Rlimit, path *byte, argv, env []*byte, k key) {
	var got syscall.Rlimit
	head, tail := []byte("cannot execute "+what+": "), []byte("\n")
	_, _, e := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_AS, uintptr(unsafe.Pointer(&memory)), 0, 0, 0)
	if e == 0 {
		_, _, e = unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_AS, 0, uintptr(unsafe.Pointer(&got)), 0, 0)
	}
	if e == 0 && got != memory {
		e = unix.ERANGE // it says that it did and didn't
	}
	if e == 0 {
		_, _, e = unix.RawSyscall6(unix.SYS_EXECVE, uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&argv[0])),
			uintptr(unsafe.Pointer(&env[0])), uintptr(k[0]), uintptr(k[1]), uintptr(k[2]))
	}
	// Opsh has the listener already: an end without a word would be the tool's.
	why := e.Error() // of a table: it allocates nothing
	for _, text := range [...][]byte{head, unsafe.Slice(unsafe.StringData(why), len(why)), tail} {
		unix.RawSyscall(unix.SYS_WRITE, StatusFD, uintptr(unsafe.Pointer(unsafe.SliceData(text))), uintptr(len(text)))
	}
	for {
		unix.RawSyscall(unix.SYS_EXIT_GROUP, refused, 0, 0)
	}
}

// refused is opsh-exec's exit status where there is no tool.
const refused = 126
