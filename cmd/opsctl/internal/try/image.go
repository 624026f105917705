package try

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"opsh/policy"
	"opsh/shell/line"
)

// Image is directories of this machine that stand for places of the image. The empty one knows no file. Owners and modes mean nothing here: nobody
// asks for them.
type Image struct{ mounts []mount } // the longest place first

// mount says that dir stands for place, an absolute and clean path.
type mount struct{ place, dir string }

// Mount adds DIR, which stands for the image's root, or PLACE=DIR, which stands for what the image has at PLACE.
func (i *Image) Mount(spec string) error {
	m := mount{place: "/", dir: spec}
	if place, dir, ok := strings.Cut(spec, "="); ok && strings.HasPrefix(place, "/") {
		m = mount{place: path.Clean(place), dir: dir}
	}
	if st, err := os.Stat(m.dir); err != nil {
		return fmt.Errorf("cannot use --root: %w", err)
	} else if !st.IsDir() {
		return fmt.Errorf("cannot use --root: %s is not a directory", m.dir)
	}
	i.mounts = append(i.mounts, m)
	slices.SortStableFunc(i.mounts, func(a, b mount) int { return len(b.place) - len(a.place) })
	return nil
}

// Empty says that no file is known.
func (i Image) Empty() bool { return len(i.mounts) == 0 }

// real is where this machine has a place of the image; known says that it could have it.
func (i Image) real(place string) (name string, known bool) {
	for _, m := range i.mounts {
		if rest, ok := inside(place, m.place); ok {
			return filepath.Join(m.dir, filepath.FromSlash(rest)), true
		}
	}
	return "", false
}

// mounted says that a directory stands for exactly this place.
func (i Image) mounted(place string) bool {
	return slices.ContainsFunc(i.mounts, func(m mount) bool { return m.place == place })
}

// inside is what is left of a path below dir, "" for dir itself.
func inside(place, dir string) (rest string, ok bool) {
	if place == dir {
		return "", true
	}
	return strings.CutPrefix(place, strings.TrimSuffix(dir, "/")+"/")
}

// maxLinks is the kernel's own bound.
const maxLinks = 40

var errLinks = errors.New("leads through too many links")

// resolve follows the links of a path as the container would: an absolute one leads to the image's root, and none out of the image. The
// information is nil where the image doesn't know the place.
func (i Image) resolve(place string) (string, fs.FileInfo, error) {
	at, todo, links := "/", strings.Split(place, "/"), 0
	var st fs.FileInfo
	for len(todo) > 0 {
		part := todo[0]
		todo = todo[1:]
		if part == "" || part == "." {
			continue
		}
		next := path.Join(at, part)
		name, known := i.real(next)
		if !known { // above a PLACE: the image has it, nothing else is known
			at, st = next, nil
			continue
		}
		look := os.Lstat
		if i.mounted(next) { // a link there is this machine's, not the image's
			look = os.Stat
		}
		var err error
		if st, err = look(name); err != nil {
			return "", nil, err
		}
		if st.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", nil, errLinks
		}
		target, err := os.Readlink(name)
		if err != nil {
			return "", nil, err
		}
		target = filepath.ToSlash(target)
		todo = append(strings.Split(target, "/"), todo...)
		if path.IsAbs(target) {
			at = "/"
		}
	}
	return at, st, nil
}

// unfit is why a file may not be named: a clause about the word, as Bind has it.
type unfit struct {
	why     string
	missing bool
}

func (u *unfit) Error() string { return u.why }

// below is the file that w admits at place, after links; "" where the image doesn't know. The error is unfit where another word would do.
func (i Image) below(w *policy.Where, place string) (string, error) {
	if _, known := i.real(w.Dir); !known {
		return "", nil
	}
	top, st, err := i.resolve(w.Dir)
	if err != nil || st != nil && !st.IsDir() {
		return "", fmt.Errorf("there is no directory %s under --root", w.Dir)
	}
	file, st, err := i.resolve(place)
	switch {
	case errors.Is(err, errLinks):
		return "", &unfit{why: err.Error()}
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("cannot look at the file under --root: %w", err)
	case err != nil:
		return "", &unfit{why: "no such file below " + w.Dir, missing: true}
	}
	rest, ok := inside(file, top)
	switch {
	case !ok || rest == "":
		return "", &unfit{why: "leads outside " + w.Dir}
	case st == nil:
		return "", nil
	case st.IsDir():
		return "", &unfit{why: "is a directory"}
	case !st.Mode().IsRegular():
		return "", &unfit{why: "is not a regular file"}
	case w.Ext != "" && (!strings.HasSuffix(file, w.Ext) || path.Base(file) == w.Ext):
		return "", &unfit{why: "leads to a file that doesn't end in " + w.Ext}
	}
	return file, nil
}

// maxWalked bounds what is looked at for a list of files.
const maxWalked = 10_000

// Files is the files of the image that may stand where w does, relative to its directory, sorted, at most most of them. known is false where
// the image doesn't know the directory.
func (i Image) Files(w *policy.Where, most int) (files []string, known bool) {
	dir, _ := i.real(w.Dir)
	if dir == "" {
		return nil, false
	}
	if top, _, err := i.resolve(w.Dir); err == nil {
		dir, _ = i.real(top)
	}
	walked := 0
	// What can't be read is left out: this is for help and completion.
	filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error { //nolint:errcheck // as above
		if walked++; walked > maxWalked || len(files) >= most {
			return fs.SkipAll
		}
		if err != nil || e.IsDir() {
			return nil
		}
		rest, err := filepath.Rel(dir, name)
		if err != nil {
			return nil
		}
		rest = filepath.ToSlash(rest)
		if strings.HasPrefix(line.QuoteWord(rest), "$'") || strings.HasPrefix(rest, "-") && !w.Dash {
			return nil // nobody could type it
		}
		if file, err := i.below(w, path.Join(w.Dir, rest)); err == nil && file != "" {
			files = append(files, rest)
		}
		return nil
	})
	slices.Sort(files)
	return files, true
}
