package policy

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

func (p *Policy) checkMachine() []error {
	type problem struct {
		pos Pos
		err error
	}
	var found []problem
	known := launchers()
	for _, t := range p.Tools {
		note := func(pos Pos, err error) {
			if err != nil {
				found = append(found, problem{pos, fmt.Errorf("%s:%s: cannot run %s: %w", visible(p.Name), pos, t.Name, err)})
			}
		}
		prog, err := findProgram(t.Path)
		note(t.Pos, err)
		a, noUser := lookUp(t.User)
		if noUser == nil {
			noUser = a.check(t.User)
		}
		note(t.Pos, noUser)
		if err == nil && noUser == nil {
			note(t.Pos, a.mayRun(t, &prog))
		}
		if noUser == nil && t.ShareUID {
			note(t.Pos, a.shares(p.Session.UIDs, t.User))
		}
		noDir := checkDir(t.Dir)
		if noDir == nil && noUser == nil {
			noDir = a.mayEnter(t)
		}
		note(t.Pos, noDir)
		if len(t.Files) > lastFile-firstFile+1 {
			note(t.Pos, fmt.Errorf("it has more than %d files", lastFile-firstFile+1))
		}
		if t.Exec.Mode == ExecList {
			for _, name := range t.Exec.Paths {
				id, err := execFile(name, known)
				if err == nil && noUser == nil {
					err = a.mayStart(t, name, id)
				}
				note(t.Pos, err)
			}
		}
		for _, f := range t.Access.paths() {
			_, err := f.find()
			note(t.Access.at[f.path], err)
		}
		for _, name := range slices.Sorted(maps.Keys(t.Where)) {
			w := t.Where[name]
			if w.Kind != WherePath {
				continue
			}
			dir, err := resolveDir(w.Dir)
			if err != nil {
				note(w.Pos, fmt.Errorf("where.%s: %w", name, err))
				continue
			}
			dir.close()
		}
	}
	slices.SortStableFunc(found, func(a, b problem) int {
		return cmp.Or(a.pos.Line-b.pos.Line, a.pos.Col-b.pos.Col)
	})
	var errs []error
	for _, f := range found {
		errs = append(errs, f.err)
	}
	return errs
}

// How much of a directory is looked through for help and completion: somebody waits.
const (
	maxListed = 20_000
	maxDepth  = 40
)

func listFiles(w *Where, max int) []string {
	dir, err := resolveDir(w.Dir)
	if err != nil {
		return nil
	}
	defer dir.close()
	l := lister{where: w, top: dir.path, max: max, left: maxListed}
	l.list("", 0)
	return l.found
}

type lister struct {
	where     *Where
	top       string
	max, left int
	found     []string
}

// list goes through one directory. A link to a file is listed as any file; one to a directory isn't
// followed, or a loop of them would be listed for ever.
func (l *lister) list(dir string, depth int) {
	entries, err := os.ReadDir(path.Join(l.top, dir))
	if err != nil {
		return
	}
	key := func(e os.DirEntry) string {
		if e.IsDir() {
			return e.Name() + "/" // so that the whole names come out sorted
		}
		return e.Name()
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(key(a), key(b)) })
	for _, e := range entries {
		if l.left--; l.left < 0 || len(l.found) >= l.max {
			return
		}
		name := path.Join(dir, e.Name())
		if !utf8.ValidString(name) || strings.ContainsFunc(name, hidden) {
			continue // nobody could type it
		}
		if e.IsDir() {
			if depth < maxDepth {
				l.list(name, depth+1)
			}
			continue
		}
		if !l.where.takes(name, false) {
			continue
		}
		if p, err := fileBelow(l.where, name); err == nil {
			p.close()
			l.found = append(l.found, name)
		}
	}
}

// maxSecret bounds a secret's file, in bytes.
const maxSecret = 64 << 10

// readSecret reads a secret's file. Who else could read it has no need of opsh to hand it over.
func readSecret(name string) (string, error) {
	p, err := resolveFile(name)
	if err != nil {
		return "", err
	}
	defer p.close()
	if p.st.Mode&0o077 != 0 {
		return "", &fault{at: p.path, why: fmt.Sprintf("can be read by its group or by others (mode %04o)", p.st.Mode&0o7777)}
	}
	text, err := p.read(maxSecret)
	return strings.TrimSuffix(text, "\n"), err
}
