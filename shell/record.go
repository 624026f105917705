package shell

import (
	"context"
	"sync"
	"time"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/audit"
	"opsh/shell/late"
	"opsh/shell/recording"
	"opsh/shell/redact"
	"opsh/shell/ship"
)

// What a session has to do with its recording. It is evidence as the trail is: when it can't be written, nothing runs any more.

var termName = late.Regexp(`\A[A-Za-z0-9+._-]{1,64}\z`)

// startRecording begins to record, still in memory: the session has no file yet.
func (s *session) startRecording() {
	if s.policy.Audit.Recordings.Off {
		return
	}
	o := recording.Options{Now: s.Now}
	if name := variable(s.Environ, "TERM"); termName().MatchString(name) {
		o.Type = name
	}
	if s.terminal.file != nil {
		o.Size = s.terminal.size
	}
	s.recorder = recording.New(o)
	s.terminal.out = tap{s.terminal.out, s.recorder}
}

// recordingPlace is where the first record says that the recording is.
func (s *session) recordingPlace() string {
	switch to := s.policy.Audit.Recordings; {
	case to.Off:
		return audit.RecordingOff
	case to.Bucket == "":
		return audit.RecordingLocal
	default:
		return "s3://" + to.Bucket + "/" + to.Prefix
	}
}

// bucket is where the policy wants recordings shipped; nil: nowhere.
func (s *Session) bucket(p *policy.Policy) *ship.Recordings {
	to := p.Audit.Recordings
	if to.Bucket == "" {
		return nil
	}
	return &ship.Recordings{Region: to.Region, Bucket: to.Bucket, Prefix: to.Prefix, Role: s.role()}
}

// unshipped says, once for each reason, why the recording doesn't get off this machine. Nothing waits for it: that is what the records are for.
func (s *session) unshipped() error {
	state, _ := s.watcher.recording.State()
	if state.Trouble == "" || state.Trouble == s.castTroubled {
		return nil
	}
	s.castTroubled = state.Trouble
	lines := answer.Fold("opsh: warning: the recording doesn't reach S3 and stays on this machine: "+state.Trouble, "", "  ")
	return s.terminal.say(append(lines, hint(state.Hint)...)...)
}

// typed records what is typed to a tool, but for its secrets. One that is typed key by key would show in no single piece: what may be the beginning of one waits
// for the rest, or until nothing was typed for a moment, since what waits is lost with opsh. Its methods may be called from several goroutines. A nil
// one has nothing that waits.
type typed struct {
	recorder *recording.Recorder

	mu    sync.Mutex
	keys  *redact.Stream // nil: there are no secrets to look for
	alarm *time.Timer    // nil: nothing has waited yet
}

// keysWait is how long typed keys may wait without another. A secret that is typed with a longer pause in it isn't found.
const keysWait = time.Second

func (t *typed) take(b []byte, masked bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.keys == nil:
		t.recorder.Input(b, masked)
	case masked:
		t.recorder.Input(t.keys.Flush(), false)
		t.recorder.Input(b, true)
	default:
		t.recorder.Input(t.keys.Write(b), false)
		t.wait()
	}
}

// wait sets the alarm anew.
func (t *typed) wait() {
	switch {
	case t.alarm == nil:
		t.alarm = time.AfterFunc(keysWait, t.flush)
	default:
		t.alarm.Reset(keysWait)
	}
}

// flush records what waits. It is due when the tool has ended.
func (t *typed) flush() {
	if t == nil || t.keys == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.alarm != nil {
		t.alarm.Stop()
	}
	t.recorder.Input(t.keys.Flush(), false)
}

// whileRecorded is ctx until the recording fails: a tool doesn't run unrecorded.
func (s *session) whileRecorded(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-s.recorder.Failed():
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// unseenAfterwards is what became of a command, or that its recording failed: then it was ended, and what it showed isn't all there.
func (s *session) unseenAfterwards(r audit.Record) audit.Record {
	s.typed.flush()
	s.recorder.Flush()
	if err := s.recorder.Err(); err != nil {
		return audit.Record{Status: status(StatusRefused), Category: audit.CategoryUnrecorded, Why: "ended: " + err.Error()}
	}
	return r
}
