package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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

	session string
	size    int64 // bytes that are whole records
	seq     int
	prev    string
	last    time.Time
	ended   bool
}

var sessionID = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9_-]*\z`)

// zeros is the prev of a first record.
var zeros = strings.Repeat("0", 64)

// Create makes the trail of a session: the directory STATEDIR/trail when it is missing, and the file in it, which must
// not exist. Nothing is recorded yet; the first record must be a Begin.
func Create(stateDir, session string, now func() time.Time) (*Trail, error) {
	if len(session) > 128 || !sessionID.MatchString(session) {
		return nil, errors.New("cannot open a trail: the session id is not letters, digits, - and _")
	}
	dir := filepath.Join(stateDir, "trail")
	d, err := openDir(stateDir, dir)
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
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot lock %s: %w", f.Name(), err)
	}
	// The file's name must be as durable as what is in it.
	if err := d.Sync(); err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot sync %s: %w", dir, err)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot make a key: %w", err)
	}
	return &Trail{file: f, path: f.Name(), key: key, now: now, session: session, prev: zeros}, nil
}

// openDir makes and checks STATEDIR and STATEDIR/trail: opsh's user's alone, which is root's as a rule, since whoever may rename a file
// there may replace a trail.
func openDir(stateDir, dir string) (*os.File, error) {
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
		return r, err
	}
	now := t.now().UTC().Truncate(time.Millisecond)
	r.Clock = ""
	if now.Before(t.last) {
		r.Clock = now.Format(TimeFormat)
		now = t.last
	}
	r.Session, r.Seq, r.Time, r.Prev = t.session, t.seq, now.Format(TimeFormat), t.prev
	if r.Event == Begin {
		r.Key = base64.StdEncoding.EncodeToString(t.key.Public().(ed25519.PublicKey))
	}
	line, r, err := seal(r, t.key)
	if err != nil {
		return r, err
	}
	if err := t.write(append(line, '\n')); err != nil {
		return r, err
	}
	t.seq, t.prev, t.last, t.ended = t.seq+1, r.Hash, now, r.Event == End
	return r, nil
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
	if err == nil {
		t.size += int64(n)
		return nil
	}
	why := fmt.Errorf("cannot record in %s: %w", t.path, err)
	if err := t.file.Truncate(t.size); err != nil {
		return errors.Join(why, fmt.Errorf("cannot cut off the unfinished record: %w", err))
	}
	return why
}

// Path is the trail's file.
func (t *Trail) Path() string { return t.path }

// Session is the session's id.
func (t *Trail) Session() string { return t.session }

// Close closes the file without recording anything: the end record is the caller's to append.
func (t *Trail) Close() error { return t.file.Close() }

// Heir is what another process needs to go on with a trail when this one dies: the open file, which
// carries the lock, and the seed of the session's key.
func (t *Trail) Heir() (*os.File, []byte) { return t.file, t.key.Seed() }

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
	// The last two records at most matter, however long the trail is.
	from := max(0, st.Size()-2*MaxRecord)
	tail, err := io.ReadAll(io.NewSectionReader(f, from, st.Size()-from))
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	whole := tail[:bytes.LastIndexByte(tail, '\n')+1]
	if len(whole) == 0 {
		return nil, fmt.Errorf("cannot inherit %s: %w", path, ErrEmpty)
	}
	t := &Trail{file: f, path: path, key: ed25519.NewKeyFromSeed(seed), now: now, size: from + int64(len(whole))}
	if t.size != st.Size() {
		if err := f.Truncate(t.size); err != nil {
			return nil, fmt.Errorf("cannot cut off an unfinished record of %s: %w", path, err)
		}
	}
	last := whole[bytes.LastIndexByte(whole[:len(whole)-1], '\n')+1 : len(whole)-1]
	r, err := Parse(last)
	if err != nil {
		return nil, fmt.Errorf("cannot go on with %s: %w", path, err)
	}
	t.session, t.seq, t.prev, t.last, t.ended = r.Session, r.Seq+1, r.Hash, r.When(), r.Event == End
	return t, nil
}

// ErrEmpty says that the session died before its first record.
var ErrEmpty = errors.New("it holds no record")

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
