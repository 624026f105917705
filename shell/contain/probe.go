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

// Kernel is what this kernel and container give for containment.
type Kernel struct {
	Release  string   // as uname -r says it
	Missing  []string // what no tool can do without: each with the setting that gives it
	NoTrace  error    // why exec = a list and exec = "any" can't be held; nil: they can
	Landlock int      // the version of its interface, 0: none
}

// Probe asks them. It changes nothing and starts nothing. With sameUser nothing is missed that only root can do: the tools then
// have opsh's own uid.
func Probe(sameUser bool) Kernel {
	k := Kernel{Landlock: landlockABI(), NoTrace: canTrace()}
	var name unix.Utsname
	if err := unix.Uname(&name); err == nil {
		k.Release = unix.ByteSliceToString(name.Release[:])
	}
	miss := func(format string, a ...any) { k.Missing = append(k.Missing, fmt.Sprintf(format, a...)) }
	if _, ok := native(); !ok {
		miss("a system call filter for %s: use amd64 or arm64", runtime.GOARCH)
	}
	if _, err := os.Stat("/proc/thread-self/status"); err != nil {
		miss("/proc of this container: mount it")
	}
	if !sameUser {
		for _, what := range missingOfRoot() {
			miss("%s", what)
		}
	}
	// Asking for an action tells whether the kernel has filters, and whether the container lets us use them.
	action := uint32(unix.SECCOMP_RET_KILL_PROCESS)
	if err := seccompHas(&action); err != nil {
		miss("seccomp filters (%v): the kernel needs 4.14, and the container's profile must permit seccomp", err)
	} else if err := canAsk(); err != nil || !atLeast(k.Release, 5, 5) {
		miss("seccomp's questions to opsh (%v): the kernel needs to be 5.5 or later", err)
	}
	if _, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil {
		miss("no_new_privs (%v)", err)
	}
	return k
}

func missingOfRoot() (missing []string) {
	if os.Geteuid() != 0 {
		missing = append(missing, "root: leave USER alone in the image")
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData
	if err := unix.Capget(&header, &caps[0]); err != nil {
		return append(missing, fmt.Sprintf("a look at the capabilities (%v)", err))
	}
	for _, c := range []struct {
		name   string
		number uint
	}{{"SETUID", unix.CAP_SETUID}, {"SETGID", unix.CAP_SETGID}, {"SETPCAP", unix.CAP_SETPCAP}, {"KILL", unix.CAP_KILL}} {
		if caps[c.number/32].Effective&(1<<(c.number%32)) == 0 {
			missing = append(missing, "the capability "+c.name+": don't drop it in the task definition")
		}
	}
	return missing
}

// Contains says why no tool can be contained here; nil: what all of them need is there.
func (k Kernel) Contains() error {
	if len(k.Missing) == 0 {
		return nil
	}
	return errors.New("cannot contain tools: missing is " + strings.Join(k.Missing, "; "))
}

// Refuses says why this tool can't be contained as its policy asks; nil: it can.
func (k Kernel) Refuses(s Spec) error {
	if err := k.Contains(); err != nil {
		return err
	}
	if s.Traced() && k.NoTrace != nil {
		return fmt.Errorf(`exec = a list and exec = "any" need %w`, k.NoTrace)
	}
	return s.Refuses(k.Landlock)
}

// String is for the record.
func (k Kernel) String() string {
	trace, landlock := "ptrace", fmt.Sprintf("Landlock %d", k.Landlock)
	if k.NoTrace != nil {
		trace = "no ptrace"
	}
	if k.Landlock == 0 {
		landlock = "no Landlock"
	}
	words := append([]string{"Linux " + k.Release + " " + runtime.GOARCH, "seccomp", trace, landlock}, k.Missing...)
	return strings.Join(words, ", ")
}

// atLeast compares a release such as 5.10.0-8-cloud; one that can't be read is too old.
func atLeast(release string, major, minor int) bool {
	var a, b int
	if n, err := fmt.Sscanf(release, "%d.%d", &a, &b); err != nil || n != 2 {
		return false
	}
	return a > major || a == major && b >= minor
}

func seccompHas(action *uint32) error {
	if _, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(action))); e != 0 {
		return e
	}
	return nil
}
