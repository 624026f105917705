package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/term"

	"opsh/cmd/internal/entry"
	"opsh/cmd/opsctl/internal/github"
	"opsh/cmd/opsctl/internal/session"
)

func runVerb() verb {
	return verb{
		name:  "run",
		usage: targetUsage + " [--broker URL] [--reason TEXT] [--ci github|none] [--dry-run [--policy FILE]] {-f RUNBOOK [--approval FILE] | -- COMMAND...}",
		about: "Runs a command or a runbook in the ops container, and brings back its output and exit status",
		more: `
The command, given as words, or each line of the runbook ("-f -": from standard input) goes to opsh as it stands, and opsh decides. The
first that fails ends the runbook. It needs no terminal.

Standard output gets what the tools print, byte for byte, and nothing else; opsh's lines, begun by "opsh:", go to standard error. Tools
print on a terminal without colours. One that changes the terminal's modes changes its own output; the agent spoils a literal U+FFFD.

Ctrl-C ends the command in the container, the second one kills it there, the third leaves the session. A job that is cancelled
does the first two.

--broker   has that broker open the session (deploy/terraform); "none": ECS itself, although opsctl.toml names a broker
--reason   why, in every record of the session
--approval what opsctl approve wrote and people signed, with the signatures beside it: for tools whose policy demands them
--ci       github, the default where GITHUB_ACTIONS is set and standard output is no file: the output is a group of the step's log, as
           text without escape sequences, and nothing in it is taken for a command of the runner's. none: the bytes, for a pipe
--dry-run  opens no session: it asks AWS for the container and says whether a session can be opened there, and what would be sent; with
           --policy also word by word what that policy makes of each line, as opsctl policy explain does. Status 1 where there can be no
           session, or a line is refused

` + session.Statuses,
		run: run,
	}
}

// ordered is what a person asked of run.
type ordered struct {
	target               target
	runbook              session.Runbook
	approval             []byte // with its signatures; nil: there is none
	reason, ci, policyAt string
	dry                  bool
}

// order is how opsh is started for it.
func (o ordered) order() entry.Order { return entry.Order{Runbook: true, Reason: o.reason} }

func run(p *person, args []string) int {
	o, err := p.readRun(args)
	var unreadable *os.PathError
	switch {
	case errors.As(err, &unreadable):
		p.fail(err)
		return statusBroken
	case err != nil:
		return p.misused(runVerb(), err)
	}
	command, err := o.order().Command()
	if err == nil {
		err = o.runbook.Check()
	}
	if err != nil {
		p.fail(err)
		return statusUsage
	}
	if o.dry {
		return p.dryRun(o, command)
	}
	return p.runIn(o)
}

// readRun reads the words behind the verb.
func (p *person) readRun(args []string) (o ordered, err error) {
	f := options()
	file := f.String("f", "", "")
	f.StringVar(&o.reason, "reason", "", "")
	f.StringVar(&o.ci, "ci", "", "")
	f.StringVar(&o.policyAt, "policy", "", "")
	f.BoolVar(&o.dry, "dry-run", false, "")
	approvedBy := f.String("approval", "", "")
	targetOptions(f, &o.target)
	brokerOption(f, &o.target)
	var command []string
	behind := slices.Index(args, "--")
	if behind >= 0 {
		args, command = args[:behind], args[behind+1:]
	}
	words, err := parse(f, args)
	switch {
	case err != nil:
		return o, err
	case len(words) > 0:
		return o, fmt.Errorf("cannot use %s: the command stands behind --", quote(words[0]))
	case *file == "" && len(command) == 0:
		return o, errors.New("cannot run: there is neither a command behind -- nor a runbook")
	case *file != "" && behind >= 0:
		return o, errors.New("cannot run both a command and a runbook")
	case !slices.Contains([]string{"", "github", "none"}, o.ci):
		return o, fmt.Errorf("cannot use --ci %s: it is github or none", quote(o.ci))
	case o.policyAt != "" && !o.dry:
		return o, errors.New("cannot use --policy without --dry-run: the policy is the container's")
	case *approvedBy != "" && *file == "":
		return o, errors.New("cannot use --approval without -f: a runbook is what is approved")
	case *file != "":
		o.runbook, err = p.readRunbook(*file)
		if err == nil && *approvedBy != "" {
			o.approval, err = p.approvalOf(*approvedBy, o.runbook)
		}
	default:
		o.runbook, err = session.Line(command)
	}
	return o, err
}

// readRunbook is a runbook's text.
func (p *person) readRunbook(name string) (session.Runbook, error) {
	text, err := func() ([]byte, error) {
		if name == "-" {
			return io.ReadAll(p.in)
		}
		return os.ReadFile(name)
	}()
	if err != nil {
		return nil, fmt.Errorf("cannot read the runbook: %w", err)
	}
	return session.Runbook(text), nil
}

// runIn runs the runbook in the target.
func (p *person) runIn(o ordered) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // until the session is open
	defer cancel()
	interrupts := make(chan os.Signal, 4)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGPIPE) // a reader that is gone is an error of writing, and ends the command
	s, err := p.streams()
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	at, status := p.openSession(ctx, o.target, o.order())
	if ctx.Err() != nil {
		p.fail(errors.New("interrupted before anything ran"))
		return session.StatusInterrupted
	}
	if status != 0 {
		return status
	}
	s.Environ, s.Task, s.Interrupt, s.Approval = at.environ, at.task, interrupts, o.approval
	finish := func() error { return nil }
	if p.forGitHub(o.ci) {
		if s.Out, s.Err, finish, err = p.group("opsctl run: " + title(o.runbook)); err != nil {
			p.fail(err)
			return statusBroken
		}
	}
	outcome, err := session.Run(context.WithoutCancel(ctx), at.opened, o.runbook, s)
	if failed := finish(); err == nil {
		err = failed
	}
	return p.sayOutcome(outcome, err)
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// forGitHub says whether the runner of GitHub Actions reads standard output.
func (p *person) forGitHub(ci string) bool {
	if ci != "" {
		return ci == "github"
	}
	if !slices.Contains(p.environ, "GITHUB_ACTIONS=true") {
		return false
	}
	file, ok := p.out.(*os.File)
	if !ok {
		return true
	}
	info, err := file.Stat()
	return err != nil || !info.Mode().IsRegular()
}

// group is the two streams as a group of a step's log, and what ends it.
func (p *person) group(name string) (out, err io.Writer, finish func() error, failed error) {
	step, failed := github.Begin(p.out, p.err, name)
	if failed != nil {
		return nil, nil, nil, failed
	}
	tools, opsh := step.Out(), step.Err()
	return tools, opsh, func() error { return errors.Join(tools.Close(), opsh.Close(), step.End()) }, nil
}

// title is a runbook in a few words.
func title(b session.Runbook) string {
	commands := b.Commands()
	if len(commands) == 1 && len(commands[0].Text) <= 100 && !strings.Contains(commands[0].Text, "\n") {
		return commands[0].Text
	}
	return fmt.Sprintf("a runbook of %d lines, sha256 %.12s", len(commands), b.SHA256())
}
