package contain

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// closeFiles leaves the tool its standard streams and what the Grant hands it. All others close with the exec, the status socket
// among them: that is how opsh learns of it. closeRange is unix.CloseRange.
func (s Spec) closeFiles(closeRange func(first, last, flags uint) error) error {
	const firstOther = 3
	// Linux before 5.9 doesn't know the call, before 5.11 not the flag, and an old profile of the container answers EPERM.
	if closeRange(firstOther, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) != nil {
		open, err := openFiles()
		if err != nil {
			return err
		}
		for _, fd := range open {
			if fd < firstOther {
				continue
			}
			if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC); err != nil && err != unix.EBADF {
				return fmt.Errorf("descriptor %d: %w", fd, err)
			}
		}
	}
	for _, fd := range s.kept() {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0); err != nil {
			return fmt.Errorf("descriptor %d: %w", fd, err)
		}
	}
	// Whichever way it was done, what counts is what the kernel says now.
	open, err := openFiles()
	if err != nil {
		return err
	}
	for _, fd := range open {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC == 0 && !slices.Contains(s.kept(), fd) {
			return fmt.Errorf("descriptor %d would stay open", fd)
		}
	}
	return nil
}

// kept are the descriptors that the tool starts with.
func (s Spec) kept() []int { return append([]int{0, 1, 2}, s.Files...) }

// openFiles lists this process's descriptors.
func openFiles() ([]int, error) {
	d, err := os.Open("/proc/self/fd")
	if err != nil {
		return nil, err
	}
	defer d.Close() //nolint:errcheck // nothing was written
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var fds []int
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		if err != nil {
			return nil, err
		}
		if fd != int(d.Fd()) {
			fds = append(fds, fd)
		}
	}
	return fds, nil
}

// verify refuses a file that isn't the one that was checked.
func (f FileID) verify() error {
	var st unix.Stat_t
	if err := unix.Stat(f.Path, &st); err != nil {
		return err
	}
	return f.is(&st)
}

// pin holds the file open: as long as it is, no other file gets its inode number, also when it is deleted meanwhile.
func (f FileID) pin() (int, error) {
	fd, err := unix.Open(f.Path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil {
		err = f.is(&st)
	}
	if err != nil {
		unix.Close(fd) //nolint:errcheck // nothing was written
		return -1, err
	}
	return fd, nil
}

func (f FileID) is(st *unix.Stat_t) error {
	if uint64(st.Dev) != f.Dev || st.Ino != f.Ino {
		return errors.New("it was replaced since the policy was asked")
	}
	return nil
}
