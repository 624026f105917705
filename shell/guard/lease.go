package guard

import (
	"os"
	"os/signal"
	"path"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// However soon the guard looks, on a busy machine an agent may come before it. But no agent serves a session without a session worker. So the guard has a
// lease on that program's file: who opens it, to execute it too, waits in the kernel until the guard has looked once more and given the lease back. The
// kernel gives a lease only while nobody has the file open, so not while a session runs; and it takes it away after
// /proc/sys/fs/lease-break-time (45 s).

// leases are those on session workers.
type leases struct {
	files map[string]int // descriptors of what is leased
	names []string       // of what should be
	tried time.Time      // when that was last tried
	wake  [2]int         // a pipe that holds something when a lease was asked back
}

func newLeases() (*leases, error) {
	l := &leases{files: map[string]int{}}
	if err := unix.Pipe2(l.wake[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil, err
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, unix.SIGIO)
	go func() {
		for range asked {
			unix.Write(l.wake[1], []byte{1}) //nolint:errcheck // it is full: then it wakes whom it should
		}
	}()
	return l, nil
}

// want says what there is to lease.
func (l *leases) want(all []string) {
	l.names = slices.DeleteFunc(slices.Clone(all), func(name string) bool { return path.Base(name) != sessionName })
}

// arm takes the leases that can be had. A file is open only while it is leased: open for reading it would keep other guards, of containers that share it,
// from theirs. While a session runs this fails at every tick, so it is not tried more often, and costs little.
func (l *leases) arm(now time.Time) {
	if now.Sub(l.tried) < tick {
		return
	}
	l.tried = now
	for _, name := range l.names {
		if _, leased := l.files[name]; leased {
			continue
		}
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETLEASE, unix.F_WRLCK); err != nil {
			unix.Close(fd) //nolint:errcheck // somebody has it open: a session runs
			continue
		}
		l.files[name] = fd
	}
}

// asked says whether somebody waits for a lease.
func (l *leases) asked() bool {
	for _, fd := range l.files {
		if kind, err := unix.FcntlInt(uintptr(fd), unix.F_GETLEASE, 0); err != nil || kind != unix.F_WRLCK {
			return true
		}
	}
	return false
}

// release gives back the leases that somebody waits for. What was open when this was called must have been looked at since.
func (l *leases) release() {
	var buf [64]byte
	unix.Read(l.wake[0], buf[:]) //nolint:errcheck // it is empty
	for name, fd := range l.files {
		if kind, err := unix.FcntlInt(uintptr(fd), unix.F_GETLEASE, 0); err != nil || kind != unix.F_WRLCK {
			unix.FcntlInt(uintptr(fd), unix.F_SETLEASE, unix.F_UNLCK) //nolint:errcheck // closing does it, too
			unix.Close(fd)                                            //nolint:errcheck // likewise
			delete(l.files, name)
		}
	}
}
