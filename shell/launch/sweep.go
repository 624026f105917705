package launch

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// publicDirs are the directories where any uid may make files.
var publicDirs = [...]string{"/tmp", "/var/tmp", "/dev/shm"}

// sweep removes what an earlier session's tools left there under uid: a later session that gets the uid could read it. Nobody has the
// uid by now, so nobody is there to change what is looked at; and os.Root follows no link out of the directory.
func sweep(uid uint32) error {
	var failed error
	for _, dir := range publicDirs {
		failed = errors.Join(failed, sweepDir(dir, uid))
	}
	return failed
}

func sweepDir(dir string, uid uint32) error {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot look for what an earlier session left: %w", err)
	}
	defer root.Close() //nolint:errcheck // a directory that was read
	list, err := root.Open(".")
	if err != nil {
		return fmt.Errorf("cannot look for what an earlier session left in %s: %w", dir, err)
	}
	names, err := list.Readdirnames(-1)
	list.Close() //nolint:errcheck // a directory that was read
	if err != nil {
		return fmt.Errorf("cannot look for what an earlier session left in %s: %w", dir, err)
	}
	for _, name := range names {
		info, err := root.Lstat(name)
		if err != nil {
			continue // gone meanwhile: it was somebody else's
		}
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid != uid {
			continue
		}
		if err := root.RemoveAll(name); err != nil {
			return fmt.Errorf("cannot remove what an earlier session left in %s: %w", dir, err)
		}
	}
	return nil
}
