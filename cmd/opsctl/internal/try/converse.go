package try

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"opsh/shell/answer"
	"opsh/shell/line"
	"opsh/shell/prompt"
	"opsh/shell/runbook"
	"opsh/shell/transcript"
)

// Help answers as opsh does.
func (s *Session) Help() answer.Help {
	return answer.Help{Program: "opsctl", Policy: s.Policy, Files: s.Image.Files}
}

// greeting says what this is, and what of a session isn't here.
func (s *Session) greeting(completes bool) []string {
	limits := s.Policy.Session
	out := answer.Fold(mark(limits.Prompt)+": a trial of "+line.Plain(s.Policy.Name)+". Nothing runs, nothing is recorded.", "", "")
	files := "Files that you name aren't looked at (--root DIR); programs, users, owners, secrets and the kernel aren't either."
	if !s.Image.Empty() {
		files = "Files that you name are looked at under --root; programs, users, owners, secrets and the kernel aren't looked at."
	}
	out = append(out, answer.Fold("Words are judged as opsh judges them. "+files, "", "")...)
	out = append(out, answer.Fold(s.asks()+fmt.Sprintf("opsh ends a session after %s idle and %s at most; this one stays.",
		answer.Brief(limits.IdleTimeout), answer.Brief(limits.MaxDuration)), "", "")...)
	if !completes {
		return append(out, "help lists the commands, exit leaves.")
	}
	return append(out, "help lists the commands, Tab completes, Ctrl-D leaves.")
}

// asks says what opsh would ask for first.
func (s *Session) asks() string {
	switch want := s.Policy.Session.Reason; {
	case s.Reason != "" || !want.Required:
		return ""
	case want.Match != nil:
		return "opsh asks for a reason first, which must match " + line.QuoteWord(want.Pattern) + ". "
	default:
		return "opsh asks for a reason first. "
	}
}

// mark makes a prompt of opsh's one that can't be taken for it.
func mark(text string) string { return text + " (try)" }

// Reader is who asks for lines.
type Reader interface {
	Read(ctx context.Context, first, next string) (string, error) // io.EOF: the person leaves; prompt.ErrInterrupt: the line is dropped
	Remember(raw string)
	History() []string
	Drop() int       // lines of a paste that go nowhere
	Completes() bool // Tab offers words
}

// Converse judges what a person types until they leave. say prints whole lines.
func (s *Session) Converse(ctx context.Context, r Reader, say func(...string) error) error {
	if err := say(s.greeting(r.Completes())...); err != nil {
		return err
	}
	help := s.Help()
	for {
		raw, err := r.Read(ctx, mark(s.Policy.Session.Prompt)+"> ", " ...> ")
		switch {
		case errors.Is(err, prompt.ErrInterrupt):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if strings.TrimSpace(raw) == "" {
			continue
		}
		r.Remember(raw)
		said, known, leave := help.Builtin(raw, r.History)
		if leave {
			return nil
		}
		if !known {
			v := s.Judge(raw)
			said = v.Lines
			if v.Status != 0 { // opsh drops what is left of a paste
				if n := r.Drop(); n > 0 {
					said = append(said, fmt.Sprintf("opsctl: hint: %s of the paste would not run", transcript.Count(n, "line")))
				}
			}
		}
		if err := say(said...); err != nil {
			return err
		}
	}
}

// Script judges a runbook, all of it: opsh -s stops at the first line that fails, which the last line then says. The status is that line's, or 0.
func (s *Session) Script(from runbook.Source, say func(...string) error) (status int, err error) {
	r := &runbook.Reader{From: from}
	run, stopped := 0, 0
	for n := 0; ; n++ {
		raw, at, err := r.Command()
		switch {
		case errors.Is(err, io.EOF) && status != 0:
			return status, say(fmt.Sprintf("opsctl: %d of %s would run; opsh -s would stop at line %d", run, transcript.Count(n, "line"), stopped))
		case errors.Is(err, io.EOF):
			return 0, nil
		case err != nil:
			return StatusRefused, fmt.Errorf("cannot read line %d: %w", at, err)
		}
		v := s.Judge(raw)
		if v.Status == 0 {
			run++
		} else if status == 0 {
			status, stopped = v.Status, at
		}
		if err := say(v.Lines...); err != nil {
			return status, err
		}
	}
}

// Unreasoned is why opsh -c and opsh -s would refuse any line, nil where they wouldn't.
func (s *Session) Unreasoned() error { return answer.Reason(s.Reason, s.Policy.Session.Reason) }
