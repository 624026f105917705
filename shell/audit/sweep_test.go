package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSweep: only what is done and kept elsewhere goes: the old ones, and the oldest of those that are too many.
func TestSweep(t *testing.T) {
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	state := t.TempDir()
	dir := filepath.Join(state, "trail")
	must(t, os.Mkdir(dir, 0o700))
	write := func(name string, size int, days int) {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(strings.Repeat("x", size)), 0o600))
		must(t, os.Chtimes(path, now, now.AddDate(0, 0, -days)))
	}
	for _, s := range []struct {
		name string
		size int
		days int
	}{{"old", 10, 30}, {"old-here-only", 10, 29}, {"third", 400, 5}, {"second", 400, 4}, {"first", 400, 3}} {
		write(s.name+".jsonl", s.size, 0)
		write(s.name+".jsonl.acked", 1, 0)
		write(s.name+".jsonl.done", 0, s.days)
	}
	write("living.jsonl", 5000, 90)
	// A recording counts and goes with its trail.
	film := func(session string) string { return filepath.Join(state, session+".cast") }
	must(t, os.WriteFile(film("third"), make([]byte, 300), 0o600))
	must(t, os.WriteFile(film("first"), make([]byte, 100), 0o600))
	beside := func(session string) []string { return []string{film(session)} }
	elsewhere := func(path string) bool { return !strings.Contains(path, "here-only") }
	left := func() string {
		names, err := filepath.Glob(dir + "/*.jsonl")
		must(t, err)
		var all []string
		for _, n := range names {
			all = append(all, strings.TrimSuffix(filepath.Base(n), ".jsonl"))
		}
		return strings.Join(all, " ")
	}
	must(t, Sweep(state, now.AddDate(0, 0, -14), 1_000_000, elsewhere, beside))
	if got := left(); got != "first living old-here-only second third" {
		t.Error(got)
	}
	must(t, Sweep(state, now.AddDate(0, 0, -14), 1300, elsewhere, beside))
	if got := left(); got != "first living old-here-only second" {
		t.Error(got)
	}
	must(t, Sweep(state, now.AddDate(0, 0, -14), 0, func(string) bool { return false }, beside))
	if got := left(); got != "first living old-here-only second" {
		t.Error(got)
	}
	if rest, err := filepath.Glob(dir + "/third*"); err != nil || len(rest) != 0 {
		t.Errorf("%v %q", err, rest)
	}
	if films, err := filepath.Glob(state + "/*.cast"); err != nil || len(films) != 1 || films[0] != film("first") {
		t.Errorf("%v %q", err, films)
	}
	if err := Sweep(t.TempDir(), now, 0, elsewhere, beside); err == nil {
		t.Error("no directory, no error")
	}
}
