package shell

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"opsh/shell/audit"
	"opsh/shell/launch"
	"opsh/shell/transcript"
)

// The watcher is a process of root's that outlives opsh: the agent ends a session by SIGKILLing opsh
// alone. It ends what still runs and writes the closing record. It learns of opsh's death from the pipe
// that opsh never closes by itself.

// WatcherName is the argv[0] of the watcher. The agent can't start opsh under it: it passes on as argv[0] what was typed.
const WatcherName = "opsh: watcher"

// legacy is what the watcher gets to know, once, through the pipe.
type legacy struct {
	Trail  string // the file's path
	Seed   []byte // of the session's key
	UID    uint32
	Reaper uint32
}

// watcher is opsh's end of it.
type watcher struct {
	pipe    *os.File
	started chan struct{} // closed when the process runs, or can't
	failed  error
	gone    chan struct{} // closed when the process ended
}

// Descriptors that the watcher inherits.
const (
	watcherPipe  = 3
	watcherTrail = 4 // carries the trail's lock
	watcherSeat  = 5 // carries the lock on the uid
)

// startWatcher returns at once: the process starts while the session's first record is written. Whether it does, alive says.
func startWatcher(program string, trail *audit.Trail, seat *launch.Seat) (*watcher, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("cannot start the watcher: %w", err)
	}
	file, seed := trail.Heir()
	cmd := &exec.Cmd{
		Path:        program,
		Args:        []string{WatcherName},
		Dir:         "/",
		Env:         []string{},
		ExtraFiles:  []*os.File{r, file, seat.File()},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true}, // out of reach of the terminal's SIGHUP
	}
	wt := &watcher{pipe: w, started: make(chan struct{}), gone: make(chan struct{})}
	go func() {
		defer close(wt.gone)
		err := cmd.Start()
		r.Close() //nolint:errcheck // the watcher has its own
		if err == nil {
			err = json.NewEncoder(w).Encode(legacy{trail.Path(), seed, seat.UID, seat.Reaper})
		}
		wt.failed = err
		close(wt.started)
		if cmd.Process != nil {
			cmd.Wait() //nolint:errcheck // however it ended, it is gone
		}
	}()
	return wt, nil
}

// alive says why there is nobody to clean up after opsh. Without, nothing is started.
func (w *watcher) alive() error {
	<-w.started
	if w.failed != nil {
		return fmt.Errorf("cannot start the process that cleans up after opsh: %w", w.failed)
	}
	select {
	case <-w.gone:
		return errors.New("cannot go on: the process that cleans up after opsh is gone")
	default:
		return nil
	}
}

// dismiss ends the watcher once the end record is written.
func (w *watcher) dismiss() {
	<-w.started
	w.pipe.Close() //nolint:errcheck // nothing more is written to it
}

// Watch is the watcher's whole life. It returns opsh's exit status.
func Watch(now func() time.Time) int {
	pipe := os.NewFile(watcherPipe, "pipe")
	file := os.NewFile(watcherTrail, "trail")
	in := bufio.NewReader(pipe)
	var l legacy
	brief, err := in.ReadBytes('\n')
	if err != nil || json.Unmarshal(brief, &l) != nil {
		return 125 // opsh died before it had anything to leave, or somebody else started this
	}
	// Nothing is ever written to the pipe again: this waits for opsh's end.
	if _, err := io.Copy(io.Discard, in); err != nil {
		return 125
	}
	trail, err := audit.Inherit(file, l.Trail, l.Seed, now)
	if err == nil && trail.Ended() {
		return 0 // opsh has ended in order: it had ended its tools before it wrote that
	}
	var left []launch.Process
	var endErr error
	if l.Reaper != 0 { // else opsh wasn't root, and all else of its user would be ended
		left, endErr = launch.End(l.UID, l.Reaper)
	}
	if errors.Is(err, audit.ErrEmpty) {
		return 0
	}
	if err != nil {
		return 125
	}
	defer trail.Close() //nolint:errcheck // every record was synced when it was written
	status, why := 125, transcript.Killed
	if endErr != nil {
		why += "; " + endErr.Error()
	}
	_, err = trail.Append(audit.Record{Event: audit.End, Status: &status, Category: audit.CategoryBroken, Why: why, Left: names(left)})
	if err != nil {
		return 125
	}
	return 0
}
