package contain

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Listener answers for a tool's filter: every exec that hasn't the key, and every denied call, waits in the kernel for its answer.
//
// Under exec = "none" the answer is no whatever was named, so that it doesn't matter that the name lies in memory which
// the tool can change. Under a list the name decides only between a clean no and the tracer's look at what it became.
type Listener struct {
	spec Spec
	tell Told
	fd   int
	stop *os.File // closed: end
	end  *os.File // its other side
}

// Listen starts to answer. It takes the descriptor over.
func Listen(filter *os.File, s Spec, tell Told) (*Listener, error) {
	fd, err := unix.FcntlInt(filter.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	filter.Close() //nolint:errcheck // a duplicate was made, or the error of that is returned
	if err != nil {
		return nil, fmt.Errorf("cannot listen to the filter: %w", err)
	}
	l := &Listener{spec: s, tell: tell, fd: fd}
	if l.end, l.stop, err = os.Pipe(); err != nil {
		unix.Close(fd) //nolint:errcheck // nothing was asked
		return nil, fmt.Errorf("cannot listen to the filter: %w", err)
	}
	ready := make(chan error)
	go onLostThread(func() {
		var err error
		if !s.SameUser {
			err = lookAs(s.UID, s.GID)
		}
		ready <- err
		if err == nil {
			l.listen()
		}
		unix.Close(fd) //nolint:errcheck // whoever still waits gets ENOSYS
		l.end.Close()  //nolint:errcheck // a pipe of ours
	})
	if err := <-ready; err != nil {
		l.Close()
		return nil, fmt.Errorf("cannot listen to the filter: %w", err)
	}
	return l, nil
}

// Close ends it. It doesn't wait for an Event that is being told.
func (l *Listener) Close() { l.stop.Close() } //nolint:errcheck // a pipe of ours

func (l *Listener) listen() {
	wait := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}, {Fd: int32(l.end.Fd()), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(wait, -1); err != nil && err != unix.EINTR {
			return
		}
		switch {
		case wait[1].Revents != 0:
			return
		case wait[0].Revents&unix.POLLIN != 0:
			if !l.one() {
				return
			}
		case wait[0].Revents != 0:
			return // nobody has the filter any more
		}
	}
}

// question is struct seccomp_notif, answer struct seccomp_notif_resp of linux/seccomp.h. The kernel takes their sizes from the
// request's number.
type question struct {
	id     uint64
	pid    uint32 // of the thread
	flags  uint32
	number int32
	arch   uint32
	ip     uint64
	args   [6]uint64
}

type answer struct {
	id    uint64
	value int64
	errno int32 // negative
	flags uint32
}

// one takes one question and answers it. It returns false when the filter is gone.
func (l *Listener) one() bool {
	var q question
	switch e := control(l.fd, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&q)); e {
	case 0:
	case unix.ENOENT, unix.EINTR, unix.EAGAIN:
		return true // who asked was killed meanwhile
	default:
		return false
	}
	a := l.decide(&q)
	a.id = q.id
	control(l.fd, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&a)) // ENOENT: it was killed meanwhile
	return true
}

func control(fd int, request uintptr, what unsafe.Pointer) syscall.Errno {
	_, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(what))
	return e
}

// decide answers one question. The zero answer would be a success: there is none.
func (l *Listener) decide(q *question) answer {
	a, _ := native()
	name := nameOf(a, uint32(q.number))
	no := answer{errno: -int32(unix.EPERM)}
	e := Event{Call: name, Denied: true, PID: int(q.pid)}
	if name == execve.name || name == execveat.name {
		no.errno = -int32(unix.EACCES)
		e.Call = CallExec
		known := l.read(q, name, &e)
		if known && name == execve.name && l.spec.Exec == ExecList && l.mayBeListed(&e) {
			return answer{flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
		}
	}
	e.By = programOf(e.PID)
	if !l.waits(q) {
		return no // it was killed, and what was read may be another's
	}
	l.tell.elsewhere(e) //nolint:errcheck // it is denied, recorded or not
	return no
}

// waits says that the one who asked still does, so that its number is no other's.
func (l *Listener) waits(q *question) bool {
	return control(l.fd, unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&q.id)) == 0
}

// read fills in what the tool names, and says whether it could.
func (l *Listener) read(q *question, name string, e *Event) bool {
	m, err := memoryOf(e.PID)
	if err != nil {
		return false // a program that its uid can't read, or that hides itself
	}
	defer m.file.Close() //nolint:errcheck // nothing was written
	path, argv := q.args[0], q.args[1]
	if name == execveat.name {
		path, argv = q.args[1], q.args[2]
	}
	if e.Path, err = m.text(path, longestPath); err != nil {
		return false
	}
	if name == execveat.name && !strings.HasPrefix(e.Path, "/") {
		e.Path = fmt.Sprintf("/proc/%d/fd/%d/%s", e.PID, int32(q.args[0]), e.Path)
	}
	e.Argv = m.texts(argv)
	return l.waits(q)
}

// mayBeListed says that the name leads to a listed program now, to a script of one, or to nothing. The tracer sees what it leads to in the end.
func (l *Listener) mayBeListed(e *Event) bool {
	name := e.Path
	if !strings.HasPrefix(name, "/") {
		name = fmt.Sprintf("/proc/%d/cwd/%s", e.PID, name)
	}
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil {
		return err == unix.ENOENT || err == unix.ENOTDIR // a search through PATH
	}
	if l.listed(&st) {
		return true
	}
	interpreter := interpreterOf(name, &st)
	return interpreter != "" && unix.Stat(interpreter, &st) == nil && l.listed(&st)
}

func (l *Listener) listed(st *unix.Stat_t) bool {
	return slices.ContainsFunc(l.spec.ExecFiles, func(f FileID) bool { return f.is(st) == nil })
}

// interpreterOf is what stands behind #!, "" where there is nothing.
func interpreterOf(name string, st *unix.Stat_t) string {
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return "" // a pipe would keep opsh waiting
	}
	head := make([]byte, 256) // the kernel reads no more
	n, err := readProc(name, head)
	first, _, _ := bytes.Cut(head[:max(n, 0)], []byte("\n"))
	words := bytes.Fields(bytes.TrimPrefix(first, []byte("#!")))
	if err != nil || !bytes.HasPrefix(first, []byte("#!")) || len(words) == 0 || !path.IsAbs(string(words[0])) {
		return ""
	}
	return string(words[0])
}

// canAsk says why this kernel or container has no listeners.
func canAsk() error {
	action := uint32(unix.SECCOMP_RET_USER_NOTIF)
	if err := seccompHas(&action); err != nil {
		return err
	}
	var sizes [3]uint16
	if _, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_NOTIF_SIZES, 0, uintptr(unsafe.Pointer(&sizes))); e != 0 {
		return e
	}
	if sizes != [3]uint16{uint16(unsafe.Sizeof(question{})), uint16(unsafe.Sizeof(answer{})), 64} {
		return errors.New("its questions have another shape")
	}
	return nil
}
