package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/approval"
	"opsh/shell/audit"
	"opsh/shell/contain"
	"opsh/shell/launch"
	"opsh/shell/prompt"
	"opsh/shell/recording"
	"opsh/shell/ship"
	"opsh/shell/transcript"
)

// Session is how opsh was started. Nothing below cmd reads the process's streams, environment or clock by itself.
type Session struct {
	Stdin, Stdout, Stderr *os.File
	Environ               []string
	Now                   func() time.Time
	Version               string

	PolicyFile      string
	StateDir        string
	AWSEndpoint     string // empty: AWS's own
	CredentialsHost string // of the task role's
	AgentLogs       string // the directory of the agent that ECS Exec starts
	Program         string // absolute path of opsh; opsh-exec lies beside it
	Parent          int    // pid of who started opsh

	Reason string // --reason
}

// The exit statuses of opsh itself; a tool's own come through unchanged.
const (
	StatusUsage   = 2
	StatusTimeout = 124
	StatusBroken  = 125
	StatusRefused = 126
)

// session is a Session under way.
type session struct {
	Session
	policy       *policy.Policy
	kernel       launch.Kernel
	origin       origin
	here         place // zero where ECS did not say so at once
	terminal     *terminal
	keys         *prompt.Keyboard
	seat         *launch.Seat
	trail        *audit.Trail
	recorder     *recording.Recorder // nil: the policy wants no recordings
	typed        *typed              // to the running tool; nil: nothing was
	watcher      *watcher
	secrets      *secrets
	shipTo       *ship.Logs // nil: nowhere
	castTroubled string     // what keeps its recording here, likewise
	troubled     string     // what kept records here when that was last said
	noKeys       bool       // a runbook: tools read /dev/null
	unclean      bool       // launch could not say that nothing of the session's uid is left

	started  time.Time
	deadline time.Time
	commands int
	runs     int
	refusals int
	attempts attempts         // of the running command
	approved *approval.Signed // what came with a runbook, verified; nil: nothing did
	nonce    string           // a runbook's: the end line is authenticated with it

	interrupts *interrupts // a runbook's that came with a header over a terminal
}

// complain writes an error and what to do about it, before there is a session to write them in.
func (s *Session) complain(err error, hints ...string) {
	fmt.Fprintf(s.Stderr, "opsh: error: %v\n", err)
	for _, h := range hints {
		if h != "" {
			fmt.Fprintf(s.Stderr, "opsh: hint: %s\n", h)
		}
	}
}

// open reads the policy, checks who started opsh, and takes what a session needs. On failure it has
// said why, and the status is the process's.
func (s *Session) open(mode string) (*session, int) {
	if err := harden(); err != nil {
		s.complain(err)
		return nil, StatusBroken
	}
	p, err := policy.Open(s.PolicyFile, answer.Split)
	if err != nil {
		s.complainPolicy(err)
		return nil, StatusBroken
	}
	if os.Geteuid() != 0 && !p.Session.SameUser {
		s.complain(errors.New("cannot start: opsh does not run as root, so it can't contain what it runs"),
			"start it by ECS Exec; the image must leave USER alone for it")
		return nil, StatusRefused
	}
	if writable(s.Stdout) != nil {
		s.complain(errors.New("cannot start: standard output is closed, so nobody would see what runs"))
		return nil, StatusUsage
	}
	from, err := findOrigin(s.Parent)
	if err != nil {
		s.complain(err)
		return nil, StatusBroken
	}
	if p.Session.Origin == policy.OriginECSExec && !from.ecsExec {
		s.complain(errors.New("cannot start: opsh was not started by ECS Exec, so no session log is kept"),
			`open it with "aws ecs execute-command --interactive --command opsh"; or set session.origin = "any"`)
		return nil, StatusRefused
	}
	if err := s.guarded(p); err != nil {
		s.complain(err, guardHint)
		return nil, StatusRefused
	}
	kernel, err := s.ready(p)
	if err != nil {
		s.complain(err)
		return nil, StatusRefused
	}
	now := s.Now()
	o := &session{Session: *s, policy: p, kernel: kernel, origin: from, started: now, deadline: now.Add(p.Session.MaxDuration)}
	if o.terminal, err = openTerminal(s.Stdin, s.Stdout); err != nil {
		s.complain(err)
		return nil, StatusBroken
	}
	if mode == modeInteractive && o.terminal.file == nil {
		s.complain(errors.New("cannot open a session: standard input and output are not a terminal"),
			"opsh -c LINE runs one command, opsh -s a runbook from standard input")
		return nil, StatusUsage
	}
	o.startRecording()
	o.keys = prompt.NewKeyboard(s.Stdin, s.Now)
	return o, 0
}

