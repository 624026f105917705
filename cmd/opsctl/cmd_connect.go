package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"opsh/cmd/internal/entry"
	"opsh/cmd/opsctl/internal/session"
)

func connectVerb() verb {
	return verb{
		name: "connect", usage: targetUsage + " [--broker URL] [--reason TEXT]",
		about: "Opens opsh in the ops container, for a person at a terminal",
		more: `
All keys go through, also Ctrl-C. "~." at the start of a line leaves a session that hangs; "~~" sends one "~".

--broker   has that broker open the session (deploy/terraform); "none": ECS itself, although opsctl.toml names a broker

Exit status: 0 when the session was closed, 125 it can't be opened, 249 ECS ended it because it idled, 250 it was left by "~.", 251 the
connection was lost, 252 the task was stopped.`,
		run: connect,
	}
}

func connect(p *person, args []string) int {
	f := options()
	reason := f.String("reason", "", "")
	var t target
	targetOptions(f, &t)
	brokerOption(f, &t)
	err := onlyOptions(f, args)
	if err != nil {
		return p.misused(connectVerb(), err)
	}
	o := entry.Order{Reason: *reason}
	if _, err := o.Command(); err != nil {
		p.fail(err)
		return statusUsage
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, err := p.streams()
	if err == nil {
		err = s.Seated() // before a session is opened that nobody could use
	}
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	at, status := p.openSession(ctx, t, o)
	if status != 0 {
		return status
	}
	s.Environ, s.Task = at.environ, at.task
	return p.sayOutcome(session.Interactive(ctx, at.opened, s))
}

// streams is what a session has to do with this process.
func (p *person) streams() (session.Streams, error) {
	program, err := os.Executable()
	if err != nil {
		return session.Streams{}, fmt.Errorf("cannot find opsctl's own file: %w", err)
	}
	s := session.Streams{Out: p.out, Err: p.err, Program: program}
	s.In, _ = p.in.(*os.File)
	if file, ok := p.out.(*os.File); ok && isTerminal(file) {
		s.Screen = file
	}
	return s, nil
}

// sayOutcome says how a session ended, and returns its exit status.
func (p *person) sayOutcome(o session.Outcome, err error) int {
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	if o.Why != "" {
		p.fail(errors.New(o.Why), o.Hint)
	}
	return o.Status
}
