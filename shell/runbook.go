package shell

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"opsh/shell/audit"
	"opsh/shell/line"
	"opsh/shell/transcript"
)

// maxRunbook bounds a runbook in bytes: it is held in memory, so that all of it is checked before any of it runs.
const maxRunbook = 16 << 20

// header is a runbook's first line, which a program writes that needs to know how the runbook ended. Tools can print whatever
// they like, also a line that looks like opsh's last one; only opsh knows the nonce.
var header = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\Aopsh-runbook 1 ([0-9A-Za-z]{32,128}) ([0-9]{1,9}) ([0-9a-f]{64})\z`)
})

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
	in := &runbookReader{keys: o.keys}
	first, err := in.line()
	if err != nil && !errors.Is(err, io.EOF) {
		return o.end(outcome{status: StatusRefused, category: audit.CategoryRefused}, err.Error())
	}
	if !strings.HasPrefix(first, "opsh-runbook") {
		in.again(first, err)
		return o.end(o.play(in))
	}
	text, err := o.receive(in, first)
	if err != nil {
		return o.end(outcome{status: StatusRefused, category: audit.CategoryRefused}, err.Error())
	}
	return o.end(o.play(&runbookReader{keys: text}))
}

// receive reads a runbook that has a header, whole, and checks it against the header, before its first line is looked at.
func (s *session) receive(in *runbookReader, first string) (*memoryKeys, error) {
	h := header().FindStringSubmatch(first)
	if h == nil {
		return nil, errors.New("cannot read the runbook: its header is not opsh-runbook 1 NONCE LENGTH SHA256")
	}
	length, err := strconv.Atoi(h[2])
	if err != nil || length > maxRunbook {
		return nil, fmt.Errorf("cannot read the runbook: its length is over %d bytes", maxRunbook)
	}
	// From here on the end line is authenticated, also one that says that the runbook was refused.
	s.nonce = h[1]
	text, err := in.bytes(length)
	if err != nil {
		return nil, fmt.Errorf("cannot read the runbook: %d of %d bytes came", len(text), length)
	}
	s.keys.Unread(in.buf) // a Ctrl-C that came close behind
	in.buf = nil
	sum := sha256.Sum256(text)
	if hex.EncodeToString(sum[:]) != h[3] {
		return nil, errors.New("cannot run the runbook: its SHA-256 is not the header's, so it was changed on the way")
	}
	r, err := s.record(audit.Record{Event: audit.Runbook, Runbook: h[3], Length: length})
	if err != nil {
		return nil, err
	}
	s.terminal.marked = true
	if s.terminal.file != nil {
		s.interrupts = &interrupts{keys: s.keys}
	}
	return &memoryKeys{text: text}, s.terminal.say(transcript.Line(r))
}

// play runs a runbook's lines. It stops at the first that fails and says which.
func (s *session) play(in *runbookReader) (outcome, string) {
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
		raw, at, err := in.command()
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

// source is where a runbook's bytes come from: the terminal or pipe, or memory.
type source interface {
	Next(ctx context.Context, max int) ([]byte, error)
}

// memoryKeys is a runbook that was received whole.
type memoryKeys struct{ text []byte }

func (m *memoryKeys) Next(_ context.Context, max int) ([]byte, error) {
	if len(m.text) == 0 {
		return nil, io.EOF
	}
	n := min(max, len(m.text))
	got := m.text[:n]
	m.text = m.text[n:]
	return got, nil
}

// runbookReader takes lines and bytes off a source.
type runbookReader struct {
	keys   source
	buf    []byte
	cr     bool // the last line ended in CR: an LF behind it belongs to it
	lineNo int
	failed error
}

// again puts the first line back, when it turned out not to be a header.
func (r *runbookReader) again(first string, err error) {
	if errors.Is(err, io.EOF) {
		r.buf = append([]byte(first), r.buf...)
	} else {
		r.buf = append([]byte(first+"\n"), r.buf...)
	}
	r.lineNo--
}

func (r *runbookReader) more() error {
	if r.failed != nil {
		return r.failed
	}
	var got []byte
	got, r.failed = r.keys.Next(context.Background(), 64<<10)
	r.buf = append(r.buf, got...)
	return r.failed
}

// line is the next line without its end: LF, CR LF, or the CR that Return is on a raw terminal. With io.EOF it may
// still hold the last line's text. Ctrl-D at the start of a line ends the runbook, as it does for sh -s.
func (r *runbookReader) line() (string, error) {
	r.lineNo++
	from := 0
	for {
		r.trim()
		if len(r.buf) > 0 && r.buf[0] == 4 {
			return "", io.EOF
		}
		if i := bytes.IndexAny(r.buf[from:], "\r\n"); i >= 0 {
			i += from
			text := string(r.buf[:i])
			r.cr = r.buf[i] == '\r'
			r.buf = r.buf[i+1:]
			return text, nil
		}
		if len(r.buf) > line.MaxBytes+1 {
			return "", fmt.Errorf("a line is longer than %d bytes", line.MaxBytes)
		}
		from = len(r.buf)
		if err := r.more(); err != nil {
			text := string(r.buf)
			r.buf = nil
			return text, err
		}
	}
}

// trim drops the LF of a CR LF once it is there. It can't be waited for: a person's Return is a CR alone.
func (r *runbookReader) trim() {
	if r.cr && len(r.buf) > 0 {
		r.cr = false
		r.buf = bytes.TrimPrefix(r.buf, []byte("\n"))
	}
}

// bytes is exactly n bytes, or what there was and an error.
func (r *runbookReader) bytes(n int) ([]byte, error) {
	for r.trim(); len(r.buf) < n; r.trim() {
		if err := r.more(); err != nil {
			return r.buf, err
		}
	}
	got := r.buf[:n]
	r.buf = r.buf[n:]
	return got, nil
}

// maxLines bounds the lines of one command: each new one makes the text be split anew.
const maxLines = 1000

// command is the next line that is one, joined with those behind it while a quote is open; at is the number of its first line.
func (r *runbookReader) command() (raw string, at int, err error) {
	for {
		text, err := r.line()
		at = r.lineNo
		if err != nil && text == "" {
			return "", at, err
		}
		for n := 1; err == nil && unfinished(text) && len(text) <= line.MaxBytes; n++ {
			if n == maxLines {
				return "", at, fmt.Errorf("a command has more than %d lines: is a quote left open?", maxLines)
			}
			var next string
			next, err = r.line()
			if err == nil || next != "" {
				text += "\n" + next
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return "", at, err
		}
		if !line.Comment(text) {
			return text, at, nil
		}
		if err != nil {
			return "", at, err
		}
	}
}
