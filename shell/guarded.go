package shell

import (
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"opsh/policy"
	"opsh/shell/guard"
	"opsh/shell/transcript"
)

// What opsh has to do with opshd, which ends whatever else ECS Exec's agent starts. opsh can't: by the time that it runs it is what was started.

// guardHint is what to do where there is no guard.
const guardHint = `make opshd the image's entry point, as the Dockerfile does, and leave initProcessEnabled out of the task definition; or set session.guard = "off"`

// guarded refuses to start where the policy wants a guard and none holds the agent's process that started opsh.
func (s *Session) guarded(p *policy.Policy) error {
	if p.Session.Guard != policy.GuardRequire {
		return nil
	}
	state, err := s.askGuard()
	if err == nil && !guard.Holds(state.PID, s.Parent) {
		err = errors.New("it does not hold the agent that started opsh")
	}
	if err != nil {
		return fmt.Errorf(`cannot start: session.guard is "require", and the guard is not on: %w`, err)
	}
	return nil
}

// askGuard asks the guard, which counts only where nobody in the container can stop it.
func (s *Session) askGuard() (guard.State, error) {
	state, err := guard.Ask(s.StateDir)
	if err == nil && state.PID != 1 {
		err = fmt.Errorf("it is process %d, and only the container's first process can't be ended from inside", state.PID)
	}
	return state, err
}

// checkGuard is opsh -T's part: whether the guard is on, and whether it works.
func (s *Session) checkGuard(p *policy.Policy) []error {
	state, err := s.askGuard()
	required := p.Session.Guard == policy.GuardRequire
	switch {
	case err != nil && required:
		return []error{fmt.Errorf("cannot rely on the guard: %w; %s", err, guardHint)}
	case err != nil:
		fmt.Fprintf(s.Stdout, "opsh: the guard is not on: %v\n", err)
		return nil
	}
	fmt.Fprintf(s.Stdout, "opsh: the guard is on since %s: of the agent's processes it holds %d, and has ended %s\n", state.Since,
		len(state.Held), transcript.Count(state.Killed, "start"))
	var problems []error
	for _, text := range state.Problems() {
		if required {
			problems = append(problems, fmt.Errorf("cannot rely on the guard: %s", text))
		} else {
			fmt.Fprintf(s.Stderr, "opsh: warning: %s\n", text)
		}
	}
	return problems
}

// checkGuardPart looks, without anything running, whether the image has what the policy wants.
func (s *Session) checkGuardPart(p *policy.Policy) []error {
	if p.Session.Guard != policy.GuardRequire {
		return nil
	}
	at := filepath.Join(filepath.Dir(s.Program), "opshd")
	if err := unix.Access(at, unix.X_OK); err != nil {
		return []error{fmt.Errorf(`cannot require the guard: %s: %w; copy opshd there and make it the entry point, or set session.guard = "off"`, at, err)}
	}
	return nil
}
