package ship

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// The pauses between attempts: any from none to a bound that doubles with each, so that the shippers of many tasks don't return at
// once after an outage.
const (
	backoffFirst = 200 * time.Millisecond
	backoffMost  = 30 * time.Second
)

// Backoff is how long to wait after so many failures in a row, from 1.
func Backoff(failures int) time.Duration {
	bound := backoffMost
	if failures < 10 {
		bound = min(bound, backoffFirst<<(failures-1))
	}
	return rand.N(bound)
}

// SaveNote replaces a note of what was shipped, which is encoded as JSON. It isn't synced: what a lost machine forgets is sent again.
func SaveNote(path string, note any) error {
	text, err := json.Marshal(note)
	if err != nil {
		return fmt.Errorf("cannot note what was shipped: %w", err)
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return fmt.Errorf("cannot note what was shipped: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("cannot note what was shipped: %w", err)
	}
	return nil
}
