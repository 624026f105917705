package policy

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// nameFile is the path that a word names. The file's content, as it is now, goes into the Grant's hashes.
func (b *binder) nameFile(w *Where, word string) (string, error) {
	p, err := fileBelow(w, word)
	if err != nil {
		return "", err
	}
	defer p.close()
	if err := b.paths(len(p.path)); err != nil {
		return "", err
	}
	if before, ok := b.named[p.path]; ok && unchanged(&before, &p.st) {
		return p.path, nil // FILE... may name one file thousands of times
	}
	if err := b.content(&p); err != nil {
		return "", err
	}
	hash, err := hashFile(&p, io.Discard)
	if err != nil {
		return "", unread(err)
	}
	b.named[p.path] = p.st
	if b.tool.Access != nil {
		b.read(p.id())
	}
	return p.path, b.hashed(hash)
}

// maxPaths bounds what a command's words become when each stands for a path, in bytes. A line of 64 KiB
// can name a file 32,000 times: without a bound the command has a record too large to be kept, and an
// attempt that leaves no record is worse than a refusal.
const maxPaths = 256 << 10

// hashRoom is what a record needs for a hash beside its path.
const hashRoom = 100

func (b *binder) paths(n int) error {
	if b.pathBytes += n; b.pathBytes > maxPaths {
		return &unfit{why: fmt.Sprintf("is one file too many: the paths make more than %d bytes", maxPaths)}
	}
	return nil
}

func (b *binder) hashed(h FileHash) error {
	if slices.Contains(b.grant.hashes, h) {
		return nil
	}
	if err := b.paths(len(h.Path) + hashRoom); err != nil {
		return err
	}
	b.grant.hashes = append(b.grant.hashes, h)
	return nil
}

// content: nobody can interrupt a Bind, so all of a command's files together are bounded as one alone is.
func (b *binder) content(p *node) error {
	if b.contentBytes > 0 && b.contentBytes+p.st.Size > maxContentFile {
		return &unfit{why: fmt.Sprintf("makes more than %d bytes with the files before it", maxContentFile)}
	}
	b.contentBytes += p.st.Size
	return nil
}

// input copies the file behind < and hands the copy over: the tool reads what was hashed.
func (b *binder) input(w *Where, word string) error {
	if w.Kind != WherePath {
		return fmt.Errorf("where.%s doesn't name files", w.Name)
	}
	p, err := fileBelow(w, word)
	if err != nil {
		return err
	}
	defer p.close()
	if err := b.content(&p); err != nil {
		return err
	}
	var hash FileHash
	b.grant.stdin, err = seal("input", b.grant.identity.UID, func(to io.Writer) (err error) {
		hash, err = hashFile(&p, to)
		return err
	})
	if err != nil {
		return unread(err)
	}
	return b.hashed(hash)
}

// unfit is why a file may not be used: a clause about the word that named it.
type unfit struct {
	why     string
	missing bool // there is no such file
}

func (u *unfit) Error() string { return u.why }

// blame makes a refusal of an unfit file.
func (b *binder) blame(err error, m *Match, f Fill) error {
	u := (*unfit)(nil)
	if !errors.As(err, &u) {
		return err
	}
	var there []string
	if u.missing {
		there = ListFiles(f.Where, ComparedFiles)
	}
	return b.policy.RefuseFile(m, f, u.why, there)
}

// unread tells a file that another command can avoid from a machine that can't read.
func unread(err error) error {
	switch {
	case errors.Is(err, errChanged):
		return &unfit{why: errChanged.Error()}
	case errors.Is(err, errTooLarge):
		return &unfit{why: errTooLarge.Error()}
	}
	return err
}

