// Package launch runs one tool: what a policy.Grant permits, on a terminal of its own inside the
// operator's, and nothing that outlives it.
//
// The tool never gets the operator's terminal. It gets an inner pty, and launch copies bytes between
// the two. So a tool can't push input into opsh's prompt, can't leave opsh's terminal in a mode that
// hides what is typed next, can't stop opsh with a signal key, and can't keep a descriptor through which
// it would go on printing between opsh's own lines. When the tool's first process ends, everything else
// of its uid is ended too, before Run returns.
package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
	"time"

	"opsh/policy"
	"opsh/shell/contain"
	"opsh/shell/redact"
)

// Keys is the operator's keyboard. There is one reader of the terminal in a session; the prompt and the
// running tool take turns at it.
type Keys interface {
	// Next waits for typed bytes and returns at most max of them. The end of ctx ends the wait and loses
	// none. io.EOF: the terminal is gone.
	Next(ctx context.Context, max int) ([]byte, error)
	// Unread puts bytes back in front.
	Unread(b []byte)
	// Ready is the number of bytes that wait already.
	Ready() int
}

// Job is one tool to run, and what the session lends to it.
type Job struct {
	Grant  *policy.Grant
	Helper string // absolute path of opsh-exec
	Reaper uint32 // the uid that ends other uids' processes: UIDRange.First
	Keys   Keys   // nil: nobody types, and the tool's input is /dev/null unless the Grant has one
	// NoInput has the tool's input be /dev/null although there are Keys: of them only what its terminal makes signals of arrives.
	NoInput bool
	Out     io.Writer      // everything the tool prints, in order; also while Run waits for it
	Redact  *redact.Stream // what Out gets passes through it; nil: as it is
	Tty     *os.File       // the operator's terminal, for its size; nil: there is none, and "\n" stays "\n"

	// OnInput is called with what was typed, once the tool's terminal has taken it. masked: the tool doesn't show it. nil: nobody wants to know.
	OnInput func(b []byte, masked bool)

	// Idle ends a tool whose line editor waits (its terminal is not in line mode) when for so long there was
	// neither a key nor output. 0: never.
	Idle time.Duration
	// Deadline is the session's end. The zero Time: none.
	Deadline time.Time
	// OnQuiet is called whenever the tool printed nothing for Quiet, with the time since the tool started. It may
	// write to Out: nothing else does while it runs. 0 or nil: never.
	Quiet   time.Duration
	OnQuiet func(sinceStart time.Duration)
	// OnWarn is called once, at WarnAt, under the same terms as OnQuiet: to say that Deadline is near. The zero Time or nil: never.
	WarnAt time.Time
	OnWarn func()
	// OnEvent is called for every program that the tool tries to start, and every other call that it is denied, while it waits for the
	// answer; midline says that the tool's last byte on Out is not a newline, plain that all of them were text. It may write to Out: nothing else does while it runs. An
	// error: what was to be started isn't.
	OnEvent func(e Event, midline, plain bool) error
}

// The limits that can end a tool, as Result.Limit names them.
const (
	LimitTimeout = "timeout" // the tool's own
	LimitIdle    = "idle"    // Job.Idle
	LimitSession = "session" // Job.Deadline
	LimitOutput  = "output"  // the tool's own
	LimitLost    = "lost"    // the operator's terminal is gone: Keys ended, or Out failed
)

// Result is how a tool ended.
type Result struct {
	Exit     int            // exit status; 128+Signal where a signal ended it
	Signal   syscall.Signal // 0: it exited by itself
	Limit    string         // "", or the limit that ended it: then Exit and Signal are the consequence
	Duration time.Duration  // from its start to the end of its first process
	Bytes    int64          // what it printed, up to its limit
	Left     []Process      // what it had left running, ended by now
	Midline  bool           // the last byte on Out is not a newline
	Plain    bool           // it printed text and nothing else: the terminal needs no reset
}

// Process is a process that a tool left running.
type Process = contain.Process

// Listed is what a record names of processes: each as it says, the first ten, and how many more there are: a fork bomb leaves thousands.
func Listed(ps []Process, each func(Process) string) []string {
	const most = 10
	var out []string
	for i, p := range ps {
		if i == most {
			return append(out, fmt.Sprintf("and %d more", len(ps)-i))
		}
		out = append(out, each(p))
	}
	return out
}

// Event is a program that a tool tried to start, or another call that it was denied.
type Event = contain.Event

// CallExec is the Call of an Event that is about a program.
const CallExec = contain.CallExec

// Kernel is what this kernel and container give for containment.
type Kernel = contain.Kernel

// Probe asks them.
func Probe(sameUser bool) Kernel { return contain.Probe(sameUser) }

