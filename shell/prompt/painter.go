package prompt

import (
	"io"
	"strconv"
	"strings"
	"sync"
)

// painter keeps the screen showing a prompt and the line that is being edited. chzyer/readline's own
// drawing counts characters instead of columns and draws a wrapped line twice; this one knows where every
// cell stands, writes only what changed, and writes it at once.
type painter struct {
	mu     sync.Mutex // a notice comes from another goroutine
	out    io.Writer
	width  func() int
	height func() int
	plain  bool // a terminal without cursor addressing

	prompt string
	line   []rune
	cursor int

	shown  bool    // the fields below describe the screen
	now    *layout // what is drawn
	spare  *layout
	drawn  int // cursor, as an index of the drawn line
	top    int // the layout's row in the first row that the window has room for
	term   terminal
	bell   bool
	paste  bool // the terminal is to mark pastes
	marks  bool // it does
	b      []byte
	failed error
}

// terminal is where the terminal's cursor is; rows count from the first drawn one.
type terminal struct {
	place
	pending bool // it stands behind a full row and wraps before the next character
}

func newPainter(o Options) *painter {
	p := &painter{out: o.Out, width: o.Width, height: o.Height, plain: o.Plain, now: new(layout), spare: new(layout)}
	if p.width == nil {
		p.width = func() int { return 0 }
	}
	if p.height == nil {
		p.height = func() int { return 0 }
	}
	return p
}

// The size of a window that has none, as the agent's terminal at first.
const (
	defaultWidth  = 80
	defaultHeight = 24
)

func (p *painter) size() (w, h int) {
	if w = p.width(); w <= 0 {
		w = defaultWidth
	}
	if h = p.height(); h <= 0 {
		h = defaultHeight
	}
	return w, h
}

// draw shows the prompt and the line, with the cursor before the character at index cursor. The line
// belongs to the painter from then on.
func (p *painter) draw(prompt string, line []rune, cursor int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prompt, p.line, p.cursor = prompt, line, cursor
	p.refresh()
	return p.flush()
}

// ring sounds the bell with the next drawing.
func (p *painter) ring() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bell = true
}

// open has the terminal mark pastes, from the next drawing until a line is left as the last.
func (p *painter) open() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paste = true
}

// leave ends the drawn line: the cursor goes behind it and to a new line. With last, the terminal marks
// pastes no longer. That comes before the newline, because the line behind it may be a record, which begins
// with no escape sequence.
func (p *painter) leave(mark string, last bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.cursor = len(p.line)
		p.refresh()
		p.text(mark)
	}
	if last {
		p.paste = false
		p.mode()
	}
	if p.shown {
		p.newline()
	}
	p.shown = false
	return p.flush()
}

// say writes whole lines where the prompt stands, and the prompt again behind them. It may be called at any time.
func (p *painter) say(lines ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	again := p.shown
	p.erase()
	p.lines(lines)
	if again {
		p.refresh()
	}
	return p.flush()
}

// replace writes whole lines in place of the prompt.
func (p *painter) replace(lines ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.lines(lines)
	return p.flush()
}

// list writes whole lines below the prompt, and the prompt again below them.
func (p *painter) list(lines ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		cursor := p.cursor
		p.cursor = len(p.line)
		p.refresh()
		p.newline()
		p.shown, p.cursor = false, cursor
	}
	p.lines(lines)
	p.refresh()
	return p.flush()
}

// clear empties the screen and draws the prompt at its top.
func (p *painter) clear() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	if !p.plain {
		p.text("\x1b[H\x1b[2J")
	}
	p.refresh()
	return p.flush()
}

// erase takes the prompt off the screen and leaves the cursor where it began.
func (p *painter) erase() {
	switch {
	case !p.shown:
	case p.plain:
		p.newline()
	default:
		p.moveTo(place{})
		p.text("\x1b[J")
	}
	p.shown = false
}

func (p *painter) lines(lines []string) {
	for _, l := range lines {
		p.text(visible(l))
		p.newline()
	}
}

func (p *painter) text(s string) { p.b = append(p.b, s...) }

func (p *painter) newline() { p.b = append(p.b, '\r', '\n') }

// mode tells the terminal whether to mark pastes.
func (p *painter) mode() {
	switch want := p.paste && !p.plain; {
	case want == p.marks:
	case want:
		p.text("\x1b[?2004h")
		p.marks = true
	default:
		p.text("\x1b[?2004l")
		p.marks = false
	}
}

// flush hands everything to the terminal in one write.
func (p *painter) flush() error {
	if p.bell {
		p.b, p.bell = append(p.b, '\a'), false
	}
	if len(p.b) > 0 && p.failed == nil {
		_, p.failed = p.out.Write(p.b)
	}
	p.b = p.b[:0]
	return p.failed
}

