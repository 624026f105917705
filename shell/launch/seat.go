package launch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"opsh/policy"
	"opsh/shell/contain"
)

// Seat is a uid that no other session has. Processes of one uid read each other's memory and environment
// and kill each other; and what a tool leaves behind is found by its uid. So no two sessions share one.
type Seat struct {
	UID    uint32 // the session's tools run under it
	GID    uint32 // for Own
	Reaper uint32 // the one that ends them; 0 for Own
	Own    bool   // opsh isn't root, and UID its own: the tools are not kept from it, nor found by it

	lock *os.File
}

// TakeUID takes the first uid of r that no other session and no process has. It holds a lock on
// STATEDIR/uids/UID until the last descriptor of File is closed, in whatever process. r.First is the
// reaper's and is never taken.
func TakeUID(stateDir string, r policy.UIDRange) (*Seat, error) {
	if r.First == 0 || r.Last <= r.First {
		return nil, fmt.Errorf("cannot take a uid: the range %d-%d holds none", r.First, r.Last)
	}
	dir, err := openUIDs(stateDir)
	if err != nil {
		return nil, fmt.Errorf("cannot take a uid: %w", err)
	}
	defer dir.Close()
	var sessions int
	var unswept error
	var strangers []contain.Process
	for uid := r.First + 1; uid <= r.Last && uid > r.First; uid++ {
		lock, err := lockUID(dir, uid)
		if errors.Is(err, unix.EWOULDBLOCK) {
			sessions++
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("cannot take a uid: %w", err)
		}
		// Only after the lock was taken: from here on no session starts anything under this uid.
		running, err := contain.Find(r.First, uid)
		if err == nil && len(running) > 0 { // one look for both as a rule; now it matters whose it is
			if err = reaperFree(r.First); err == nil {
				running, err = contain.Find(uid)
			}
		}
		if err == nil && len(running) == 0 {
			if unswept = sweep(uid); unswept != nil {
				lock.Close() //nolint:errcheck // nothing was written to it
				continue     // what is there is kept from every session
			}
			return &Seat{UID: uid, Reaper: r.First, lock: lock}, nil
		}
		lock.Close() //nolint:errcheck // nothing was written to it
		if err != nil {
			return nil, fmt.Errorf("cannot take a uid: %w", err)
		}
		strangers = append(strangers, running[0])
	}
	taken := fmt.Sprintf("%d by sessions, %d by other processes", sessions, len(strangers))
	if len(strangers) > 0 {
		taken += fmt.Sprintf(", the first of them %d", strangers[0].PID)
	}
	if unswept != nil {
		return nil, fmt.Errorf("cannot take a uid: %w", unswept)
	}
	return nil, fmt.Errorf("cannot take a uid: all of %d-%d are taken: %s", r.First+1, r.Last, taken)
}

// OwnSeat is the seat of an opsh that isn't root: its own uid. There is nothing to take.
func OwnSeat(stateDir string) (*Seat, error) {
	lock, err := os.Open(stateDir)
	if errors.Is(err, os.ErrNotExist) {
		if err = os.Mkdir(stateDir, 0o700); err == nil {
			lock, err = os.Open(stateDir)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot use the state directory: %w", err)
	}
	return &Seat{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), Own: true, lock: lock}, nil
}

// reaperFree says why the reaper's uid can't be used. A process that has it could kill the reaper, and what
// the reaper was to end would live on. Another session's reaper has it for a moment: that one is waited for.
func reaperFree(uid uint32) error {
	for give := time.Now().Add(time.Second); ; time.Sleep(5 * time.Millisecond) {
		running, err := contain.Find(uid)
		switch {
		case err != nil:
			return err
		case len(running) == 0:
			return nil
		case time.Now().After(give):
			return fmt.Errorf("uid %d is kept for ending tools, but process %d has it", uid, running[0].PID)
		}
	}
}

// openUIDs opens STATEDIR/uids and makes it when it is missing. It is root's alone: whoever else could write there
// would put a link in the place of a lock, or take it away.
func openUIDs(stateDir string) (*os.File, error) {
	if err := os.Mkdir(stateDir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	state, err := openOwn(unix.AT_FDCWD, stateDir, stateDir, 0o022)
	if err != nil {
		return nil, err
	}
	defer state.Close()
	name := filepath.Join(stateDir, "uids")
	if err := unix.Mkdirat(int(state.Fd()), "uids", 0o700); err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, fmt.Errorf("mkdir %s: %w", name, err)
	}
	return openOwn(int(state.Fd()), "uids", name, 0o077)
}

// openOwn opens a directory that must be root's and have none of the forbidden mode bits.
func openOwn(at int, path, name string, forbidden uint32) (*os.File, error) {
	fd, err := unix.Openat(at, path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	f := os.NewFile(uintptr(fd), name)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		f.Close() //nolint:errcheck // nothing was written to it
		return nil, fmt.Errorf("stat %s: %w", name, err)
	}
	if st.Uid != 0 || st.Mode&forbidden != 0 {
		f.Close() //nolint:errcheck // nothing was written to it
		return nil, fmt.Errorf("%s must belong to root and be closed to others: it belongs to uid %d and has mode %04o", name, st.Uid, st.Mode&0o7777)
	}
	return f, nil
}

// lockUID takes the lock of one uid. The lock is flock's: it belongs to the open file, so the watcher, which
// inherits it, holds it on when opsh is killed.
func lockUID(dir *os.File, uid uint32) (*os.File, error) {
	base := strconv.FormatUint(uint64(uid), 10)
	name := filepath.Join(dir.Name(), base)
	fd, err := unix.Openat(int(dir.Fd()), base, unix.O_RDWR|unix.O_CREAT|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	for {
		err = unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		unix.Close(fd) //nolint:errcheck // nothing was written to it
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// File is the lock. A process that inherits it keeps the uid taken after opsh's end.
func (s *Seat) File() *os.File { return s.lock }

// End ends every process of the session's uid and returns what it ended.
func (s *Seat) End() ([]Process, error) {
	if s.Own {
		return nil, nil // opsh, and all else of its user, would be among them
	}
	return contain.End(s.UID, s.Reaper)
}

// Close gives the uid back, unless somebody inherited the lock.
func (s *Seat) Close() {
	s.lock.Close() //nolint:errcheck // nothing was written to it; and no unlock: it would take the watcher's hold too
}
