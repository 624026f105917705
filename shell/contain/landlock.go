package contain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Landlock holds a thread, and all that descends from it, to the files and ports that rules name. It is asked when something is
// opened, made, removed, bound or connected to: not about metadata (stat, chmod), not about descriptors that are open already, nor about files that have no name (a
// memfd, a pipe), also where /dev/fd leads to them. What a tool may execute is another layer's.
const (
	readRights = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	makeRights = unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		unix.LANDLOCK_ACCESS_FS_MAKE_SYM
	writeRights = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_REFER |
		unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | makeRights
	// fileRights are those that a file which is no directory can have. With any other the kernel refuses the rule.
	fileRights = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	netRights  = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
)

// The versions of Landlock's interface that brought something.
const (
	landlockFiles    = 1 // Linux 5.13
	landlockRefer    = 2 // Linux 5.19; before, nothing moves from one directory to another
	landlockTruncate = 3 // Linux 6.2
	landlockNet      = 4 // Linux 6.7
)

// common is what every program needs, and may open beside what its Spec names. None of it is a secret or says anything of another process:
// of /proc there is nothing (Ruby and the mysql clients do without), and of /etc no more than this. What is missing is left out.
var common = []struct {
	path   string
	rights uint64
}{
	// The loader and what it loads: libraries, a language's own modules.
	{"/usr/lib", readRights}, {"/usr/lib64", readRights}, {"/usr/lib32", readRights}, {"/lib", readRights}, {"/lib64", readRights},
	{"/usr/local/lib", readRights}, {"/etc/ld.so.cache", readRights}, {"/etc/ld.so.preload", readRights},
	// How a terminal is driven, and what words and times look like.
	{"/usr/share/locale", readRights}, {"/usr/share/zoneinfo", readRights}, {"/usr/share/terminfo", readRights},
	{"/etc/terminfo", readRights}, {"/lib/terminfo", readRights},
	// Devices without anything behind them. /dev/tty is the tool's own terminal, or none.
	{"/dev/null", readRights | writeRights}, {"/dev/full", readRights | writeRights}, {"/dev/tty", readRights | writeRights},
	{"/dev/zero", readRights}, {"/dev/random", readRights}, {"/dev/urandom", readRights},
}

// landlockABI is the version of Landlock's interface; 0: there is none, or the container's profile doesn't let it through.
func landlockABI() int {
	abi, _, e := unix.RawSyscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return 0
	}
	return int(abi)
}

// checkLandlock refuses what would be weaker than it reads.
func (s Spec) checkLandlock() error {
	switch {
	case !slices.Contains([]string{"", LandlockRequire, LandlockBestEffort, LandlockOff}, s.Landlock):
		return errors.New(`cannot run a tool: landlock is not "require", "best-effort" or "off"`)
	case !s.FilesOnly && len(s.Reads)+len(s.Writes) > 0:
		return errors.New("cannot run a tool: it names files, and isn't held to them")
	case !s.ConnectOnly && len(s.Ports) > 0:
		return errors.New("cannot run a tool: it names ports, and isn't held to them")
	case slices.Contains(s.Ports, 0):
		return errors.New("cannot run a tool: port 0 is any")
	}
	for _, f := range slices.Concat(s.Reads, s.Writes) {
		if !strings.HasPrefix(f.Path, "/") {
			return fmt.Errorf("cannot run a tool: the path %q is not absolute", f.Path)
		}
	}
	return nil
}

// Lacks is what stays open of that to which the tool shall be held, in words, with a Landlock of this version.
func (s Spec) Lacks(abi int) (open []string) {
	lack := func(format string, a ...any) { open = append(open, fmt.Sprintf(format, a...)) }
	const (
		off  = "switched off by the policy"
		none = "this kernel has no Landlock (Linux %s)"
	)
	switch {
	case !s.FilesOnly:
	case s.Landlock == LandlockOff:
		lack("files: " + off)
	case abi < landlockFiles:
		lack("files: "+none, "5.13")
	case abi < landlockTruncate:
		lack("files: truncating by name (Linux 6.2)")
	}
	switch {
	case !s.ConnectOnly:
	case s.Landlock == LandlockOff:
		lack("connect: " + off)
	case abi < landlockFiles:
		lack("connect: "+none, "6.7")
	case abi < landlockNet:
		lack("connect: this kernel's Landlock has no network rules (Linux 6.7)")
	}
	return open
}

// Refuses says why the tool can't be held to its files and ports with a Landlock of this version; nil: it can, or the policy
// does without.
func (s Spec) Refuses(abi int) error {
	open := s.Lacks(abi)
	if len(open) == 0 || s.Landlock == LandlockOff || s.Landlock == LandlockBestEffort {
		return nil
	}
	advice := "use a later kernel"
	if abi < landlockFiles {
		advice = "use a later kernel with landlock among its lsm=, and a seccomp profile of the container that permits it"
	}
	return fmt.Errorf(`cannot restrict a tool: %s: %s, or say landlock = "best-effort" in the policy`, strings.Join(open, "; "), advice)
}

