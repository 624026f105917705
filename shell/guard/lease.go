package guard

import (
	"os"
	"os/signal"
	"path"

	"golang.org/x/sys/unix"
)

// However soon the guard looks, on a busy machine an agent may come before it. But no agent serves a session without a session worker. So the guard has a
// lease on that program's file: who opens it, to execute it too, waits in the kernel until the guard has looked once more and given the lease back. The
// kernel gives a lease only while nobody has the file open, so not while a session runs; and it takes it away after
// /proc/sys/fs/lease-break-time (45 s).

// leases are those on session workers.
type leases struct {
	files map[string]*os.File // open, leased or not
	wake  [2]int              // a pipe that holds something when a lease was asked back
}

func newLeases() (*leases, error) {
	l := &leases{files: map[string]*os.File{}}
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

// arm takes the leases that can be had. A file is open only while it is leased: open for reading it would keep other guards, of containers that share it,
// from theirs.
func (l *leases) arm() {
	for _, name := range places() {
		if path.Base(name) != sessionName || l.files[name] != nil {
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if _, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_WRLCK); err != nil {
			f.Close() // somebody has it open: a session runs
			continue
		}
		l.files[name] = f
	}
}

// asked says whether somebody waits for a lease.
func (l *leases) asked() bool {
	for _, f := range l.files {
		if kind, err := unix.FcntlInt(f.Fd(), unix.F_GETLEASE, 0); err != nil || kind != unix.F_WRLCK {
			return true
		}
	}
	return false
}

// release gives back the leases that somebody waits for. What was open when this was called must have been looked at since.
func (l *leases) release() {
	var buf [64]byte
	unix.Read(l.wake[0], buf[:]) //nolint:errcheck // it is empty
	for name, f := range l.files {
		if kind, err := unix.FcntlInt(f.Fd(), unix.F_GETLEASE, 0); err != nil || kind != unix.F_WRLCK {
			unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK) //nolint:errcheck // closing does it, too
			f.Close()
			delete(l.files, name)
		}
	}
}
