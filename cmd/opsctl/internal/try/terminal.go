//go:build !windows

package try

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"opsh/shell/line"
	"opsh/shell/prompt"
)

// At is a session at a terminal, with opsh's own line editor. plain: the terminal takes nothing but text. The terminal is given back as it was, also
// when the process is asked to end.
func (s *Session) At(in, out *os.File, plain bool, now func() time.Time) error {
	raw, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return fmt.Errorf("cannot set the terminal to raw mode: %w", err)
	}
	defer term.Restore(int(in.Fd()), raw) //nolint:errcheck // a terminal that is gone needs no mode
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	size := func() (columns, rows int) {
		columns, rows, err := term.GetSize(int(out.Fd()))
		if err != nil {
			return 0, 0
		}
		return columns, rows
	}
	p, err := prompt.New(prompt.Options{
		Keys: prompt.NewKeyboard(in, now), Out: out, More: line.Unfinished, Plain: plain, Complete: s.Help().Complete,
		Width:  func() int { w, _ := size(); return w },
		Height: func() int { _, h := size(); return h },
	})
	if err != nil {
		return err
	}
	defer p.Close() //nolint:errcheck // the session ends next
	return s.Converse(ctx, editor{p}, Lines(out, "\r\n"))
}

// editor is opsh's line editor as a Reader.
type editor struct{ *prompt.Prompt }

func (editor) Completes() bool { return true }
