//go:build linux

package audit

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Trail is the record of one session. Its methods may be called from several goroutines.
type Trail struct {
	mu   sync.Mutex
	file *os.File
	path string
	key  ed25519.PrivateKey
	now  func() time.Time

	session  string
	size     int64 // bytes that are whole records
	reserved int64 // the disk has room for this many
	seq      int
	prev     string
	last     time.Time
	ended    bool
	torn     bool   // behind size are bytes of an unfinished record of ours
	trouble  string // why records before the next one could not be written
	missing  int    // how many

	named func() error // waits until the directory is synced; nil: somebody else saw to that
}

// Create makes the trail of a session: the directory STATEDIR/trail when it is missing, and the file in it, which must
// not exist. Nothing is recorded yet; the first record must be a Begin.
func Create(stateDir, session string, now func() time.Time) (*Trail, error) {
	if !isSessionID(session) {
		return nil, errors.New("cannot open a trail: the session id is not letters, digits, - and _")
	}
	dir := filepath.Join(stateDir, "trail")
	d, err := OpenDir(stateDir, "trail")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	name := session + ".jsonl"
	fd, err := unix.Openat(int(d.Fd()), name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_APPEND|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot create %s: %w", filepath.Join(dir, name), err)
	}
	f := os.NewFile(uintptr(fd), filepath.Join(dir, name))
	if err := lock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot lock %s: %w", f.Name(), err)
	}
	named, err := nameDurable(d)
	if err != nil {
		f.Close()
		return nil, err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot make a key: %w", err)
	}
	return &Trail{file: f, path: f.Name(), key: key, now: now, session: session, prev: zeros, named: named}, nil
}

// nameDurable begins to sync a trail's directory, since the file's name must be as durable as what is in it. That takes as long as a record's
// own way to the disk, so the first record is made and synced meanwhile; it counts as recorded when named has said how this ended.
func nameDurable(dir *os.File) (named func() error, err error) {
	fd, err := unix.FcntlInt(dir.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot sync %s: %w", dir.Name(), err)
	}
	done := make(chan error, 1)
	go func() {
		err := unix.Fsync(fd)
		unix.Close(fd) //nolint:errcheck // a directory
		if err != nil {
			err = fmt.Errorf("cannot sync %s: %w", dir.Name(), err)
		}
		done <- err
	}()
	return sync.OnceValue(func() error { return <-done }), nil
}

// lock takes a new trail's lock. Who looks for orphans may hold it for a moment, until it has seen that the trail is empty.
func lock(f *os.File) error {
	for give := time.Now().Add(2 * time.Second); ; time.Sleep(time.Millisecond) {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err != unix.EWOULDBLOCK || time.Now().After(give) {
			return err
		}
	}
}

// OpenDir makes, checks and opens STATEDIR/NAME: opsh's user's alone, as is STATEDIR, which is root's as a rule, since whoever may rename a
// file there may replace evidence.
func OpenDir(stateDir, name string) (*os.File, error) {
	dir := filepath.Join(stateDir, name)
	for _, p := range []string{stateDir, dir} {
		if err := os.Mkdir(p, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("cannot create %s: %w", p, err)
		}
		var st unix.Stat_t
		if err := unix.Lstat(p, &st); err != nil {
			return nil, fmt.Errorf("cannot look at %s: %w", p, err)
		}
		switch {
		case st.Mode&unix.S_IFMT != unix.S_IFDIR:
			return nil, fmt.Errorf("cannot keep records in %s: it is not a directory", p)
		case int(st.Uid) != os.Geteuid():
			return nil, fmt.Errorf("cannot keep records in %s: it belongs to uid %d, not to opsh's %d", p, st.Uid, os.Geteuid())
		case st.Mode&0o022 != 0:
			return nil, fmt.Errorf("cannot keep records in %s: others may write to it (mode %04o)", p, st.Mode&0o7777)
		}
	}
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", dir, err)
	}
	return os.NewFile(uintptr(fd), dir), nil
}

