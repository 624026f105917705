// Package runbook reads runbooks: the lines of a standard input, each a command.
package runbook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"opsh/shell/line"
)

// Source is where a runbook's bytes come from: a terminal, a pipe, memory.
type Source interface {
	// Next waits for bytes and returns at most max of them; io.EOF comes after the last.
	Next(ctx context.Context, max int) ([]byte, error)
}

// Memory is a runbook that was received whole.
type Memory struct{ Text []byte }

// Next hands over what is left.
func (m *Memory) Next(_ context.Context, max int) ([]byte, error) {
	if len(m.Text) == 0 {
		return nil, io.EOF
	}
	n := min(max, len(m.Text))
	got := m.Text[:n]
	m.Text = m.Text[n:]
	return got, nil
}

// Reader takes lines and bytes off a source.
type Reader struct {
	From Source

	buf    []byte
	cr     bool // the last line ended in CR: an LF behind it belongs to it
	lineNo int
	failed error
}

// Again puts the first line back, when it turned out not to be a header. err is what Line returned with it.
func (r *Reader) Again(first string, err error) {
	if errors.Is(err, io.EOF) {
		r.buf = append([]byte(first), r.buf...)
	} else {
		r.buf = append([]byte(first+"\n"), r.buf...)
	}
	r.lineNo--
}

// Rest is what was taken off the source and not read yet. The Reader has no more of it.
func (r *Reader) Rest() []byte {
	rest := r.buf
	r.buf = nil
	return rest
}

func (r *Reader) more() error {
	if r.failed != nil {
		return r.failed
	}
	var got []byte
	got, r.failed = r.From.Next(context.Background(), 64<<10)
	r.buf = append(r.buf, got...)
	return r.failed
}

// Line is the next line without its end: LF, CR LF, or the CR that Return is on a raw terminal. With io.EOF it may
// still hold the last line's text. Ctrl-D at the start of a line ends the runbook, as it does for sh -s.
func (r *Reader) Line() (string, error) {
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
func (r *Reader) trim() {
	if r.cr && len(r.buf) > 0 {
		r.cr = false
		r.buf = bytes.TrimPrefix(r.buf, []byte("\n"))
	}
}

// Bytes is exactly n bytes, or what there was and an error.
func (r *Reader) Bytes(n int) ([]byte, error) {
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

// Command is the next line that is one, joined with those behind it while a quote is open; at is the number of its first line, from 1.
func (r *Reader) Command() (raw string, at int, err error) {
	for {
		text, err := r.Line()
		at = r.lineNo
		if err != nil && text == "" {
			return "", at, err
		}
		for n := 1; err == nil && line.Unfinished(text) && len(text) <= line.MaxBytes; n++ {
			if n == maxLines {
				return "", at, fmt.Errorf("a command has more than %d lines: is a quote left open?", maxLines)
			}
			var next string
			next, err = r.Line()
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
