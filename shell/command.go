package shell

import (
	"context"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/audit"
	"opsh/shell/line"
)

// Command is opsh -c LINE. It returns the command's exit status.
func (s *Session) Command(raw string) int {
	o, failed := s.open(modeCommand)
	if o == nil {
		return failed
	}
	if err := o.begin(modeCommand); err != nil {
		s.complain(err, audit.Failed(err))
		return StatusRefused
	}
	if err := o.reasonFits(); err != nil {
		return o.end(o.refuseWithout(raw, err), "")
	}
	return o.end(o.run(context.Background(), raw), "")
}

// refuseWithout refuses a line because of what the session lacks, whatever the line is.
func (s *session) refuseWithout(raw string, why error) outcome {
	s.commands++
	l, err := line.Split(raw)
	if err != nil {
		return s.refuseRaw(raw, err)
	}
	return s.refuse(answer.Command(l), &policy.Refusal{Word: -1, Reason: why.Error() + `: give it with --reason "TEXT"`})
}
