// Package evidence holds what an auditor asks about sessions, as far as trails, CloudTrail's events and a runbook can say it: who, approved by whom, what
// ran, and whether all sessions are there. It is pure: what is read where is its callers' business.
package evidence

import (
	"strings"
	"time"

	"opsh/cmd/opsctl/internal/recorded"
	"opsh/cmd/opsctl/internal/sessionlog"
	"opsh/shell/audit"
)

// Session is one trail, and what belongs to it. What it repeats from the records is only as trustworthy as Verdict.State.
type Session struct {
	Place    string // where the trail lies
	Error    string // why the trail could not be read to its end; then Verdict says nothing
	Verdict  audit.Verdict
	Begin    *audit.Record // nil: the trail has none
	Runbook  *audit.Record // nil: it was none that came with a header
	End      *audit.Record // nil: see audit.Open
	Commands []Command
	Start    *Start // CloudTrail's event; nil: none was found

	RecordingPlace string
	Recording      *recorded.Result // nil: it wasn't held against the trail
	RecordingError string
	LogPlace       string
	Log            *sessionlog.Result // nil: as above
	LogError       string

	id string
}

// Command is what became of one command line.
type Command struct {
	Number int
	Line   string
	Begin  audit.Record   // run or refused
	Events []audit.Record // exec and denied, in order
	Exit   *audit.Record  // nil: it was refused, or its end isn't in the trail
}

// Add takes the trail's next record.
func (s *Session) Add(r audit.Record) {
	if s.id == "" {
		s.id = r.Session
	}
	switch r.Event {
	case audit.Begin:
		if s.Begin == nil {
			s.Begin = &r
		}
	case audit.Runbook:
		if s.Runbook == nil {
			s.Runbook = &r
		}
	case audit.End:
		s.End = &r
	case audit.Run, audit.Refused:
		s.Commands = append(s.Commands, Command{Number: r.Command, Line: r.Line, Begin: r})
	case audit.Exec, audit.Denied, audit.Exit:
		s.command(r.Command).take(r)
	}
}

// command is the one of this number. A broken trail may lack its beginning.
func (s *Session) command(n int) *Command {
	for i := len(s.Commands) - 1; i >= 0; i-- {
		if s.Commands[i].Number == n {
			return &s.Commands[i]
		}
	}
	s.Commands = append(s.Commands, Command{Number: n})
	return &s.Commands[len(s.Commands)-1]
}

func (c *Command) take(r audit.Record) {
	if r.Event == audit.Exit {
		c.Exit = &r
		return
	}
	c.Events = append(c.Events, r)
}

// Refused says that the command never started.
func (c *Command) Refused() bool { return c.Begin.Event == audit.Refused }

// Denials is how many calls of the command's tool the kernel denied. A refused command had none.
func (c *Command) Denials() (n int) {
	for _, e := range c.Events {
		if e.Event == audit.Denied {
			n++
		}
	}
	if c.Exit != nil {
		n = max(n, c.Exit.Denials) // only the first have records of their own
	}
	return n
}

// ID is the session's; what a trail without a readable record has instead is its place.
func (s *Session) ID() string {
	if s.id == "" {
		return s.Place
	}
	return s.id
}

// Guard says that the trail is no session's but the guard's.
func (s *Session) Guard() bool {
	return strings.HasPrefix(s.id, "guard-") && s.Begin != nil && s.Begin.Mode == "guard"
}

// Began is when; the zero time where the trail doesn't say.
func (s *Session) Began() time.Time {
	switch {
	case s.Begin != nil:
		return s.Begin.When()
	case s.Verdict.From != "":
		return audit.Record{Time: s.Verdict.From}.When()
	}
	return time.Time{}
}

// Ended is the last record's time; the zero time where the trail doesn't say.
func (s *Session) Ended() time.Time { return audit.Record{Time: s.Verdict.To}.When() }

// Reason is what was given when the session began.
func (s *Session) Reason() string {
	if s.Begin == nil {
		return ""
	}
	return s.Begin.Reason
}

// Counts are how many commands ran and were refused, and how many calls were denied.
func (s *Session) Counts() (runs, refusals, denials int) {
	for i := range s.Commands {
		c := &s.Commands[i]
		denials += c.Denials()
		if c.Refused() {
			refusals++
		} else {
			runs++
		}
	}
	return runs, refusals, denials
}

// Sound says that the trail is whole, and whatever it was held against agrees with it.
func (s *Session) Sound() bool {
	return s.Error == "" && s.RecordingError == "" && s.LogError == "" && s.Verdict.State == audit.Whole &&
		(s.Recording == nil || s.Recording.Agrees()) && (s.Log == nil || s.Log.Agrees())
}
