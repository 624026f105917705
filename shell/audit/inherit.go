//go:build linux

package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Heir is what another process needs to go on with a trail when this one dies: the open file, which
// carries the lock, and the seed of the session's key.
func (t *Trail) Heir() (*os.File, []byte) { return t.file, t.key.Seed() }

// ErrEmpty says that the session died before its first record.
var ErrEmpty = errors.New("it holds no record")

// ErrUnreadable says that a trail's last line is no record, so that none can be appended. Somebody else wrote to it.
var ErrUnreadable = errors.New("cannot go on with a trail")

// Inherit goes on with the trail of a process that died. A last line that isn't whole was never
// acknowledged, so it is cut off.
func Inherit(f *os.File, path string, seed []byte, now func() time.Time) (*Trail, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("cannot inherit a trail: the key has the wrong length")
	}
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("cannot look at %s: %w", path, err)
	}
	last, end, err := lastLine(f, st.Size())
	if err != nil {
		return nil, fmt.Errorf("cannot inherit %s: %w", path, err)
	}
	r, err := Parse(last)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, path, err)
	}
	t := &Trail{file: f, path: path, key: ed25519.NewKeyFromSeed(seed), now: now, size: end}
	t.session, t.seq, t.prev, t.last, t.ended = r.Session, r.Seq+1, r.Hash, r.When(), r.Event == End
	if end != st.Size() {
		if err := f.Truncate(end); err != nil {
			return nil, fmt.Errorf("cannot cut off an unfinished record of %s: %w", path, err)
		}
	}
	return t, nil
}

// lastLine is the last whole line, without its LF, and where it ends. Only the file's end is read, however long it is.
func lastLine(f io.ReaderAt, size int64) (last []byte, end int64, err error) {
	for n := int64(8 << 10); ; n *= 2 {
		from := max(0, size-n)
		tail := make([]byte, size-from)
		if _, err := f.ReadAt(tail, from); err != nil {
			return nil, 0, err
		}
		whole := tail[:bytes.LastIndexByte(tail, '\n')+1]
		if len(whole) > 0 {
			before := bytes.LastIndexByte(whole[:len(whole)-1], '\n')
			if before >= 0 || from == 0 {
				return whole[before+1 : len(whole)-1], from + int64(len(whole)), nil
			}
		}
		switch {
		case from == 0:
			return nil, 0, ErrEmpty
		case n > 2*MaxRecord:
			return nil, 0, fmt.Errorf("%w: it has no line ends", ErrUnreadable)
		}
	}
}

// doneSuffix marks a trail that nothing is left to do about, so that it isn't looked at again.
const doneSuffix = ".done"

// Done marks a trail as closed, and shipped where trails are.
func Done(path string) error {
	if err := os.WriteFile(path+doneSuffix, nil, 0o600); err != nil {
		return fmt.Errorf("cannot mark %s as done: %w", path, err)
	}
	return nil
}

// Orphans are the trails below a state directory that no living session has and that aren't done. Each is handed to do with its lock held, so that
// two who look don't both get it. What can't be opened is among the errors; the others are handed out all the same.
func Orphans(stateDir string, do func(o *Orphan) error) error {
	dir := filepath.Join(stateDir, "trail")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("cannot look for trails: %w", err)
	}
	done := map[string]bool{}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), doneSuffix); ok {
			done[name] = true
		}
	}
	var all []error
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".jsonl") && e.Type().IsRegular() && !done[name] {
			all = append(all, withOrphan(filepath.Join(dir, name), do))
		}
	}
	return errors.Join(all...)
}

// Orphan is the trail of a session whose opsh and watcher are gone.
type Orphan struct {
	file *os.File
}

func withOrphan(path string, do func(o *Orphan) error) error {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_APPEND|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err == unix.EWOULDBLOCK {
		return nil // its session lives
	} else if err != nil {
		return fmt.Errorf("cannot lock %s: %w", path, err)
	}
	return do(&Orphan{file: f})
}

// Path is the trail's file.
func (o *Orphan) Path() string { return o.file.Name() }

// File is that file, open.
func (o *Orphan) File() *os.File { return o.file }

// Session is the session's id, as the file's name has it.
func (o *Orphan) Session() string { return strings.TrimSuffix(filepath.Base(o.Path()), ".jsonl") }

// Close appends the end record where there is none, and returns how many bytes of the file are whole lines. The session's key died with it, so
// the record is signed by a new one, which it holds, and names the session that closes. A trail without any record may be that of a session
// about to start, and is left alone. So is one that ErrUnreadable is about.
func (o *Orphan) Close(closer string, end Record, now func() time.Time) (int64, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		return 0, fmt.Errorf("cannot make a key: %w", err)
	}
	t, err := Inherit(o.file, o.Path(), seed, now)
	switch {
	case errors.Is(err, ErrEmpty):
		return 0, nil
	case err != nil:
		return o.lines(), err
	case !t.Ended():
		end.Event, end.Key, end.Closer = End, t.public(), closer
		if _, err := t.Append(end); err != nil {
			return 0, err
		}
	}
	return t.Size(), nil
}

// lines is how many bytes of an unreadable trail are lines.
func (o *Orphan) lines() int64 {
	st, err := o.file.Stat()
	if err != nil {
		return 0
	}
	_, end, err := lastLine(o.file, st.Size())
	if err != nil {
		return 0
	}
	return end
}
