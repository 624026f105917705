// Package recorded holds a recording against the trail of the same session: the trail's records say how long the recording was at each of them, and
// what its SHA-256 was.
package recorded

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"opsh/shell/audit"
	"opsh/shell/recording"
	"opsh/shell/transcript"
)

// Trail is what a trail says of its session's recording. Add takes its records in order.
type Trail struct {
	session string
	begin   string // the first record's Recording
	places  []place
	end     *audit.Record
	lost    bool // the recording failed before the end, and has nothing that came then
}

// place is a record that vouches for the recording up to there.
type place struct {
	name     string // of the record, for people
	recorded audit.Recorded
}

// Add takes the next record.
func (t *Trail) Add(r audit.Record) {
	if r.Event == audit.Begin {
		t.session, t.begin = r.Session, r.Recording
	}
	switch r.Event {
	case audit.End:
		t.end = &r
	case audit.Exit, audit.Refused:
		t.lost = t.lost || r.Category == audit.CategoryUnrecorded && strings.Contains(r.Why, recording.Lost)
	}
	if r.Recorded == nil {
		return
	}
	name := fmt.Sprintf("the %s of command #%d", r.Event, r.Command)
	switch r.Event {
	case audit.End:
		name = "the session's end"
	case audit.Running:
		name = fmt.Sprintf("the note that command #%d runs", r.Command)
	}
	t.places = append(t.places, place{name, *r.Recorded})
}

// Result is what was found.
type Result struct {
	Bytes    int64    `json:"bytes"`              // of the recording
	Vouched  int64    `json:"vouched"`            // of these, from the start, are as the trail says
	Records  int      `json:"records"`            // of the trail that vouch for them
	Unproven int64    `json:"unproven"`           // behind them, since the trail isn't closed
	Replaced int64    `json:"replaced,omitempty"` // bytes that were no UTF-8, and aren't kept
	Cut      int64    `json:"cut,omitempty"`      // bytes for which there was no room
	Problems []string `json:"problems"`
	Notes    []string `json:"notes"`
}

// Agrees says that nothing contradicts the trail. What is Unproven, nothing can.
func (r Result) Agrees() bool { return len(r.Problems) == 0 }

// Check reads a recording to its end. An error is the reader's: then there is no result.
func (t *Trail) Check(in io.Reader) (Result, error) {
	r := Result{Problems: []string{}, Notes: []string{}}
	wrong := func(format string, args ...any) { r.Problems = append(r.Problems, fmt.Sprintf(format, args...)) }
	switch t.begin {
	case "":
		wrong("the trail's session was of an opsh that recorded nothing, so the recording isn't its")
	case audit.RecordingOff:
		wrong("the trail says that nothing was recorded, so the recording isn't its")
	}
	sum, last := sha256.New(), "the beginning"
	for _, p := range t.places {
		if p.recorded.Bytes < r.Bytes {
			return r, errors.New("cannot check the recording: the trail says that it had become shorter") // a broken trail
		}
		n, err := io.CopyN(sum, in, p.recorded.Bytes-r.Bytes)
		r.Bytes += n
		if errors.Is(err, io.EOF) {
			wrong("it ends after %d bytes: what was shown between %s and %s isn't all there (%d bytes are missing)", r.Bytes, last, p.name, p.recorded.Bytes-r.Bytes)
			return r, nil
		}
		if err != nil {
			return r, err
		}
		if hex.EncodeToString(sum.Sum(nil)) != p.recorded.SHA256 {
			wrong("it isn't what the trail vouches for between %s and %s", last, p.name)
			n, err := io.Copy(io.Discard, in)
			r.Bytes += n
			return r, err
		}
		last, r.Vouched, r.Records = p.name, r.Bytes, r.Records+1
		r.Replaced, r.Cut = max(r.Replaced, p.recorded.Replaced), max(r.Cut, p.recorded.Cut)
	}
	rest, err := io.ReadAll(io.LimitReader(in, afterMost+1))
	if err != nil {
		return r, err
	}
	more, err := io.Copy(io.Discard, in)
	r.Bytes += int64(len(rest)) + more
	switch {
	case t.end == nil || t.end.Recorded == nil:
		if r.Unproven = r.Bytes - r.Vouched; r.Unproven > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("unproven: %s after %s, for which no record vouches", transcript.Count(int(r.Unproven), "byte"), last))
		}
	case len(rest) == 0 && t.lost && !transcript.Unseen(*t.end):
		r.Notes = append(r.Notes, "the end's line isn't there: recording had failed before")
	default:
		if why := t.after(rest); why != "" {
			wrong("what follows %s is not the session's last lines: %s", last, why)
		}
	}
	if r.Replaced > 0 {
		r.Notes = append(r.Notes, transcript.Count(int(r.Replaced), "byte")+" of no UTF-8 are shown as U+FFFD")
	}
	if r.Cut > 0 {
		r.Notes = append(r.Notes, "cut: "+transcript.Count(int(r.Cut), "byte")+" came when there was no room any more; the trail has their SHA-256")
	}
	return r, err
}