// handled are the rights that are taken away but where a rule gives them: all of this version that the Spec is about.
func (s Spec) handled(abi int) (files, net uint64) {
	if s.Landlock == LandlockOff || abi < landlockFiles {
		return 0, 0
	}
	if s.FilesOnly {
		files = readRights | writeRights
		if abi < landlockRefer {
			files &^= unix.LANDLOCK_ACCESS_FS_REFER
		}
		if abi < landlockTruncate {
			files &^= unix.LANDLOCK_ACCESS_FS_TRUNCATE
		}
	}
	if s.ConnectOnly && abi >= landlockNet {
		net = netRights
	}
	return files, net
}

// ruleset writes the Spec's rules, as root, who reaches all files: every one is held and compared with what the policy was asked about. -1:
// there is nothing to restrict. It closes with the exec, as Landlock's descriptors do.
func (s Spec) ruleset(abi int) (int, error) {
	if err := s.Refuses(abi); err != nil {
		return -1, err
	}
	files, net := s.handled(abi)
	if files == 0 && net == 0 {
		return -1, nil
	}
	attr := unix.LandlockRulesetAttr{Handled_access_fs: files, Handled_access_net: net}
	const size = 16 // of these two: an older kernel takes what it doesn't know as long as it is 0
	r, _, e := unix.RawSyscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0)
	if e != 0 {
		return -1, e
	}
	fd := int(r)
	if files != 0 {
		if err := s.addFiles(fd, files); err != nil {
			return -1, err
		}
	}
	if net != 0 {
		for _, port := range s.Ports {
			rule := struct{ rights, port uint64 }{unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, uint64(port)}
			const rulePort = 2 // LANDLOCK_RULE_NET_PORT
			if err := addRule(fd, rulePort, unsafe.Pointer(&rule)); err != nil {
				return -1, fmt.Errorf("port %d: %w", port, err)
			}
		}
	}
	return fd, nil
}

// addFiles adds the rules for files. To execute a program its uid must be able to read it, so that those which the tool may start come along.
func (s Spec) addFiles(ruleset int, handled uint64) error {
	for _, c := range common {
		fd, err := unix.Open(c.path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err == unix.ENOENT || err == unix.ENOTDIR {
			continue
		}
		if err == nil {
			err = addFile(ruleset, fd, c.rights&handled)
			unix.Close(fd) //nolint:errcheck // nothing was written
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.path, err)
		}
	}
	if s.Terminal { // a program may open it by its name; it was opened by opsh, and not by any
		if err := addFile(ruleset, 1, (readRights|writeRights)&handled); err != nil {
			return fmt.Errorf("the terminal: %w", err)
		}
	}
	for _, list := range []struct {
		files  []FileID
		rights uint64
	}{
		{[]FileID{{s.Path, s.Dev, s.Ino}}, readRights}, {s.ExecFiles, readRights}, {s.Reads, readRights}, {s.Writes, readRights | writeRights},
	} {
		for _, f := range list.files {
			fd, err := f.pin()
			if err == nil {
				err = addFile(ruleset, fd, list.rights&handled)
				unix.Close(fd) //nolint:errcheck // nothing was written
			}
			if err != nil {
				return fmt.Errorf("%s: %w", f.Path, err)
			}
		}
	}
	return nil
}

// addFile gives rights to an open file, or to a directory and all below it.
func addFile(ruleset, fd int, rights uint64) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &= fileRights
	}
	return addRule(ruleset, unix.LANDLOCK_RULE_PATH_BENEATH, unsafe.Pointer(&unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(fd)}))
}

func addRule(ruleset, kind int, rule unsafe.Pointer) error {
	if _, _, e := unix.RawSyscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), uintptr(kind), uintptr(rule), 0, 0, 0); e != 0 {
		return e
	}
	return nil
}

// restrict puts the ruleset on this thread, for ever, and sees that it holds.
func (s Spec) restrict(ruleset, abi int) error {
	if ruleset < 0 {
		return nil
	}
	if _, _, e := unix.RawSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(ruleset), 0, 0); e != 0 {
		return e
	}
	if err := unix.Close(ruleset); err != nil {
		return err
	}
	files, net := s.handled(abi)
	var root unix.Stat_t
	if err := unix.Stat("/", &root); err != nil {
		return err
	}
	isRoot := func(f FileID) bool { return f.is(&root) == nil }
	if files != 0 && !slices.ContainsFunc(s.Reads, isRoot) && !slices.ContainsFunc(s.Writes, isRoot) {
		fd, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != unix.EACCES {
			unix.Close(fd) //nolint:errcheck // it isn't used
			return fmt.Errorf("reading / gives %v", err)
		}
	}
	if net != 0 {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd) //nolint:errcheck // it isn't used
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != unix.EACCES {
			return fmt.Errorf("binding a port gives %v", err)
		}
	}
	return nil
}
