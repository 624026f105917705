package explain

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"opsh/shell/line"
)

const (
	screen  = 80 // columns
	indent  = "  "
	maxRows = 5 // rows of a long line that are shown
)

// mark is what stands under some characters of a line: a label under the first of them, or, without one, carets under all.
type mark struct {
	from, to int // characters, from 0; to is behind the last one
	label    string
}

// cell is one character as a terminal shows it.
type cell struct {
	text  string
	width int // columns
}

// cells are the characters of a text, those spelt out that a terminal obeys or doesn't show.
func cells(text string) []cell {
	var out []cell
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		c := cell{text: text[:size]}
		switch {
		case r == utf8.RuneError && size == 1:
			c.text = fmt.Sprintf("<0x%02X>", text[0])
		case r == '\n':
			c.text = `\n`
		case r == '\t':
			c.text = `\t`
		case line.Plain(c.text) != c.text:
			c.text = fmt.Sprintf("<%U>", r)
		}
		c.width = columns(c.text)
		out = append(out, c)
		text = text[size:]
	}
	return out
}

// columns is how wide a text is. The locale doesn't say so here: it isn't the one of whoever reads this in a log.
func columns(text string) int {
	c := runewidth.Condition{StrictEmojiNeutral: true}
	return c.StringWidth(text)
}

// pad fills a text up with blanks.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-columns(text)))
}

// ruled is a line with its marks below, indented. A long line takes several rows, each with its own marks; of a very long one only the
// rows around the first caret are shown.
func ruled(text string, marks []mark) []string {
	all := cells(text)
	rows := breakRows(all)
	first, last := 0, len(rows)-1
	if len(rows) > maxRows {
		at := 0
		for _, m := range marks {
			if m.label == "" {
				at = m.from
				break
			}
		}
		for first+1 < len(rows) && rows[first+1] <= at {
			first++
		}
		first = max(0, min(first-maxRows/2, len(rows)-maxRows))
		last = first + maxRows - 1
	}
	var out []string
	if first > 0 {
		out = append(out, indent+"...")
	}
	for i := first; i <= last; i++ {
		end := len(all)
		if i+1 < len(rows) {
			end = rows[i+1]
		}
		out = append(out, row(all[rows[i]:end], rows[i], i == len(rows)-1, marks)...)
	}
	if last < len(rows)-1 {
		out = append(out, indent+"...")
	}
	return out
}

// breakRows is the index of each row's first cell, at a blank where there is one not far from the end.
func breakRows(all []cell) []int {
	const most = screen - len(indent) - 2
	rows := []int{0}
	width, blank := 0, 0
	for i, c := range all {
		if width+c.width > most {
			at := i
			if blank > rows[len(rows)-1] && i-blank < most/3 {
				at = blank
			}
			rows = append(rows, at)
			width = 0
			for _, moved := range all[at:i] {
				width += moved.width
			}
		}
		width += c.width
		if c.text == " " {
			blank = i + 1
		}
	}
	return rows
}

// row is one row and its marks. Its first cell is the line's cell number begin.
func row(part []cell, begin int, isLast bool, marks []mark) []string {
	var text strings.Builder
	starts := make([]int, len(part)+1) // the column of each cell
	for i, c := range part {
		text.WriteString(c.text)
		starts[i+1] = starts[i] + c.width
	}
	out := []string{strings.TrimRight(indent+text.String(), " ")}
	var labels []string // below each other where they would touch
	carets := ""
	for _, m := range marks {
		from, to := m.from-begin, m.to-begin
		inside := from >= 0 && (from < len(part) || from == len(part) && isLast)
		switch {
		case m.label != "" && inside:
			labels = label(labels, starts[from], m.label)
		case m.label == "" && (inside || from < 0 && to > 0):
			at, end := starts[max(0, from)], starts[min(max(to, 0), len(part))]
			carets = pad(carets, at) + strings.Repeat("^", max(1, end-at))
		}
	}
	for _, l := range append(labels, carets) {
		if l != "" {
			out = append(out, indent+l)
		}
	}
	return out
}

// label puts a label at a column of the first row that has room there.
func label(rows []string, at int, text string) []string {
	i := slices.IndexFunc(rows, func(r string) bool { return r == "" || len(r) < at })
	if i < 0 {
		i, rows = len(rows), append(rows, "")
	}
	rows[i] = pad(rows[i], at) + text
	return rows
}

// fold breaks a text at blanks, so that it stays within the screen. Several blanks stay several: a pattern may hold them.
func fold(text, first, rest string) []string {
	var out []string
	now, empty := first, true
	for word := range strings.SplitSeq(text, " ") {
		switch {
		case empty:
			now, empty = now+word, false
		case columns(now)+1+columns(word) <= screen:
			now += " " + word
		default:
			out = append(out, strings.TrimRight(now, " "))
			now = rest + word
		}
	}
	return append(out, now)
}
