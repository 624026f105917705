package film

import (
	"encoding/json"
	"time"
)

// Inert is the film as JSON that can stand in a page: <, >, & and the line separators are escaped, so that nothing in it ends the element that it stands in.
//
//	{"cols", "rows", "styles": [["#text", "#ground", "marks"]], "lines": [[["text", style, columns where they aren't as many as characters]]],
//	 "frames": [[milliseconds, command, 1, line of each row...] or [milliseconds, command, 0, row, line, row, line...]]}
//
// A frame of the second kind changes some rows of the one before it.
func (f *Film) Inert() ([]byte, error) {
	type list = []any
	out := struct {
		Cols   int     `json:"cols"`
		Rows   int     `json:"rows"`
		Styles list    `json:"styles"`
		Lines  list    `json:"lines"`
		Frames [][]int `json:"frames"`
	}{f.Cols, f.Rows, list{}, list{}, [][]int{}}
	for _, s := range f.Styles {
		out.Styles = append(out.Styles, list{s.Text, s.Ground, s.Marks})
	}
	for _, l := range f.Lines {
		line := list{}
		for _, r := range l {
			run := list{r.Text, r.Style}
			if !narrow(r) {
				run = append(run, r.Cells)
			}
			line = append(line, run)
		}
		out.Lines = append(out.Lines, line)
	}
	var before []int
	for i, frame := range f.Frames {
		head := []int{int(frame.At.Milliseconds()), frame.Command}
		whole, change := append(head[:2:2], 1), append(head[:2:2], 0)
		whole = append(whole, frame.Rows...)
		for y := range max(len(before), len(frame.Rows)) {
			if is := at(frame.Rows, y); is != at(before, y) {
				change = append(change, y, is)
			}
		}
		if i > 0 && len(change) < len(whole) {
			whole = change
		}
		out.Frames = append(out.Frames, whole)
		before = frame.Rows
	}
	return json.Marshal(out) // which escapes them
}

// at is the line in a row; -1: it is empty.
func at(rows []int, y int) int {
	if y < len(rows) {
		return rows[y]
	}
	return -1
}

// fit thins the film out until its JSON has at most so many bytes.
func (c *camera) fit(most int) {
	for {
		text, err := c.film.Inert()
		if err == nil && len(text) <= most {
			return
		}
		if err != nil || !c.thin() {
			c.film.Cut = TooLarge
			c.film.Frames, c.film.Lines, c.film.Styles = nil, nil, nil
			return
		}
	}
}

// onlyMost bounds Film.Only, which doubles.
const onlyMost = 1 << 30

// thin leaves out frames: those that follow one another closely, then each command's first, then those of every second command. It says
// whether there were any to leave out.
func (c *camera) thin() bool {
	all := c.film.Frames
	for len(all) > 1 {
		length := all[len(all)-1].At
		if c.film.Interval <= length {
			c.film.Interval *= 2
		} else {
			c.film.Only = max(1, min(c.film.Only*2, onlyMost))
		}
		if c.film.Frames = c.kept(all); len(c.film.Frames) < len(all) {
			c.forget()
			return true
		}
		if c.film.Only > len(all) || c.film.Only == onlyMost {
			break
		}
	}
	return false
}

// kept are the frames that stay.
func (c *camera) kept(all []Frame) (some []Frame) {
	var last time.Duration
	for i, f := range all {
		begins := i == 0 || all[i-1].Command != f.Command
		ends := i+1 == len(all) || all[i+1].Command != f.Command
		keep := begins || ends || f.At-last >= c.film.Interval
		if c.film.Only > 0 {
			keep = ends && (f.Command%c.film.Only == 0 || i+1 == len(all))
		}
		if keep {
			some, last = append(some, f), f.At
		}
	}
	return some
}

// forget drops the lines that no frame has any more.
func (c *camera) forget() {
	old := c.film.Lines
	c.film.Lines = nil
	clear(c.lines)
	moved := map[int]int{}
	for _, f := range c.film.Frames {
		for y, i := range f.Rows {
			to, known := moved[i]
			if !known {
				to = len(c.film.Lines)
				moved[i] = to
				c.film.Lines = append(c.film.Lines, old[i])
				c.lines[keyOf(old[i])] = to
			}
			f.Rows[y] = to
		}
	}
}
