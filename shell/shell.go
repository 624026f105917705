package shell

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/audit"
	"opsh/shell/launch"
	"opsh/shell/line"
	"opsh/shell/transcript"
)

// outcome is how one line ended.
type outcome struct {
	status   int
	category audit.Category
	limit    string // launch.Result.Limit: the session is over for every limit but "timeout" and "output"
}

// run takes one raw line through the whole flow:
//
//	raw line -> line.Split -> Decide -> Bind -> contain -> trail.Begin (no record, no run) -> echo -> acknowledged -> launch -> trail.End -> echo
//
// Nothing else in opsh starts a tool.
func (s *session) run(ctx context.Context, raw string) outcome {
	s.commands++
	split, err := line.Split(raw)
	if err != nil {
		return s.refuseRaw(raw, err)
	}
	command := answer.Command(split)
	match, refusal := s.policy.Decide(command)
	if refusal != nil {
		return s.refuse(command, refusal)
	}
	if refusal := s.unapproved(match.Tool); refusal != nil {
		return s.refuse(command, refusal)
	}
	grant, err := s.policy.Bind(match, s.bindSeat()) // from here on the session knows the tool's secrets
	if errors.As(err, &refusal) {
		return s.refuse(command, refusal)
	}
	if err != nil {
		return s.broken(command, err)
	}
	defer grant.Close()
	lacks, err := launch.Refuses(s.kernel, match.Tool)
	if err == nil {
		err = launch.Alone(grant)
	}
	if err != nil {
		return s.refuse(command, &policy.Refusal{Word: -1, Reason: "it can't be contained here: " + err.Error()})
	}
	if err := s.watcher.alive(); err != nil {
		return s.broken(command, err)
	}
	if err := s.recorder.Err(); err != nil {
		return s.unrecording(command, err)
	}
	begun, err := s.record(s.begins(command, match, grant, lacks))
	if errors.Is(err, audit.ErrTooLarge) {
		return s.unrecordable(raw, err)
	}
	if err != nil {
		return s.unrecorded(err)
	}
	s.runs++
	s.recorder.Mark(begun.Command, begun.Line)
	if err := s.terminal.say(runLines(begun)...); err != nil {
		return s.unseen(begun, err)
	}
	if err := s.acknowledged(); err != nil {
		return s.unacknowledged(begun, err)
	}
	if err := s.unshipped(); err != nil {
		return s.unseen(begun, err)
	}
	ctx, done := s.whileRecorded(ctx)
	defer done()
	s.terminal.lend()
	result, err := launch.Run(ctx, s.job(grant, begun))
	if err != nil {
		s.unclean = true
		return s.ends(begun, audit.Record{Status: status(125), Category: audit.CategoryBroken, Why: err.Error()}, result)
	}
	return s.ends(begun, resultRecord(result), result)
}

// begins is the record of a command that is about to start: what was typed, and what will be executed.
func (s *session) begins(c policy.Command, m *policy.Match, g *policy.Grant, lacks []string) audit.Record {
	c, _ = s.secrets.command(c)
	r := audit.Record{
		Event: audit.Run, Command: s.commands,
		Line: answer.Quoted(c), Words: c.Words,
		Tool: g.Tool().Name, Path: g.Path(), Argv: g.Argv(),
		Rule: fmt.Sprintf("%s:%d", s.policy.Name, m.Rule.Pos.Line), UID: g.Identity().UID, Lacks: lacks,
	}
	if c.Input != nil {
		r.Input = *c.Input
	}
	for _, h := range g.Hashes() {
		r.Files = append(r.Files, audit.FileHash{Path: h.Path, SHA256: h.SHA256})
	}
	return r
}

// resultRecord is what became of a tool, in the exit statuses of design section 6.
func resultRecord(r launch.Result) audit.Record {
	rec := audit.Record{Status: status(r.Exit), Category: audit.CategoryExit}
	switch {
	case r.Limit == launch.LimitLost:
		rec.Status, rec.Category, rec.Why = status(125), audit.CategoryBroken, "the terminal or connection was lost"
	case r.Limit != "":
		rec.Status, rec.Category, rec.Why = status(124), audit.CategoryTimeout, limitWords[r.Limit]
	case r.Signal != 0:
		rec.Status, rec.Category, rec.Signal = status(128+int(r.Signal)), audit.CategorySignal, signalName(r.Signal)
	}
	return rec
}

// ends records and shows the end of a command.
func (s *session) ends(begun, r audit.Record, result launch.Result) outcome {
	r = s.unseenAfterwards(r)
	r.Event, r.Command, r.Millis, r.Bytes = audit.Exit, begun.Command, result.Duration.Milliseconds(), result.Bytes
	r.Left, r.Denials = s.names(result.Left), s.attempts.denied
	out := outcome{status: *r.Status, category: r.Category, limit: result.Limit}
	ended, err := s.record(r)
	if err != nil {
		s.settle(result)
		return s.unrecorded(err)
	}
	lines := []string{transcript.Line(ended)}
	// As recorded, which is without secrets.
	if ended.Why != "" {
		lines = append(lines, answer.Fold(ended.Why, "  ", "  ")...)
	}
	if r.Denials > eachDenied {
		lines = append(lines, fmt.Sprintf("  denied %d calls; the first %d have a record each", r.Denials, eachDenied))
	}
	if len(ended.Left) > 0 {
		lines = append(lines, answer.Fold("ended what it left running: "+strings.Join(ended.Left, ", "), "  ", "  ")...)
	}
	s.settle(result)
	if err := s.terminal.say(lines...); err != nil {
		out.limit = launch.LimitLost
	}
	return out
}