// ready refuses what this build or this machine can't give, before anything is asked or recorded.
func (s *Session) ready(p *policy.Policy) (launch.Kernel, error) {
	kernel := launch.Probe(sameUser(p))
	if to := s.target(p); to != nil && p.Audit.WhenDown == policy.WhenDownRefuse {
		if err := to.Check(); err != nil {
			return kernel, fmt.Errorf(`cannot start: audit.when_down is "refuse", and no record can leave this machine: %w`, err)
		}
	}
	return kernel, kernel.Contains()
}

// sameUser says that the tools run as opsh's own user: it isn't root, and the policy is content with that.
func sameUser(p *policy.Policy) bool {
	return os.Geteuid() != 0 && p.Session.SameUser
}

// complainPolicy prints every mistake of the policy; its own lines say where and what.
func (s *Session) complainPolicy(err error) {
	var all *policy.Errors
	if errors.As(err, &all) {
		fmt.Fprintf(s.Stderr, "%s\n", strings.TrimRight(all.Error(), "\n"))
		err = fmt.Errorf("cannot use %s: %s", s.PolicyFile, transcript.Count(len(all.List), "mistake"))
	}
	s.complain(err, "opsh runs nothing without a valid policy; opsh -t in the image's build finds such mistakes earlier")
}

// The modes, as the first record names them.
const (
	modeInteractive = "interactive"
	modeCommand     = "command"
	modeRunbook     = "runbook"
	modeGuard       = "guard" // of the recorder's trail
)

// begin takes the uid, opens the trail, starts the watcher, and records and shows the session's first
// line. Without all of these there is no session.
func (s *session) begin(mode string) (err error) {
	defer func() {
		if err != nil {
			s.release()
		}
	}()
	s.secrets = newSecrets(&s.Session, s.policy)
	if err = s.takeSeatAndTrail(); err != nil {
		return err
	}
	if err = s.recorder.Open(s.StateDir, s.origin.session); err != nil {
		return err
	}
	s.shipTo = s.target(s.policy)
	if s.watcher, err = startWatcher(s.beside(), s.trail, s.seat, ship.Orders{StateDir: s.StateDir, Ship: s.shipTo, Bucket: s.bucket(s.policy)}, nil); err != nil {
		return err
	}
	s.here, _ = s.findPlace(placeSoon) //nolint:errcheck // recorded as far as it is known
	host, _ := os.Hostname()           //nolint:errcheck // a container without a name is recorded without one
	begun, err := s.record(audit.Record{
		Event: audit.Begin, Task: taskID(s.Environ), Cluster: s.here.name(), Service: s.here.service, Host: host, Opsh: s.Version, Policy: s.policy.Hash, Kernel: s.kernel.String(),
		Mode: mode, Reason: s.Reason, UID: s.seat.UID, Recording: s.recordingPlace(),
	})
	if err != nil {
		return err
	}
	if err := s.terminal.say(transcript.Line(begun)); err != nil {
		return fmt.Errorf("cannot write to the terminal: %w", err)
	}
	return nil
}

// end records and shows the session's last line, and gives everything back. It returns the exit status.
func (s *session) end(out outcome, why string) int {
	var left []launch.Process
	var err error
	if s.unclean {
		left, err = s.seat.End()
	}
	if err != nil {
		why = strings.TrimPrefix(why+"; "+err.Error(), "; ")
		out = outcome{status: StatusBroken, category: audit.CategoryBroken}
	}
	ended, err := s.record(audit.Record{
		Event: audit.End, Status: status(out.status), Category: out.category, Why: why, Left: s.names(left),
		Runs: s.runs, Refusals: s.refusals, Millis: s.Now().Sub(s.started).Milliseconds(),
	})
	if err != nil {
		out = s.unrecorded(err)
		s.release()
		return out.status
	}
	// Nothing vouches for what follows the record: opsctl verify takes there these lines alone.
	var lines []string
	if ended.Why != "" {
		lines = answer.Fold(transcript.Error+ended.Why, "", "  ") // as recorded: without secrets
	}
	lines = append(lines, s.behind()...)
	s.terminal.say(append(lines, transcript.End(ended, s.nonce))...) //nolint:errcheck // the record is kept; nobody may be there to read the line
	s.recorder.Close(out.status)                                     //nolint:errcheck // what the trail vouches for was written, or said to be lost
	s.release()
	return out.status
}

// release gives back what begin took, in the opposite order.
func (s *session) release() {
	if s.watcher != nil {
		s.watcher.dismiss(s.trail)
	}
	if s.trail != nil {
		s.trail.Close() //nolint:errcheck // every record was synced when it was written
	}
	if s.seat != nil {
		s.seat.Close()
	}
	s.terminal.Close()
}

