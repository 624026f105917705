package session

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"opsh/cmd/opsctl/internal/frame"
)

// child is the process that holds the session.
type child struct {
	cmd    *exec.Cmd
	mu     sync.Mutex // guards in
	in     io.WriteCloser
	frames chan said
	died   words
	left   bool // it was told to leave
}

// said is a frame of the child's.
type said struct {
	kind    frame.Kind
	payload []byte
}

// start starts the child and gives it the session, through its standard input: nobody else can read the token there.
func start(o Opened, s Streams) (*child, error) {
	c := &child{cmd: exec.Command(s.Program, ChildVerb), frames: make(chan said, 64)}
	c.cmd.Env = s.Environ
	c.cmd.Stderr = &c.died
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoChild, err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoChild, err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoChild, err)
	}
	go c.listen(out)
	frame.WriteJSON(c.in, frame.Open, o) //nolint:errcheck // one that is gone already is noticed by its frames, which say why
	return c, nil
}

// listen hands the frames over. A child that ends without a last one has died.
func (c *child) listen(out io.Reader) {
	defer close(c.frames)
	r := bufio.NewReaderSize(out, 256<<10)
	for {
		kind, payload, err := frame.Read(r)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				c.cmd.Process.Kill() //nolint:errcheck // it has ended
			}
			c.cmd.Wait() //nolint:errcheck // afterwards all that it said is there
			c.frames <- said{frame.Lost, []byte("the process that holds the session ended: " + c.died.first())}
			return
		}
		c.frames <- said{kind, payload}
		if kind == frame.Closed || kind == frame.Lost {
			return
		}
	}
}

// tell says something to the child. One that is gone is noticed by its frames.
func (c *child) tell(k frame.Kind, payload []byte) {
	const most = 64 << 10
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		n := min(most, len(payload))
		frame.Write(c.in, k, payload[:n]) //nolint:errcheck // as above
		if payload = payload[n:]; len(payload) == 0 {
			return
		}
	}
}

// leave has the child end the session in the container, where that is permitted.
func (c *child) leave() {
	c.left = true
	c.tell(frame.Quit, nil)
}

func (c *child) resize(cols, rows int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	frame.WriteJSON(c.in, frame.Size, frame.Window{Cols: cols, Rows: rows}) //nolint:errcheck // as above
}

// stop ends the child, if it hasn't ended.
func (c *child) stop() {
	c.in.Close() //nolint:errcheck // the child takes it for its order to leave
	patience := 200 * time.Millisecond
	if c.left {
		patience = last
	}
	late := time.AfterFunc(patience, func() { c.cmd.Process.Kill() }) //nolint:errcheck // it has ended
	defer late.Stop()
	for range c.frames {
	}
	c.cmd.Wait() //nolint:errcheck // how it ends says nothing: its last frame did
}

// words keeps the beginning of what a child says on standard error: of a panic, what it is about.
type words struct {
	mu   sync.Mutex
	text []byte
}

func (w *words) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b[:min(len(b), 1<<10-len(w.text))]...)
	return len(b), nil
}

func (w *words) first() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	first, _, _ := strings.Cut(strings.TrimSpace(string(w.text)), "\n")
	if first == "" {
		return "it said nothing"
	}
	return first
}
