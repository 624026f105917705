package sessionlog

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/vt"
)

// screen shows a log as a terminal of one width would, to find lines that stand in it nowhere: written letter by letter in any order, or drawn over
// a genuine one.
type screen struct {
	records *Records
	columns int
	term    *vt.Emulator
	failed  bool
	spent   int            // of budget
	quiet   []logLine      // lines without anything that moves the cursor, not written yet: most logs hold nothing else
	insert  bool           // characters push what is there along
	touched map[string]int // what genuine lines have become, and whose they were

	watch bool // the current line
	said  map[string]bool
	found []disguise // in it
	over  map[int]overdrawn
}

// overdrawn is what was made of the line of a record.
type overdrawn struct {
	text  string
	whole bool // it reads like a line of opsh's still, with number and time
}

const (
	rows        = 100
	saidMost    = 1000 // of one line of the log
	touchedMost = 10_000
	// budget is how many characters are drawn of one log: some minutes. A tool chooses what there is to draw.
	budget = 200_000_000
)

func newScreen(records *Records, columns int) *screen {
	return &screen{records: records, columns: columns, said: map[string]bool{}, touched: map[string]int{}}
}

// close ends the terminal.
func (s *screen) close() {
	if s.term != nil {
		s.term.Close() //nolint:errcheck // it is memory
	}
}

// show draws a line, and the end of it. With watch it returns what the screen showed meanwhile that reads like a record's line, and which
// lines of records, by their index, were drawn over.
func (s *screen) show(l logLine, watch bool) ([]disguise, map[int]overdrawn) {
	s.found, s.over, s.watch = nil, nil, watch
	if quiet(l.text) {
		s.keep(l)
		return nil, nil
	}
	clear(s.said)
	s.open()
	for _, q := range s.quiet {
		s.write(q.text)
		if q.whole {
			s.newline()
		}
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
	return s.found, s.over
}

// keep puts off a quiet line, and forgets those that have left the screen by now.
func (s *screen) keep(l logLine) {
	l.text = l.text[max(0, len(l.text)-s.columns*rows):]
	if len(s.quiet) == 2*rows {
		s.quiet = append(s.quiet[:0], s.quiet[rows:]...)
	}
	s.quiet = append(s.quiet, l)
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
	s.term = vt.NewEmulator(s.columns, rows)
	s.term.SetScrollbackSize(1)
	// It answers what it is asked, and waits until the answer is read.
	go io.Copy(io.Discard, s.term) //nolint:errcheck // until it is closed
}

// print draws text, and reads the rows that it was drawn in.
func (s *screen) print(text *strings.Builder) {
	if text.Len() == 0 || s.failed {
		return
	}
	from := s.term.CursorPosition().Y
	before := s.rows(from, from+1+text.Len()/s.columns)
	s.write(text.String())
	text.Reset()
	if s.failed {
		return
	}
	for y, now := range s.rows(from, s.term.CursorPosition().Y) {
		was := row{}
		if y < len(before) {
			was = before[y]
		}
		s.look(was, now)
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
	token = s.bounded(token)
	if !edits.MatchString(token) {
		s.write(token)
		return
	}
	y := s.term.CursorPosition().Y
	was := s.row(y)
	if s.write(token); !s.failed {
		s.look(was, s.row(y))
	}
}

var (
	// edits are the control sequences that change a row other than by moving all of it.
	edits = regexp.MustCompile(`\A\x1b\[[0-9;?]*[P@XKJb]\z`)
	large = regexp.MustCompile(`[0-9]{4,}`)
)

// bounded is a control sequence without numbers beyond the screen's size: repeating a character 2,147,483,647 times takes minutes.
func (s *screen) bounded(token string) string {
	if !strings.HasPrefix(token, "\x1b[") {
		return token
	}
	token = large.ReplaceAllString(token, strconv.Itoa(s.columns))
	if strings.HasSuffix(token, "b") {
		s.spent += s.columns
	}
	return token
}

// write draws. A log that the emulator can't take, or that is too much of it, is no reason to have no verdict: the text is searched all
// the same, and Result.Blind says so.
func (s *screen) write(text string) {
	if s.spent += len(text); s.spent > budget {
		s.failed = true
	}
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

// look judges what became of a row. A line of a record that was just drawn is a copy, since the genuine ones come as lines of the log.
func (s *screen) look(was, now row) {
	if !s.watch || was.text == now.text || !readsLike(now.text) {
		return
	}
	i, mine := s.line(was)
	if !mine {
		if !s.said[now.text] && len(s.said) < saidMost {
			s.said[now.text] = true
			s.found = append(s.found, disguise{now.text, "drawn on the screen"})
		}
		return
	}
	if j, same := s.records.index(canonical(now.text)); same && i == j || now.full && s.records.beginning(now.text) == i {
		return // as it was
	}
	if len(s.touched) < touchedMost {
		s.touched[now.text] = i // what is drawn in it next is no new line either
	}
	if s.over == nil {
		s.over = map[int]overdrawn{}
	}
	s.over[i] = overdrawn{now.text, s.over[i].whole || shape.MatchString(even(now.text))}
}

// line is the record whose line a row shows, or showed until it was drawn over.
func (s *screen) line(r row) (int, bool) {
	if r.text == "" {
		return 0, false
	}
	if i, ok := s.records.index(canonical(r.text)); ok {
		return i, true
	}
	if i := s.records.beginning(r.text); i >= 0 && r.full {
		return i, true
	}
	i, ok := s.touched[r.text]
	return i, ok
}

// row is what stands in a row of the screen where it may be a line of opsh's: nothing otherwise.
type row struct {
	text string
	full bool // up to the last column
}

func (s *screen) rows(from, to int) []row {
	var all []row
	for y := from; y <= min(to, rows-1); y++ {
		all = append(all, s.row(y))
	}
	return all
}

func (s *screen) row(y int) row {
	var b strings.Builder
	for x := 0; x < s.columns; {
		cell := s.term.CellAt(x, y)
		if cell == nil || cell.Content == "" || cell.Content == " " {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			x++
			continue
		}
		if b.Len() == 0 && !strings.ContainsFunc(cell.Content, mayStart) {
			return row{}
		}
		b.WriteString(cell.Content)
		x += max(1, cell.Width)
	}
	text := strings.TrimRight(b.String(), " ")
	return row{text, len(text) >= s.columns}
}
