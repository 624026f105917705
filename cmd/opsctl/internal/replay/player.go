package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"opsh/shell/line"
	"opsh/shell/recording"
)

// Player plays a Cast.
type Player struct {
	Cast  *Cast
	Out   io.Writer
	Rows  int         // of the watching terminal: a row below the recorded ones is the player's own
	Keys  <-chan byte // what is typed; closed: nobody types any more
	Speed float64     // 1: as it was
	Start int         // the command to begin with; 0: the beginning

	safe   Safe
	at     time.Duration // of the recording
	next   int           // event
	paused bool
	dirty  bool // the status is drawn over what was recorded
}

const (
	step    = 5 * time.Second // of the arrow keys
	slowest = 1.0 / 16
	fastest = 1024
	// behindMost bounds what is drawn again to come to a place, in bytes, where a command begins near enough.
	behindMost = 1 << 20
)

// clear is a screen as at the start of a session: the main one, empty, in plain type.
const clear = "\x1b[?1049l\x1b[!p\x1b[4l\x1b[20l\x1b[?5l\x1b[?6l\x1b[?7h\x1b[?25h\x1b[0m\x1b(B\x1b)B\x0f\x1b[r\x1b[H\x1b[2J"

// leave is a screen as at the end.
const leave = "\x1b[?1049l\x1b[!p\x1b[4l\x1b[20l\x1b[?5l\x1b[?6l\x1b[?7h\x1b[?25h\x1b[0m\x1b(B\x1b)B\x0f\x1b[r"

// errQuit ends a replay by a key.
var errQuit = errors.New("quit")

// Play returns when the recording is over, or who watches has left. The terminal must be in raw mode.
func (p *Player) Play(ctx context.Context) error {
	p.safe.Rows = p.Cast.Term.Rows
	start := time.Duration(0)
	if p.Start > 0 {
		k, err := p.Cast.Command(p.Start)
		if err != nil {
			return err
		}
		start = k.At
	}
	err := p.seek(start)
	for err == nil && p.next < len(p.Cast.Events) {
		err = p.turn(ctx)
	}
	last := fmt.Sprintf("%s\x1b[%d;1H\r\n", leave, min(p.Cast.Term.Rows, max(p.Rows, 1)))
	if _, left := io.WriteString(p.Out, last); err == nil {
		err = left
	}
	if err == errQuit || ctx.Err() != nil {
		return nil
	}
	return err
}

// turn waits for the next event or key.
func (p *Player) turn(ctx context.Context) error {
	var due <-chan time.Time
	began := time.Now()
	if !p.paused {
		wait := time.Duration(float64(p.Cast.Events[p.next].At-p.at) / p.Speed)
		if wait <= 0 {
			return p.show()
		}
		alarm := time.NewTimer(wait)
		defer alarm.Stop()
		due = alarm.C
	}
	select {
	case <-due:
		p.at = p.Cast.Events[p.next].At
		return p.show()
	case k, ok := <-p.Keys:
		if !p.paused {
			p.at = min(p.at+time.Duration(float64(time.Since(began))*p.Speed), p.Cast.Events[p.next].At)
		}
		if !ok {
			p.Keys = nil
			return nil
		}
		return p.key(k)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// show draws the next event, and all that happened at the same time.
func (p *Player) show() error {
	var b strings.Builder
	for ; p.next < len(p.Cast.Events) && p.Cast.Events[p.next].At <= p.at && b.Len() < behindMost; p.next++ {
		b.WriteString(p.draw(p.Cast.Events[p.next]))
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// draw is what an event draws.
func (p *Player) draw(e recording.Event) string {
	switch e.Code {
	case recording.Output:
		return p.safe.Write(e.Data)
	case recording.Resize:
		if _, rows, ok := e.Size(); ok {
			p.safe.Rows = rows
			return p.safe.bounds()
		}
	}
	return ""
}

// seek goes to a moment. What was shown until then is drawn at once.
func (p *Player) seek(to time.Duration) error {
	p.at = max(0, min(to, p.Cast.Length()))
	end := p.Cast.behind(p.at)
	rows := p.Cast.Term.Rows
	// Where a command begins the terminal is in its usual state: there drawing may begin, if enough is left to fill a screen.
	from, size := 0, 0
	for i := end - 1; i >= 0; i-- {
		size += len(p.Cast.Events[i].Data)
		if size > behindMost && p.Cast.Events[i].Command() > 0 {
			from = i
			break
		}
	}
	for _, e := range p.Cast.Events[:from] {
		if _, r, ok := e.Size(); e.Code == recording.Resize && ok {
			rows = r
		}
	}
	p.safe = Safe{Rows: rows}
	if _, err := io.WriteString(p.Out, clear+p.safe.bounds()); err != nil {
		return err
	}
	p.dirty = false
	for p.next = from; p.next < end; p.next++ {
		if _, err := io.WriteString(p.Out, p.draw(p.Cast.Events[p.next])); err != nil {
			return err
		}
	}
	return nil
}

// key obeys one key.
func (p *Player) key(k byte) error {
	switch k {
	case 'q', 3, 4:
		return errQuit
	case ' ':
		p.paused = !p.paused
		if !p.paused && p.dirty {
			return p.seek(p.at)
		}
	case '+', '=':
		p.Speed = min(p.Speed*2, fastest)
	case '-':
		p.Speed = max(p.Speed/2, slowest)
	case 'n', 'p':
		return p.jump(k == 'n')
	case 0x1b:
		return p.arrow()
	default:
		return nil
	}
	return p.status()
}

// jump goes to the command after this one, or to the one before.
func (p *Player) jump(forwards bool) error {
	to := time.Duration(0)
	if forwards {
		to = p.Cast.Length()
	}
	for _, c := range p.Cast.Commands {
		if forwards && c.Event >= p.next {
			to = c.At
			break
		}
		// A moment behind a command's start, "before" is the one before it.
		if !forwards && c.At < p.at-time.Second {
			to = c.At
		}
	}
	if err := p.seek(to); err != nil {
		return err
	}
	return p.status()
}

// arrow reads what follows an ESC. Its rest is there already, or will never come.
func (p *Player) arrow() error {
	var rest [2]byte
	for i := range rest {
		select {
		case rest[i] = <-p.Keys:
		case <-time.After(50 * time.Millisecond):
			return nil
		}
	}
	switch string(rest[:]) {
	case "[C", "OC":
		return p.leap(step)
	case "[D", "OD":
		return p.leap(-step)
	}
	return nil
}

func (p *Player) leap(by time.Duration) error {
	if err := p.seek(p.at + by); err != nil {
		return err
	}
	return p.status()
}

// status says where the player is: in a row of its own where there is one, and else, while it pauses, in the last.
func (p *Player) status() error {
	row := p.safe.Rows + 1
	if row > p.Rows {
		if !p.paused {
			return nil
		}
		row, p.dirty = p.Rows, true
	}
	word := "plays"
	if p.paused {
		word = "pauses"
	}
	text := fmt.Sprintf(" %s %s of %s, speed %g", word, clock(p.at), clock(p.Cast.Length()), p.Speed)
	if n := sort.Search(len(p.Cast.Commands), func(i int) bool { return p.Cast.Commands[i].Event >= p.next }); n > 0 {
		text += "  " + line.Plain(p.Cast.Commands[n-1].Label)
	}
	text = ansi.Truncate(text, p.Cast.Term.Cols-1, "")
	_, err := fmt.Fprintf(p.Out, "\x1b7\x1b[%d;1H\x1b[0;7m%s\x1b[K\x1b[0m\x1b8", row, text)
	return err
}

func clock(d time.Duration) string {
	s := int(d.Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
