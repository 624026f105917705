//go:build linux

package audit

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Sweep removes trails that are done: those closed before a time, and of the others the oldest, until all together have no more than most bytes. It asks of
// each whether it is kept elsewhere; one that isn't stays, however old and large. beside names the files that belong to a trail: they count, and go with it.
func Sweep(stateDir string, before time.Time, most int64, elsewhere func(path string) bool, beside func(session string) []string) error {
	dir := filepath.Join(stateDir, "trail")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("cannot look for trails: %w", err)
	}
	type trail struct {
		path   string
		beside []string
		done   time.Time
		size   int64
	}
	var all []trail
	var total int64
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), doneSuffix)
		if !ok {
			continue
		}
		t := trail{path: filepath.Join(dir, name), beside: beside(strings.TrimSuffix(name, ".jsonl"))}
		if mark, err := e.Info(); err == nil {
			t.done = mark.ModTime()
		}
		st, err := os.Lstat(t.path)
		if err != nil || !st.Mode().IsRegular() {
			continue
		}
		t.size = st.Size()
		for _, name := range t.beside {
			if st, err := os.Lstat(name); err == nil {
				t.size += st.Size()
			}
		}
		total += t.size
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b trail) int { return cmp.Or(a.done.Compare(b.done), cmp.Compare(a.path, b.path)) })
	var problems []error
	for _, t := range all {
		if !t.done.Before(before) && total <= most {
			break
		}
		if !elsewhere(t.path) {
			continue
		}
		// The mark goes last: a trail without one would be taken for one that was left open.
		for _, name := range append(t.beside, t.path, t.path+".acked", t.path+doneSuffix) {
			if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
				problems = append(problems, fmt.Errorf("cannot remove an old trail: %w", err))
			}
		}
		total -= t.size
	}
	return errors.Join(problems...)
}
