package shell

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"opsh/shell/secret"
)

// Process is the whole life of a process that opsh starts of itself: the watcher, what fetches a secret, or what claims an approval. It returns its exit
// status; is says whether argv is such a process's.
func Process(argv []string, now func() time.Time) (status int, is bool) {
	if len(argv) != 1 {
		return 0, false
	}
	switch argv[0] {
	case WatcherName:
		return Watch(now), true
	case secret.Name:
		return fetchOne(), true
	case ClaimName:
		return claimOne(), true
	}
	return 0, false
}

// noDump keeps opsh's memory (keys, secrets) out of core files, and closes /proc/PID/mem, environ and fd of it to every other uid.
func noDump() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot protect opsh's memory: %w", err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("cannot switch core files off: %w", err)
	}
	return nil
}

// writable says whether what is written to f can reach anyone. When a process starts with a descriptor closed, Go's runtime
// opens /dev/null in its place for reading and writing, so that is what a closed output looks like.
func writable(f *os.File) error {
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err != nil {
		return err
	}
	switch flags & unix.O_ACCMODE {
	case unix.O_RDONLY:
		return errors.New("it is open for reading only")
	case unix.O_WRONLY:
		return nil
	}
	var st, null unix.Stat_t
	if unix.Fstat(int(f.Fd()), &st) == nil && unix.Stat("/dev/null", &null) == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == null.Rdev {
		return errors.New("it is closed")
	}
	return nil
}
