package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/creack/pty"
)

// seat is a terminal with a program on it. All programs run on one, as under ECS Exec.
type seat struct {
	cmd    *exec.Cmd
	master *os.File
	buf    []byte
	rest   []byte // came after what was waited for
	limit  *time.Timer
}

// hung is how long a program may take for anything. One that hangs shall not hang the run.
const hung = time.Minute

func (p *place) sit(argv []string) (*seat, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env, cmd.Dir = p.environ(), p.dir
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		return nil, err
	}
	s := &seat{cmd: cmd, master: master, buf: make([]byte, 64<<10)}
	s.limit = time.AfterFunc(hung, func() { cmd.Process.Kill() }) //nolint:errcheck // it may have ended
	return s, nil
}

// until reads up to a text.
func (s *seat) until(text string) error {
	seen := s.rest
	for {
		if i := bytes.Index(seen, []byte(text)); i >= 0 {
			s.rest = append([]byte(nil), seen[i+len(text):]...)
			return nil
		}
		n, err := s.master.Read(s.buf)
		if err != nil {
			return fmt.Errorf("%q never came: %w; before it, %q", text, err, tail(seen))
		}
		seen = append(tail(seen), s.buf[:n]...) // longer than any text that is waited for
	}
}

func tail(b []byte) []byte { return b[max(0, len(b)-200):] }

// drain reads to the end, and tells of each read how much has come.
func (s *seat) drain(told func(total int64)) int64 {
	var total int64
	for {
		n, err := s.master.Read(s.buf)
		total += int64(n)
		if err != nil {
			return total // a terminal's end is an error
		}
		if told != nil {
			told(total)
		}
	}
}

// write types.
func (s *seat) write(text string) error {
	_, err := s.master.WriteString(text)
	return err
}

// wait is the end of the program. It is an error that it failed.
func (s *seat) wait() error {
	defer s.limit.Stop()
	defer s.master.Close()
	return s.cmd.Wait()
}

// leave ends a session at its prompt.
func (s *seat) leave() error {
	if err := s.write("\x04"); err != nil {
		return err
	}
	s.drain(nil)
	s.wait() //nolint:errcheck // a shell's status is its last command's
	return nil
}
