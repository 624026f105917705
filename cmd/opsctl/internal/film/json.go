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

// thin doubles the interval between frames. Each command keeps its first and its last. It says whether there
// was any sense in it.
func (c *camera) thin() bool {
	if c.film.Interval > longest {
		return false
	}
	c.film.Interval *= 2
	all := c.film.Frames
	var kept []Frame
	var last time.Duration
	for i, f := range all {
		edge := i == 0 || i+1 == len(all) || all[i-1].Command != f.Command || all[i+1].Command != f.Command
		if edge || f.At-last >= c.film.Interval {
			kept, last = append(kept, f), f.At
		}
	}
	c.film.Frames = kept
	c.forget()
	return true
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
			}
			f.Rows[y] = to
		}
	}
	for i, runs := range c.film.Lines {
		c.lines[key(runs)] = i
	}
}
