package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/term"

	"opsh/cmd/opsctl/internal/frame"
)

// resized is how often the window's size is looked at. There is a signal for it, but not on Windows.
const resized = 250 * time.Millisecond

// Interactive hands the operator's terminal, s.In and s.Screen, to an opened session, and takes it back whatever happens. All keys go
// through, but for a line of "~.", as in ssh: it leaves a session that hangs. Status is 0 when the session was closed: how opsh's last line
// reads is for the person who sees it.
func Interactive(ctx context.Context, o Opened, s Streams) (Outcome, error) {
	if err := s.Seated(); err != nil {
		return Outcome{}, err
	}
	screen := s.Screen
	c, err := start(o, s)
	if err != nil {
		return Outcome{}, err
	}
	defer c.stop()
	before, err := term.MakeRaw(int(s.In.Fd()))
	if err != nil {
		return Outcome{}, fmt.Errorf("cannot hand the terminal over: %w", err)
	}
	restoreScreen := prepareScreen(screen)
	defer func() {
		restoreScreen()
		term.Restore(int(s.In.Fd()), before) //nolint:errcheck // a terminal that is gone needs no mode
	}()
	s.Err = rawNotes{s.Err}
	leave := make(chan struct{})
	go typing(s.In, c, leave)
	end := converse(ctx, c, s, leave)
	if end.Why != "" {
		s.settle()
	}
	return end, nil
}

// Seated refuses streams that no person sits at. Ask before a session is opened.
func (s Streams) Seated() error {
	if s.In == nil || s.Screen == nil || !term.IsTerminal(int(s.In.Fd())) || !term.IsTerminal(int(s.Screen.Fd())) {
		return errors.New("cannot open a session for a person: standard input and output are not a terminal")
	}
	return nil
}

// settle brings the screen back from what a tool may have done to it where opsh, which does that, no longer could.
func (s Streams) settle() {
	// What was begun ends; the main screen; soft reset; plain type, a cursor, no reports of mouse, focus or paste.
	const sequence = "\x18\x1b\\\x1b7\x1b[?1049l\x1b8\x1b[!p\x1b[r\x1b8\x1b(B\x0f\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\r\n"
	if s.Screen != nil {
		io.WriteString(s.Screen, sequence) //nolint:errcheck // a terminal that is gone needs no reset
	}
}

// converse returns when the session is over.
func converse(ctx context.Context, c *child, s Streams, leave <-chan struct{}) Outcome {
	var cols, rows int
	look := time.NewTicker(resized)
	defer look.Stop()
	task := s.Task
	var stopped string
	var deadline <-chan time.Time
	for {
		if w, h, err := term.GetSize(int(s.Screen.Fd())); err == nil && (w != cols || h != rows) {
			cols, rows = w, h
			c.resize(cols, rows)
		}
		select {
		case f, open := <-c.frames:
			if !open {
				return Outcome{StatusLost, "the connection was lost", ""}
			}
			switch f.kind {
			case frame.Output:
				s.Out.Write(f.payload) //nolint:errcheck // a terminal that is gone ends the keyboard, too
			case frame.Note:
				s.note(string(f.payload))
			case frame.Closed:
				if status, why := closedWhy(string(f.payload)); status == StatusIdle {
					return Outcome{status, why, ""}
				}
				return Outcome{}
			case frame.Lost:
				return Outcome{StatusLost, string(f.payload), ""}
			}
		case e, open := <-task:
			switch {
			case !open:
				task = nil
			case e.Stopped:
				stopped, task, deadline = e.Text, nil, time.After(straggle)
			default:
				s.note(e.Text)
			}
		case <-look.C:
		case <-deadline:
			return Outcome{StatusStopped, stopped, ""}
		case <-leave:
			leave = nil
			c.leave()
			return Outcome{StatusInterrupted, "left the session: what ran in it may still run", ""}
		case <-ctx.Done():
			c.leave()
			return Outcome{StatusInterrupted, "interrupted: what ran in the session may still run", ""}
		}
	}
}

// typing sends the keys. It ends with the process: a read of a terminal can't be cancelled.
func typing(in io.Reader, c *child, leave chan<- struct{}) {
	e := escape{atStart: true}
	buf := make([]byte, 4<<10)
	for {
		n, err := in.Read(buf)
		keys, left := e.filter(buf[:n])
		if len(keys) > 0 {
			c.tell(frame.Input, keys)
		}
		if left || err != nil {
			close(leave)
			return
		}
	}
}

// escape looks for "~." at the start of a line. "~~" sends one "~".
type escape struct {
	atStart, tilde bool
}

// filter is the keys to send, and whether the person leaves.
func (e *escape) filter(keys []byte) (send []byte, left bool) {
	for _, k := range keys {
		switch {
		case e.tilde && k == '.':
			return send, true
		case e.tilde:
			e.tilde = false
			if k != '~' {
				send = append(send, '~')
			}
		case e.atStart && k == '~':
			e.tilde, e.atStart = true, false
			continue
		}
		send = append(send, k)
		e.atStart = k == '\r' || k == '\n' || k == ctrlC || k == 4
	}
	return send, false
}

// rawNotes writes opsctl's lines on a raw terminal.
type rawNotes struct{ to io.Writer }

func (r rawNotes) Write(b []byte) (int, error) {
	if _, err := io.WriteString(r.to, "\r\n"); err != nil {
		return 0, err
	}
	n, err := r.to.Write(b)
	if err == nil {
		_, err = io.WriteString(r.to, "\r")
	}
	return n, err
}
