package watch

import (
	"context"
	"time"

	"opsh/shell/audit"
	"opsh/shell/audit/cloudwatch"
	"opsh/shell/recording"
	"opsh/shell/recording/bucket"
)

// How the state directory is kept.
const (
	housekeeping = time.Minute         // between two looks at it
	adoption     = 5 * time.Minute     // for shipping what sessions left, each time
	keepShipped  = 14 * 24 * time.Hour // trails that CloudWatch Logs has are removed after this
	keepBytes    = 256 << 20           // and the oldest of them before, when all together are larger
)

// keepHouse sees to what sessions leave in the state directory, until ctx ends: what is unshipped is shipped, what is shipped goes after a while.
// Where records are shipped nowhere, what is here is the only copy and stays.
func (o *orders) keepHouse(ctx context.Context, now func() time.Time) {
	for {
		some, cancel := context.WithTimeout(ctx, adoption)
		o.adopt(some, now)
		cancel()
		if o.Ship != nil {
			if err := audit.Sweep(o.StateDir, now().Add(-keepShipped), keepBytes, cloudwatch.Target{Logs: *o.Ship}.Shipped, o.films); err != nil {
				complain(err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(housekeeping):
		}
	}
}

// films is the files of a session's recording that go with its trail: none where it is shipped nowhere, and this machine has the only copy. A trail
// is done when both were shipped, where both are to be.
func (o *orders) films(session string) []string {
	if o.Bucket == nil {
		return nil
	}
	at := recording.Path(o.StateDir, session)
	return []string{at, at + bucket.ShippedSuffix}
}
