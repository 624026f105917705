// Package film makes of a recording what a page can show without a terminal: still pictures of the screen, and the text that each command printed. What a
// recording holds is a tool's choice; nothing here is more than text and colors.
package film

import (
	"errors"
	"io"
	"slices"
	"time"

	"opsh/shell/recording"
)

// Film is a session's screen over time.
type Film struct {
	Cols, Rows int // the largest that it was
	Styles     []Style
	Lines      [][]Run // of the screen, each once
	Frames     []Frame
	Interval   time.Duration // between frames of a command; longer than Every: it was thinned out
	Only       int           // 0: each command has its first and its last frame; 1: its last; N: only every Nth command has one
	Cut        Reason        // why it ends before its recording
}

// Run is text of one style.
type Run struct {
	Text  string
	Cells int // how many columns it takes
	Style int // an index of Styles
}

// Frame is what the screen showed from a time on.
type Frame struct {
	At      time.Duration // from the start
	Command int           // that had begun last; 0: none had
	Rows    []int         // an index of Lines for each row; what is missing at the bottom is empty
}

// Reason is why a film is cut.
type Reason string

// The reasons.
const (
	TooMuch  Reason = "too much"  // there is more to draw than anybody waits for
	NotDrawn Reason = "not drawn" // the terminal that is imitated failed at it
	NotRead  Reason = "not read"  // the recording can't be read further
	TooLarge Reason = "too large" // it could not be thinned out any more
)

// The bounds of memory: how many frames and lines are held before they are thinned out.
const (
	framesMost = 1 << 12
	linesMost  = 1 << 16
)

// Every is as often as there is a frame: less than anybody reads in.
const Every = 250 * time.Millisecond

// Edges are the lines that a session shows before a command's output and behind it.
type Edges struct{ Run, Exit string }

// Shoot reads a recording to its end, or as far as it can: then Film.Cut says why. Most is how many bytes the film's JSON may have.
func Shoot(in *recording.Reader, commands map[int]Edges, most int) (*Film, map[int]Take) {
	header := in.Header()
	s := newScreen(header.Term.Cols, header.Term.Rows)
	defer s.close()
	c := &camera{screen: s, film: Film{Interval: Every}, lines: map[string]int{}, styles: map[Style]int{}}
	t := takes{edges: commands, all: map[int]*tape{}}
	for {
		e, err := in.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				c.cut(NotRead)
			}
			break
		}
		switch e.Code {
		case recording.Output:
			t.add(e.Data)
			c.passes(e.At)
			if c.film.Cut == "" {
				c.cut(s.write(e.Data))
				c.dirty, c.at = true, e.At
			}
		case recording.Resize:
			if cols, rows, ok := e.Size(); ok {
				c.take()
				s.resize(cols, rows)
				c.dirty, c.at = true, e.At
			}
		case recording.Marker:
			if n := e.Command(); n > 0 {
				c.take()
				c.command, c.begins, c.at, c.dirty = n, true, e.At, true
				t.now = n
			}
		}
	}
	c.take()
	c.film.Cols, c.film.Rows = s.mostCols, s.mostRows
	c.fit(most)
	return &c.film, t.done()
}

// camera takes the frames.
type camera struct {
	screen  *screen
	film    Film
	lines   map[string]int
	styles  map[Style]int
	command int
	begins  bool // no frame of the command was taken yet
	dirty   bool // something was drawn since the last frame
	at      time.Duration
	last    time.Duration // the last frame's time
	key     []byte        // line's own
	ends    []span
}

func (c *camera) cut(why Reason) {
	if c.film.Cut == "" && why != "" {
		c.take()
		c.film.Cut = why
	}
}

// passes takes a frame before something is drawn that comes later.
func (c *camera) passes(at time.Duration) {
	if c.dirty && (at-c.at >= c.film.Interval || c.at-c.last >= c.film.Interval) {
		c.take()
	}
}

// take takes a frame.
func (c *camera) take() {
	if !c.dirty || c.film.Cut != "" {
		return
	}
	c.dirty = false
	if why := c.screen.flush(); why != "" {
		c.film.Cut = why
		return
	}
	f := Frame{At: c.at, Command: c.command}
	if n := len(c.film.Frames); n > 0 && !c.screen.changed {
		f.Rows = slices.Clone(c.film.Frames[n-1].Rows) // the last frame is never thinned out
	} else if why := c.screen.look(); why != "" {
		c.film.Cut = why
		return
	} else {
		f.Rows = c.rows()
	}
	if n := len(c.film.Frames); n > 0 && !c.begins && slices.Equal(c.film.Frames[n-1].Rows, f.Rows) {
		return
	}
	c.begins, c.last = false, c.at
	c.film.Frames = append(c.film.Frames, f)
	if (len(c.film.Frames) > framesMost || len(c.film.Lines) > linesMost) && !c.thin() {
		c.film.Cut = TooLarge
	}
}

// rows is the screen: a line for each row, but for the empty ones at its bottom.
func (c *camera) rows() []int {
	empty, last := c.line(nil), 0
	rows := make([]int, c.screen.height)
	for y := range rows {
		if rows[y] = c.line(c.screen.row(y)); rows[y] != empty {
			last = y + 1
		}
	}
	return rows[:last]
}

// line is the index of a line of the screen. Most are known: so a line is looked up first, and its runs are made only when it is new.
func (c *camera) line(row []cell) int {
	c.key, c.ends = c.key[:0], c.ends[:0]
	var run Run // without its text, which is in key
	start := 0
	end := func() {
		if run.Cells > 0 {
			c.ends = append(c.ends, span{run, start, len(c.key)})
			c.key = endRun(c.key, run)
			start = len(c.key)
		}
	}
	wide := false
	for _, one := range row {
		style := c.style(one.style)
		if run.Cells == 0 || style != run.Style || wide != (one.cells != len(one.text)) {
			end()
			run, wide = Run{Style: style}, one.cells != len(one.text)
		}
		c.key = append(c.key, one.text...)
		run.Cells += one.cells
	}
	end()
	if i, known := c.lines[string(c.key)]; known {
		return i
	}
	runs := []Run{}
	for _, s := range c.ends {
		s.run.Text = string(c.key[s.from:s.to])
		runs = append(runs, s.run)
	}
	i := len(c.film.Lines)
	c.lines[string(c.key)] = i
	c.film.Lines = append(c.film.Lines, runs)
	return i
}

// span is a run whose text lies in a key.
type span struct {
	run      Run
	from, to int
}

// style is a style's index.
func (c *camera) style(s Style) int {
	i, known := c.styles[s]
	if !known {
		i = len(c.film.Styles)
		c.styles[s] = i
		c.film.Styles = append(c.film.Styles, s)
	}
	return i
}

// endRun ends a run in a key, which tells lines apart. No text has a NUL.
func endRun(key []byte, r Run) []byte {
	return append(key, 0, byte(r.Style), byte(r.Style>>8), byte(r.Style>>16), byte(r.Cells), byte(r.Cells>>8))
}

// keyOf is the key of runs.
func keyOf(runs []Run) string {
	var key []byte
	for _, r := range runs {
		key = endRun(append(key, r.Text...), r)
	}
	return string(key)
}

// narrow says that a run is of characters that take a byte and a column each: what is of another kind has a run of its own, whose width the page sets.
func narrow(r Run) bool { return r.Cells == len(r.Text) }
