package shell

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/launch"
	"opsh/shell/ship"
	"opsh/shell/transcript"
)

// Check is opsh -t, and with live opsh -T: everything that a session will need, looked at before anyone depends on
// it. Every finding is printed; 0 when there is none, 125 otherwise.
func (s *Session) Check(live bool) int {
	p, err := policy.Open(s.PolicyFile, answer.Split)
	if err != nil {
		s.complainPolicy(err)
		return StatusBroken
	}
	problems := p.CheckMachine()
	problems = append(problems, s.checkParts()...)
	problems = append(problems, s.checkGuardPart(p)...)
	problems = append(problems, checkTranscript(s.Environ)...)
	var found []ship.Finding
	if live {
		problems = append(problems, s.checkLive(p)...)
		problems = append(problems, s.checkGuard(p)...)
		found = slices.Concat(s.checkRecording(p), s.checkAgentLog(), s.checkSecrets(p))
	}
	for _, w := range p.Warnings() {
		fmt.Fprintf(s.Stderr, "opsh: warning: %s\n", w)
	}
	for _, problem := range problems {
		fmt.Fprintf(s.Stderr, "opsh: error: %v\n", problem)
	}
	if len(problems) > 0 {
		fmt.Fprintf(s.Stderr, "opsh: hint: %s: mend them and build the image again\n", transcript.Count(len(problems), "problem"))
	}
	if !s.report(found) || len(problems) > 0 {
		return StatusBroken
	}
	lines := 0
	for _, t := range p.Tools {
		lines += len(t.Rules)
	}
	guard := "guard required"
	if p.Session.Guard == policy.GuardOff {
		guard = "no guard"
	}
	fmt.Fprintf(s.Stdout, "opsh: %s: %s, %s, %s; %s; policy %.8s\n", s.PolicyFile,
		transcript.Count(len(p.Tools), "tool"), transcript.Count(lines, "usage line"), transcript.Count(len(p.Tests), "test"), guard, p.Hash)
	return 0
}

// report prints what was found about recording, and says whether it works.
func (s *Session) report(found []ship.Finding) bool {
	works := true
	for _, f := range found {
		kind := "error"
		if f.Warning {
			kind = "warning"
		}
		works = works && f.Warning
		fmt.Fprintf(s.Stderr, "opsh: %s: %s\n", kind, f.Text)
		if f.Hint != "" {
			fmt.Fprintf(s.Stderr, "opsh: hint: %s\n", f.Hint)
		}
	}
	return works
}

// checkParts looks at opsh's own: whoever can replace opsh-exec is the containment, and whoever can replace opsh-watch has the task's role.
func (s *Session) checkParts() []error {
	var problems []error
	for _, part := range []string{s.helper(), s.beside()} {
		var st unix.Stat_t
		switch err := unix.Stat(part, &st); {
		case err != nil:
			problems = append(problems, fmt.Errorf("cannot use %s: %w", part, err))
		case st.Mode&unix.S_IFMT != unix.S_IFREG || st.Mode&0o111 == 0:
			problems = append(problems, fmt.Errorf("cannot use %s: it is not an executable file", part))
		case st.Uid != 0 || st.Mode&0o022 != 0:
			problems = append(problems, fmt.Errorf("cannot trust %s: it must belong to root and be writable by nobody else", part))
		}
	}
	return problems
}

// checkTranscript looks at what the agent needs to upload a session's log. It fails silently: a session
// without these leaves an empty log or none.
func checkTranscript(environ []string) []error {
	var problems []error
	for _, name := range []string{"script", "cat", "sh"} {
		if !inPath(name) {
			problems = append(problems, fmt.Errorf("cannot keep session logs: the image has no %s, which the agent runs to write them; install it (Debian: bsdutils, coreutils, dash)", name))
		}
	}
	if shell := variable(environ, "SHELL"); shell != "" && path.Base(shell) == "opsh" {
		problems = append(problems, errors.New("cannot keep session logs: SHELL is opsh, and the agent uploads an empty log then; don't set SHELL in the image or task definition"))
	}
	return problems
}

// inPath looks where the agent does.
func inPath(name string) bool {
	for _, dir := range []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"} {
		if st, err := os.Stat(filepath.Join(dir, name)); err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0 {
			return true
		}
	}
	return false
}

// checkLive tries what a session does: containment, and a uid. Recording is checkRecording's.
func (s *Session) checkLive(p *policy.Policy) []error {
	if os.Geteuid() != 0 && !p.Session.SameUser {
		return []error{errors.New("cannot check the kernel: opsh does not run as root")}
	}
	var problems []error
	kernel, err := s.ready(p)
	if err != nil {
		problems = append(problems, err)
	}
	fmt.Fprintf(s.Stdout, "opsh: %s\n", kernel)
	for _, t := range p.Tools {
		if _, err := launch.Refuses(kernel, t); err != nil && kernel.Contains() == nil {
			problems = append(problems, fmt.Errorf("%s:%s: cannot run %s here: %w", p.Name, t.Pos, t.Name, err))
		}
	}
	seat, err := takeSeat(s.StateDir, p)
	if err != nil {
		problems = append(problems, err)
	} else {
		if err := launch.Try(s.helper(), seat); err != nil {
			problems = append(problems, fmt.Errorf("cannot contain a tool: %w", err))
		}
		seat.Close()
	}
	return problems
}
