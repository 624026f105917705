package shell

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"opsh/shell/approval"
	"opsh/shell/audit"
	"opsh/shell/late"
	"opsh/shell/runbook"
	"opsh/shell/transcript"
)

// maxRunbook bounds a runbook in bytes: it is held in memory, so that all of it is checked before any of it runs.
const maxRunbook = 16 << 20

// header is a runbook's first line, which a program writes that needs to know how the runbook ended. Tools can print whatever
// they like, also a line that looks like opsh's last one; only opsh knows the nonce.
var header = late.Regexp(`\Aopsh-runbook 1 ([0-9A-Za-z]{32,128}) ([0-9]{1,9}) ([0-9a-f]{64})(?: ([0-9]{1,6}))?\z`)

// Runbook is opsh -s: the lines of standard input one by one, until one fails.
func (s *Session) Runbook() int {
	o, failed := s.open(modeRunbook)
	if o == nil {
		return failed
	}
	o.noKeys = true
	if err := o.begin(modeRunbook); err != nil {
		s.complain(err, audit.Failed(err))
		return StatusRefused
	}
	in := &runbook.Reader{From: o.keys}
	first, err := in.Line()
	if err != nil && !errors.Is(err, io.EOF) {
		return o.end(outcome{status: StatusRefused, category: audit.CategoryRefused}, err.Error())
	}
	if !strings.HasPrefix(first, "opsh-runbook") {
		in.Again(first, err)
		return o.end(o.play(in))
	}
	text, err := o.receive(in, first)
	if err != nil {
		return o.end(outcome{status: StatusRefused, category: audit.CategoryRefused}, err.Error())
	}
	return o.end(o.play(&runbook.Reader{From: text}))
}

// receive reads a runbook that has a header, whole, and checks it against the header, before its first line is looked at.
func (s *session) receive(in *runbook.Reader, first string) (*runbook.Memory, error) {
	h := header().FindStringSubmatch(first)
	if h == nil {
		return nil, errors.New("cannot read the runbook: its header is not opsh-runbook 1 NONCE LENGTH SHA256 [APPROVAL-LENGTH]")
	}
	length, err := strconv.Atoi(h[2])
	if err != nil || length > maxRunbook {
		return nil, fmt.Errorf("cannot read the runbook: its length is over %d bytes", maxRunbook)
	}
	// From here on the end line is authenticated, also one that says that the runbook was refused.
	s.nonce = h[1]
	text, err := in.Bytes(length)
	if err != nil {
		return nil, fmt.Errorf("cannot read the runbook: %d of %d bytes came", len(text), length)
	}
	joined, err := s.approvalOf(in, h[4])
	if err != nil {
		return nil, err
	}
	s.keys.Unread(in.Rest()) // a Ctrl-C that came close behind
	sum := sha256.Sum256(text)
	if hex.EncodeToString(sum[:]) != h[3] {
		return nil, errors.New("cannot run the runbook: its SHA-256 is not the header's, so it was changed on the way")
	}
	if err := runbook.Readable(text); err != nil {
		return nil, fmt.Errorf("cannot run the runbook: %w", err)
	}
	received := audit.Record{Event: audit.Runbook, Runbook: h[3], Length: length}
	if joined != nil {
		if received.Approval, err = s.approve(joined, h[3]); err != nil {
			return nil, err
		}
	}
	r, err := s.record(received)
	if err != nil {
		return nil, err
	}
	s.terminal.marked = true
	if s.terminal.file != nil {
		s.interrupts = &interrupts{keys: s.keys}
	}
	return &runbook.Memory{Text: text}, s.terminal.say(transcript.Line(r))
}

// approvalOf is the bytes behind the runbook that its header announces; nil where it announces none.
func (s *session) approvalOf(in *runbook.Reader, announced string) ([]byte, error) {
	if announced == "" {
		return nil, nil
	}
	length, err := strconv.Atoi(announced)
	if err != nil || length > approval.MaxBytes {
		return nil, fmt.Errorf("cannot read the approval: its length is over %d KiB", approval.MaxBytes>>10)
	}
	joined, err := in.Bytes(length)
	if err != nil {
		return nil, fmt.Errorf("cannot read the approval: %d of %d bytes came", len(joined), length)
	}
	return joined, nil
}

// play runs a runbook's lines. It stops at the first that fails and says which.
func (s *session) play(in *runbook.Reader) (outcome, string) {
	done := outcome{status: 0, category: audit.CategoryExit}
	if err := s.reasonFits(); err != nil {
		return outcome{status: StatusRefused, category: audit.CategoryRefused}, err.Error() + `: give it with --reason "TEXT"`
	}
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	if s.interrupts != nil {
		s.interrupts.kill = kill
	}
	for {
		raw, at, err := in.Command()
		if errors.Is(err, io.EOF) {
			return done, ""
		}
		if s.interrupts != nil && s.interrupts.came() {
			return interrupted(done), fmt.Sprintf("stopped before line %d: %v", at, errInterrupted)
		}
		if err != nil {
			return outcome{status: StatusRefused, category: audit.CategoryRefused}, fmt.Sprintf("stopped at line %d: %v", at, err)
		}
		if !s.Now().Before(s.deadline) {
			return outcome{status: StatusTimeout, category: audit.CategoryTimeout}, fmt.Sprintf("stopped at line %d: %v", at, errSessionOver)
		}
		out := s.run(ctx, raw)
		if s.interrupts != nil && s.interrupts.came() {
			return interrupted(out), fmt.Sprintf("stopped at line %d: %v", at, errInterrupted)
		}
		if out.status != 0 || out.limit != "" {
			return out, fmt.Sprintf("stopped at line %d: %s %d", at, out.category, out.status)
		}
		done = out
	}
}
