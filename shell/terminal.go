package shell

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"opsh/shell/recording"
	"opsh/shell/transcript"
)

// terminal is what a person sits at, or nothing where there is none. It is raw as long as the session lasts: the
// keys that mean something to a terminal (Ctrl-C, Ctrl-Z, Ctrl-\) then belong to the tool or the prompt, and never to opsh.
type terminal struct {
	file    *os.File // nil: no terminal
	restore *term.State
	out     io.Writer
	newline string
	marked  bool // a program reads: marks say what is a tool's output
	lent    bool // a tool prints
}

// tap records what is written to the terminal, before that may be cut off.
type tap struct {
	to        io.Writer
	recording *recording.Recorder
}

func (t tap) Write(b []byte) (int, error) {
	t.recording.Output(b)
	return t.to.Write(b)
}

// openTerminal takes the terminal over when both streams are one.
func openTerminal(in, out *os.File) (*terminal, error) {
	t := &terminal{out: out, newline: "\n"}
	if !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return t, nil
	}
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("cannot set the terminal to raw mode: %w", err)
	}
	// A hangup is noticed as the end of the keyboard, and the session ends with its record.
	signal.Ignore(syscall.SIGHUP)
	t.file, t.restore, t.newline = out, state, "\r\n"
	return t, nil
}

// Close gives the terminal back as it was.
func (t *terminal) Close() {
	if t.file != nil {
		term.Restore(int(t.file.Fd()), t.restore) //nolint:errcheck // a terminal that is gone needs no mode
	}
}

// columns is the terminal's width now, 0 where it is unknown: the agent starts a session at 0x0.
func (t *terminal) columns() int { w, _ := t.size(); return w }

// rows is the terminal's height now, 0 where it is unknown.
func (t *terminal) rows() int { _, h := t.size(); return h }

func (t *terminal) size() (columns, rows int) {
	if t.file == nil {
		return 0, 0
	}
	columns, rows, err := term.GetSize(int(t.file.Fd()))
	if err != nil {
		return 0, 0
	}
	return columns, rows
}

// lend marks that what comes now is a tool's, until say.
func (t *terminal) lend() {
	if t.marked && !t.lent {
		t.lent = true
		io.WriteString(t.out, transcript.ToolBegins) //nolint:errcheck // a lost terminal is noticed where the tool's output goes
	}
}

// reclaim is the mark that ends a tool's output, where there is one to end.
func (t *terminal) reclaim() string {
	if !t.lent {
		return ""
	}
	t.lent = false
	return transcript.ToolEnds
}

// say writes whole lines. An error means that nobody sees them any more.
func (t *terminal) say(lines ...string) error {
	b := []byte(t.reclaim())
	for _, l := range lines {
		b = append(append(b, l...), t.newline...)
	}
	_, err := t.out.Write(b)
	return err
}
