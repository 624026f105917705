package answer

import (
	"opsh/policy"
	"opsh/shell/line"
)

// Command is a split line without what only messages need.
func Command(l line.Line) policy.Command {
	c := policy.Command{Words: make([]string, 0, len(l.Words))}
	for _, w := range l.Words {
		c.Words = append(c.Words, w.Text)
	}
	if l.Input != nil {
		c.Input = &l.Input.Text
	}
	return c
}

// Split is line.Split as a policy needs it: a policy.Splitter.
func Split(raw string) (policy.Command, error) {
	l, err := line.Split(raw)
	if err != nil {
		return policy.Command{}, err
	}
	return Command(l), nil
}

// Quoted is a command as records show it: pasted into bash it gives the same argv.
func Quoted(c policy.Command) string {
	s := line.Quote(c.Words...)
	if s == "" {
		s = line.QuoteWord("") // a blank line, which only -c can hand over
	}
	if c.Input != nil {
		s += " < " + line.QuoteWord(*c.Input)
	}
	return s
}

// oneLine shows a remembered line as one: quoted again, or quoted whole where it doesn't split.
func oneLine(raw string) string {
	c, err := Split(raw)
	if err != nil {
		return Shorten(line.QuoteWord(raw))
	}
	return Quoted(c)
}
