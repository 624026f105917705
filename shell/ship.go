package shell

import (
	"context"
	"fmt"
	"time"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/audit"
	"opsh/shell/launch"
	"opsh/shell/ship"
	"opsh/shell/transcript"
)

// What a session has to do with its records' way to CloudWatch Logs. The watcher is who ships them, since it outlives opsh; here is waited.

// How long a session waits for its records to be off this machine.
const (
	waitBeforeRun      = 30 * time.Second // under when_down = "refuse"; then the command isn't started
	waitUnseen         = 2 * time.Second  // of that, without a word
	waitAtEnd          = 5 * time.Second  // for the last records; the watcher goes on without opsh
	waitAtEndInTrouble = time.Second      // where the policy is content with this machine, or the trouble was said
)

// target is where the policy wants records shipped; nil: nowhere.
func (s *Session) target(p *policy.Policy) *ship.Logs {
	c := p.Audit.CloudWatch
	if c == nil {
		return nil
	}
	return &ship.Logs{Region: c.Region, LogGroup: c.LogGroup, Role: s.role()}
}

// record puts a record on disk, and lets it be shipped.
func (s *session) record(r audit.Record) (audit.Record, error) {
	switch r.Event {
	case audit.Running, audit.Exit, audit.Refused, audit.End:
		r.Recorded = s.recorder.Flush()
	}
	done, err := s.trail.Append(s.secrets.record(r))
	if err == nil {
		s.watcher.ship(s.trail.Size())
	}
	return done, err
}

// acknowledged returns when the records so far are where the policy wants them before anything is started. The operator sees the wait,
// and under "spool" at least why nothing is shipped, once for each reason.
func (s *session) acknowledged() error {
	switch {
	case s.shipTo == nil:
		return nil
	case s.policy.Audit.WhenDown == policy.WhenDownSpool:
		state, _ := s.watcher.State()
		if state.Trouble == "" || state.Trouble == s.troubled {
			return nil
		}
		s.troubled = state.Trouble
		lines := answer.Fold("opsh: warning: records don't reach CloudWatch Logs and stay on this machine: "+state.Trouble, "", "  ")
		return s.terminal.say(append(lines, hint(state.Hint)...)...)
	}
	size := s.trail.Size()
	err := s.watcher.await(waitUnseen, size)
	if err == nil || s.watcher.alive() != nil {
		return err
	}
	if err := s.terminal.say(answer.Fold(fmt.Sprintf("opsh: warning: waiting up to %s until CloudWatch Logs has the record: %v",
		answer.Brief(waitBeforeRun), err), "", "  ")...); err != nil {
		return err
	}
	return s.watcher.await(waitBeforeRun-waitUnseen, size)
}

// unacknowledged is a command that isn't started, since nobody outside this machine has its record.
func (s *session) unacknowledged(begun audit.Record, err error) outcome {
	state, _ := s.watcher.State()
	s.troubled = state.Trouble
	out := s.ends(begun, audit.Record{Status: status(126), Category: audit.CategoryUnrecorded,
		Why: fmt.Sprintf("not started: CloudWatch Logs has not acknowledged its record within %s: %v", answer.Brief(waitBeforeRun), err)}, launch.Result{})
	if err := s.terminal.say(hint(state.Hint)...); err != nil {
		out.limit = launch.LimitLost
	}
	return out
}

// behind waits a little for the session's last records, and says when they are still on this machine alone.
func (s *session) behind() []string {
	if s.shipTo == nil {
		return nil
	}
	wait := waitAtEnd
	if s.troubled != "" || s.policy.Audit.WhenDown == policy.WhenDownSpool {
		wait = waitAtEndInTrouble
	}
	err := s.watcher.await(wait, s.trail.Size())
	if err == nil {
		return nil
	}
	state, _ := s.watcher.State()
	if state.Trouble == s.troubled {
		return answer.Fold(transcript.Behind, "", "  ") // why was said
	}
	return append(answer.Fold(fmt.Sprintf("%s: %v", transcript.Behind, err), "", "  "), hint(state.Hint)...)
}

// hint is what to do, if anything is known.
func hint(text string) []string {
	if text == "" {
		return nil
	}
	return answer.Fold(transcript.Hint+text, "", "  ")
}

// await waits for the watcher to have size bytes acknowledged.
func (w *watcher) await(limit time.Duration, size int64) error {
	if err := w.alive(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	go func() {
		select {
		case <-w.gone:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := w.Await(ctx, size)
	if gone := w.alive(); err != nil && gone != nil {
		return gone
	}
	return err
}
