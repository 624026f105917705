package prompt

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// emulator is a terminal of which only what the painter uses is there; anything else fails the test.
// charmbracelet/x/vt can't stand in for it: it neither wraps a wide character that doesn't fit in a row
// nor the character behind one that fills it. TestEmulator holds it against tmux.
type emulator struct {
	t       testing.TB
	w, h    int
	rows    [][]string // a wide character's second cell is ""
	joined  []bool     // the row goes on in the next one
	scrolls []string   // rows that left at the top
	y, x    int
	pending bool
	marks   bool // bracketed paste
	bells   int
	left    []byte // an incomplete sequence or character
	log     []byte
	writes  int
}

func newEmulator(t testing.TB, w, h int) *emulator {
	e := &emulator{t: t, w: w, h: h}
	for range h {
		e.rows = append(e.rows, blank(w))
	}
	e.joined = make([]bool, h)
	return e
}

func blank(w int) []string {
	row := make([]string, w)
	for i := range row {
		row[i] = " "
	}
	return row
}

func (e *emulator) Write(b []byte) (int, error) {
	e.writes++
	e.log = append(e.log, b...)
	s := string(append(e.left, b...))
	e.left = nil
	for s != "" {
		switch {
		case s[0] == '\x1b':
			end := strings.IndexFunc(s[min(2, len(s)):], func(r rune) bool { return r >= 0x40 && r < 0x7f })
			if len(s) < 2 || s[1] != '[' || end < 0 {
				e.t.Fatalf("sequence %q in %q", s, b)
			}
			e.control(s[2:2+end], s[2+end])
			s = s[3+end:]
		case s[0] == '\r':
			e.x, e.pending = 0, false
			s = s[1:]
		case s[0] == '\n':
			e.pending = false
			e.lineFeed(false)
			s = s[1:]
		case s[0] == '\b':
			if e.pending {
				e.t.Fatalf("backspace behind a full row in %q", b)
			}
			e.x = max(e.x-1, 0)
			s = s[1:]
		case s[0] == '\a':
			e.bells++
			s = s[1:]
		default:
			r, n := utf8.DecodeRuneInString(s)
			if r == utf8.RuneError || unicode.IsControl(r) {
				e.t.Fatalf("byte %#x in %q", s[0], b)
			}
			e.print(r)
			s = s[n:]
		}
	}
	return len(b), nil
}

// wide is the emulator's own idea of widths, from another table than the painter's.
func wide(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

func (e *emulator) print(r rune) {
	n := wide(r)
	if n == 0 {
		x := e.x - 1
		if e.pending {
			x = e.x
		}
		for x > 0 && e.rows[e.y][x] == "" {
			x--
		}
		if x < 0 {
			e.t.Fatalf("mark %U without a character", r)
		}
		e.rows[e.y][x] += string(r)
		return
	}
	if n > e.w { // nobody can tell; a paste is shown as it is
		r, n = '?', 1
	}
	if e.pending || e.x+n > e.w {
		e.lineFeed(true)
		e.x, e.pending = 0, false
	}
	e.cut(e.x)
	e.cut(e.x + n)
	e.rows[e.y][e.x] = string(r)
	if n == 2 {
		e.rows[e.y][e.x+1] = ""
	}
	if e.x += n; e.x == e.w {
		e.x, e.pending = e.w-1, true
	}
}

// cut blanks a wide character that x stands in the middle of.
func (e *emulator) cut(x int) {
	if x < e.w && e.rows[e.y][x] == "" {
		e.rows[e.y][x-1], e.rows[e.y][x] = " ", " "
	}
}

func (e *emulator) lineFeed(wraps bool) {
	e.joined[e.y] = wraps
	if e.y++; e.y < e.h {
		return
	}
	e.y--
	e.scrolls = append(e.scrolls, strings.TrimRight(strings.Join(e.rows[0], ""), " "))
	e.rows = append(e.rows[1:], blank(e.w))
	e.joined = append(e.joined[1:], false)
}

func (e *emulator) control(params string, final byte) {
	n, err := strconv.Atoi(params)
	if err != nil {
		n = 1
	}
	if final != 'h' && final != 'l' && e.pending && final != 'm' {
		e.t.Fatalf("CSI %s%c behind a full row", params, final)
	}
	switch {
	case final == 'A':
		e.y = max(e.y-n, 0)
	case final == 'B':
		e.y = min(e.y+n, e.h-1)
	case final == 'C':
		e.x = min(e.x+n, e.w-1)
	case final == 'D':
		e.x = max(e.x-n, 0)
	case final == 'H' && params == "":
		e.y, e.x = 0, 0
	case final == 'J' && params == "2":
		for y := range e.rows {
			e.rows[y], e.joined[y] = blank(e.w), false
		}
	case final == 'J' && params == "":
		e.erase()
		for y := e.y + 1; y < e.h; y++ {
			e.rows[y], e.joined[y] = blank(e.w), false
		}
	case final == 'K' && params == "":
		e.erase()
	case params == "?2004" && final == 'h':
		e.marks = true
	case params == "?2004" && final == 'l':
		e.marks = false
	default:
		e.t.Fatalf("CSI %s%c", params, final)
	}
}

func (e *emulator) erase() {
	e.cut(e.x)
	copy(e.rows[e.y][e.x:], blank(e.w-e.x))
}

// resize wraps the rows that belong together anew, as terminals do; what is below the cursor's is empty.
func (e *emulator) resize(w int) {
	next := newEmulator(e.t, w, e.h)
	for y := 0; y <= e.y; y++ {
		var cells []string // of the rows that belong together
		at := -1
		for ; ; y++ {
			row := e.rows[y]
			if y == e.y {
				at = len(cells) + e.x
			}
			if !e.joined[y] {
				for n := len(row); n > 0 && row[n-1] == " " && len(cells)+n > at; n-- {
					row = row[:n-1]
				}
				cells = append(cells, row...)
				break
			}
			if n := len(row); row[n-1] == " " && wide([]rune(e.rows[y+1][0])[0]) == 2 {
				row = row[:n-1] // a column that a wide character left
			}
			cells = append(cells, row...)
		}
		cursor := place{-1, 0}
		for i, c := range append(cells, "") {
			if i == at {
				if next.pending {
					next.lineFeed(true)
					next.x, next.pending = 0, false
				}
				if cursor = (place{next.y, next.x}); i < len(cells) && next.x+wide([]rune(c)[0]) > w {
					cursor = place{next.y + 1, 0}
				}
			}
			for _, r := range c {
				next.print(r)
			}
		}
		if cursor.row >= 0 {
			next.y, next.x, next.pending = cursor.row, cursor.col, false
			break
		}
		next.x, next.pending = 0, false
		next.lineFeed(false)
	}
	next.t, next.marks, next.log = e.t, e.marks, e.log
	*e = *next
}

// text is the screen's rows without trailing blanks and without the empty ones at the end.
func (e *emulator) text() string {
	var rows []string
	for _, r := range e.rows {
		rows = append(rows, strings.TrimRight(strings.Join(r, ""), " "))
	}
	return strings.TrimRight(strings.Join(rows, "\n"), "\n")
}
