// Package prompt is the line editor at opsh's prompt. It reads single keys, draws what is typed with the
// widths that a terminal gives it, and leaves what is typed ahead of Enter to whoever reads next.
package prompt

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// ErrInterrupt is Ctrl-C: the line is dropped and the prompt goes on.
var ErrInterrupt = errors.New("interrupted")

var errClosed = errors.New("cannot read a line: the prompt is closed")

// Options are what a prompt works with. The terminal is in raw mode already, and is nobody else's while a
// line is read.
type Options struct {
	Keys   Keys
	Out    io.Writer
	Width  func() int // columns now; at most 0: 80
	Height func() int // rows now; at most 0, or no function: 24
	Plain  bool       // a terminal without cursor addressing: TERM unset or dumb

	// Complete lists the words that may stand behind words and begin with prefix. It may be nil.
	Complete func(words []string, prefix string) []string
	// More says that the text has an open quote and goes on on the next line. It may be nil.
	More func(text string) bool
}

// Prompt reads lines, one at a time.
type Prompt struct {
	mu       sync.Mutex // held while a line is read
	life     context.Context
	end      context.CancelFunc
	closed   bool
	keys     decoder
	screen   *painter
	line     *buffer
	complete func([]string, string) []string
	more     func(string) bool

	history []string // the oldest first
	bytes   int      // of the history
	queue   []string // confirmed lines of a paste that haven't been read
	rest    string   // what stands behind them, to be finished by hand
}

// New makes a prompt. It writes nothing and asks the terminal nothing.
func New(o Options) (*Prompt, error) {
	line, err := newBuffer()
	if err != nil {
		return nil, err
	}
	p := &Prompt{
		keys: decoder{keys: o.Keys}, screen: newPainter(o), line: line,
		complete: o.Complete, more: o.More,
	}
	if p.complete == nil {
		p.complete = func([]string, string) []string { return nil }
	}
	if p.more == nil {
		p.more = func(string) bool { return false }
	}
	p.life, p.end = context.WithCancel(context.Background())
	return p, nil
}

// Close ends a Read under way, and with it the prompt.
func (p *Prompt) Close() error {
	p.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	return p.line.close()
}

// Read reads one logical line; its physical lines are joined by newlines, and all but the first have the
// prompt next. io.EOF is Ctrl-D where nothing is typed, or a lost terminal; ErrInterrupt is Ctrl-C; or it
// is the error of ctx, or of a write. Whatever it returns, the screen's cursor is at the start of a line.
func (p *Prompt) Read(ctx context.Context, first, next string) (string, error) {
	return p.read(ctx, &reading{first: first, next: next})
}

// Ask reads one line of text: no history, no completion, no continuation, and a pasted newline is a blank.
func (p *Prompt) Ask(ctx context.Context, question string) (string, error) {
	return p.read(ctx, &reading{first: question, next: question, ask: true})
}

// Notice writes a line above the prompt while a line is being read, or where the cursor is. It may be
// called at any time, by any goroutine. A failed write fails the next Read.
func (p *Prompt) Notice(line string) {
	p.screen.say(line) //nolint:errcheck // as the comment says
}

// Drop forgets what is left of a confirmed paste, and says how many logical lines that were.
func (p *Prompt) Drop() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.queue)
	if p.rest != "" {
		n++
	}
	p.queue, p.rest = nil, ""
	return n
}

// The history's bounds.
const (
	maxHistory      = 500
	maxHistoryBytes = 1 << 20
)

// Remember adds a logical line to the history, which is in memory only. The same line twice in a row is kept once.
func (p *Prompt) Remember(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if strings.TrimSpace(line) == "" || len(p.history) > 0 && p.history[len(p.history)-1] == line {
		return
	}
	p.history = append(p.history, line)
	p.bytes += len(line)
	for len(p.history) > 1 && (len(p.history) > maxHistory || p.bytes > maxHistoryBytes) {
		p.bytes -= len(p.history[0])
		p.history = slices.Delete(p.history, 0, 1)
	}
}

