package cloudwatch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"opsh/shell/audit"
)

// What one PutLogEvents takes.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const (
	maxBatchBytes  = 1 << 20 // messages, and eventBytes for each
	maxBatchEvents = 10_000
	eventBytes     = 26
	maxBatchSpan   = 24 * time.Hour
	maxEventBytes  = 1_000_000
)

// batch is a piece of the trail's file as one request.
type batch struct {
	events []types.InputLogEvent
	to     int64  // where in the file it ends
	last   []byte // its last line, without the LF
	time   int64  // its last event's, in milliseconds
}

// nextBatch is what follows after from, as much as one request takes, of the first durable bytes of a trail. Events are no older than
// since (milliseconds). A line that isn't a record is sent as it is: the stream shows what the file holds, and who verifies it judges.
func nextBatch(trail io.ReaderAt, from, durable, since int64) (batch, error) {
	b := batch{to: from, time: since}
	piece := make([]byte, min(durable-from, maxBatchBytes))
	if _, err := trail.ReadAt(piece, from); err != nil {
		return b, fmt.Errorf("cannot read the trail: %w", err)
	}
	first, size := int64(0), 0
	for len(b.events) < maxBatchEvents {
		end := bytes.IndexByte(piece, '\n')
		if end < 0 {
			break
		}
		at := b.time
		if r, err := audit.Parse(piece[:end]); err == nil {
			at = max(at, r.When().UnixMilli())
		}
		text := string(piece[:min(end, maxEventBytes)])
		if end == 0 {
			text = " " // an event can't be empty
		}
		size += len(text) + eventBytes
		if len(b.events) > 0 && (size > maxBatchBytes || time.Duration(at-first)*time.Millisecond >= maxBatchSpan) {
			break
		}
		if len(b.events) == 0 {
			first = at
		}
		b.events = append(b.events, types.InputLogEvent{Message: &text, Timestamp: &at})
		b.to, b.last, b.time = b.to+int64(end)+1, piece[:end], at
		piece = piece[end+1:]
	}
	if len(b.events) == 0 {
		return b, errors.New("cannot read the trail: a line is longer than any record")
	}
	return b, nil
}

// rejected are the events of a request that the service did not take although it answered without an error, made ready to be sent
// again: as events of now, since it was their time that it didn't like. The record inside keeps its own.
func rejected(sent []types.InputLogEvent, info *types.RejectedLogEventsInfo, now time.Time) []types.InputLogEvent {
	if info == nil {
		return nil
	}
	from, to := 0, len(sent) // what was taken
	for _, end := range []*int32{info.TooOldLogEventEndIndex, info.ExpiredLogEventEndIndex} {
		if end != nil {
			from = max(from, int(*end))
		}
	}
	if info.TooNewLogEventStartIndex != nil {
		to = min(to, int(*info.TooNewLogEventStartIndex))
	}
	from = min(max(from, 0), len(sent))
	to = max(to, from)
	var again []types.InputLogEvent
	at := now.UnixMilli()
	for _, e := range append(append([]types.InputLogEvent{}, sent[:from]...), sent[to:]...) {
		again = append(again, types.InputLogEvent{Message: e.Message, Timestamp: &at})
	}
	return again
}
