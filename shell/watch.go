package shell

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"opsh/shell/audit"
	"opsh/shell/audit/cloudwatch"
	"opsh/shell/launch"
	"opsh/shell/recording/bucket"
)

// The watcher is a process of root's that outlives opsh: the agent ends a session by SIGKILLing opsh alone. It ships the session's records; and
// when opsh is gone it ends what still runs, writes the closing record, and ships that too. opsh and the watcher talk over a socket, whose end
// tells each of the other's. What opsh says is a brief, and then after each record how much of the trail is on disk; what the
// watcher says is how far it has shipped that, and the recording, which it finds by itself.

// WatcherName is the argv[0] of the watcher. The agent can't start opsh under it: it passes on as argv[0] what was typed.
const WatcherName = "opsh: watcher"

// orders is what the watcher gets to know at its start.
type orders struct {
	Trail    string // the file's path
	Session  string
	StateDir string
	Seed     []byte // of the session's key
	UID      uint32
	Reaper   uint32
	Ship     *cloudwatch.Target // nil: records stay on this machine
	Bucket   *bucket.Target     // nil: so does the recording, if there is one
}

// told is what the watcher says.
type told struct {
	Records, Recording cloudwatch.State
}

// watcher is opsh's end of it.
type watcher struct {
	cloudwatch.Progress                     // as the watcher last told it
	recording           cloudwatch.Progress // likewise
	socket              *os.File
	sizes               chan int64    // the newest size of the trail that the watcher wasn't told yet
	started             chan struct{} // closed when the process runs, or can't
	failed              error
	gone                chan struct{} // closed when the process ended
}

// Descriptors that the watcher inherits.
const (
	watcherSocket = 3
	watcherTrail  = 4 // carries the trail's lock
	watcherSeat   = 5 // carries the lock on the uid
)

// startWatcher returns at once: the process starts while the session's first record is written. Whether it does, alive says.
func startWatcher(program string, trail *audit.Trail, seat *launch.Seat, o orders) (*watcher, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot start the watcher: %w", err)
	}
	if err := unix.SetNonblock(pair[0], true); err != nil {
		return nil, fmt.Errorf("cannot start the watcher: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "watcher"), os.NewFile(uintptr(pair[1]), "opsh")
	file, seed := trail.Heir()
	o.Trail, o.Session, o.Seed, o.UID, o.Reaper = trail.Path(), trail.Session(), seed, seat.UID, seat.Reaper
	cmd := &exec.Cmd{
		Path:        program,
		Args:        []string{WatcherName},
		Dir:         "/",
		Env:         []string{}, // nothing in an environment has a say in where records go
		ExtraFiles:  []*os.File{theirs, file, seat.File()},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true}, // out of reach of the terminal's SIGHUP
	}
	w := &watcher{socket: ours, sizes: make(chan int64, 1), started: make(chan struct{}), gone: make(chan struct{})}
	go func() {
		defer close(w.gone)
		err := cmd.Start()
		theirs.Close() //nolint:errcheck // the watcher has its own
		out := json.NewEncoder(ours)
		if err == nil {
			err = out.Encode(o)
		}
		w.failed = err
		close(w.started)
		if cmd.Process == nil {
			return
		}
		go w.hear()
		go func() {
			for size := range w.sizes {
				if out.Encode(size) != nil {
					return // it is gone, which alive says
				}
			}
		}()
		cmd.Wait() //nolint:errcheck // however it ended, it is gone
	}()
	return w, nil
}

// hear takes in what the watcher tells.
func (w *watcher) hear() {
	in := json.NewDecoder(w.socket)
	for {
		var state told
		if in.Decode(&state) != nil {
			return
		}
		w.Set(state.Records)
		w.recording.Set(state.Recording)
	}
}

// ship tells the watcher how much of the trail is on disk. It never blocks: only the newest size matters.
func (w *watcher) ship(size int64) {
	for {
		select {
		case w.sizes <- size:
			return
		default:
		}
		select {
		case older := <-w.sizes:
			size = max(size, older)
		default:
		}
	}
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

// dismiss leaves the watcher alone, once the end record is written.
func (w *watcher) dismiss() {
	<-w.started
	w.socket.Close() //nolint:errcheck // nothing more is written to it
}