// fileBelow is the file that a word names: regular, below the placeholder's directory when all links are
// followed, and nobody's but root's to change all the way. The error is unfit where another word would do.
func fileBelow(w *Where, word string) (_ node, err error) {
	dir, err := resolveDir(w.Dir)
	if err != nil {
		return node{}, fmt.Errorf("where.%s: %w", w.Name, err)
	}
	top := dir.path
	if path.IsAbs(word) {
		// Decide saw that it lies below by its letters and has no "..", so cleaning it changes nothing else.
		word = path.Clean(word)
		if hasDotDot(word) || !below(word, w.Dir) {
			dir.close()
			return node{}, &unfit{why: "lies outside " + graphic(w.Dir)}
		}
		word = word[len(w.Dir)+1:]
	}
	p, err := dir.walk(word, false)
	if err != nil {
		return node{}, w.unfit(err, top)
	}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	switch kind := p.st.Mode & unix.S_IFMT; {
	case !below(p.path, top):
		return node{}, &unfit{why: "leads outside " + graphic(w.Dir)}
	case kind == unix.S_IFDIR:
		return node{}, &unfit{why: "is a directory"}
	case kind != unix.S_IFREG:
		return node{}, &unfit{why: "is not a regular file"}
	case w.Ext != "" && (!strings.HasSuffix(p.path, w.Ext) || path.Base(p.path) == w.Ext):
		return node{}, &unfit{why: "leads to a file that doesn't end in " + graphic(w.Ext)}
	}
	if err := trusted(p.path, &p.st, unix.S_IFREG); err != nil {
		return node{}, w.unfit(err, top)
	}
	return p, nil
}

// unfit puts a walk's fault into words that say nothing of what lies outside the directory.
func (w *Where) unfit(err error, top string) error {
	f := (*fault)(nil)
	if !errors.As(err, &f) {
		return err
	}
	switch {
	case f.err == nil && (f.at == top || below(f.at, top)):
		return &unfit{why: f.Error()}
	case f.err == nil:
		return &unfit{why: "leads outside " + graphic(w.Dir)}
	case errors.Is(f.err, unix.ENOENT), errors.Is(f.err, unix.ENOTDIR), errors.Is(f.err, unix.ENAMETOOLONG):
		return &unfit{why: "no such file below " + graphic(w.Dir), missing: true}
	case errors.Is(f.err, unix.ELOOP):
		return &unfit{why: "leads through too many links"}
	}
	return err
}

// sealText makes a file of a text that only uid can read.
func sealText(name, text string, uid uint32) (*os.File, error) {
	return seal(name, uid, func(to io.Writer) error {
		_, err := io.WriteString(to, text)
		return err
	})
}

// seal makes a file in memory that nobody can change any more, not even its owner, and that nobody but uid
// can open. It is a file, not a pipe: some programs want to seek. It returns a descriptor that can only
// be read, at the beginning.
func seal(name string, uid uint32, fill func(io.Writer) error) (_ *os.File, err error) {
	fd, err := unix.MemfdCreate("opsh-"+name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3
		fd, err = unix.MemfdCreate("opsh-"+name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot make a file in memory: %w", err)
	}
	w := os.NewFile(uintptr(fd), name)
	defer func() { _ = w.Close() }()
	if err := fill(w); err != nil {
		return nil, err
	}
	// Before its mode forbids it.
	r, err := os.Open("/proc/self/fd/" + strconv.Itoa(fd))
	if err != nil {
		return nil, fmt.Errorf("cannot open a file in memory: %w", err)
	}
	defer func() {
		if err != nil {
			_ = r.Close()
		}
	}()
	if err := unix.Fchmod(fd, 0o400); err != nil {
		return nil, fmt.Errorf("cannot protect a file in memory: %w", err)
	}
	if err := unix.Fchown(fd, int(uid), -1); err != nil {
		return nil, fmt.Errorf("cannot protect a file in memory: %w", err)
	}
	const seals = unix.F_SEAL_SEAL | unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return nil, fmt.Errorf("cannot seal a file in memory: %w", err)
	}
	return r, nil
}
