//go:build linux

package recording

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"strings"
	"sync"
	"time"
)

// Options are what a Recorder works with.
type Options struct {
	Now  func() time.Time
	Type string            // TERM
	Size func() (c, r int) // of the terminal now; 0: unknown; nil: there is no terminal, and lines end in LF alone
	Most int64             // bytes of the file; 0: Most
}

const (
	// batch is what is written at once where much comes. Where little comes it is written after a moment, which is what a killed opsh loses.
	batch  = 64 << 10
	moment = 20 * time.Millisecond
	// before bounds what a session shows before it has a file: a greeting and a question.
	before = 64 << 10
	// labelMost bounds a marker's text in bytes.
	labelMost = 200
)

// Recorder writes one recording. Its methods may be called from several goroutines. A nil Recorder records nothing, and nothing is wrong with it.
type Recorder struct {
	o       Options
	started time.Time
	failure failure

	mu      sync.Mutex
	writer  *writer
	pending []byte      // encoded, not yet written
	alarm   *time.Timer // writes what is pending, once it was set
	set     bool
	closed  bool

	at         time.Duration // of the last event, in whole milliseconds
	first      [2]int        // the size at the start
	cols, rows int
	looked     time.Duration // when the terminal's size was looked at
	shown      text
	typed      text
	masked     bool  // the last input was, and its line isn't over
	size       int64 // of all that was encoded
	full       bool
	cut        int64
	cutHash    hash.Hash
}

// New begins a recording in memory. What is recorded before Open goes to the file then, as far as that is no more than a greeting.
func New(o Options) *Recorder {
	if o.Most == 0 {
		o.Most = Most
	}
	r := &Recorder{o: o, started: o.Now(), failure: failure{done: make(chan struct{})}, cutHash: sha256.New()}
	r.writer = newWriter(&r.failure)
	r.shown.newlines = o.Size == nil
	r.cols, r.rows = r.terminal()
	r.first = [2]int{r.cols, r.rows}
	return r
}

// terminal is the terminal's size now. The agent starts sessions at 0x0, and tools are told the same.
func (r *Recorder) terminal() (cols, rows int) {
	if r.o.Size != nil {
		cols, rows = r.o.Size()
	}
	if cols <= 0 {
		cols = 80
	}
	if rows <= 0 {
		rows = 24
	}
	return cols, rows
}

// Open makes the session's file below the state directory, and begins to write. The session's id must be one that names a trail.
func (r *Recorder) Open(stateDir, session string) error {
	if r == nil {
		return nil
	}
	line, err := json.Marshal(Header{Version: 3, Term: Terminal{r.first[0], r.first[1], r.o.Type}, Timestamp: r.started.Unix(), Title: session})
	if err != nil {
		return fmt.Errorf("cannot begin a recording: %w", err)
	}
	file, err := create(stateDir, session)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending = append(append(line, '\n'), r.pending...)
	r.size += int64(len(line)) + 1
	r.writer.file = file
	r.alarm = time.AfterFunc(moment, r.writeLate)
	r.set = true
	return nil
}

// Output records what is written to the terminal.
func (r *Recorder) Output(b []byte) {
	if r == nil || len(b) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.elapsed(); now != r.looked { // once a millisecond, which is as exact as the recording's times are
		r.looked = now
		if cols, rows := r.terminal(); cols != r.cols || rows != r.rows {
			r.cols, r.rows = cols, rows
			r.add(Resize, fmt.Sprintf("%dx%d", cols, rows))
		}
	}
	r.stream(Output, &r.shown, b)
}

// Input records what is typed to a tool. masked: the tool doesn't show it, so that only this is recorded, once up to Enter.
func (r *Recorder) Input(b []byte, masked bool) {
	if r == nil || len(b) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !masked {
		r.masked = false
		r.stream(Input, &r.typed, b)
		return
	}
	if !r.masked {
		r.add(Input, "")
	}
	last := b[len(b)-1]
	r.masked = last != '\r' && last != '\n'
}

// Mark records that command n starts, or is refused. line is as its record shows it.
func (r *Recorder) Mark(n int, line string) {
	if r == nil {
		return
	}
	label := fmt.Sprintf("#%d %s", n, line)
	if len(label) > labelMost {
		label = strings.ToValidUTF8(label[:labelMost], "") + "..."
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.masked = false
	r.add(Marker, label)
}

// start is the beginning of an event's line, and its time.
func (r *Recorder) start(code Code) ([]byte, time.Duration) {
	now := r.elapsed()
	return appendStart(r.pending, now-r.at, code), now
}

// elapsed is the time since the recording's start, in whole milliseconds. It doesn't go back.
func (r *Recorder) elapsed() time.Duration {
	return max(r.at, r.o.Now().Sub(r.started).Truncate(time.Millisecond))
}

// commit takes an event that ends b.
func (r *Recorder) commit(b []byte, at time.Duration) {
	b = append(b, eventEnd...)
	r.size += int64(len(b) - len(r.pending))
	r.pending, r.at = b, at
	if r.writer.file != nil && !r.set {
		r.set = true
		r.alarm.Reset(moment)
	}
}

// add adds an event that isn't part of a stream. There is always room for some.
func (r *Recorder) add(code Code, data string) {
	if r.over() || r.size+int64(6*len(data))+64 > r.o.Most {
		return
	}
	b, at := r.start(code)
	var t text
	r.commit(t.rest(t.append(b, []byte(data))), at)
}

// over says that nothing is recorded any more.
func (r *Recorder) over() bool { return r.closed || r.failure.get() != nil }

// stream adds a piece of a stream, or counts and hashes it where there is no room.
func (r *Recorder) stream(code Code, t *text, piece []byte) {
	if r.over() {
		return
	}
	worst := int64(6*(len(piece)+len(t.tail)) + 64)
	if !r.full && (r.size+worst > r.o.Most-r.reserve() || r.writer.file == nil && len(r.pending)+len(piece) > before) {
		r.full = true
		r.pending, r.size = append(r.pending, CutComment...), r.size+int64(len(CutComment))
		r.add(Marker, CutLabel)
	}
	if r.full {
		r.cut += int64(len(piece))
		r.cutHash.Write(piece) //nolint:errcheck // a hash takes everything
		return
	}
	b, at := r.start(code)
	empty := len(b)
	if b = t.append(b, piece); len(b) > empty {
		r.commit(b, at)
	}
	if len(r.pending) >= batch && r.writer.file != nil {
		r.pending = r.writer.later(r.pending)
	}
}

// reserve is the room for markers behind a cut.
func (r *Recorder) reserve() int64 { return min(1<<20, r.o.Most/4) }
