package contain

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// changeUser gives up root on this thread, for ever: real, effective and saved.
func (s Spec) changeUser() error {
	if s.SameUser {
		return nil // verify sees that it is nobody else's
	}
	var groups unsafe.Pointer
	if len(s.Groups) > 0 {
		groups = unsafe.Pointer(&s.Groups[0])
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(s.Groups)), uintptr(groups), 0); e != 0 {
		return fmt.Errorf("setgroups (the container needs SETGID): %w", e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESGID, uintptr(s.GID), uintptr(s.GID), uintptr(s.GID)); e != 0 {
		return fmt.Errorf("setresgid %d: %w", s.GID, e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(s.UID), uintptr(s.UID), uintptr(s.UID)); e != 0 {
		return fmt.Errorf("setresuid %d (the container needs SETUID): %w", s.UID, e)
	}
	return nil
}

// dropBounding empties the bounding set while there is still the capability to do so.
func (s Spec) dropBounding() error {
	if s.SameUser {
		return nil // that takes root; no_new_privs keeps a file from giving any of them
	}
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

// dropCapabilities empties this thread's sets. setresuid empties two of them, unless a securebit that opsh-exec
// inherited forbids it; the inheritable one it never does.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	return unix.Capset(&header, &none[0])
}

// verify reads back from the kernel what the steps before have done.
func (s Spec) verify() error {
	uid, gid := fmt.Sprint(s.UID), fmt.Sprint(s.GID)
	const none = "0000000000000000"
	want := map[string]string{
		"Uid": strings.Join([]string{uid, uid, uid, uid}, " "), "Gid": strings.Join([]string{gid, gid, gid, gid}, " "),
		"Groups": asSet(s.groups()),
		"CapInh": none, "CapPrm": none, "CapEff": none, "CapBnd": none, "CapAmb": none,
		"NoNewPrivs": "1", "SigBlk": none, "SigIgn": none,
	}
	if s.SameUser {
		delete(want, "CapBnd")
		delete(want, "Groups")
	}
	f, err := os.Open("/proc/thread-self/status")
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ":")
		if key == "TracerPid" && s.Traced() && strings.TrimSpace(value) == "0" {
			return errors.New("its tracer doesn't hold it")
		}
		w, ok := want[key]
		if !ok {
			continue
		}
		got := strings.Join(strings.Fields(value), " ")
		if key == "Groups" {
			got = asSet(strings.Fields(value))
		}
		if got != w {
			return fmt.Errorf("%s is %q, not %q", key, got, w)
		}
		delete(want, key)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	for key := range want {
		return fmt.Errorf("the kernel doesn't say its %s", key)
	}
	return nil
}

func (s Spec) groups() (names []string) {
	for _, g := range s.Groups {
		names = append(names, fmt.Sprint(g))
	}
	return names
}

// asSet is one text for the same words in any order and number.
func asSet(words []string) string {
	words = slices.Clone(words)
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}
