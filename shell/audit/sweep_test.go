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
	must(t, Sweep(state, now.AddDate(0, 0, -14), 1_000_000, elsewhere))
	if got := left(); got != "first living old-here-only second third" {
		t.Error(got)
	}
	must(t, Sweep(state, now.AddDate(0, 0, -14), 900, elsewhere))
	if got := left(); got != "first living old-here-only second" {
		t.Error(got)
	}
	must(t, Sweep(state, now.AddDate(0, 0, -14), 0, func(string) bool { return false }))
	if got := left(); got != "first living old-here-only second" {
		t.Error(got)
	}
	if rest, err := filepath.Glob(dir + "/third*"); err != nil || len(rest) != 0 {
		t.Errorf("%v %q", err, rest)
	}
	if err := Sweep(t.TempDir(), now, 0, elsewhere); err == nil {
		t.Error("no directory, no error")
	}
}
