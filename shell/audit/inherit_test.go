//go:build linux

package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestInherit goes on with a trail after its writer died at any byte of a record.
func TestInherit(t *testing.T) {
	trail, c, _ := newTrail(t)
	mustAppend(t, trail, Record{Event: Begin})
	two := mustAppend(t, trail, Record{Event: Run, Command: 1, Line: "mysql"})
	mustAppend(t, trail, Record{Event: Exit, Command: 1})
	content, err := os.ReadFile(trail.Path())
	must(t, err)
	_, seed := trail.Heir()
	third := bytes.LastIndexByte(content[:len(content)-1], '\n') + 1
	for cut := third; cut < len(content); cut++ {
		path := filepath.Join(t.TempDir(), fmt.Sprint(cut))
		must(t, os.WriteFile(path, content[:cut], 0o600))
		f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
		must(t, err)
		heir, err := Inherit(f, path, seed, c.now)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		end := mustAppend(t, heir, Record{Event: End, Category: CategoryBroken})
		if end.Seq != 2 || end.Prev != two.Hash || !heir.Ended() {
			t.Fatalf("cut at %d: seq %d, prev %s", cut, end.Seq, end.Prev)
		}
		heir.Close()
	}
	empty := filepath.Join(t.TempDir(), "empty")
	must(t, os.WriteFile(empty, []byte(`{"session":`), 0o600))
	f, err := os.OpenFile(empty, os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	if _, err := Inherit(f, empty, seed, c.now); !errors.Is(err, ErrEmpty) {
		t.Errorf("a trail without a record: %v", err)
	}
}

// orphaned is a trail that lost its writer at some byte.
func orphaned(t *testing.T, content []byte) (stateDir, path string) {
	t.Helper()
	stateDir = t.TempDir()
	must(t, os.Mkdir(filepath.Join(stateDir, "trail"), 0o700))
	path = filepath.Join(stateDir, "trail", "s.jsonl")
	must(t, os.WriteFile(path, content, 0o600))
	return stateDir, path
}

// TestOrphans: a trail is closed whatever instant its writer died at, once, and by a record that says by whom.
func TestOrphans(t *testing.T) {
	trail, c, _ := newTrail(t)
	mustAppend(t, trail, Record{Event: Begin})
	mustAppend(t, trail, Record{Event: Run, Command: 1, Line: strings.Repeat("x", 20_000)})
	mustAppend(t, trail, Record{Event: Exit, Command: 1})
	content, err := os.ReadFile(trail.Path())
	must(t, err)
	firstEnds := bytes.IndexByte(content, '\n') + 1
	for _, cut := range []int{0, 1, firstEnds - 1, firstEnds, firstEnds + 1, firstEnds + 9000, len(content) - 1, len(content)} {
		stateDir, path := orphaned(t, content[:cut])
		var size int64
		look := func() error {
			return Orphans(stateDir, func(o *Orphan) (err error) {
				size, err = o.Close("heir", Record{Category: CategoryBroken}, c.now)
				return err
			})
		}
		must(t, look())
		must(t, look()) // a second end would be refused by what follows
		after, err := os.ReadFile(path)
		must(t, err)
		if cut < firstEnds {
			if size != 0 {
				t.Errorf("cut at %d: %d bytes", cut, size)
			}
			if !bytes.Equal(after, content[:cut]) {
				t.Errorf("cut at %d: a trail without a record was changed", cut)
			}
			continue
		}
		kept := bytes.LastIndexByte(content[:cut], '\n') + 1
		if size != int64(len(after)) {
			t.Errorf("cut at %d: %d bytes, want %d", cut, size, len(after))
		}
		if !bytes.HasPrefix(after, content[:kept]) || bytes.Count(after, []byte("\n")) != bytes.Count(content[:kept], []byte("\n"))+1 {
			t.Fatalf("cut at %d: %q", cut, after)
		}
		end, err := Parse(after[kept : len(after)-1])
		must(t, err)
		if end.Event != End || end.Closer != "heir" || !end.Signed(end.Key) || end.Key == trail.public() {
			t.Errorf("cut at %d: %+v", cut, end)
		}
	}
}

// TestLivingTrailsAreLeftAlone: the lock says who lives, and a mark what is done.
func TestLivingTrailsAreLeftAlone(t *testing.T) {
	trail, _, dir := newTrail(t)
	mustAppend(t, trail, Record{Event: Begin})
	count := func() (n int) {
		must(t, Orphans(dir, func(*Orphan) error { n++; return nil }))
		return n
	}
	if n := count(); n != 0 {
		t.Errorf("%d orphans while the session lives", n)
	}
	must(t, trail.Close())
	if n := count(); n != 1 {
		t.Errorf("%d orphans, want 1", n)
	}
	must(t, Done(trail.Path()))
	if n := count(); n != 0 {
		t.Errorf("%d orphans that are done", n)
	}
	bad, path := orphaned(t, []byte("nonsense\n"))
	must(t, os.Symlink("/etc/passwd", filepath.Join(filepath.Dir(path), "link.jsonl")))
	n := 0
	err := Orphans(bad, func(o *Orphan) error {
		n++
		_, err := o.Close("heir", Record{}, time.Now)
		return err
	})
	if after, _ := os.ReadFile(path); err == nil || n != 1 || string(after) != "nonsense\n" {
		t.Errorf("%d, %v: a trail that can't be read was changed to %q", n, err, after)
	}
}

// TestTwoAtOnce: sessions that start while others look for orphans neither disturb one another nor are closed.
func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			trail, err := Create(dir, fmt.Sprint("s", i), time.Now)
			if err != nil {
				t.Error(err)
				return
			}
			defer trail.Close()
			for n := range 20 {
				event := Run
				if n == 0 {
					event = Begin
				}
				if _, err := trail.Append(Record{Event: event}); err != nil {
					t.Error(err)
				}
				err := Orphans(dir, func(o *Orphan) error {
					_, err := o.Close("other", Record{}, time.Now)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
			if _, err := trail.Append(Record{Event: End}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range 20 {
		content, err := os.ReadFile(filepath.Join(dir, "trail", fmt.Sprintf("s%d.jsonl", i)))
		must(t, err)
		if n := bytes.Count(content, []byte("\n")); n != 21 || bytes.Contains(content, []byte(`"closer"`)) {
			t.Errorf("session %d: %d records", i, n)
		}
	}
}
