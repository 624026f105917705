package shell

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/audit"
	"opsh/shell/launch"
	"opsh/shell/line"
	"opsh/shell/transcript"
)

// Every way in which a line does not run. Each is recorded like a command, and shown with its reason.

// refuseRaw refuses a line that doesn't split.
func (s *session) refuseRaw(raw string, err error) outcome {
	rec := headOf(s.secrets.text(raw))
	rec.Why = err.Error()
	return s.refused(rec, answer.Unsplit(err), outcome{status: 126, category: audit.CategoryRefused})
}

// headOf is a record that holds enough of a line to recognise it, whatever its size: an attacker chooses that.
func headOf(raw string) audit.Record {
	sum := sha256.Sum256([]byte(raw))
	first, _ := answer.Head(raw)
	return audit.Record{Line: answer.Raw(raw), Raw: &audit.Raw{Length: len(raw), SHA256: hex.EncodeToString(sum[:]), Head: line.QuoteWord(first)}}
}

// unrecordable is a command that the policy permits and that no record can hold: it leaves a small one, and doesn't run.
func (s *session) unrecordable(raw string, err error) outcome {
	rec := headOf(s.secrets.text(raw))
	rec.Why = err.Error()
	return s.refused(rec, answer.Fold(rec.Why, "  ", "  "), outcome{status: 126, category: audit.CategoryUnrecorded})
}

// refuse refuses a command that the policy doesn't permit, or whose files it doesn't. Where it holds a secret, why can't be told: an
// explanation quotes, cuts and folds words, and then nobody could find the secret in it.
func (s *session) refuse(c policy.Command, r *policy.Refusal) outcome {
	c, holds := s.secrets.command(c)
	if holds {
		r = &policy.Refusal{Word: -1, Reason: "the policy doesn't permit it; more isn't said, since it holds a secret: opsh hands secrets to tools by itself"}
	}
	plain := *r
	plain.Reason = s.secrets.text(r.Reason) // before it is folded
	why := answer.Refusal(&plain, c)
	return s.refused(s.commandRecord(c, strings.TrimSpace(why[0])), why, outcome{status: 126, category: audit.CategoryRefused})
}

// broken refuses a command that the policy permits and the machine can't run.
func (s *session) broken(c policy.Command, err error) outcome {
	c, _ = s.secrets.command(c)
	why := s.secrets.text(err.Error())
	return s.refused(s.commandRecord(c, why), append(answer.Fold(why, "  ", "  "), hint(secretHint(err))...), outcome{status: 125, category: audit.CategoryBroken})
}

// unrecording refuses a command that the policy permits because the session's recording can't go on.
func (s *session) unrecording(c policy.Command, err error) outcome {
	out := s.refused(s.commandRecord(c, err.Error()), answer.Fold(err.Error(), "  ", "  "), outcome{status: 126, category: audit.CategoryUnrecorded})
	if hint := audit.Failed(err); hint != "" {
		s.terminal.say(answer.Fold("opsh: hint: "+hint+" and open another session", "", "  ")...) //nolint:errcheck // a lost terminal is noticed at the next prompt
	}
	return out
}

func (s *session) commandRecord(c policy.Command, why string) audit.Record {
	rec := audit.Record{Line: answer.Quoted(c), Words: c.Words, Why: why}
	if c.Input != nil {
		rec.Input = *c.Input
	}
	return rec
}

func (s *session) refused(rec audit.Record, why []string, out outcome) outcome {
	rec.Event, rec.Command = audit.Refused, s.commands
	rec.Status, rec.Category = status(out.status), out.category
	done, err := s.record(rec)
	if errors.Is(err, audit.ErrTooLarge) {
		small := headOf(rec.Line)
		small.Event, small.Command, small.Status, small.Category = rec.Event, rec.Command, rec.Status, rec.Category
		small.Why, _ = answer.Head(rec.Why)
		done, err = s.record(small)
	}
	if err != nil {
		return s.unrecorded(err)
	}
	s.refusals++
	s.recorder.Mark(done.Command, done.Line)
	if err := s.terminal.say(append([]string{transcript.Line(done)}, why...)...); err != nil {
		out.limit = launch.LimitLost
	}
	return out
}

// unrecorded is a command that has no record and so doesn't run; or one that ran and whose end has none.
func (s *session) unrecorded(err error) outcome {
	lines := answer.Fold("opsh: error: "+err.Error(), "", "  ")
	if hint := audit.Failed(err); hint != "" {
		lines = append(lines, answer.Fold("opsh: hint: "+hint, "", "  ")...)
	}
	out := outcome{status: 126, category: audit.CategoryUnrecorded}
	if err := s.terminal.say(lines...); err != nil {
		out.limit = launch.LimitLost
	}
	return out
}

// unseen is a command whose echo could not be written: nobody is there to see it, so it isn't started.
func (s *session) unseen(begun audit.Record, err error) outcome {
	return s.ends(begun, audit.Record{Status: status(125), Category: audit.CategoryBroken,
		Why: "not started: nobody sees opsh's output any more: " + err.Error()}, launch.Result{Limit: launch.LimitLost})
}

// limitWords says which limit ended a command.
var limitWords = map[string]string{
	launch.LimitTimeout: "ended: the tool's timeout is over",
	launch.LimitIdle:    "ended: nothing was typed for as long as the session may idle",
	launch.LimitSession: "ended: the session's time is over",
	launch.LimitOutput:  "ended: it printed more than its limits.output",
}

// status is for records, where 0 and "doesn't apply" differ.
func status(n int) *int { return &n }

// signalName is a signal without its SIG, as kill -l lists it.
func signalName(sig syscall.Signal) string {
	if name := unix.SignalName(sig); name != "" {
		return strings.TrimPrefix(name, "SIG")
	}
	return fmt.Sprintf("%d", int(sig))
}

// names lists processes for the record. Their names are the tool's choice, so secrets are taken out of them, and then they are quoted and cut.
func (s *session) names(ps []launch.Process) []string {
	return launch.Listed(ps, func(p launch.Process) string {
		return fmt.Sprintf("%d %s", p.PID, line.QuoteWord(head(s.secrets.text(p.Command))))
	})
}

// head bounds what is shown of a process's words.
func head(command string) string {
	const most = 100
	if len(command) > most {
		command = strings.ToValidUTF8(command[:most], "")
	}
	return command
}
