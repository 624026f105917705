package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"

	"opsh/shell/ship"
	"opsh/shell/taskrole/sdk"
)

// Shipper ships one trail. Its methods may be called from several goroutines.
type Shipper struct {
	ship.Progress
	target Target
	trail  *os.File
	stream string
	now    func() time.Time
	logs   *cloudwatchlogs.Client
	stop   context.CancelFunc
	ended  chan struct{} // closed when nothing is sent any more

	mu      sync.Mutex
	durable int64
	more    chan struct{} // holds something when durable has grown
}

// Ship ships trail, a file open for reading whose name leads to it, to the stream. It begins where the last Shipper got to; More says
// up to where the file may be read. End must be called.
func (t Target) Ship(trail *os.File, stream string, now func() time.Time) *Shipper {
	ctx, stop := context.WithCancel(context.Background())
	s := &Shipper{target: t, trail: trail, stream: stream, now: now, logs: t.logs(), stop: stop,
		ended: make(chan struct{}), more: make(chan struct{}, 1)}
	go func() {
		defer close(s.ended)
		s.run(ctx)
	}()
	return s
}

// More says that the trail's first size bytes are whole records on disk.
func (s *Shipper) More(size int64) {
	s.mu.Lock()
	s.durable = max(s.durable, size)
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// End stops shipping, whatever is left.
func (s *Shipper) End() {
	s.stop()
	<-s.ended
}

// wait returns the number of durable bytes once it is over have.
func (s *Shipper) wait(ctx context.Context, have int64) (int64, error) {
	for {
		s.mu.Lock()
		durable := s.durable
		s.mu.Unlock()
		if durable > have {
			return durable, nil
		}
		select {
		case <-s.more:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// run sends until it is stopped. A failure is no reason to give up: a role is mended, a group created, an outage ends.
func (s *Shipper) run(ctx context.Context) {
	done := loadAcked(s.trail.Name(), s.trail, s.target)
	there := done.Offset > 0 // the stream
	unsure := false          // it may have been made by a request that failed
	for failures := 0; ; {
		if failures == 0 {
			s.Set(ship.State{Acked: done.Offset})
		}
		durable, err := s.wait(ctx, done.Offset)
		if err != nil {
			return
		}
		if !there {
			var made bool
			made, err = s.create(ctx)
			there, unsure = err == nil, unsure || err != nil && !refused(err)
			if there && (made || unsure) {
				// A stream that is new holds nothing. Where it was deleted, the trail is still whole here: all of it is sent again.
				done, unsure = acked{Region: s.target.Region, LogGroup: s.target.LogGroup}, false
			}
		}
		if err == nil {
			err = s.send(ctx, &done, durable)
		}
		if err == nil {
			failures = 0
			continue
		}
		if missing := (*types.ResourceNotFoundException)(nil); errors.As(err, &missing) {
			there = false
		}
		failures++
		s.Set(ship.State{Acked: done.Offset, Trouble: sdk.Reason(err), Hint: s.target.Hint(err, Caller{})})
		select {
		case <-time.After(ship.Backoff(failures)):
		case <-ctx.Done():
			return
		}
	}
}

// create makes the stream, unless there is one. The group is the security team's: opsh never creates one, since it would be without
// their key and retention.
func (s *Shipper) create(ctx context.Context) (made bool, err error) {
	_, err = s.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &s.target.LogGroup, LogStreamName: &s.stream})
	if exists := (*types.ResourceAlreadyExistsException)(nil); errors.As(err, &exists) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot create the log stream: %w", err)
	}
	return true, nil
}

// refused says that a request was answered and not carried out; behind any other failure it may have been.
func refused(err error) bool {
	var said smithy.APIError
	return errors.As(err, &said) && said.ErrorFault() == smithy.FaultClient
}

// send sends one batch whole, and notes it in done.
func (s *Shipper) send(ctx context.Context, done *acked, durable int64) error {
	b, err := nextBatch(s.trail, done.Offset, durable, done.Time)
	if err != nil {
		return err
	}
	events := b.events
	for try := 0; len(events) > 0; try++ {
		out, err := s.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
			LogGroupName: &s.target.LogGroup, LogStreamName: &s.stream, LogEvents: events,
		})
		if err != nil {
			return fmt.Errorf("cannot ship records: %w", err)
		}
		now := s.now()
		if events = rejected(events, out.RejectedLogEventsInfo, now); len(events) > 0 {
			b.time = max(b.time, now.UnixMilli()) // what follows stays behind them
		}
		if len(events) > 0 && try > 0 {
			return errors.New("cannot ship records: CloudWatch Logs rejects their time, and this machine's as well: set its clock")
		}
	}
	*done = acked{Region: s.target.Region, LogGroup: s.target.LogGroup, Offset: b.to, Line: lineHash(b.last), Time: b.time}
	if err := done.save(s.trail.Name()); err != nil {
		return nil //nolint:nilerr // a full disk: it is acknowledged all the same, and at worst sent again by another process
	}
	return nil
}
