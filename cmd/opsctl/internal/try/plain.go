package try

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"opsh/shell/line"
)

// Plain reads lines as the terminal edits them itself. It is what there is where shell/prompt can't be had: without completion.
type Plain struct {
	Out io.Writer

	in      *bufio.Scanner
	history []string
}

// NewPlain reads from in.
func NewPlain(in io.Reader, out io.Writer) *Plain {
	p := &Plain{Out: out, in: bufio.NewScanner(in)}
	p.in.Buffer(nil, line.MaxBytes+2)
	return p
}

// Read reads one logical line; io.EOF at the end.
func (p *Plain) Read(_ context.Context, first, next string) (string, error) {
	text := ""
	for ask := first; ; ask = next {
		if _, err := io.WriteString(p.Out, ask); err != nil {
			return "", err
		}
		if !p.in.Scan() {
			if err := p.in.Err(); errors.Is(err, bufio.ErrTooLong) {
				return "", fmt.Errorf("cannot take the line: it is longer than %d KiB", line.MaxBytes>>10)
			} else if err != nil {
				return "", err
			}
			fmt.Fprintln(p.Out) //nolint:errcheck // whoever left doesn't see it
			return "", io.EOF
		}
		text += strings.TrimSuffix(p.in.Text(), "\r")
		if !line.Unfinished(text) || len(text) > line.MaxBytes {
			return text, nil
		}
		text += "\n"
	}
}

// Remember adds a line to the history.
func (p *Plain) Remember(raw string) { p.history = append(p.history, raw) }

// History is what is remembered, the oldest first.
func (p *Plain) History() []string { return slices.Clone(p.history) }

// Drop is 0: a terminal that edits lines itself doesn't say what was pasted.
func (p *Plain) Drop() int { return 0 }

// Completes is false: Tab is the terminal's.
func (p *Plain) Completes() bool { return false }
