package contain

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Private keeps this process's memory (keys, secrets) out of core files, and closes its /proc/PID/mem, environ and fd to every other uid.
func Private() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot protect opsh's memory: %w", err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("cannot switch core files off: %w", err)
	}
	return nil
}
