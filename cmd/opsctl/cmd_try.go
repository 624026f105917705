package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"opsh/cmd/opsctl/internal/try"
	"opsh/shell/prompt"
)

func tryVerb() verb {
	return verb{name: "try", usage: "[--root [PLACE=]DIR]... [--reason TEXT] FILE [-c LINE]", run: runTry,
		about: "Opens a session under a policy that is being written: says what opsh would do, and runs nothing",
		more: `
At a terminal it is a prompt like opsh's, with help, history and Tab. -c judges one line; a script on standard input is judged line by line.
FILE may be anybody's; nothing of the container is needed. For each line it prints whether opsh would run it, by which usage line, and with which
words; or why it is refused and what to type instead. It can't know what only the container can tell, and lists that under "not checked here".

  --root DIR        DIR stands for the image's root: the files that a line names are looked for below it, and completed. Owners aren't asked for.
  --root PLACE=DIR  DIR stands for what the image has at PLACE: --root /app=. in a checkout. May be given again.
  --reason TEXT     is held against the policy as opsh does; without it, that opsh wants one is only said.
  -c LINE           judge this line

Exit status: 0 opsh would run it; 126 it would refuse it, or a line of the script; 125 the policy doesn't load, or a directory is missing.
On Windows the console edits the line itself, and Tab doesn't complete.`}
}

func runTry(p *person, args []string) int {
	f := options()
	s := &try.Session{}
	f.Func("root", "", s.Image.Mount)
	f.StringVar(&s.Reason, "reason", "", "")
	var one *string
	f.Func("c", "", func(l string) error { one = &l; return nil })
	words, err := parse(f, args)
	if err == nil && len(words) != 1 {
		err = errors.New("cannot try this: it takes one policy")
	}
	if err != nil {
		return p.misused(tryVerb(), err)
	}
	if s.Policy, err = readPolicy(words[0]); err != nil {
		p.failPolicy(words[0], err)
		return statusBroken
	}
	in, out, terminal := p.terminal()
	if err := s.Unreasoned(); err != nil && (s.Reason != "" || one != nil || !terminal) {
		if s.Reason != "" {
			p.fail(err)
			return try.StatusRefused
		}
		p.warn(`opsh -c and opsh -s refuse every line without --reason "TEXT": ` + err.Error())
	}
	status := 0
	switch {
	case one != nil:
		v := s.Judge(*one)
		status, err = v.Status, try.Lines(p.out, "\n")(v.Lines...)
	case terminal:
		for _, w := range s.Policy.Warnings() {
			p.warn(w)
		}
		err = s.At(in, out, p.dumb(), p.now)
	default:
		status, err = s.Script(prompt.NewKeyboard(p.in, p.now), try.Lines(p.out, "\n"))
	}
	if err != nil {
		p.fail(fmt.Errorf("cannot go on: %w", err))
		return statusBroken
	}
	return status
}

// terminal is what the person sits at; not ok where input or output is something else.
func (p *person) terminal() (in, out *os.File, ok bool) {
	in, isIn := p.in.(*os.File)
	out, isOut := p.out.(*os.File)
	return in, out, isIn && isOut && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// dumb says that nothing but text may be written to the terminal.
func (p *person) dumb() bool {
	term := ""
	for _, e := range p.environ {
		if v, ok := strings.CutPrefix(e, "TERM="); ok {
			term = v
		}
	}
	return term == "" || term == "dumb"
}
