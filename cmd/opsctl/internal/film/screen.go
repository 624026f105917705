package film

import (
	"io"
	"regexp"
	"strconv"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"

	"opsh/cmd/opsctl/internal/replay"
	"opsh/shell/line"
)

// screen is the terminal that is imitated. It is given only what replay.Safe lets through: text, and sequences that draw, with small numbers.
type screen struct {
	term               *vt.Emulator
	safe               replay.Safe
	cols, height       int
	mostCols, mostRows int
	spent              int
	changed            bool   // since it was looked at
	waiting            string // text that isn't drawn yet
	insert             bool
	cells              []cell             // row's own
	styles             map[uv.Style]Style // seen so far: most cells have one of few
}

// cell is one character of the screen.
type cell struct {
	text  string
	cells int
	style Style
}

const (
	// A screen's size is the operator's choice; what is larger is drawn as large as this.
	colsMost, rowsMost = 300, 120
	// budget is how much is drawn, in characters: about a minute. A tool chooses what there is to draw.
	budget = 40_000_000
	// cellsPerChar is how many cells are read in the time that a character is drawn in.
	cellsPerChar = 32
	// waitMost bounds what waits to be drawn.
	waitMost = 256 << 10
	// textMost bounds what stands in one cell: a letter can have marks without end.
	textMost = 32
)

func newScreen(cols, rows int) *screen {
	s := &screen{styles: map[uv.Style]Style{}, cols: min(cols, colsMost), height: min(rows, rowsMost)}
	s.mostCols, s.mostRows = s.cols, s.height
	s.safe.Rows = s.height
	s.term = vt.NewEmulator(s.cols, s.height)
	s.term.SetScrollbackSize(1)
	// It answers what it is asked, and waits until the answer is read.
	go io.Copy(io.Discard, s.term) //nolint:errcheck // until it is closed
	return s
}

func (s *screen) close() { s.term.Close() } //nolint:errcheck // it is memory

// write takes the next piece of the output. Text without anything that moves the cursor is drawn only when somebody looks: of much of it most has scrolled off
// by then.
func (s *screen) write(piece string) (cut Reason) {
	drawn := s.safe.Write(piece)
	if !s.insert && !strings.ContainsAny(drawn, "\x1b\b\v\f\x0e\x0f") {
		if s.waiting += drawn; len(s.waiting) > waitMost {
			if s.waiting = s.recent(s.waiting); len(s.waiting) > waitMost {
				return s.flush()
			}
		}
		return ""
	}
	if cut := s.flush(); cut != "" {
		return cut
	}
	return s.draw(drawn)
}

// flush draws what waits.
func (s *screen) flush() Reason {
	text := s.recent(s.waiting)
	s.waiting = ""
	return s.draw(text)
}

// draw draws. An emulator that fails must not take the report with it.
func (s *screen) draw(text string) (cut Reason) {
	defer func() {
		if recover() != nil {
			cut = NotDrawn
		}
	}()
	if text == "" {
		return ""
	}
	if s.spent += s.cost(text); s.spent > budget {
		return TooMuch
	}
	s.changed = true
	s.term.WriteString(s.pushed(text)) //nolint:errcheck // it is memory
	return ""
}

// look takes what it costs to read the whole screen: a recording can have as many markers as it has lines.
func (s *screen) look() Reason {
	s.changed = false
	if s.spent += s.cols * s.height / cellsPerChar; s.spent > budget {
		return TooMuch
	}
	return ""
}

// recent leaves out the beginning of a text that scrolls off the screen again.
func (s *screen) recent(text string) string {
	most := 4 * s.cols * s.height
	if len(text) <= 2*most {
		return text
	}
	tail := text[len(text)-most:]
	if strings.Count(tail, "\n") < 2*s.height {
		return text
	}
	_, tail, _ = strings.Cut(tail, "\n")
	return "\r\n" + tail // so the next row begins at the left, as it did
}

var (
	controls = regexp.MustCompile("\x1b\\[([0-9]*)[;0-9]*([A-Za-z@`])")
	// sequence is one at the start of a text, of any kind that replay.Safe lets through.
	sequence = regexp.MustCompile("\\A\x1b(?:\\[[!?0-9;:]*[ -~]|[()*+#].|[ -~])")
)

// cost is about how long it takes to draw: the emulator copies the screen where it scrolls, and repeats what it is told to.
func (s *screen) cost(text string) int {
	cost := len(text) + strings.Count(text, "\n")*s.cols
	for _, m := range controls.FindAllStringSubmatch(text, -1) {
		switch n, _ := strconv.Atoi(m[1]); m[2] {
		case "b":
			cost += n * 4
		case "L", "M", "S", "T", "J", "h", "l":
			cost += s.cols * s.height / 8
		}
	}
	return cost
}

// pushed makes room before each character while the terminal is in insert mode, which the emulator doesn't know.
func (s *screen) pushed(text string) string {
	if !s.insert && !strings.Contains(text, "\x1b[4h") {
		return text
	}
	var b strings.Builder
	for text != "" {
		if text[0] == 0x1b {
			one := sequence.FindString(text)
			if one == "" {
				one = text[:1] // Safe lets none through
			}
			if one == "\x1b[4h" || one == "\x1b[4l" {
				s.insert = one == "\x1b[4h"
			} else {
				b.WriteString(one)
			}
			text = text[len(one):]
			continue
		}
		r, size := firstRune(text)
		if s.insert && r >= ' ' {
			b.WriteString("\x1b[" + strconv.Itoa(width(r)) + "@")
		}
		b.WriteString(text[:size])
		text = text[size:]
	}
	return b.String()
}

func (s *screen) resize(cols, rows int) {
	s.cols, s.height = min(cols, colsMost), min(rows, rowsMost)
	s.mostCols, s.mostRows = max(s.mostCols, s.cols), max(s.mostRows, s.height)
	s.safe.Rows = s.height
	s.changed = true
	s.term.Resize(s.cols, s.height)
}

// row is what stands in a row of the screen now, without the blanks at its end. It is overwritten by the next call.
func (s *screen) row(y int) []cell {
	s.cells = s.cells[:0]
	end := 0
	for x := 0; x < s.cols; {
		one := cell{text: " ", cells: 1}
		if at := s.term.CellAt(x, y); at != nil {
			one.style = s.style(at.Style)
			switch {
			case len(at.Content) == 1 && at.Content[0] > ' ' && at.Content[0] < 0x7f:
				one.text = at.Content
			case at.Content != "" && at.Content != " ":
				one.text, one.cells = harmless(at.Content), max(1, at.Width)
			}
		}
		s.cells = append(s.cells, one)
		if one.text != " " || one.style != (Style{}) {
			end = len(s.cells)
		}
		x += one.cells
	}
	return s.cells[:end]
}

// style is styleOf, which takes its time.
func (s *screen) style(c uv.Style) Style {
	if c == (uv.Style{}) {
		return Style{}
	}
	known, ok := s.styles[c]
	if !ok {
		if len(s.styles) > 1<<12 {
			clear(s.styles)
		}
		known = styleOf(c)
		s.styles[c] = known
	}
	return known
}

// harmless is a cell's text without what nobody sees.
func harmless(text string) string {
	if len(text) > textMost {
		text = strings.ToValidUTF8(text[:textMost], "")
	}
	return strings.ReplaceAll(strings.ReplaceAll(line.Plain(text), "\n", " "), "\t", " ")
}
