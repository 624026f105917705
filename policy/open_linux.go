package policy

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// readOwned reads a file that root alone can have written, through directories without a link.
func readOwned(name string) ([]byte, error) {
	dir, err := resolve(path.Dir(name), true)
	if err == nil {
		defer dir.close()
		err = trusted(dir.path, &dir.st, unix.S_IFDIR)
	}
	if err != nil {
		if f := (*fault)(nil); errors.As(err, &f) && f.err == nil {
			return nil, fmt.Errorf("cannot trust the policy %s: %w", visible(name), err)
		}
		return nil, fmt.Errorf("cannot open the policy %s: %w", visible(name), err)
	}
	// Nonblocking: opening a pipe would wait for a writer, for ever.
	fd, err := unix.Openat(dir.fd, path.Base(name), unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	switch {
	case errors.Is(err, unix.ELOOP):
		return nil, fmt.Errorf("cannot open the policy %s: it is a symbolic link; name the file itself", visible(name))
	case err != nil:
		return nil, fmt.Errorf("cannot open the policy %s: %w", visible(name), err)
	}
	f := os.NewFile(uintptr(fd), name)
	defer func() { _ = f.Close() }()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, fmt.Errorf("cannot open the policy %s: %w", visible(name), err)
	}
	if err := trusted(name, &st, unix.S_IFREG); err != nil {
		return nil, fmt.Errorf("cannot trust the policy %s: %w", visible(name), err)
	}
	if st.Size > MaxFile {
		return nil, fmt.Errorf("cannot read the policy %s: it has %d bytes, at most %d are read", visible(name), st.Size, MaxFile)
	}
	// One byte more than may be there: Parse refuses a file that grew since.
	src, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the policy %s: %w", visible(name), err)
	}
	return src, nil
}
