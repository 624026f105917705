package shell

import (
	"strings"

	"opsh/shell/audit"
	"opsh/shell/launch"
	"opsh/shell/transcript"
)

// eachDenied is how many denied calls of a command have a record of their own; the exit's counts all. Whoever has a tool try
// thousands a second would otherwise fill the disk. What was allowed is always recorded: it is what ran.
const eachDenied = 200

// attempts is what a command has tried so far.
type attempts struct{ denied int }

// told records and shows a program that the running tool tries to start, and what else it is denied. An error keeps it from starting.
func (s *session) told(begun audit.Record) func(e launch.Event, midline, plain bool) error {
	return func(e launch.Event, midline, plain bool) error {
		if e.Denied {
			s.attempts.denied++
			if s.attempts.denied > eachDenied {
				return nil
			}
		}
		defer s.terminal.lend()
		r, err := s.record(eventRecord(begun, e, s.secrets.text))
		if err != nil {
			s.unrecorded(err)
			return err
		}
		// The terminal's modes are the running tool's: only a line of its own is taken, and CAN ends what might swallow it.
		lead := ""
		if s.terminal.file != nil && !plain {
			lead = "\x18"
		}
		switch {
		case s.terminal.lent:
			lead = "" // the mark is CAN, too
		case midline || lead != "":
			lead += s.terminal.newline
		}
		return s.terminal.say(lead + transcript.Line(r))
	}
}

// eventRecord: the texts are the tool's choice, and may hold what it was given in secret.
func eventRecord(begun audit.Record, e launch.Event, redact func(string) string) audit.Record {
	r := audit.Record{
		Event: audit.Exec, Command: begun.Command, Tool: begun.Tool,
		Call: e.Call, Path: text(redact(e.Path)), PID: e.PID, By: text(redact(e.By)),
	}
	if e.Denied {
		r.Event = audit.Denied
	}
	for _, a := range e.Argv {
		r.Argv = append(r.Argv, text(redact(a)))
	}
	if e.Killed {
		r.Why = "it was ended: the name had led to another program when it was looked at, or its record could not be written"
	}
	return r
}

// text is what JSON can hold: bytes that aren't UTF-8 become U+FFFD there and here.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
