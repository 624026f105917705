package launch

import (
	"encoding/binary"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// The inner terminal is waited for by poll(2), on the thread that then reads or writes it, and not by Go's runtime: that
// sleeps and wakes through its scheduler for every few kilobytes, which took a quarter of opsh's time under output.

// bell is rung once, and then heard by everybody who waits.
type bell struct {
	rung atomic.Bool
	file *os.File
}

func newBell() (*bell, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("eventfd", err)
	}
	return &bell{file: os.NewFile(uintptr(fd), "bell")}, nil
}

func (b *bell) ring() {
	b.rung.Store(true)
	b.file.Write(binary.NativeEndian.AppendUint64(nil, 1)) //nolint:errcheck // nobody waits any more, then
}

// await waits until the inner terminal can be read or written (unix.POLLIN, unix.POLLOUT), or has no other side any more. It is false when that hasn't
// happened until then, the zero Time being never, or when b was rung; no bell is never rung. An error: opsh has closed the terminal.
func (t *terminal) await(events int16, until time.Time, b *bell) (ready bool, err error) {
	wait := func(master, bell int) error {
		fds := []unix.PollFd{{Fd: int32(master), Events: events}, {Fd: int32(bell), Events: unix.POLLIN}} // -1 is passed over
		for {
			var left *unix.Timespec
			if !until.IsZero() {
				ts := unix.NsecToTimespec(int64(max(time.Until(until), 0)))
				left = &ts
			}
			if _, err := unix.Ppoll(fds, left, nil); err != unix.EINTR {
				ready = fds[0].Revents != 0
				return err
			}
		}
	}
	err = t.control(func(master int) error {
		if b == nil {
			return wait(master, -1)
		}
		return control(b.file, func(bell int) error { return wait(master, bell) })
	})
	return ready, err
}

// control does something to the master.
func (t *terminal) control(do func(fd int) error) error { return control(t.master, do) }

// control does something to a file's descriptor, which stays open meanwhile. Fd would make it blocking, and the number could become another file's.
func control(f *os.File, do func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = do(int(fd)) }); err != nil {
		return err
	}
	return failed
}