// takeSeatAndTrail takes both at the same time: for the one all processes are looked at, for the other a key is made. What takes longer is done here: it
// takes a millisecond until another thread has begun.
func (s *session) takeSeatAndTrail() (err error) {
	created := make(chan error, 1)
	go func() {
		var err error
		s.trail, err = audit.Create(s.StateDir, s.origin.session, s.Now)
		created <- err
	}()
	s.seat, err = takeSeat(s.StateDir, s.policy)
	switch failed := <-created; {
	case err == nil:
		return failed
	case failed == nil:
		s.trail.Discard()
	}
	return err
}

// takeSeat is the uid of the session's tools.
func takeSeat(stateDir string, p *policy.Policy) (*launch.Seat, error) {
	if sameUser(p) {
		return launch.OwnSeat(stateDir)
	}
	return launch.TakeUID(stateDir, p.Session.UIDs)
}

// bindSeat is what the session lends to a tool.
func (s *session) bindSeat() policy.Seat {
	term := "dumb"
	if s.terminal.file != nil && s.nonce == "" { // with it a program reads what tools print: it wants no colours
		term = variable(s.Environ, "TERM")
	}
	return policy.Seat{UID: s.seat.UID, GID: s.seat.GID, SameUser: s.seat.Own, Term: term, Environ: s.Environ, Secret: s.secretFor}
}

// quiet is how long a tool may be silent before a line says that it still runs: ECS ends a session after 20 idle minutes.
const quiet = 5 * time.Minute

// job is what launch needs to know of the session.
func (s *session) job(g *policy.Grant, begun audit.Record) launch.Job {
	s.attempts = attempts{}
	j := launch.Job{
		Grant: g, Helper: s.helper(), Reaper: s.seat.Reaper,
		Out: s.terminal.out, Tty: s.terminal.file, Redact: s.secrets.set.Stream(),
		Idle: s.policy.Session.IdleTimeout, Deadline: s.deadline, Quiet: quiet,
	}
	switch {
	case s.interrupts != nil:
		j.Keys, j.NoInput = s.interrupts, true
	case s.terminal.file != nil && !s.noKeys:
		j.Keys = s.keys
	}
	if warnAt := s.deadline.Add(-warnBefore); warnAt.After(s.Now()) {
		j.WarnAt, j.OnWarn = warnAt, s.warnOfEnd
	}
	if s.recorder != nil {
		s.typed = &typed{recorder: s.recorder, keys: s.secrets.set.Stream()}
		j.OnInput = s.typed.take
	}
	j.OnEvent = s.told(begun)
	j.OnQuiet = func(d time.Duration) { s.stillRunning(begun, d) }
	return j
}

// stillRunning records and shows that a silent tool runs. A failure is not the tool's fault; the next record says what is wrong with the trail.
func (s *session) stillRunning(begun audit.Record, d time.Duration) {
	defer s.terminal.lend()
	r, err := s.record(audit.Record{Event: audit.Running, Command: begun.Command, Millis: d.Milliseconds()})
	if err != nil {
		s.unrecorded(err)
		return
	}
	// The terminal's modes are the running tool's: only a line of its own is taken.
	lines := []string{transcript.Line(r)}
	if !s.terminal.lent {
		lines = append([]string{""}, lines...)
	}
	s.terminal.say(lines...) //nolint:errcheck // a lost terminal is noticed where the tool's output goes
}

// warnOfEnd says, while a tool runs, that the session's time is nearly over. The tool's terminal is left as it is.
func (s *session) warnOfEnd() {
	text := fmt.Sprintf("opsh: warning: this session ends in %s, and with it what runs: its time is over", answer.Brief(warnBefore))
	defer s.terminal.lend()
	if s.terminal.file != nil && !s.terminal.lent {
		text = "\r\n" + text
	}
	s.terminal.say(text) //nolint:errcheck // a lost terminal is noticed where the tool's output goes
}

// settle brings the terminal back from whatever state the tool left it in, to the start of a line: what the log holds of the record
// must begin a line too, and not stand behind the sequence. Text alone leaves no state, and without a terminal there is none.
func (s *session) settle(r launch.Result) {
	switch {
	case s.terminal.file != nil && !r.Plain:
		io.WriteString(s.terminal.out, s.terminal.reclaim()+launch.ResetSequence()) //nolint:errcheck // the line behind it reports a lost terminal
		s.terminal.say("")                                                          //nolint:errcheck // as above
	case r.Midline && !s.terminal.lent:
		s.terminal.say("") //nolint:errcheck // as above
	}
}

// harden keeps other processes away from opsh's memory, and the terminal's signals from stopping it.
func harden() error {
	if err := contain.Private(); err != nil {
		return err
	}
	signal.Ignore(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGPIPE)
	return nil
}
