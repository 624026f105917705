package launch

import (
	"context"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"opsh/shell/contain"
)

// triedExit is how opsh-exec ends when it is run as a tool: without a status pipe it takes itself for run by hand.
const triedExit = 2

// Try contains a program for once, in both of the ways that a policy can ask for, and says what doesn't work here. The program is opsh-exec
// itself: no other is sure to be there and to do no harm.
func Try(helper string, s *Seat) error {
	var st unix.Stat_t
	if err := unix.Stat(helper, &st); err != nil {
		return fmt.Errorf("cannot use %s: %w", helper, err)
	}
	for _, mode := range []string{contain.ExecNone, contain.ExecList} {
		p := plan{name: "a tool, for trial", timeout: patience, spec: contain.Spec{
			Path: helper, Dev: st.Dev, Ino: st.Ino, Argv: []string{helper}, Env: []string{}, Dir: "/",
			UID: s.UID, GID: s.UID, Exec: mode,
		}}
		if s.Own {
			p.spec.GID, p.spec.SameUser, p.shared = s.GID, true, true
		}
		r, err := run(context.Background(), p, Job{Helper: helper, Reaper: s.Reaper, Out: io.Discard, Deadline: time.Now().Add(2 * patience)})
		if err != nil {
			return fmt.Errorf("exec = %q doesn't work here: %w", mode, err)
		}
		if r.Exit != triedExit {
			return fmt.Errorf("exec = %q doesn't work here: the program ended with %d, not %d", mode, r.Exit, triedExit)
		}
	}
	return nil
}
