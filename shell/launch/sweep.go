package launch

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// publicDirs are the directories where any uid may make files.
var publicDirs = [...]string{"/tmp", "/var/tmp", "/dev/shm"}

// sweep removes what an earlier session's tools left there under uid: a later session that gets the uid could read it. Nobody has the
// uid by now, so nobody is there to change what is looked at.
func sweep(uid uint32) error {
	for _, dir := range publicDirs {
		if err := sweepDir(dir, uid); err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("cannot remove what an earlier session left in %s: %w", dir, err)
		}
	}
	return nil
}

// sweepDir removes what has the uid in dir. A tool may have left a directory deeper than opsh may have open files, and longer than a path may
// be: so what isn't empty further down is moved up first, and two directories are open at a time. No link is followed.
func sweepDir(dir string, uid uint32) error {
	top, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(top) //nolint:errcheck // a directory
	names, err := namesIn(top)
	if err != nil {
		return err
	}
	var left []string
	for _, name := range names {
		var st unix.Stat_t
		if unix.Fstatat(top, name, &st, unix.AT_SYMLINK_NOFOLLOW) == nil && st.Uid == uid { // else it is gone, or somebody else's
			left = append(left, name)
		}
	}
	for moved := 0; len(left) > 0; {
		name := left[len(left)-1]
		left = left[:len(left)-1]
		err := remove(top, name)
		if err == unix.ENOTEMPTY {
			var up []string
			up, err = empty(top, name, func() string { moved++; return fmt.Sprintf(".opsh-%d-%d", uid, moved) })
			left = append(left, up...)
		}
		if err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
	}
	return nil
}

// remove removes a file, or a directory that is empty.
func remove(dir int, name string) error {
	err := unix.Unlinkat(dir, name, 0)
	if err == unix.EISDIR {
		err = unix.Unlinkat(dir, name, unix.AT_REMOVEDIR)
	}
	if err == unix.ENOENT {
		return nil
	}
	return err
}

// empty removes a directory of top's and what is in it, but for directories that aren't empty: these it moves up to top, under new names.
func empty(top int, name string, another func() string) (up []string, err error) {
	fd, err := unix.Openat(top, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd) //nolint:errcheck // a directory
	names, err := namesIn(fd)
	if err != nil {
		return nil, err
	}
	for _, child := range names {
		err := remove(fd, child)
		for err == unix.ENOTEMPTY || err == unix.EEXIST {
			to := another()
			if err = unix.Renameat2(fd, child, top, to, unix.RENAME_NOREPLACE); err == nil {
				up = append(up, to)
			}
		}
		if err != nil {
			return up, err
		}
	}
	return up, remove(top, name)
}

func namesIn(dir int) ([]string, error) {
	again, err := unix.Openat(dir, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(again), "directory")
	defer f.Close() //nolint:errcheck // a directory
	return f.Readdirnames(-1)
}
