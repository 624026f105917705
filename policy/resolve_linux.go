package policy

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// maxLinks is the kernel's own bound: links that lead to each other end there.
const maxLinks = 40

// node is what a path led to, opened for looking at it only (O_PATH).
type node struct {
	fd   int
	path string // absolute, without links
	st   unix.Stat_t
}

func (p *node) close() { _ = unix.Close(p.fd) }

// fault says which file ended a walk, and why.
type fault struct {
	at  string
	err error  // the kernel's answer, nil where the file is there and not as it must be
	why string // then the reason, a clause to stand behind at
}

func (f *fault) Error() string {
	if f.err != nil {
		return visible(f.at) + ": " + f.err.Error()
	}
	return visible(f.at) + " " + f.why
}

func (f *fault) Unwrap() error { return f.err }

// resolve walks to a file from / with one openat for each name. The kernel never follows a link for us:
// we read it and walk where it leads, so that every directory on the way, a link's among them, is known
// to belong to root and to be writable by root only. What is found is not asked that; see trusted.
// plain: a link is a fault.
func resolve(name string, plain bool) (node, error) {
	root, err := rootNode()
	if err != nil {
		return node{}, err
	}
	return root.walk(name, plain)
}

func rootNode() (node, error) {
	fd, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return node{}, &fault{at: "/", err: err}
	}
	return look(fd, "/")
}

// look takes fd over.
func look(fd int, at string) (node, error) {
	p := node{fd: fd, path: at}
	if err := unix.Fstat(fd, &p.st); err != nil {
		p.close()
		return node{}, &fault{at: at, err: err}
	}
	return p, nil
}

// walk goes on from a node, which it closes.
func (p node) walk(name string, plain bool) (node, error) {
	todo := strings.Split(name, "/")
	for links := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		// Also for an empty part: "file/" is no file.
		if err := trusted(p.path, &p.st, unix.S_IFDIR); err != nil {
			p.close()
			return node{}, err
		}
		if part == "" || part == "." {
			continue
		}
		at := path.Join(p.path, part) // for "..", the directory above: p.path has no links
		fd, err := unix.Openat(p.fd, part, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			p.close()
			return node{}, &fault{at: at, err: err}
		}
		next, err := look(fd, at)
		if err != nil {
			p.close()
			return node{}, err
		}
		if next.st.Mode&unix.S_IFMT != unix.S_IFLNK || plain {
			p.close()
			p = next
			continue
		}
		target, err := next.target()
		next.close()
		if links++; err == nil && links > maxLinks {
			err = unix.ELOOP
		}
		if err != nil {
			p.close()
			return node{}, &fault{at: at, err: err}
		}
		todo = append(strings.Split(target, "/"), todo...)
		if target[0] == '/' {
			p.close()
			if p, err = rootNode(); err != nil {
				return node{}, err
			}
		}
	}
	return p, nil
}

// target is where a link leads.
func (p *node) target() (string, error) {
	buf := make([]byte, maxPath+1)
	n, err := unix.Readlinkat(p.fd, "", buf)
	switch {
	case err != nil:
		return "", err
	case n == 0:
		return "", unix.ENOENT
	case n == len(buf):
		return "", unix.ENAMETOOLONG
	}
	return string(buf[:n]), nil
}

// errChanged: somebody with root's rights replaces files while a command is checked.
var errChanged = errors.New("changed while it was looked at")

// open opens a regular file for reading. It was looked at before, because opening a device or a pipe does
// something to it; so it is opened by name, and must be the same file.
func (p *node) open() (*os.File, error) {
	fd, err := unix.Open(p.path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP), errors.Is(err, unix.ENXIO):
		return nil, &fault{at: p.path, err: errChanged} // it was a regular file a moment ago
	case err != nil:
		return nil, &fault{at: p.path, err: err}
	}
	f := os.NewFile(uintptr(fd), p.path)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Dev != p.st.Dev || st.Ino != p.st.Ino {
		_ = f.Close()
		return nil, &fault{at: p.path, err: errChanged}
	}
	return f, nil
}

// trusted says what is wrong with a file that only root may have a hand in, nil where nothing is. Where
// there is a POSIX access list that lets somebody else write, the group's write bit, which is then the
// list's mask, shows it.
func trusted(at string, st *unix.Stat_t, kind uint32) error {
	switch got := st.Mode & unix.S_IFMT; {
	case got == unix.S_IFLNK:
		return &fault{at: at, why: "is a symbolic link; name the real path"}
	case got != kind && kind == unix.S_IFDIR:
		return &fault{at: at, why: "is not a directory"}
	case got == unix.S_IFDIR && kind == unix.S_IFREG:
		return &fault{at: at, why: "is a directory, not a file"}
	case got != kind:
		return &fault{at: at, why: "is not a regular file"}
	case st.Uid != 0:
		return &fault{at: at, why: fmt.Sprintf("belongs to uid %d, not to root", st.Uid)}
	case st.Mode&0o022 != 0:
		// A sticky directory too: others can't replace a file in it, but they can put one there first.
		return &fault{at: at, why: fmt.Sprintf("can be written by its group or by others (mode %04o)", st.Mode&0o7777)}
	}
	return nil
}

// resolveFile is a regular file that only root can change, after links.
func resolveFile(name string) (node, error) {
	p, err := resolve(name, false)
	if err != nil {
		return node{}, err
	}
	if err := trusted(p.path, &p.st, unix.S_IFREG); err != nil {
		p.close()
		return node{}, err
	}
	return p, nil
}

// resolveDir is a directory that only root can change, after links.
func resolveDir(name string) (node, error) {
	p, err := resolve(name, false)
	if err != nil {
		return node{}, err
	}
	if err := trusted(p.path, &p.st, unix.S_IFDIR); err != nil {
		p.close()
		return node{}, err
	}
	return p, nil
}

func (p *node) id() FileID { return FileID{Path: p.path, Dev: p.st.Dev, Ino: p.st.Ino} }
