package sessionlog

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/charmbracelet/x/vt"
)

// screen shows a log as a terminal would, to find lines that stand in it nowhere: written letter by letter in any order, or drawn over a
// genuine one. The terminal's size isn't known. This one is wide, so that few lines break, and what is sought is
// narrow: with another size a line editor's own drawing comes out crooked, but not as a line of opsh's.
type screen struct {
	records *Records
	term    *vt.Emulator
	failed  bool
	quiet   []string // lines without anything that moves the cursor, not written yet: most logs hold nothing else
	insert  bool     // characters push what is there along
	watch   bool     // the current line
	said    map[string]bool
	found   []disguise // in it
}

const (
	columns  = 400
	rows     = 100
	saidMost = 1000 // of one line of the log
)

func newScreen(records *Records) *screen { return &screen{records: records, said: map[string]bool{}} }

// close ends the terminal.
func (s *screen) close() {
	if s.term != nil {
		s.term.Close() //nolint:errcheck // it is memory
	}
}

// show draws a line, and the end of it. With watch it returns what the screen showed meanwhile that reads like a record's line.
func (s *screen) show(l logLine, watch bool) []disguise {
	s.found, s.watch = nil, watch
	clear(s.said)
	if l.whole && quiet(l.text) {
		if len(s.quiet) == 2*rows {
			s.quiet = append(s.quiet[:0], s.quiet[rows:]...)
		}
		s.quiet = append(s.quiet, l.text)
		return nil
	}
	s.open()
	for _, q := range s.quiet[max(0, len(s.quiet)-rows):] {
		s.write(q[:min(len(q), columns*rows)])
		s.newline()
	}
	s.quiet = s.quiet[:0]
	var text strings.Builder
	eachToken(l.text, func(token string, width int, shown bool) {
		if shown {
			if s.insert { // the emulator doesn't know this mode
				fmt.Fprintf(&text, "\x1b[%d@", max(1, width))
			}
			text.WriteString(token)
			return
		}
		s.print(&text)
		s.control(token)
	})
	s.print(&text)
	if l.whole {
		s.newline()
	}
	return s.found
}

// newline ends a line. At the bottom it makes room for many, since the emulator copies the whole screen to scroll.
func (s *screen) newline() {
	if !s.failed && s.term.CursorPosition().Y == rows-1 {
		s.write(fmt.Sprintf("\x1b[%dS\x1b[%dA", rows/2, rows/2))
	}
	s.write("\r\n")
}

func (s *screen) open() {
	if s.term != nil || s.failed {
		return
	}
	s.term = vt.NewEmulator(columns, rows)
	s.term.SetScrollbackSize(1)
	// It answers what it is asked, and waits until the answer is read.
	go io.Copy(io.Discard, s.term) //nolint:errcheck // until it is closed
}

// print draws text, and reads the rows that it was drawn in. A genuine line isn't drawn twice, so it counts, too.
func (s *screen) print(text *strings.Builder) {
	if text.Len() == 0 || s.failed {
		return
	}
	from := s.term.CursorPosition().Y
	s.write(text.String())
	blank := strings.TrimSpace(text.String()) == ""
	text.Reset()
	for y := from; y <= s.term.CursorPosition().Y && !s.failed; y++ {
		s.look(y, !blank)
	}
}

// control obeys a control sequence, and reads the cursor's row where it changes that.
func (s *screen) control(token string) {
	switch {
	case s.failed:
		return
	case token == "\x1b[4h", token == "\x1b[4l":
		s.insert = token == "\x1b[4h"
	}
	if !edits.MatchString(token) {
		s.write(token)
		return
	}
	y := s.term.CursorPosition().Y
	before, _ := s.row(y)
	s.write(token)
	if after, _ := s.row(y); after != before {
		s.look(y, true)
	}
}

// edits are the control sequences that change a row other than by moving all of it.
var edits = regexp.MustCompile(`\A\x1b\[[0-9;?]*[P@XKJb]\z`)

// write draws. A log that the emulator can't take is no reason to have no verdict: the text is searched all the same.
func (s *screen) write(text string) {
	if s.failed {
		return
	}
	defer func() {
		if recover() != nil {
			s.failed = true
		}
	}()
	s.term.WriteString(text) //nolint:errcheck // it is memory
}

// wellFormed is a whole line of opsh's: what is sought where a genuine one was drawn over. Anything less is what a line editor leaves of it
// when it takes the terminal for another size.
var wellFormed = regexp.MustCompile(`\Aopsh: (?:#[0-9]+ [0-9TZ:.-]+ (?:run|exit|refused|running|denied|exec|runbook) .*|begin .*|end [0-9]+ .*) ?\[[0-9a-f]{8}\](?: mac=[0-9a-f]{64})?\z`)

// look reads a row. That it is a genuine line is no reason to keep silent where it was just drawn.
func (s *screen) look(y int, drawn bool) {
	if s.failed || !s.watch {
		return
	}
	text, full := s.row(y)
	if !readsLike(text) || s.said[text] {
		return
	}
	if _, copied := s.records.index(canonical(text)); !(copied && drawn) && s.genuine(text, full) {
		return
	}
	if len(s.said) == saidMost {
		return
	}
	s.said[text] = true
	s.found = append(s.found, disguise{text, "drawn on the screen"})
}

// genuine says that a row is the line of a record, or what fits of it into the row, or what a line editor left of it.
func (s *screen) genuine(text string, full bool) bool {
	if _, ok := s.records.index(canonical(text)); ok {
		return true
	}
	return full && s.records.begins(text) || s.records.begins(start(text)) && len(text) >= startBytes && !wellFormed.MatchString(text)
}

// row is the text of a row, and whether it fills the row.
func (s *screen) row(y int) (text string, full bool) {
	var b strings.Builder
	for x := 0; x < columns; {
		cell := s.term.CellAt(x, y)
		if cell == nil || cell.Content == "" {
			b.WriteByte(' ')
			x++
			continue
		}
		b.WriteString(cell.Content)
		x += max(1, cell.Width)
	}
	text = strings.TrimRight(b.String(), " ")
	return strings.TrimLeft(text, " "), len(text) >= columns
}