// Append seals r and puts it on disk. When it returns an error nothing was recorded, and the caller must not go on with what
// it wanted to record.
func (t *Trail) Append(r Record) (Record, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.ended:
		return r, errors.New("cannot record: the trail is closed")
	case (t.seq == 0) != (r.Event == Begin):
		return r, errors.New("cannot record: a trail starts with one begin record")
	}
	if err := t.inPlace(); err != nil {
		return r, t.fails(err)
	}
	now := t.now().UTC().Truncate(time.Millisecond)
	r.Clock = ""
	if now.Before(t.last) {
		r.Clock = now.Format(TimeFormat)
		now = t.last
	}
	r.Session, r.Seq, r.Time, r.Prev, r.Trouble, r.Missing = t.session, t.seq, now.Format(TimeFormat), t.prev, t.trouble, t.missing
	if r.Event == Begin {
		r.Key = t.public()
	}
	line, r, err := seal(r, t.key)
	if err != nil {
		return r, err
	}
	if r.Event == Run {
		err = t.reserve(int64(len(line)) + 1)
	}
	if err == nil {
		err = t.write(append(line, '\n'))
	}
	if err != nil {
		return r, t.fails(err)
	}
	t.seq, t.prev, t.last, t.ended, t.trouble, t.missing = t.seq+1, r.Hash, now, r.Event == End, "", 0
	if t.ended && t.reserved > 0 {
		t.file.Truncate(t.size) //nolint:errcheck // it gives back room; the record is kept
	}
	return r, nil
}

// fails keeps why a record could not be written, for the next one that can.
func (t *Trail) fails(err error) error {
	if t.trouble == "" {
		t.trouble = err.Error()
	}
	t.missing++
	return err
}

// room is what a command's own records may need: some hundred denied calls and its end. It is reserved before the command starts, so that
// one which fills the disk still has its end recorded.
const room = 256 << 10

// reserve has the disk keep room behind a record of n bytes. A file system that can't is taken as it is.
func (t *Trail) reserve(n int64) error {
	if t.reserved >= t.size+n+room {
		return nil
	}
	err := unix.Fallocate(int(t.file.Fd()), unix.FALLOC_FL_KEEP_SIZE, t.size, n+2*room)
	switch {
	case err == nil:
		t.reserved = t.size + n + 2*room
	case err != unix.EOPNOTSUPP && err != unix.ENOSYS:
		return fmt.Errorf("cannot reserve room in %s: %w", t.path, err)
	}
	return nil
}

// inPlace refuses to write into a file that is no longer the trail: deleted, replaced or changed by another.
func (t *Trail) inPlace() error {
	var open, named unix.Stat_t
	if err := unix.Fstat(int(t.file.Fd()), &open); err != nil {
		return fmt.Errorf("cannot look at %s: %w", t.path, err)
	}
	if err := unix.Lstat(t.path, &named); err != nil {
		return fmt.Errorf("cannot record in %s: it was removed: %w", t.path, err)
	}
	if open.Dev != named.Dev || open.Ino != named.Ino {
		return fmt.Errorf("cannot record in %s: it was replaced by another file", t.path)
	}
	if open.Size > t.size && t.torn {
		if err := t.file.Truncate(t.size); err != nil {
			return fmt.Errorf("cannot cut off the unfinished record of %s: %w", t.path, err)
		}
		t.torn, open.Size = false, t.size
	}
	if open.Size != t.size {
		return fmt.Errorf("cannot record in %s: it has %d bytes where %d were written", t.path, open.Size, t.size)
	}
	return nil
}

// write appends whole lines or nothing: what a full disk left of a line is cut off again.
func (t *Trail) write(line []byte) error {
	n, err := t.file.Write(line)
	if err == nil {
		err = unix.Fdatasync(int(t.file.Fd()))
	}
	if err == nil && t.named != nil {
		err = t.named()
	}
	if err == nil {
		t.size += int64(n)
		return nil
	}
	why := fmt.Errorf("cannot record in %s: %w", t.path, err)
	t.torn = t.file.Truncate(t.size) != nil // then before the next record
	t.reserved = 0
	return why
}

// public is the public half of the session's key, in base64.
func (t *Trail) public() string {
	return base64.StdEncoding.EncodeToString(t.key.Public().(ed25519.PublicKey))
}

// Path is the trail's file.
func (t *Trail) Path() string { return t.path }

// Size is how many bytes of the file are records on disk.
func (t *Trail) Size() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.size
}

// Session is the session's id.
func (t *Trail) Session() string { return t.session }

// Close closes the file without recording anything: the end record is the caller's to append.
func (t *Trail) Close() error { return t.file.Close() }

// Discard takes away a trail in which nothing was recorded.
func (t *Trail) Discard() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.size == 0 {
		os.Remove(t.path) //nolint:errcheck // an empty one is passed over
	}
}

// Ended says whether the end record is there.
func (t *Trail) Ended() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended
}

// Failed says whether an error of Append came from a disk without room, so that a hint can be given.
func Failed(err error) (hint string) {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "the disk that holds opsh's trail is full: make room, then try again"
	case errors.Is(err, syscall.EROFS):
		return "the state directory is read-only: give the container a volume there"
	}
	return ""
}
