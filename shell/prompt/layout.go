package prompt

import (
	"sort"
	"unicode/utf8"
)

// place is a row and a column, both from 0; row 0 is the one the prompt begins in.
type place struct{ row, col int }

func (p place) after(q place) bool { return p.row > q.row || p.row == q.row && p.col > q.col }

// cell is one drawn character with its marks.
type cell struct {
	text  string
	width int
	place
	at int // index in the line of the character it shows; -1: part of the prompt
}

// behind is where the cell ends, with rows counted from top; its column may be the window's width.
func (c cell) behind(top int) place { return place{c.row - top, c.col + c.width} }

// layout is where everything stands in a terminal of so many columns.
type layout struct {
	cells []cell
	end   place // where the next character would go; its column is below width
	width int
}

// layOut wraps as a terminal does: a character that doesn't fit goes to the next row whole, and a row that
// is exactly full is followed by another one, where the cursor then stands.
func layOut(prompt string, line []rune, width int) *layout {
	l := &layout{width: width}
	l.lay(prompt, line)
	return l
}

// lay fills the layout anew, in the memory it has.
func (l *layout) lay(prompt string, line []rune) {
	l.cells, l.end = l.cells[:0], place{}
	l.write(prompt, true)
	l.write(string(line), false)
	if l.end.col >= l.width {
		l.end = place{l.end.row + 1, 0}
	}
}

// rewrap puts the same cells as a terminal does when its width changes.
func (l *layout) rewrap(width int) {
	l.width, l.end = width, place{}
	for i, c := range l.cells {
		w := min(c.width, width)
		if l.end.col+w > width {
			l.end = place{l.end.row + 1, 0}
		}
		l.cells[i].place = l.end
		l.end.col += w
	}
	if l.end.col >= width {
		l.end = place{l.end.row + 1, 0}
	}
}

func (l *layout) write(s string, prompt bool) {
	index, marks, base := -1, 0, false
	for i, r := range s {
		if !prompt {
			index++
		}
		if base && marks < maxMarks && mark(r) {
			c := &l.cells[len(l.cells)-1]
			c.text = s[i-len(c.text) : i+utf8.RuneLen(r)] // they are neighbours in s
			marks++
			continue
		}
		marks, base = 0, false
		if plain(r) {
			base = l.put(s[i:i+utf8.RuneLen(r)], columns(r), index) && bears(r)
			continue
		}
		for _, n := range named(r) {
			l.put(string(n), 1, index)
		}
	}
}

// put says whether the text was put as it is.
func (l *layout) put(text string, width, at int) bool {
	fits := width <= l.width
	if !fits { // a wide character in a window of one column
		text, width = "?", 1
	}
	if l.end.col+width > l.width {
		l.end = place{l.end.row + 1, 0}
	}
	l.cells = append(l.cells, cell{text, width, l.end, at})
	l.end.col += width
	return fits
}

// find is where the cursor stands before the character at index i of the line.
func (l *layout) find(i int) place {
	n := sort.Search(len(l.cells), func(n int) bool { return l.cells[n].at >= i })
	if n == len(l.cells) {
		return l.end
	}
	return l.cells[n].place
}

// same is how many cells l and m begin with in common.
func (l *layout) same(m *layout) int {
	n := min(len(l.cells), len(m.cells))
	for i := range n {
		if l.cells[i].text != m.cells[i].text || l.cells[i].place != m.cells[i].place {
			return i
		}
	}
	return n
}
