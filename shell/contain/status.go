package contain

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Over the status socket, opsh-exec's descriptor StatusFD, go
//
//	opsh -> opsh-exec   one byte, when a tracer holds it: not for exec = "none"
//	opsh-exec -> opsh   one byte and the filter's listener, when nothing is left to do but the exec
//	opsh-exec -> opsh   why there was none, if there was none
//
// and the exec closes it. So what ends before without a word has not become the tool.

// ended says why opsh-exec's end is no tool's: it sent no listener.
var errEnded = errors.New("opsh-exec ended before it became the tool")

// awaitHold returns when opsh has seen to it that this process is traced.
func awaitHold() error {
	n, err := ignoringEINTR(func() (int, error) { return unix.Read(StatusFD, make([]byte, 1)) })
	if err == nil && n != 1 {
		err = errors.New("opsh is gone")
	}
	return err
}

// Held lets opsh-exec go on.
func Held(status *os.File) error {
	_, err := status.Write([]byte{1})
	return err
}

// handOver gives opsh the filter's listener. This process's own descriptor closes with the exec.
func handOver(listener int) error {
	err := unix.Sendmsg(StatusFD, []byte{1}, unix.UnixRights(listener), nil, unix.MSG_NOSIGNAL)
	if err != nil {
		return fmt.Errorf("cannot hand the filter over: %w", err)
	}
	return nil
}

// Await waits until opsh-exec has become the tool, and returns the listener of the tool's filter.
func Await(status *os.File) (listener *os.File, err error) {
	raw, err := status.SyscallConn()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil && listener != nil {
			listener.Close() //nolint:errcheck // nothing was asked
			listener = nil
		}
	}()
	const longest = 4 << 10
	var text []byte
	for {
		buf, oob := make([]byte, longest), make([]byte, unix.CmsgSpace(4))
		var n, oobn int
		waitErr := raw.Read(func(fd uintptr) bool {
			for {
				n, oobn, _, _, err = unix.Recvmsg(int(fd), buf, oob, unix.MSG_CMSG_CLOEXEC)
				if err != unix.EINTR {
					return err != unix.EAGAIN
				}
			}
		})
		switch {
		case waitErr != nil:
			return listener, waitErr
		case err != nil:
			return listener, err
		case oobn > 0 && listener == nil:
			if listener, err = received(oob[:oobn]); err != nil {
				return listener, err
			}
			text = append(text, buf[1:n]...)
		case n == 0 && len(text) > 0:
			return listener, errors.New(strings.TrimSpace(string(text)))
		case n == 0 && listener == nil:
			return nil, errEnded
		case n == 0:
			return listener, nil
		case len(text) < longest:
			text = append(text, buf[:n]...)
		}
	}
}

func received(oob []byte) (*os.File, error) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		if fds, err := unix.ParseUnixRights(&m); err == nil && len(fds) == 1 {
			return os.NewFile(uintptr(fds[0]), "seccomp listener"), nil
		}
	}
	return nil, errors.New("opsh-exec sent something else than a listener")
}

func ignoringEINTR(do func() (int, error)) (int, error) {
	for {
		if n, err := do(); err != unix.EINTR {
			return n, err
		}
	}
}
