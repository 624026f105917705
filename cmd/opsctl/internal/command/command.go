// Package command turns a typed line into what a policy decides on, and back.
package command

import (
	"opsh/policy"
	"opsh/shell/line"
)

// Split splits a line as opsh's prompt does. The error is a *line.Error. It is a policy.Splitter.
func Split(raw string) (policy.Command, error) {
	l, err := line.Split(raw)
	if err != nil {
		return policy.Command{}, err
	}
	return Of(l), nil
}

// Of is the command that a split line is.
func Of(l line.Line) policy.Command {
	var c policy.Command
	for _, w := range l.Words {
		c.Words = append(c.Words, w.Text)
	}
	if l.Input != nil {
		c.Input = &l.Input.Text
	}
	return c
}

// Write is the line that Split makes the command of, fit to be printed. Words that no line can hold are written all the same.
func Write(c policy.Command) string {
	text := line.Quote(c.Words...)
	if c.Input != nil {
		text += " < " + line.QuoteWord(*c.Input)
	}
	return text
}
