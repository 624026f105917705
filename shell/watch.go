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
	"opsh/shell/launch"
	"opsh/shell/ship"
)

// The watcher is a process of root's that outlives opsh (package watch). opsh and the watcher talk over a socket, whose end tells each of the other's. What
// opsh says is its orders, and then after each record how much of the trail is on disk; what the watcher says is how far it has shipped
// that, and the recording, which it finds by itself.

// watcher is opsh's end of it.
type watcher struct {
	ship.Progress               // as the watcher last told it
	recording     ship.Progress // likewise
	socket        *os.File
	sizes         chan int64    // the newest size of the trail that the watcher wasn't told yet
	started       chan struct{} // closed when the process runs, or can't
	failed        error
	gone          chan struct{} // closed when the process ended
}

// startWatcher returns at once: the process starts while the session's first record is written. Whether it does, alive says. seat is nil where nothing is
// run, stderr where the watcher has nobody to complain to.
func startWatcher(program string, trail *audit.Trail, seat *launch.Seat, o ship.Orders, stderr *os.File) (*watcher, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot start the watcher: %w", err)
	}
	if err := unix.SetNonblock(pair[0], true); err != nil {
		return nil, fmt.Errorf("cannot start the watcher: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "watcher"), os.NewFile(uintptr(pair[1]), "opsh")
	file, seed := trail.Heir()
	o.Trail, o.Session, o.Seed = trail.Path(), trail.Session(), seed
	inherited := []*os.File{theirs, file}
	if seat != nil {
		o.UID, o.Reaper, inherited = seat.UID, seat.Reaper, append(inherited, seat.File())
	}
	cmd := &exec.Cmd{
		Path:        program,
		Args:        []string{ship.WatcherName},
		Dir:         "/",
		Env:         []string{}, // nothing in an environment has a say in where records go
		ExtraFiles:  inherited,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true}, // out of reach of the terminal's SIGHUP
	}
	if stderr != nil {
		cmd.Stderr = stderr
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
		var state ship.Told
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

// dismiss leaves the watcher alone. Where the end record is written it is told so, and needn't look.
func (w *watcher) dismiss(trail *audit.Trail) {
	<-w.started
	if trail != nil && trail.Ended() {
		json.NewEncoder(w.socket).Encode(-trail.Size()) //nolint:errcheck // then it looks
	}
	w.socket.Close() //nolint:errcheck // nothing more is written to it
}
