package guard

import (
	"fmt"

	"opsh/shell/line"
)

// Kind says what an Event is about.
type Kind string

// The kinds of events. Held is how it should be; each of the others is worth a look.
const (
	Held    Kind = "held"    // a process of the agent's is held from now on
	Killed  Kind = "killed"  // what the agent had started was ended before its first instruction
	Escaped Kind = "escaped" // what ran before its parent was held was ended; what it had done by then nobody knows
	Trouble Kind = "trouble" // the guard can't do its work
)

// Event is something that the guard did or found. Path and Argv are chosen by whoever started it.
type Event struct {
	Kind    Kind     `json:"kind"`
	PID     int      `json:"pid,omitempty"`
	Session string   `json:"session,omitempty"` // the agent's id of the session
	Path    string   `json:"path,omitempty"`    // the program
	Argv    []string `json:"argv,omitempty"`
	Why     string   `json:"why,omitempty"`
}

// shown bounds what a line of the container's log shows of a text that somebody chose, in bytes. The record has more.
const shown = 1 << 10

// String is the event as one line without its end, in plain text, whatever its texts hold.
func (e Event) String() string {
	path := word(e.Path)
	what := path
	if len(e.Argv) > 0 {
		what = line.Quote(e.Argv...)
		if len(what) > shown {
			what = fmt.Sprintf("%s with %d arguments", word(e.Argv[0]), len(e.Argv)-1)
		}
		if e.Argv[0] != e.Path {
			what += " (" + path + ")"
		}
	}
	switch e.Kind {
	case Held:
		return fmt.Sprintf("opshd: holds %s, process %d", what, e.PID)
	case Trouble:
		return "opshd: error: " + e.Why
	}
	session := "outside a session"
	if e.Session != "" {
		session = "in session " + word(e.Session)
	}
	return fmt.Sprintf("opshd: %s %s, process %d, %s: %s", e.Kind, what, e.PID, session, e.Why)
}

// word is a text as one word, or its beginning.
func word(text string) string {
	if len(text) > shown {
		return line.QuoteWord(text[:shown]) + "..."
	}
	return line.QuoteWord(text)
}
