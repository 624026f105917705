package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Header is a recording's first line.
type Header struct {
	Version   int      `json:"version"`
	Term      Terminal `json:"term"`
	Timestamp int64    `json:"timestamp"` // Unix time of the start
	Title     string   `json:"title"`     // the session's id
}

// Terminal is what the session was shown on.
type Terminal struct {
	Cols int    `json:"cols"`
	Rows int    `json:"rows"`
	Type string `json:"type,omitempty"`
}

// Event is one event, and when it happened, counted from the start.
type Event struct {
	At   time.Duration
	Code Code
	Data string
}

// Reader reads a recording event by event. It reads any asciicast of version 3.
type Reader struct {
	in     *bufio.Reader
	header Header
	line   int
	at     time.Duration
}

// lineMost bounds a line: a write of 64 KiB that is all control characters makes 400 KiB.
const lineMost = 16 << 20

// NewReader reads the header.
func NewReader(r io.Reader) (*Reader, error) {
	d := &Reader{in: bufio.NewReaderSize(r, 64<<10)}
	line, err := d.next()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("cannot read the recording: it is empty")
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(line, &d.header); err != nil || d.header.Version != 3 {
		return nil, errors.New("cannot read the recording: it doesn't begin like an asciicast of version 3")
	}
	if t := d.header.Term; t.Cols < 1 || t.Rows < 1 || t.Cols > sizeMost || t.Rows > sizeMost {
		return nil, errors.New("cannot read the recording: its terminal has no size")
	}
	return d, nil
}

// lengthMost bounds a whole recording: what is played at a sixteenth of its speed must not overflow a time.Duration, which holds 292 years.
const lengthMost = 10 * 365 * 24 * time.Hour

// sizeMost bounds a terminal's columns and rows: what is played again must not make anybody reserve memory without end.
const sizeMost = 10_000

// Header is the first line.
func (d *Reader) Header() Header { return d.header }

// Next is the next event. io.EOF: there is none. A last line that isn't whole was cut off with its session, and is left out.
func (d *Reader) Next() (Event, error) {
	for {
		line, err := d.next()
		if err != nil {
			return Event{}, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		var parts []json.RawMessage
		var since float64
		var code, data string
		// An interval of a year is nobody's session.
		if json.Unmarshal(line, &parts) != nil || len(parts) != 3 || json.Unmarshal(parts[0], &since) != nil || json.Unmarshal(parts[1], &code) != nil ||
			json.Unmarshal(parts[2], &data) != nil || len(code) != 1 || since < 0 || since > 365*24*3600 {
			return Event{}, fmt.Errorf("cannot read the recording: line %d is no event", d.line)
		}
		if d.at += time.Duration(math.Round(since*1000)) * time.Millisecond; d.at > lengthMost {
			return Event{}, fmt.Errorf("cannot read the recording: by line %d it is longer than ten years", d.line)
		}
		return Event{d.at, Code(code[0]), data}, nil
	}
}

// Size is what a Resize says.
func (e Event) Size() (cols, rows int, ok bool) {
	if n, err := fmt.Sscanf(e.Data, "%dx%d", &cols, &rows); n != 2 || err != nil {
		return 0, 0, false
	}
	return cols, rows, cols > 0 && rows > 0 && cols <= sizeMost && rows <= sizeMost
}

// Command is the number of the command that a Marker is about; 0: it is about none.
func (e Event) Command() (n int) {
	if e.Code != Marker {
		return 0
	}
	if _, err := fmt.Sscanf(e.Data, "#%d ", &n); err != nil {
		return 0
	}
	return n
}

// next is the next whole line.
func (d *Reader) next() ([]byte, error) {
	var line []byte
	for {
		part, err := d.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > lineMost:
			return nil, fmt.Errorf("cannot read the recording: line %d is longer than any of opsh's", d.line+1)
		case err == nil:
			d.line++
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}
