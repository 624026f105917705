package policy

import (
	"fmt"
	"strings"

	"golang.org/x/text/width"
)

const (
	shownErrors = 500 // then a count of the rest
	shownWidth  = 76  // columns of a line of the file
	tabWidth    = 8
)

// Error prints every mistake: NAME:LINE:COL: cannot X: why, then the line of the file with a caret under
// the column, then a hint. What comes from the file is printed without control characters: the one who
// checks a policy reads this in a terminal.
func (e *Errors) Error() string {
	var b strings.Builder
	lines := strings.Split(string(e.src), "\n")
	for i, one := range e.List {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i == shownErrors {
			fmt.Fprintf(&b, "%s: and %d more", visible(e.Name), len(e.List)-i)
			break
		}
		fmt.Fprintf(&b, "%s:%s: %s", visible(e.Name), one.Pos, visible(one.Msg))
		if n := one.Pos.Line; n >= 1 && n <= len(lines) {
			if text, caret := Excerpt(strings.TrimSuffix(lines[n-1], "\r"), one.Pos.Col); strings.TrimSpace(text) != "" {
				fmt.Fprintf(&b, "\n  %s\n  %s^", text, strings.Repeat(" ", caret))
			}
		}
		if one.Hint != "" {
			fmt.Fprintf(&b, "\n  hint: %s", visible(one.Hint))
		}
	}
	return b.String()
}

// Excerpt is the part of a file's line around the character at col as a terminal shows it, at most 76 columns wide, and the
// number of columns in front of that character. Tabs are blanks in it, and what a terminal would obey is its code point.
func Excerpt(line string, col int) (text string, caret int) {
	type cell struct {
		text  string
		width int
	}
	var cells []cell
	total, before := 0, 0
	// Far from the caret there is nothing to see: hundreds of errors in one long line must not take long.
	far := false
	if from := col - 2*shownWidth; from > 1 {
		if i := byteOf(line, from); i < len(line) {
			line, col, far = line[i:], col-from+1, true
		}
	}
	line = line[:byteOf(line, col+2*shownWidth)]
	for _, c := range line {
		one := cell{string(c), columns(c)}
		if c == '\t' {
			one = cell{"", tabWidth - total%tabWidth}
			one.text = strings.Repeat(" ", one.width)
		} else if hidden(c) || c == '\ufffd' {
			one.text = visible(string(c))
			one.width = len(one.text)
		}
		cells = append(cells, one)
		total += one.width
		if len(cells) < col {
			before = total
		}
	}
	const cut = "..."
	first, last := 0, len(cells)
	// Cut from the left until the caret is in sight, then from the right until the line fits.
	if far || total > shownWidth && before > shownWidth*2/3 {
		for ; before > shownWidth/2; first++ {
			before -= cells[first].width
			total -= cells[first].width
		}
		text = cut
		before += len(cut)
		total += len(cut)
	}
	if total > shownWidth {
		for total+len(cut) > shownWidth {
			last--
			total -= cells[last].width
		}
	}
	for _, one := range cells[first:last] {
		text += one.text
	}
	if last < len(cells) {
		text += cut
	}
	return text, before
}

// byteOf is the byte offset of the character at col, or the line's end.
func byteOf(line string, col int) int {
	for i := range line {
		if col--; col < 1 {
			return i
		}
	}
	return len(line)
}

// columns is how many columns of a terminal the character takes.
func columns(c rune) int {
	if combines(c) {
		return 0
	}
	switch width.LookupRune(c).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// visible replaces the characters that a terminal would obey, or not show, by their code points.
func visible(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return hidden(c) || c == '\ufffd' }) {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if hidden(c) || c == '\ufffd' {
			fmt.Fprintf(&b, "<%U>", c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}
