package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"opsh/shell/audit"
	"opsh/shell/audit/cloudwatch"
	"opsh/shell/launch"
	"opsh/shell/recording"
	"opsh/shell/recording/bucket"
	"opsh/shell/ship"
	"opsh/shell/transcript"
)

// orders are what the watcher goes by.
type orders struct{ ship.Orders }

// afterwards is how long a watcher goes on shipping when its session is over. What is left then is the next session's watcher's.
const afterwards = 10 * time.Minute

// watcher is the watcher's whole life. It returns its exit status.
func watcher(now func() time.Time) int {
	socket := os.NewFile(ship.WatcherSocket, "opsh")
	in := json.NewDecoder(socket)
	var o orders
	if in.Decode(&o.Orders) != nil || o.Trail == "" {
		return statusBroken // opsh died before it had anything to leave, or somebody else started this
	}
	file := os.NewFile(ship.WatcherTrail, o.Trail)
	var shipper *cloudwatch.Shipper
	if o.Ship != nil {
		shipper = cloudwatch.Target{Logs: *o.Ship}.Ship(file, o.Session, now)
		defer shipper.End()
	}
	cast, err := o.shipRecording(o.Session)
	if err != nil {
		return statusBroken
	}
	if cast != nil {
		defer cast.End()
	}
	go tell(socket, shipper, cast)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	orphans := make(chan struct{})
	go func() {
		defer close(orphans)
		switch o.Others {
		case ship.Adopt:
			o.adopt(ctx, now)
		case ship.KeepHouse:
			o.keepHouse(ctx, now)
		}
	}()
	ended := int64(0)
	for size := int64(0); in.Decode(&size) == nil; {
		if size < 0 {
			ended = -size
		} else if shipper != nil {
			shipper.More(size)
		}
	}
	// opsh is gone. Where it has ended in order it had ended its tools before it wrote that.
	if ended == 0 {
		ended, err = o.close(file, now)
	}
	if o.UID != 0 {
		os.NewFile(ship.WatcherSeat, "seat").Close() //nolint:errcheck // the uid is free
	}
	time.AfterFunc(afterwards, cancel)
	if err == nil {
		err = o.finish(ctx, shipper, cast, ended)
	}
	if o.Others == ship.KeepHouse {
		cancel() // the next recorder's does
	}
	<-orphans
	if err != nil {
		return statusBroken
	}
	return 0
}

// tell tells opsh how far its records are. It only ever waits for opsh here.
func tell(socket *os.File, records *cloudwatch.Shipper, cast *bucket.Shipper) {
	out := json.NewEncoder(socket)
	for {
		var now ship.Told
		var a, b <-chan struct{} // nil: never
		if records != nil {
			now.Records, a = records.State()
		}
		if cast != nil {
			now.Recording, b = cast.State()
		}
		if out.Encode(now) != nil {
			return
		}
		select {
		case <-a:
		case <-b:
		}
	}
}

// shipRecording ships the recording of a session; nil: there is none, or nowhere to ship it to.
func (o *orders) shipRecording(session string) (*bucket.Shipper, error) {
	if o.Bucket == nil {
		return nil, nil
	}
	file, err := recording.OpenFile(o.StateDir, session)
	if file == nil {
		return nil, err
	}
	return bucket.Target{Recordings: *o.Bucket}.Ship(file, session), nil
}

// allShipped waits until all of a recording that nobody writes to any more is shipped.
func allShipped(ctx context.Context, cast *bucket.Shipper) error {
	if cast == nil {
		return nil
	}
	size, err := cast.Complete()
	if err != nil {
		return err
	}
	return cast.Await(ctx, size)
}

// close ends what the session left running and writes its end record, where opsh has not. It returns the trail's size.
func (o *orders) close(file *os.File, now func() time.Time) (int64, error) {
	trail, err := audit.Inherit(file, o.Trail, o.Seed, now)
	if err == nil && trail.Ended() {
		return trail.Size(), nil // opsh was killed right behind its end
	}
	var left []launch.Process
	why := transcript.Killed
	if o.Reaper != 0 { // else opsh wasn't root, and all else of its user would be ended
		var endErr error
		if left, endErr = launch.End(o.UID, o.Reaper); endErr != nil {
			why += "; " + endErr.Error()
		}
	}
	if err != nil {
		return 0, err
	}
	recorded, recordErr := recording.Measure(o.StateDir, o.Session)
	if recordErr != nil {
		why += "; " + recordErr.Error()
	}
	status := statusBroken
	_, err = trail.Append(audit.Record{Event: audit.End, Status: &status, Category: audit.CategoryBroken, Why: why, Left: launch.Listed(left, number), Recorded: recorded})
	return trail.Size(), err
}

// number is all that is said of a process here: what it calls itself may hold a secret, and none are known.
func number(p launch.Process) string { return fmt.Sprint(p.PID) }

// finish ships the rest of a trail of that size, and marks it as done.
func (o *orders) finish(ctx context.Context, shipper *cloudwatch.Shipper, cast *bucket.Shipper, size int64) error {
	if shipper != nil {
		shipper.More(size)
		if err := shipper.Await(ctx, size); err != nil {
			return err
		}
	}
	if err := allShipped(ctx, cast); err != nil {
		return err
	}
	return audit.Done(o.Trail)
}

// adopt closes and ships what sessions left whose watchers were killed too, or did not get it shipped in their time.
func (o *orders) adopt(ctx context.Context, now func() time.Time) {
	status := statusBroken
	end := audit.Record{Status: &status, Category: audit.CategoryBroken, Why: "opsh and its watcher were killed, or the machine was lost"}
	//nolint:errcheck // what can't be shipped now is the next session's to try
	audit.Orphans(o.StateDir, func(orphan *audit.Orphan) error {
		end := end
		end.Recorded, _ = recording.Measure(o.StateDir, orphan.Session()) //nolint:errcheck // then nobody vouches for how it ends
		size, err := orphan.Close(o.Session, end, now)
		if err != nil && !errors.Is(err, audit.ErrUnreadable) || size == 0 {
			return err
		}
		if o.Ship != nil {
			shipper := cloudwatch.Target{Logs: *o.Ship}.Ship(orphan.File(), orphan.Session(), now)
			defer shipper.End()
			shipper.More(size)
			if err := shipper.Await(ctx, size); err != nil {
				return err
			}
		}
		cast, err := o.shipRecording(orphan.Session())
		if err != nil {
			return err
		}
		if cast != nil {
			defer cast.End()
		}
		if err := allShipped(ctx, cast); err != nil {
			return err
		}
		return audit.Done(orphan.Path())
	})
}
