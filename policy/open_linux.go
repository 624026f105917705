package policy

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// readOwned walks to the file from / with one openat for each name and reads it.
func readOwned(name string) ([]byte, error) {
	fd, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot open the policy %s: /: %w", visible(name), err)
	}
	f := os.NewFile(uintptr(fd), "/")
	defer func() { _ = f.Close() }()

	names := strings.Split(name[1:], "/")
	for i, part := range names {
		if err := owned(f, unix.S_IFDIR); err != nil {
			return nil, fmt.Errorf("cannot trust the policy %s: %w", visible(name), err)
		}
		last := i == len(names)-1
		flags := unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC
		if last {
			// Nonblocking: opening a pipe would wait for a writer, for ever.
			flags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_CLOEXEC | unix.O_NONBLOCK | unix.O_NOCTTY
		}
		at := "/" + strings.Join(names[:i+1], "/")
		fd, err := unix.Openat(int(f.Fd()), part, flags, 0)
		switch {
		case errors.Is(err, unix.ELOOP):
			return nil, fmt.Errorf("cannot open the policy %s: it is a symbolic link; name the file itself", visible(name))
		case err != nil && last:
			return nil, fmt.Errorf("cannot open the policy %s: %w", visible(name), err)
		case err != nil:
			return nil, fmt.Errorf("cannot open the policy %s: %s: %w", visible(name), visible(at), err)
		}
		_ = f.Close()
		f = os.NewFile(uintptr(fd), at)
	}
	if err := owned(f, unix.S_IFREG); err != nil {
		return nil, fmt.Errorf("cannot trust the policy %s: %w", visible(name), err)
	}
	st, err := f.Stat()
	if err == nil && st.Size() > MaxFile {
		return nil, fmt.Errorf("cannot read the policy %s: it has %d bytes, at most %d are read", visible(name), st.Size(), MaxFile)
	}
	// One byte more than may be there: Parse refuses a file that grew since.
	src, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the policy %s: %w", visible(name), err)
	}
	return src, nil
}

// owned asks the open file itself. Where there is a POSIX access list that lets somebody else write, the
// group's write bit, which is then the list's mask, shows it.
func owned(f *os.File, kind uint32) error {
	var st unix.Stat_t
	at := visible(f.Name())
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	switch got := st.Mode & unix.S_IFMT; {
	case got == unix.S_IFLNK:
		return fmt.Errorf("%s is a symbolic link; name the real path", at)
	case got != kind && kind == unix.S_IFDIR:
		return fmt.Errorf("%s is not a directory", at)
	case got == unix.S_IFDIR && kind == unix.S_IFREG:
		return fmt.Errorf("%s is a directory, not a file", at)
	case got != kind:
		return fmt.Errorf("%s is not a regular file", at)
	case st.Uid != 0:
		return fmt.Errorf("%s belongs to uid %d, not to root", at, st.Uid)
	case st.Mode&0o022 != 0:
		// A sticky directory too: others can't replace a file in it, but they can put one there first.
		return fmt.Errorf("%s can be written by its group or by others (mode %04o)", at, st.Mode&0o7777)
	}
	return nil
}
