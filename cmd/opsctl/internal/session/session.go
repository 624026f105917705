// Package session holds a session that ECS Exec has opened, with AWS's client library in a child (package channel), and brings back what
// opsh says of its end. It owns the operator's terminal before, during and after.
package session

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"opsh/cmd/opsctl/internal/frame"
	"opsh/shell/line"
)

// Opened is ExecuteCommand's answer. Target is what the Session Manager calls the container: ecs:CLUSTER_TASKID_RUNTIMEID. The token is a
// secret: it lets whoever has it type.
type Opened = frame.Opening

// ChildVerb is the verb by which opsctl starts itself to hold a session.
const ChildVerb = "channel"

// Event is something that happened to the session's task.
type Event struct {
	Text    string // "the task is being stopped: REASON"
	Stopped bool   // the container is gone; before that, there is the time that the task has to end
}

// Streams is what a session has to do with outside.
type Streams struct {
	In  *os.File  // the operator's terminal; Run doesn't read
	Out io.Writer // what the session prints; of Run, what the tools print
	Err io.Writer // of Run, opsh's lines; and opsctl's own words

	// Screen is the terminal that people see Out on, to be brought back from what a tool did to it; nil: there is none.
	Screen *os.File

	Program   string           // opsctl's own file
	Environ   []string         // the child's: AWS settings, and credentials that need no question
	Task      <-chan Event     // what happens to the task; nil: nobody looks
	Interrupt <-chan os.Signal // asks Run to end: first the command, then to leave it; nil: nothing does
	Approval  []byte           // sent with Run's runbook; nil: it has none
	Silence   time.Duration    // how long Run waits without a word; 0: 7 minutes, since opsh speaks every 5
}

// The exit statuses of opsctl's own, where a session's end isn't opsh's to tell. They are neither opsh's nor a signal's.
const (
	StatusSilent      = 248 // nothing was heard for minutes
	StatusIdle        = 249 // ECS ended the session, which had idled
	StatusInterrupted = 250 // opsctl was interrupted
	StatusLost        = 251 // the connection was lost
	StatusStopped     = 252 // the task was stopped
	StatusEnded       = 253 // the session ended without opsh's last line: opsh was killed, or the session was
	StatusForged      = 254 // the last line looks like opsh's and isn't
	statusBroken      = 125 // opsh did not start
)

// Statuses explains the exit statuses of a run for help.
const Statuses = `Exit status: the command's own, as opsh's last line proves it; of opsh, 124 a limit, 125 it can't work, 126 refused; of opsctl, 2 wrong
use, 125 it can't open the session or opsh didn't start. And where the command's end isn't known, with the reason in words:
  248 nothing was heard for 7 minutes, although opsh speaks every 5
  249 ECS ended the session because it idled
  250 interrupted here (Ctrl-C, a cancelled job)
  251 the connection was lost, and couldn't be resumed
  252 the task was stopped
  253 the session ended without opsh's last line: opsh was killed, or somebody ended the session
  254 the last line looks like opsh's and isn't: a tool printed it`

// Outcome is how a session ended.
type Outcome struct {
	Status int    // opsctl's exit status
	Why    string // what people are told where Status isn't the command's own; "": there is nothing to tell
	Hint   string // what to do about it, may be empty
}

// note tells people something, on a line of its own.
func (s Streams) note(text string) { fmt.Fprintf(s.Err, "opsctl: %s\n", line.Plain(text)) }

// errNoChild is what a child that can't be started leaves.
var errNoChild = errors.New("cannot hold the session")

// closedWhy is how the service's words about a closed channel are understood: an idle session's end has a status of its own.
func closedWhy(said string) (status int, why string) {
	text := strings.TrimSpace(said)
	lower := strings.ToLower(text)
	if strings.Contains(lower, "timed out") || strings.Contains(lower, "timeout") || strings.Contains(lower, "inactivity") {
		return StatusIdle, "ECS ended the session because it idled: " + text
	}
	why = "the session ended without opsh's last line: opsh was killed, or the session was ended from outside"
	if text != "" {
		why += "; the service says: " + text
	}
	return StatusEnded, why
}

// afterwards is what can be known later of a command whose end wasn't seen.
const afterwards = "the trail knows what ran and how it ended: opsctl verify"
