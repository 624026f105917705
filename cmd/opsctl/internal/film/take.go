package film

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"opsh/shell/line"
)

// Take is what one command printed, as text: what moves the cursor or colors is left out. The film shows what it looked like.
type Take struct {
	Head, Tail string // Tail is empty when nothing is missing between them
	Cut        bool
}

// tapeEnd is how much is kept of a command's output at either end, in bytes.
const tapeEnd = 64 << 10

// takes collects them.
type takes struct {
	edges map[int]Edges
	all   map[int]*tape
	now   int
}

// tape is the beginning and the end of an output.
type tape struct {
	head, tail []byte
	cut        bool
}

func (t *takes) add(data string) {
	if t.now == 0 {
		return
	}
	one := t.all[t.now]
	if one == nil {
		one = &tape{}
		t.all[t.now] = one
	}
	if n := min(len(data), tapeEnd-len(one.head)); n > 0 {
		one.head = append(one.head, data[:n]...)
		data = data[n:]
	}
	one.tail = append(one.tail, data...)
	if len(one.tail) > 4*tapeEnd {
		one.tail, one.cut = append([]byte(nil), one.tail[len(one.tail)-tapeEnd:]...), true
	}
}

func (t *takes) done() map[int]Take {
	out := map[int]Take{}
	for n, one := range t.all {
		edges, known := t.edges[n]
		if !known {
			continue
		}
		if !one.cut {
			one.head, one.tail = append(one.head, one.tail...), nil
		}
		head, tail := plain(one.head), plain(one.tail)
		// The lines of opsh's have a hash that no tool knows in advance.
		if _, after, ok := strings.Cut(head, edges.Run+"\n"); ok && edges.Run != "" {
			head = after
		}
		if before, _, ok := strings.Cut(head, edges.Exit); ok && edges.Exit != "" {
			head, tail, one.cut = before, "", false
		} else if before, _, ok := strings.Cut(tail, edges.Exit); ok && edges.Exit != "" {
			tail = before
		}
		out[n] = Take{strings.TrimRight(head, "\n"), strings.TrimRight(tail, "\n"), one.cut}
	}
	return out
}

// Shorten leaves out the middle where it is longer than most bytes, between lines if it can be.
func (t Take) Shorten(most int) Take {
	if len(t.Head)+len(t.Tail) <= most {
		return t
	}
	tail := t.Tail
	if !t.Cut {
		tail = t.Head
	}
	head := t.Head
	if n := most * 3 / 4; len(head) > n {
		head = strings.ToValidUTF8(head[:n], "")
		if i := strings.LastIndexByte(head, '\n'); i > n/2 {
			head = head[:i]
		}
	}
	if n := most / 4; len(tail) > n {
		tail = strings.ToValidUTF8(tail[len(tail)-n:], "")
		if i := strings.IndexByte(tail, '\n'); i >= 0 && i < n/2 {
			tail = tail[i+1:]
		}
	}
	return Take{head, tail, true}
}

// plain is an output as lines of text. A carriage return goes on at the start of its line, and a backspace goes a character back;
// other controls show nothing.
func plain(output []byte) string {
	var b strings.Builder
	for i, l := range strings.Split(ansi.Strip(string(output)), "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(line.Plain(overwritten(strings.TrimRight(l, "\r"))))
	}
	return b.String()
}

func overwritten(l string) string {
	var shown []rune
	at := 0
	for _, r := range l {
		switch {
		case r == '\r':
			at = 0
		case r == '\b':
			at = max(0, at-1)
		case r < ' ' && r != '\t':
		case at < len(shown):
			shown[at] = r
			at++
		default:
			shown = append(shown, r)
			at++
		}
	}
	return string(shown)
}
