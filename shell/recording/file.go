//go:build linux

package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"opsh/shell/audit"
)

// dirName is the directory below the state directory.
const dirName = "recording"

// Path is the file of a session's recording.
func Path(stateDir, session string) string {
	return filepath.Join(stateDir, dirName, session+".cast")
}

// create makes the file.
func create(stateDir, session string) (*os.File, error) {
	dir, err := audit.OpenDir(stateDir, dirName)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	path := Path(stateDir, session)
	fd, err := unix.Openat(int(dir.Fd()), filepath.Base(path), unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_APPEND|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot create %s: %w", path, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// writeLate writes what was recorded a moment ago.
func (r *Recorder) writeLate() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.set = false
	r.put()
}

// put writes all that is pending.
func (r *Recorder) put() {
	r.writer.now(r.pending)
	r.pending = r.pending[:0]
}

// Failed is closed when the recording can't go on: Err says why. A running tool must not, then.
func (r *Recorder) Failed() <-chan struct{} {
	if r == nil {
		return nil
	}
	return r.failure.done
}

// Err is why the recording can't go on; nil: it can.
func (r *Recorder) Err() error {
	if r == nil {
		return nil
	}
	return r.failure.get()
}

// Flush writes all that was recorded so far to the file, and says what that is: for the record that vouches for it; nil: nothing is recorded. Where the
// recording has failed, it is what was there before.
func (r *Recorder) Flush() *audit.Recorded {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.writer
	if w.file != nil {
		r.put()
		if !r.over() {
			if err := w.inPlace(); err != nil {
				r.failure.set(err)
			}
		}
	}
	done := &audit.Recorded{Bytes: w.written, SHA256: hex.EncodeToString(w.hash.Sum(nil)), Replaced: r.shown.replaced + r.typed.replaced}
	if r.cut > 0 {
		done.Cut, done.CutSHA256 = r.cut, hex.EncodeToString(r.cutHash.Sum(nil))
	}
	return done
}

// Close records the exit status of opsh, and ends the recording.
func (r *Recorder) Close(status int) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	if r.writer.file != nil && !r.over() {
		if b, at := r.start(Output); len(r.shown.tail) > 0 {
			r.commit(r.shown.rest(b), at)
		}
		r.add(Exit, fmt.Sprint(status))
	}
	r.mu.Unlock()
	r.Flush()
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.failure.get()
	if !r.closed && r.writer.file != nil {
		r.alarm.Stop()
		err = errors.Join(err, r.writer.close())
	}
	r.closed = true
	return err
}

// OpenFile opens a session's recording for reading; nil: there is none.
func OpenFile(stateDir, session string) (*os.File, error) {
	path := Path(stateDir, session)
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cannot open %s: %w", path, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// Measure is what a session's file holds, for who vouches for it when opsh is gone; nil: there is none.
func Measure(stateDir, session string) (*audit.Recorded, error) {
	f, err := OpenFile(stateDir, session)
	if f == nil {
		return nil, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", f.Name(), err)
	}
	return &audit.Recorded{Bytes: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}