// History is what is remembered, the oldest first.
func (p *Prompt) History() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.history)
}

// reading is a logical line under way.
type reading struct {
	first, next string
	ask         bool
	begun       string // the physical lines that are done, each with its newline
	over        bool   // more was typed than a line holds; what is there isn't what was meant
	tabbed      bool   // the last key was a Tab that found several words
	recalled    bool   // at and drafts are in use
	at          int    // index of the history's line that is shown
	drafts      map[int][]rune
}

// restart begins the logical line anew.
func (r *reading) restart() { *r = reading{first: r.first, next: r.next, ask: r.ask} }

func (r *reading) prompt() string {
	if r.begun != "" {
		return r.next
	}
	return r.first
}

func (p *Prompt) read(ctx context.Context, r *reading) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return "", errClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	defer p.keys.release()

	out, err := p.converse(ctx, r)
	if left := p.screen.leave("", true); err == nil {
		err = left
	}
	if err != nil && p.life.Err() != nil {
		err = errClosed
	}
	return out, err
}

func (p *Prompt) converse(ctx context.Context, r *reading) (string, error) {
	p.line.begin()
	if len(p.queue) > 0 && !r.ask {
		if !p.interrupted(ctx) {
			return p.dequeue(r)
		}
		p.queue, p.rest = nil, ""
		if err := p.show(r); err != nil {
			return "", err
		}
		return "", p.interrupt("^C")
	}
	p.screen.open()
	rest := ""
	if !r.ask {
		rest, p.rest = p.rest, ""
	}
	if err := p.resume(r, rest); err != nil {
		return "", err
	}
	for {
		k, err := p.keys.next(ctx)
		if err != nil {
			return "", err
		}
		if out, done, err := p.handle(ctx, r, k); done || err != nil {
			return out, err
		}
	}
}

// resume goes on with text that was not typed key by key.
func (p *Prompt) resume(r *reading, text string) error {
	lines := strings.Split(text, "\n")
	for _, l := range lines[:len(lines)-1] {
		line := []rune(l)
		if err := p.screen.draw(r.prompt(), line, len(line)); err != nil {
			return err
		}
		if err := p.screen.leave("", false); err != nil {
			return err
		}
		r.begun += l + "\n"
	}
	last := []rune(lines[len(lines)-1])
	p.line.set(last, len(last))
	return p.show(r)
}

// show draws the line as it is.
func (p *Prompt) show(r *reading) error {
	return p.screen.draw(r.prompt(), p.line.text, p.line.pos)
}

// size is the logical line's length in bytes so far.
func (p *Prompt) size(r *reading) int {
	n := len(r.begun)
	for _, c := range p.line.text {
		n += utf8.RuneLen(c)
	}
	return n
}

// interrupt ends the line with Ctrl-C, shown as mark.
func (p *Prompt) interrupt(mark string) error {
	if err := p.screen.leave(mark, true); err != nil {
		return err
	}
	_, err := p.line.end(keyInterrupt)
	return err
}

// enter ends the physical line, and the logical one unless there is more of it.
func (p *Prompt) enter(ctx context.Context, r *reading, k key) (out string, done bool, err error) {
	switch {
	case r.over:
		return "", false, p.refuse(r, errTooLong)
	case !r.ask && p.keys.behind(ctx, k):
		return p.burst(ctx, r)
	}
	if text := r.begun + string(p.line.text); !r.ask && p.more(text) {
		if err := p.screen.leave("", false); err != nil {
			return "", false, err
		}
		*r = reading{first: r.first, next: r.next, begun: text + "\n"}
		p.line.set(nil, 0)
		return "", false, p.show(r)
	}
	if err := p.screen.leave("", true); err != nil {
		return "", false, err
	}
	out, err = p.line.end(keyEnter)
	return r.begun + out, err == nil, err
}
