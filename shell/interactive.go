package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/audit"
	"opsh/shell/launch"
	"opsh/shell/line"
	"opsh/shell/prompt"
	"opsh/shell/transcript"
)

// Interactive is opsh without -c or -s: a prompt until the operator leaves.
func (s *Session) Interactive() int {
	o, failed := s.open(modeInteractive)
	if o == nil {
		return failed
	}
	p, err := prompt.New(prompt.Options{
		Keys: o.keys, Out: o.terminal.out, Width: o.terminal.columns, Height: o.terminal.rows, More: line.Unfinished,
		Plain:    plainTerminal(o.Environ),
		Complete: o.help().Complete,
	})
	if err != nil {
		o.terminal.Close()
		s.complain(err)
		return StatusBroken
	}
	defer p.Close() //nolint:errcheck // the process ends next
	out, why, err := o.converse(p)
	if err != nil {
		o.terminal.Close()
		s.complain(err)
		return out.status
	}
	return o.end(out, why)
}

// plainTerminal says that nothing but text may be written to the terminal.
func plainTerminal(environ []string) bool {
	term := variable(environ, "TERM")
	return term == "" || term == "dumb"
}

// converse is the session from greeting to leaving. With an error there was no session to end.
func (s *session) converse(p *prompt.Prompt) (outcome, string, error) {
	if err := s.terminal.say(s.greeting()...); err != nil {
		return outcome{status: StatusBroken}, "", fmt.Errorf("cannot write to the terminal: %w", err)
	}
	left := outcome{status: 0, category: audit.CategoryExit}
	if err := s.askReason(p); err != nil {
		return outcome{status: StatusRefused}, "", err
	}
	if err := s.begin(modeInteractive); err != nil {
		return outcome{status: StatusRefused}, "", err
	}
	for {
		var raw string
		err := s.atPrompt(p, func(ctx context.Context) (err error) {
			raw, err = p.Read(ctx, s.policy.Session.Prompt+"> ", " ...> ")
			return err
		})
		switch {
		case errors.Is(err, prompt.ErrInterrupt):
			continue
		case errors.Is(err, io.EOF) && !s.keys.Gone():
			return left, "", nil
		case errors.Is(err, io.EOF):
			return outcome{status: StatusBroken, category: audit.CategoryBroken}, "the terminal or connection was lost", nil
		case errors.Is(err, errIdle), errors.Is(err, errSessionOver):
			return outcome{status: StatusTimeout, category: audit.CategoryTimeout}, err.Error(), nil
		case err != nil:
			return outcome{status: StatusBroken, category: audit.CategoryBroken}, err.Error(), nil
		}
		if strings.TrimSpace(raw) == "" {
			continue
		}
		p.Remember(raw)
		if known, leave := s.builtin(p, raw); leave {
			return left, "", nil
		} else if known {
			continue
		}
		out := s.run(context.Background(), raw)
		// Nobody wants the rest of a paste to run when a line of it went wrong; opsh -s stops there too.
		if out.status != 0 {
			if n := p.Drop(); n > 0 {
				p.Notice(fmt.Sprintf("opsh: hint: %s of the paste did not run", transcript.Count(n, "line")))
			}
		}
		switch out.limit {
		case launch.LimitIdle, launch.LimitSession:
			return outcome{status: StatusTimeout, category: audit.CategoryTimeout}, limitWords[out.limit], nil
		case launch.LimitLost:
			return outcome{status: StatusBroken, category: audit.CategoryBroken}, "the terminal or connection was lost", nil
		}
	}
}

// greeting is what a session opens with.
func (s *session) greeting() []string {
	var tools []string
	for _, t := range s.policy.Tools {
		tools = append(tools, t.Name)
	}
	const listed = 12
	if len(tools) > listed {
		tools = append(tools[:listed], fmt.Sprintf("%d more", len(s.policy.Tools)-listed))
	}
	limits := s.policy.Session
	recorded := "All you type and see here is recorded."
	if s.recorder == nil {
		recorded = "What you run is recorded, not what it shows."
	}
	out := answer.Fold(limits.Prompt+": "+strings.Join(tools, ", ")+". "+recorded+" Times are UTC.", "", "")
	out = append(out, answer.Fold(fmt.Sprintf("Ends after %s idle, at %s at the latest; a lost connection ends what runs.",
		answer.Brief(limits.IdleTimeout), s.deadline.UTC().Format("15:04Z")), "", "")...)
	out = append(out, "help lists the commands, Tab completes, Ctrl-D leaves.")
	for _, w := range s.givenAway() {
		out = append(out, answer.Fold("opsh: warning: "+w, "", "  ")...)
	}
	return out
}

