// Package replay plays recordings in a terminal.
package replay

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"time"

	"opsh/shell/recording"
)

// Cast is a recording in memory.
type Cast struct {
	recording.Header
	Events   []recording.Event
	Commands []Command
}

// Command is where a command begins.
type Command struct {
	N     int
	Label string // "#N LINE"
	At    time.Duration
	Event int // the index of its marker
}

// Most bounds what is held of a recording in memory, in bytes.
const Most = 2 << 30

// Load reads a recording whole.
func Load(in io.Reader) (*Cast, error) {
	r, err := recording.NewReader(in)
	if err != nil {
		return nil, err
	}
	c := &Cast{Header: r.Header()}
	size := 0
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return nil, err
		}
		if size += len(e.Data) + 64; size > Most {
			return nil, fmt.Errorf("cannot read the recording: it has more than %d bytes", Most)
		}
		if n := e.Command(); n > 0 {
			c.Commands = append(c.Commands, Command{n, e.Data, e.At, len(c.Events)})
		}
		c.Events = append(c.Events, e)
	}
}

// Squeeze makes every pause last no longer than limit.
func (c *Cast) Squeeze(limit time.Duration) {
	var last, gone time.Duration
	for i := range c.Events {
		e := &c.Events[i]
		if pause := e.At - last; pause > limit {
			gone += pause - limit
		}
		last = e.At
		e.At -= gone
	}
	for i := range c.Commands {
		c.Commands[i].At = c.Events[c.Commands[i].Event].At
	}
}

// Length is how long it plays.
func (c *Cast) Length() time.Duration {
	if len(c.Events) == 0 {
		return 0
	}
	return c.Events[len(c.Events)-1].At
}

// Command finds a command by its number.
func (c *Cast) Command(n int) (Command, error) {
	for _, k := range c.Commands {
		if k.N == n {
			return k, nil
		}
	}
	if len(c.Commands) == 0 {
		return Command{}, fmt.Errorf("cannot go to command #%d: the recording has no commands", n)
	}
	return Command{}, fmt.Errorf("cannot go to command #%d: the recording has #%d to #%d", n, c.Commands[0].N, c.Commands[len(c.Commands)-1].N)
}

// behind is the index of the first event after a moment.
func (c *Cast) behind(at time.Duration) int {
	return sort.Search(len(c.Events), func(i int) bool { return c.Events[i].At > at })
}

// Print writes what a recording shows as text, from command n on to the next one; n is 0: all of it.
func (c *Cast) Print(out io.Writer, n int) error {
	from, to := 0, len(c.Events)
	if n > 0 {
		k, err := c.Command(n)
		if err != nil {
			return err
		}
		from = k.Event
		for _, next := range c.Commands {
			if next.Event > from {
				to = next.Event
				break
			}
		}
	}
	var text Text
	for _, e := range c.Events[from:to] {
		if e.Code != recording.Output {
			continue
		}
		if _, err := io.WriteString(out, text.Write(e.Data)); err != nil {
			return fmt.Errorf("cannot write: %w", err)
		}
	}
	return nil
}