// refresh brings the screen from what is drawn to what is to be shown.
func (p *painter) refresh() {
	p.mode()
	w, h := p.size()
	next := p.spare
	next.width = w
	next.lay(p.prompt, p.line)
	at := next.find(p.cursor)
	if p.plain {
		p.refreshPlain(next)
	} else {
		top := p.scroll(next, at.row, h)
		first := p.prepare(next, top)
		p.write(next, first, h)
		p.moveTo(place{at.row - top, at.col})
	}
	p.now, p.spare, p.drawn, p.shown = next, p.now, p.cursor, true
}

// scroll is the layout's row that comes first in the window: a line can be longer than the window is high.
func (p *painter) scroll(next *layout, row, height int) int {
	top := 0
	if p.shown {
		top = p.top
	}
	top = max(min(top, row, next.end.row+1-height), 0)
	return max(top, row-height+1)
}

// prepare finds the first cell that has to be written, after taking care of what moves everything.
func (p *painter) prepare(next *layout, top int) (first int) {
	was := p.top
	p.top = top
	switch {
	case !p.shown:
		p.term, p.now.cells, p.now.end = terminal{}, p.now.cells[:0], place{}
	case p.now.width != next.width:
		// The window was resized and the terminal has wrapped the drawn text anew, as nearly all of them
		// do: the cursor is where it is in a layout of that width. In one that doesn't, rows stay behind.
		p.now.rewrap(next.width)
		row := p.now.find(p.drawn).row - was
		p.text("\r")
		if _, h := p.size(); row > 0 {
			p.escape(min(row, h-1), 'A')
		}
		p.text("\x1b[J")
		p.term, p.now.cells, p.now.end = terminal{}, p.now.cells[:0], place{}
	case was != top:
		p.moveTo(place{})
		p.now.end = place{1 << 30, 0} // all of it is written over; what is left behind is erased
	default:
		return next.same(p.now)
	}
	return 0
}

// write writes the cells from first on, as far as the window shows them, and erases what stood behind them.
func (p *painter) write(next *layout, first, height int) {
	last := place{-1, 0} // where the cell before ended
	written := false
	if first > 0 {
		last = next.cells[first-1].behind(p.top)
	}
	for _, c := range next.cells[first:] {
		if c.row >= p.top && c.row < p.top+height {
			p.put(c, last, next.width)
			written = true
		}
		last = c.behind(p.top)
	}
	if next.end.row >= p.top+height {
		if written && !p.term.pending {
			p.text("\x1b[K")
		}
		return
	}
	end := place{next.end.row - p.top, next.end.col}
	if p.term.pending && end.row == p.term.row+1 {
		// a row that is exactly full: the next one is begun, so that the cursor can stand there
		p.text(" \r")
		p.term.place, p.term.pending = end, false
	}
	if p.now.end.after(next.end) {
		p.moveTo(end)
		if p.now.end.row > next.end.row {
			p.text("\x1b[J")
		} else {
			p.text("\x1b[K")
		}
	}
}

// put writes one cell: behind the last one, or in a row that is there, since a row is begun as soon as the
// one before it is full. The terminal itself wraps from one row to the next, so that a long line stays one
// line for who resizes the window, copies from it or reads the session log.
func (p *painter) put(c cell, last place, width int) {
	t := &p.term
	to := place{c.row - p.top, c.col}
	switch wraps := last.row >= 0 && to.row == last.row+1; {
	case wraps && t.pending && t.row == last.row:
		t.place, t.pending = to, false
	case wraps && last.col < width:
		p.moveTo(last)
		p.text("\x1b[K") // the column that the wide character doesn't fit in keeps nothing old
		t.place = to
	}
	p.moveTo(to)
	p.text(c.text)
	if t.col += c.width; t.col >= width {
		t.col, t.pending = width-1, true
	}
}

// moveTo moves the cursor to a row that exists.
func (p *painter) moveTo(to place) {
	t := &p.term
	if t.pending { // where a terminal's other movements begin from there differs
		p.text("\r")
		t.col, t.pending = 0, false
	}
	if to.row < t.row {
		p.escape(t.row-to.row, 'A')
	} else if to.row > t.row {
		p.escape(to.row-t.row, 'B')
	}
	switch n := t.col - to.col; {
	case n == 0:
	case to.col == 0:
		p.text("\r")
	case n > 3:
		p.escape(n, 'D')
	case n > 0:
		p.text(strings.Repeat("\b", n))
	default:
		p.escape(-n, 'C')
	}
	t.place = to
}

func (p *painter) escape(n int, final byte) {
	p.text("\x1b[")
	if n != 1 {
		p.b = strconv.AppendInt(p.b, int64(n), 10)
	}
	p.b = append(p.b, final)
}