// Refuses says why a tool can't be contained on this kernel as its policy asks; nil: it can. lacks is what stays
// open because the policy is content with it.
func Refuses(k Kernel, t *policy.Tool) (lacks []string, err error) {
	s := specOf(t)
	if err := k.Refuses(s); err != nil {
		return nil, err
	}
	return s.Lacks(k.Landlock), nil
}

// Alone says why the tool of a Grant may not have its uid now; nil: it may.
func Alone(g *policy.Grant) error { return planOf(g).alone() }

// End ends every process of uid and returns what it ended. It is for the watcher, which outlives opsh.
func End(uid, reaper uint32) ([]Process, error) { return contain.End(uid, reaper) }

// Run runs the tool that the Grant names and returns when it has ended, everything it left running is gone
// and all it printed is on Out. An error with a Duration of 0: the tool never ran. An error with another Result:
// the tool ran, but not all of what it left running could be ended.
//
// ctx ends the tool at once, by SIGKILL. Where the operator's terminal is lost, the session's time is over or ctx
// has ended, and a Write to Out doesn't return, Run returns without it.
func Run(ctx context.Context, j Job) (Result, error) {
	if j.Grant == nil {
		return Result{}, errors.New("cannot run a tool: nothing was granted")
	}
	return run(ctx, planOf(j.Grant), j)
}

// plan is what a Grant says, in launch's own terms.
type plan struct {
	name    string // what messages call the tool
	spec    contain.Spec
	stdin   *os.File // nil: the keyboard or /dev/null
	files   []policy.GrantFile
	timeout time.Duration // 0: none
	output  int64         // bytes that it may print; 0: any number
	shared  bool          // the uid is not the session's own: others may use it too
}

func planOf(g *policy.Grant) plan {
	program, id := g.Program(), g.Identity()
	p := plan{
		name: g.Tool().Name, stdin: g.Stdin(), files: g.Files(), timeout: g.Timeout(), output: g.Limits().Output,
		shared: g.Tool().ShareUID || id.Own,
		spec:   specOf(g.Tool()),
	}
	s := &p.spec
	s.Path, s.Dev, s.Ino = program.Path, program.Dev, program.Ino
	s.Argv, s.Env, s.Dir = g.Argv(), g.Env(), g.Dir()
	s.UID, s.GID, s.Groups, s.SameUser = id.UID, id.GID, id.Groups, id.Own
	s.ExecFiles, s.Reads, s.Writes = fileIDs(g.ExecFiles()), fileIDs(g.Reads()), fileIDs(g.Writes())
	return p
}

// specOf is what the policy alone says.
func specOf(t *policy.Tool) contain.Spec {
	s := contain.Spec{
		Exec: string(t.Exec.Mode), Landlock: string(t.Landlock), FilesOnly: t.Access != nil, ConnectOnly: t.ConnectOnly,
		Limits: contain.Limits{
			Processes: uint64(t.Limits.Processes), Memory: uint64(t.Limits.Memory),
			CPU: uint64(t.Limits.CPU / time.Second), OpenFiles: uint64(t.Limits.OpenFiles),
		},
	}
	for _, e := range t.Connect {
		if !slices.Contains(s.Ports, e.Port) {
			s.Ports = append(s.Ports, e.Port)
		}
	}
	return s
}

func fileIDs(files []policy.FileID) (ids []contain.FileID) {
	for _, f := range files {
		ids = append(ids, contain.FileID(f))
	}
	return ids
}

// alone refuses a uid that the tool would share with processes that are there already: it could read their environment and their
// memory, and end them. /proc/1/environ of an application that runs under it holds the production secrets.
func (p plan) alone() error {
	if !p.shared || p.spec.SameUser {
		return nil // TakeUID has seen to it, or the policy is content with it
	}
	running, err := contain.Find(p.spec.UID)
	if err != nil {
		return err
	}
	for _, r := range running {
		if r.PID != os.Getpid() && !descends(r.PID) {
			// Not what it runs: another application's arguments may hold its secrets, and nobody here knows them.
			return fmt.Errorf("process %d runs under its uid %d, and %s could read its environment: run the tool as a user of its own", r.PID, p.spec.UID, p.name)
		}
	}
	return nil
}

// check refuses a plan that no Bind makes. Ending everything of uid 0 would end opsh, its watcher and the agent.
func (p plan) check() error {
	if p.spec.UID == 0 {
		return errors.New("its uid is 0")
	}
	seen := map[int]bool{}
	for _, f := range p.files {
		if f.FD < firstFile || f.FD > lastFile || seen[f.FD] || f.File == nil {
			return fmt.Errorf("descriptor %d can't be handed over", f.FD)
		}
		seen[f.FD] = true
	}
	return nil
}
