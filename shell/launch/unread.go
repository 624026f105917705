package launch

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// unread gives the keyboard back what the ended tool didn't read: it was typed ahead, for the prompt. Not so
// what was typed at a password prompt: opsh would show and record it. No process of the tool's may be left.
//
// What is given back must be what was typed last. A tool can push characters of its own choice into its terminal (TIOCSTI), and
// without this check they would become commands of the operator's.
func (in *input) unread() {
	mode, err := in.term.mode()
	if err != nil || in.term.masks() {
		return
	}
	left := in.term.takeBack(mode)
	if !bytes.HasSuffix(cooked(in.sent, mode), left) {
		left = nil
	}
	if left = append(left, in.queue...); len(left) > 0 {
		in.keys.Unread(left)
	}
}

// takeBack reads what waits in the inner terminal.
func (t *terminal) takeBack(mode *unix.Termios) []byte {
	fd := int(t.slave.Fd())
	raw := *mode
	raw.Lflag &^= unix.ICANON | unix.ECHO | unix.ISIG
	raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 0, 0 // a read returns at once
	if unix.IoctlSetTermios(fd, unix.TCSETS, &raw) != nil {
		return nil
	}
	var left []byte
	for b := make([]byte, 4<<10); ; {
		n, err := unix.Read(fd, b)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n <= 0 || err != nil {
			break
		}
		left = append(left, b[:n]...)
	}
	if mode.Lflag&unix.ICANON != 0 {
		// A Ctrl-D in line mode: kept as NUL by the kernel, and meant to end the tool's input, not the session.
		left = bytes.ReplaceAll(left, []byte{0}, nil)
	}
	return left
}

// cooked is what a line discipline in this mode makes of typed bytes. It knows what people type ahead; where a
// tool has asked for more, the result is another than the kernel's, and what was typed is dropped.
func cooked(typed []byte, mode *unix.Termios) []byte {
	in := func(flag uint32) bool { return mode.Iflag&flag != 0 }
	local := func(flag uint32) bool { return mode.Lflag&flag != 0 }
	is := func(c byte, key int) bool { return c != 0 && c == mode.Cc[key] }
	out := make([]byte, 0, len(typed))
	line := 0 // where the line that can still be edited begins
	for _, c := range typed {
		switch {
		case c == '\r' && in(unix.IGNCR):
			continue
		case c == '\r' && in(unix.ICRNL):
			c = '\n'
		case c == '\n' && in(unix.INLCR):
			c = '\r'
		}
		switch {
		case local(unix.ISIG) && (is(c, unix.VINTR) || is(c, unix.VQUIT) || is(c, unix.VSUSP)):
			if !local(unix.NOFLSH) {
				out, line = out[:0], 0
			}
		case in(unix.IXON) && (is(c, unix.VSTART) || is(c, unix.VSTOP)):
		case !local(unix.ICANON):
			out = append(out, c)
		case is(c, unix.VEOF):
			line = len(out)
		case is(c, unix.VKILL):
			out = out[:line]
		case is(c, unix.VERASE):
			size := min(1, len(out)-line)
			if in(unix.IUTF8) {
				_, size = utf8.DecodeLastRune(out[line:])
			}
			out = out[:len(out)-size]
		default:
			if out = append(out, c); c == '\n' {
				line = len(out)
			}
		}
	}
	return out
}