// givenAway is what whoever opens a session shall know: where its tools aren't kept from each other or from opsh, and which can't run.
func (s *session) givenAway() (all []string) {
	if sameUser(s.policy) {
		all = append(all, "opsh isn't root (same_user = true): a tool can end opsh, change its trail, and outlive the session")
	}
	var shared []string
	for _, t := range s.policy.Tools {
		if _, err := launch.Refuses(s.kernel, t); err != nil {
			all = append(all, t.Name+" can't run here: "+err.Error())
		}
		if t.ShareUID {
			shared = append(shared, t.Name)
		}
	}
	if len(shared) > 0 && !sameUser(s.policy) {
		all = append(all, "share_uid = true: one uid for all sessions, which can end and read each other's: "+strings.Join(shared, ", "))
	}
	return all
}

// builtin answers opsh's own words.
func (s *session) builtin(p *prompt.Prompt, raw string) (known, leave bool) {
	said, known, leave := s.help().Builtin(s.secrets.text(raw), func() []string { return s.secrets.texts(p.History()) })
	if known && !leave {
		s.terminal.say(said...) //nolint:errcheck // a lost terminal is noticed at the next prompt
	}
	return known, leave
}

// help answers from the policy in force, and from this machine's files.
func (s *session) help() answer.Help {
	return answer.Help{Program: "opsh", Policy: s.policy, Files: func(w *policy.Where, most int) ([]string, bool) { return policy.ListFiles(w, most), true }}
}

// askReason asks why the session is opened, until the answer is what the policy wants. Nothing has begun yet.
func (s *session) askReason(p *prompt.Prompt) error {
	if s.Reason != "" || !s.policy.Session.Reason.Required {
		return s.reasonFits()
	}
	for {
		err := s.atPrompt(p, func(ctx context.Context) (err error) {
			s.Reason, err = p.Ask(ctx, "reason (ticket or incident, one line): ")
			return err
		})
		switch {
		case errors.Is(err, prompt.ErrInterrupt):
			continue
		case errors.Is(err, io.EOF):
			return errors.New("cannot open a session without a reason")
		case err != nil:
			return err
		}
		s.Reason = strings.TrimSpace(s.Reason)
		if err := s.reasonFits(); err == nil {
			return nil
		} else if err := s.terminal.say(answer.Fold("opsh: error: "+err.Error(), "", "  ")...); err != nil {
			return fmt.Errorf("cannot write to the terminal: %w", err)
		}
	}
}

// reasonFits holds the reason against the policy.
func (s *session) reasonFits() error { return answer.Reason(s.Reason, s.policy.Session.Reason) }

var (
	errIdle        = errors.New("nothing was typed for as long as the session may idle")
	errSessionOver = errors.New("the session's time is over")
)

// warnBefore is how long before a limit it is announced.
const warnBefore = time.Minute

// atPrompt runs ask under the session's limits: it ends with errIdle or errSessionOver, announced a minute before.
func (s *session) atPrompt(p *prompt.Prompt, ask func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	shown := s.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.watchLimits(ctx, cancel, p, shown)
	}()
	err := ask(ctx)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	cancel(nil)
	<-done
	return err
}

func (s *session) watchLimits(ctx context.Context, cancel context.CancelCauseFunc, p *prompt.Prompt, shown time.Time) {
	idle := s.policy.Session.IdleTimeout
	warned := time.Time{} // the limit that was announced
	for {
		since := shown
		if k := s.keys.LastKey(); k.After(since) {
			since = k
		}
		limit, cause, what := since.Add(idle), errIdle, "nothing was typed"
		if s.deadline.Before(limit) {
			limit, cause, what = s.deadline, errSessionOver, "its time is over"
		}
		now := s.Now()
		left := limit.Sub(now)
		switch {
		case left <= 0:
			cancel(cause)
			return
		case left <= warnBefore && limit.After(warned) && limit.Sub(s.started) > warnBefore && idle > warnBefore:
			warned = limit
			p.Notice(fmt.Sprintf("opsh: warning: this session ends in %s: %s", answer.Brief(left.Round(time.Second)), what))
		case left > warnBefore:
			left -= warnBefore
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(left, time.Minute)):
		}
	}
}
