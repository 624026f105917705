package session

import (
	"context"
	"fmt"
	"time"

	"opsh/cmd/opsctl/internal/frame"
)

const (
	// silence is how long nothing may be heard: opsh says every 5 minutes that a command runs, and waits half a minute for a record to be kept.
	silence = 7 * time.Minute
	// beginning is how long opsh's first line may take: the agent has to start it, and its first record may have to be kept elsewhere.
	beginning = 2 * time.Minute
	// last is how long the channel may take to close behind opsh's last line, straggle how long what is under way may take to arrive when
	// the task has stopped.
	last     = 5 * time.Second
	straggle = 2 * time.Second
	// grace is how long a command may take to end by itself when it is interrupted.
	grace = 5 * time.Second
	// The window that tools see: nobody looks, so nothing shall be cut or folded.
	columns, rows = 300, 100
	ctrlC         = 3
)

// run is a Run under way.
type run struct {
	Streams
	child *child
	split *splitter
	text  []byte // what is sent once opsh is there
	sent  bool

	interrupts  int
	interrupted bool
	writing     error  // what came out can't be written
	stopped     string // the task's end, in words
	lost        string // the connection's
	closed      *string
	silent      bool
	left        bool             // the child was told to leave
	deadline    <-chan time.Time // when there is nothing more to wait for
	escalate    <-chan time.Time // when the next interrupt is due
}

// Run sends a runbook to opsh -s in an opened session, and returns when the session is over. What tools print goes to s.Out byte for byte,
// opsh's lines to s.Err. The Status is the commands' own only if opsh's last line proves it. An error: there was no session to speak of.
func Run(ctx context.Context, o Opened, b Runbook, s Streams) (Outcome, error) {
	text, nonce, err := b.sealed(s.Approval)
	if err != nil {
		return Outcome{}, err
	}
	if s.Silence == 0 {
		s.Silence = silence
	}
	c, err := start(o, s)
	if err != nil {
		return Outcome{}, err
	}
	defer c.stop()
	c.resize(columns, rows)
	r := &run{Streams: s, child: c, text: text, split: &splitter{tool: s.Out, opsh: s.Err, nonce: nonce}}
	if s.Screen != nil {
		r.split.reset = s.Screen
	}
	r.wait(ctx)
	if err := r.split.Close(); err != nil && r.writing == nil {
		r.writing = err
	}
	if r.split.inTool {
		s.settle()
	}
	return r.outcome(), nil
}

// wait returns when the session is over, or there is nothing more to wait for.
func (r *run) wait(ctx context.Context) {
	ended := ctx.Done()
	task, quiet := r.Task, time.NewTimer(min(r.Silence, beginning))
	defer quiet.Stop()
	for {
		select {
		case f, open := <-r.child.frames:
			if !open || !r.take(f) {
				return
			}
			if r.split.begun {
				quiet.Reset(r.Silence)
			}
		case <-r.Interrupt:
			r.interrupt()
		case <-ended:
			ended = nil
			r.interrupt()
		case <-r.escalate:
			r.interrupt()
		case e, open := <-task:
			if !open {
				task = nil
			} else if e.Stopped {
				r.stopped, task = e.Text, nil
				r.deadline = time.After(straggle)
			} else {
				r.note(e.Text)
			}
		case <-quiet.C:
			r.silent = true
			return
		case <-r.deadline:
			return
		}
	}
}

// take takes a frame, and says whether there may be more.
func (r *run) take(f said) bool {
	switch f.kind {
	case frame.Output:
		r.output(f.payload)
	case frame.Note:
		r.note(string(f.payload))
	case frame.Closed:
		text := string(f.payload)
		r.closed = &text
		return false
	case frame.Lost:
		r.lost = string(f.payload)
		return false
	}
	return true
}

func (r *run) output(b []byte) {
	if _, err := r.split.Write(b); err != nil && r.writing == nil {
		// Nobody reads: nothing shall run on unseen.
		r.writing = err
		r.split.tool = nowhere{}
		r.interrupt()
	}
	if r.split.begun && !r.sent && !r.left {
		// Not before opsh's first line: until then the terminal echoes, and what it echoes is in the session log.
		r.sent = true
		r.child.tell(frame.Input, r.text)
	}
	if _, ok := r.split.status(); ok && r.deadline == nil {
		r.deadline = time.After(last)
	}
}

// nowhere takes what nobody reads.
type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }

// interrupt is asked for by a person or a job's end. The first is handed on as Ctrl-C, the second ends the command whatever it made of the
// first, the third leaves the session. Whoever waits gets there too. Before the runbook was sent there is nothing to end.
func (r *run) interrupt() {
	r.interrupts++
	if r.left {
		return
	}
	if !r.interrupted {
		r.interrupted = r.writing == nil
		if r.sent {
			r.note("interrupted: ending the command in the container")
		}
	}
	if r.interrupts > 2 || !r.sent {
		r.left = true
		r.child.leave()
		r.deadline, r.escalate = time.After(last), nil
		return
	}
	r.child.tell(frame.Input, []byte{ctrlC})
	r.escalate = time.After(grace)
}

// outcome is what is known at the end.
func (r *run) outcome() Outcome {
	status, known := r.split.status()
	switch {
	case r.writing != nil:
		return Outcome{statusBroken, "cannot write the output: " + r.writing.Error(), r.known(known, status)}
	case r.interrupted && !r.sent:
		return Outcome{StatusInterrupted, "interrupted before anything ran", ""}
	case r.interrupted && known:
		return Outcome{StatusInterrupted, fmt.Sprintf("interrupted: the session has ended, with status %d", status), ""}
	case r.interrupted:
		return Outcome{StatusInterrupted, "interrupted, and the command's end was not seen: it may still run", afterwards}
	case known:
		return Outcome{Status: status}
	case r.stopped != "":
		return Outcome{StatusStopped, r.stopped + ", and with it what ran", afterwards}
	case r.silent && !r.split.begun:
		return Outcome{StatusSilent, "opsh did not start: nothing was heard for too long, so its agent or the connection hangs", "opsctl tasks shows what its agent is"}
	case r.silent:
		return Outcome{StatusSilent, fmt.Sprintf("nothing was heard for %s: opsh, its agent or the connection hangs, and the command may still run", r.Silence), afterwards}
	case r.lost != "":
		return Outcome{StatusLost, r.lost + "; the command may still run", afterwards}
	case !r.split.begun:
		why := "opsh did not start"
		if r.closed != nil && *r.closed != "" {
			why += "; the service says: " + *r.closed
		}
		return Outcome{statusBroken, why, "what stands above is what the container said"}
	case r.split.fake || r.split.after || r.closed == nil:
		return Outcome{StatusForged, "the session's last line is not opsh's: a tool printed it, or something printed behind it", afterwards}
	}
	status, why := closedWhy(*r.closed)
	return Outcome{status, why, afterwards}
}

// known is what else there is to say when the output couldn't be written.
func (r *run) known(known bool, status int) string {
	if known {
		return fmt.Sprintf("the session ended with status %d", status)
	}
	return afterwards
}
