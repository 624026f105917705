package try

import (
	"context"
	"os"
	"time"
)

// At is a session at a console, which edits lines itself: opsh's line editor wants a terminal as Linux and macOS have it.
func (s *Session) At(in, out *os.File, _ bool, _ func() time.Time) error {
	return s.Converse(context.Background(), NewPlain(in, out), Lines(out, "\n"))
}
