package fault

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// What the API takes in one PutLogEvents.
const (
	MaxBatchBytes  = 1 << 20 // the messages' UTF-8 bytes and EventOverhead each; one event alone likewise
	MaxBatchEvents = 10000
	MaxBatchSpan   = 24 * time.Hour
	EventOverhead  = 26

	maxAge   = 14 * 24 * time.Hour
	maxAhead = 2 * time.Hour
)

// Batch is one PutLogEvents that came, whatever became of it.
type Batch struct {
	N             int // the request's number
	Group, Stream string
	Events        int
	Bytes         int           // with EventOverhead for each event
	Largest       int           // the largest event's bytes, likewise
	Span          time.Duration // between the earliest timestamp and the latest
	Chronological bool
	Fault         Kind
	Wrong         string // what the API answers to such a batch, the error's message; empty when it takes it
	Stored        int    // how many events the target took
	Overlaps      int    // the number of a request for the same stream that was in flight when this one came; or 0
}

// put is a PutLogEvents as it came.
type put struct {
	LogGroupName  string  `json:"logGroupName"`
	LogStreamName string  `json:"logStreamName"`
	LogEvents     []event `json:"logEvents"`
}

type event struct {
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

// measure says what a batch is. What is wrong with it is AWS's answer in AWS's words where those are known.
func (p put) measure(now time.Time) Batch {
	b := Batch{Group: p.LogGroupName, Stream: p.LogStreamName, Events: len(p.LogEvents), Chronological: true}
	if b.Events == 0 {
		b.Wrong = "1 validation error detected: Value '[]' at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1"
		return b
	}
	earliest, latest := p.LogEvents[0].Timestamp, p.LogEvents[0].Timestamp
	for i, e := range p.LogEvents {
		size := len(e.Message) + EventOverhead
		b.Bytes += size
		b.Largest = max(b.Largest, size)
		if i > 0 && e.Timestamp < p.LogEvents[i-1].Timestamp {
			b.Chronological = false
		}
		if e.Message == "" {
			b.Wrong = fmt.Sprintf("1 validation error detected: Value '' at 'logEvents.%d.member.message' failed to satisfy constraint: "+
				"Member must have length greater than or equal to 1", i+1)
		}
		earliest, latest = min(earliest, e.Timestamp), max(latest, e.Timestamp)
	}
	b.Span = time.Duration(latest-earliest) * time.Millisecond
	switch old, recent := p.outside(now); {
	case b.Wrong != "":
	case b.Events > MaxBatchEvents:
		b.Wrong = "1 validation error detected: Value '[...]' at 'logEvents' failed to satisfy constraint: Member must have length less than or equal to 10000"
	case b.Largest > MaxBatchBytes:
		b.Wrong = fmt.Sprintf("Log event too large: %d bytes exceeds limit of %d", b.Largest, MaxBatchBytes)
	case b.Bytes > MaxBatchBytes:
		b.Wrong = fmt.Sprintf("Upload too large: %d bytes exceeds limit of %d", b.Bytes, MaxBatchBytes)
	case !b.Chronological:
		b.Wrong = "Log events in a single PutLogEvents request must be in chronological order."
	// Only the events that the API would keep count for the span: so says its documentation.
	case recent > old && time.Duration(p.LogEvents[recent-1].Timestamp-p.LogEvents[old].Timestamp)*time.Millisecond > MaxBatchSpan:
		b.Wrong = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
	}
	return b
}

// outside says which events the API drops for their time: those before old and those from recent on.
func (p put) outside(now time.Time) (old, recent int) {
	for old < len(p.LogEvents) && p.LogEvents[old].Timestamp < now.Add(-maxAge).UnixMilli() {
		old++
	}
	recent = len(p.LogEvents)
	for recent > old && p.LogEvents[recent-1].Timestamp > now.Add(maxAhead).UnixMilli() {
		recent--
	}
	return old, recent
}

// rejection is what an answer says about dropped events: rejectedLogEventsInfo.
type rejection struct {
	TooNew  *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOld  *int `json:"tooOldLogEventEndIndex,omitempty"`
	Expired *int `json:"expiredLogEventEndIndex,omitempty"`
}

// reject says which events are kept, and what the answer says of the others; nil when none is dropped.
func (p put) reject(f Fault, now time.Time) (from, to int, r *rejection) {
	old, recent := p.outside(now)
	expired := 0
	i := min(max(f.Index, 0), len(p.LogEvents))
	switch f.Kind {
	case KindTooNew:
		recent = max(min(recent, i), old)
	case KindTooOld:
		old = min(max(old, i), recent)
	case KindExpired:
		expired = i
	}
	from, to = min(max(old, expired), recent), recent
	if from == 0 && to == len(p.LogEvents) {
		return from, to, nil
	}
	r = &rejection{}
	if old > 0 {
		r.TooOld = &old
	}
	if expired > 0 {
		r.Expired = &expired
	}
	if recent < len(p.LogEvents) {
		r.TooNew = &recent
	}
	return from, to, r
}

// only is the request's body with the events from..to alone.
func only(body []byte, from, to int) ([]byte, error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, err
	}
	var events []json.RawMessage
	if err := json.Unmarshal(whole["logEvents"], &events); err != nil {
		return nil, err
	}
	kept, err := json.Marshal(events[from:to])
	if err != nil {
		return nil, err
	}
	whole["logEvents"] = kept
	return json.Marshal(whole)
}

// CheckLimits fails the test for every batch that the API would not have taken, and for every one that was sent while another for
// its stream was under way.
func (p *Proxy) CheckLimits(t testing.TB) {
	t.Helper()
	for _, b := range p.Batches() {
		if b.Wrong != "" {
			t.Errorf("request %d: %s (%d events, %d bytes, %s)", b.N, b.Wrong, b.Events, b.Bytes, b.Span)
		}
		if b.Overlaps != 0 {
			t.Errorf("request %d for %s %s came while request %d was in flight", b.N, b.Group, b.Stream, b.Overlaps)
		}
	}
}
