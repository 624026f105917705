//go:build linux

package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// clock is a clock that tests set.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newTrail(t *testing.T) (*Trail, *clock, string) {
	t.Helper()
	c := &clock{time.Date(2026, 11, 23, 18, 2, 11, 4_900_000, time.FixedZone("JST", 9*3600))}
	dir := t.TempDir()
	trail, err := Create(dir, "ecs-execute-command-0a1b2c", c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { trail.Close() })
	return trail, c, dir
}

func mustAppend(t *testing.T, trail *Trail, r Record) Record {
	t.Helper()
	got, err := trail.Append(r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func stored(t *testing.T, trail *Trail) [][]byte {
	t.Helper()
	b, err := os.ReadFile(trail.Path())
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(b, []byte("\n"))
	if len(lines[len(lines)-1]) != 0 {
		t.Fatalf("the trail does not end in a line feed: %q", lines[len(lines)-1])
	}
	return lines[:len(lines)-1]
}

func TestRecordsAreChainedAndSigned(t *testing.T) {
	trail, c, _ := newTrail(t)
	mustAppend(t, trail, Record{Event: Begin, Policy: "p", Reason: "障害対応 <&>"})
	c.t = c.t.Add(time.Second)
	mustAppend(t, trail, Record{Event: Run, Command: 1, Line: "mysql -e 'SELECT 1'", Words: []string{"mysql", "-e", "SELECT\n1\t\u007f\""}})
	zero := 0
	mustAppend(t, trail, Record{Event: Exit, Command: 1, Status: &zero, Category: CategoryExit})
	mustAppend(t, trail, Record{Event: End, Status: &zero, Category: CategoryExit})

	prev, key := zeros, ""
	for i, l := range stored(t, trail) {
		r, err := Parse(l)
		if err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		if i == 0 {
			key = r.Key
		}
		if r.Seq != i || r.Prev != prev || !r.Signed(key) || r.Session != "ecs-execute-command-0a1b2c" {
			t.Errorf("record %d: seq %d, prev %s, signed %v", i, r.Seq, r.Prev, r.Signed(key))
		}
		prev = r.Hash
	}
	first, _ := Parse(stored(t, trail)[0])
	if first.Time != "2026-11-23T09:02:11.004Z" || first.Reason != "障害対応 <&>" {
		t.Errorf("first record: time %s, reason %q", first.Time, first.Reason)
	}
	if _, err := trail.Append(Record{Event: Run}); err == nil {
		t.Error("a record was appended behind the end")
	}
}

// TestEveryByteCounts changes each byte of each record: none may go unnoticed.
func TestEveryByteCounts(t *testing.T) {
	trail, _, _ := newTrail(t)
	first := mustAppend(t, trail, Record{Event: Begin})
	mustAppend(t, trail, Record{Event: Run, Command: 1, Line: "mysql", Words: []string{"mysql"}})
	for n, l := range stored(t, trail) {
		for i := range l {
			for _, x := range []byte{1, 0x20, 0x80} {
				changed := bytes.Clone(l)
				changed[i] ^= x
				r, err := Parse(changed)
				if err == nil && r.Signed(first.Key) {
					t.Fatalf("record %d, byte %d: %q to %q was not noticed", n, i, l[i], changed[i])
				}
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	trail, _, _ := newTrail(t)
	mustAppend(t, trail, Record{Event: Begin})
	whole := string(stored(t, trail)[0])
	for name, l := range map[string]string{
		"nothing":      "",
		"a tail alone": whole[len(whole)-tailLength:],
		"cut":          whole[:len(whole)-1],
		"blank behind": whole + " ",
		"not an end":   strings.Repeat("x", 400),
	} {
		if _, err := Parse([]byte(l)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		harm func(t *testing.T, path string)
		want string
	}{
		"a removed file": {func(t *testing.T, p string) { must(t, os.Remove(p)) }, "it was removed"},
		"a replaced file": {func(t *testing.T, p string) {
			b, _ := os.ReadFile(p)
			must(t, os.Remove(p))
			must(t, os.WriteFile(p, b, 0o600))
		}, "it was replaced"},
		"a shortened file": {func(t *testing.T, p string) { must(t, os.Truncate(p, 10)) }, "it has 10 bytes"},
		"a file somebody wrote to": {func(t *testing.T, p string) {
			f, err := os.OpenFile(p, os.O_APPEND|os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteString("{}\n")
			must(t, errors.Join(err, f.Close()))
		}, "bytes where"},
	} {
		t.Run(name, func(t *testing.T) {
			trail, _, _ := newTrail(t)
			mustAppend(t, trail, Record{Event: Begin})
			test.harm(t, trail.Path())
			if _, err := trail.Append(Record{Event: Run}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
	t.Run("a first record that isn't begin", func(t *testing.T) {
		trail, _, _ := newTrail(t)
		if _, err := trail.Append(Record{Event: Run}); err == nil {
			t.Error("accepted")
		}
	})
	t.Run("a second begin", func(t *testing.T) {
		trail, _, _ := newTrail(t)
		mustAppend(t, trail, Record{Event: Begin})
		if _, err := trail.Append(Record{Event: Begin}); err == nil {
			t.Error("accepted")
		}
	})
	t.Run("a poison record", func(t *testing.T) {
		trail, _, _ := newTrail(t)
		mustAppend(t, trail, Record{Event: Begin})
		if _, err := trail.Append(Record{Event: Refused, Line: strings.Repeat("\x01", 1<<20)}); err == nil {
			t.Error("accepted")
		}
		mustAppend(t, trail, Record{Event: Run})
	})
}

// TestFullDisk fills a real file system: what doesn't fit leaves no trace, and the trail goes on when there is room again.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	must(t, unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m,mode=0700"))
	t.Cleanup(func() { must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	trail, err := Create(dir, "s", time.Now)
	must(t, err)
	t.Cleanup(func() { trail.Close() })
	mustAppend(t, trail, Record{Event: Begin})
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	_, err = trail.Append(Record{Event: Run, Line: strings.Repeat("x", 8<<10)})
	if !errors.Is(err, syscall.ENOSPC) || Failed(err) == "" {
		t.Fatalf("got %v, want no space and a hint", err)
	}
	must(t, os.Remove(ballast))
	if r := mustAppend(t, trail, Record{Event: Run, Command: 1}); !strings.Contains(r.Trouble, "no space left") || r.Missing != 1 {
		t.Errorf("the next record doesn't say what happened: %+v", r)
	}
	if r := mustAppend(t, trail, Record{Event: Running, Command: 1}); r.Trouble != "" || r.Missing != 0 {
		t.Errorf("the one after it does: %+v", r)
	}
	if lines := stored(t, trail); len(lines) != 3 {
		t.Fatalf("%d records, want 3", len(lines))
	} else if _, err := Parse(lines[1]); err != nil {
		t.Error(err)
	}
}

// TestEndHasRoom: a command that fills the disk still has its end recorded, and a few hundred of its denied calls.
func TestEndHasRoom(t *testing.T) {
	dir := t.TempDir()
	must(t, unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m,mode=0700"))
	t.Cleanup(func() { must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	trail, err := Create(dir, "s", time.Now)
	must(t, err)
	t.Cleanup(func() { trail.Close() })
	mustAppend(t, trail, Record{Event: Begin})
	mustAppend(t, trail, Record{Event: Run, Command: 1})
	fill(t, filepath.Join(dir, "ballast"))
	for range 200 {
		mustAppend(t, trail, Record{Event: Denied, Command: 1, Path: strings.Repeat("x", 1200)})
	}
	mustAppend(t, trail, Record{Event: Exit, Command: 1, Left: []string{strings.Repeat("x", 1000)}})
	if _, err := trail.Append(Record{Event: Run, Command: 2}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a command was recorded whose end may find no room: %v", err)
	}
	if r := mustAppend(t, trail, Record{Event: End}); r.Missing != 1 {
		t.Errorf("got %+v", r)
	}
}

// fill writes into a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 1024))
	}
	must(t, f.Close())
}

func TestClockBackwards(t *testing.T) {
	trail, c, _ := newTrail(t)
	first := mustAppend(t, trail, Record{Event: Begin})
	c.t = c.t.Add(-time.Hour)
	second := mustAppend(t, trail, Record{Event: Run})
	if second.Time != first.Time || second.Clock != "2026-11-23T08:02:11.004Z" {
		t.Errorf("time %s, clock %q", second.Time, second.Clock)
	}
}

func TestCreateRefuses(t *testing.T) {
	trail, _, dir := newTrail(t)
	if _, err := Create(dir, trail.Session(), time.Now); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second trail of one session: %v", err)
	}
	for _, id := range []string{"", ".", "../x", "a/b", "-x", strings.Repeat("a", 129), "a\n"} {
		if _, err := Create(dir, id, time.Now); err == nil {
			t.Errorf("session id %q was accepted", id)
		}
	}
	must(t, os.Chmod(filepath.Join(dir, "trail"), 0o777))
	if _, err := Create(dir, "other", time.Now); err == nil || !strings.Contains(err.Error(), "others may write") {
		t.Errorf("a directory that everybody may write to: %v", err)
	}
	must(t, os.Chmod(filepath.Join(dir, "trail"), 0o700))
	must(t, os.Chown(filepath.Join(dir, "trail"), 64999, 0))
	if _, err := Create(dir, "other", time.Now); err == nil || !strings.Contains(err.Error(), "uid 64999") {
		t.Errorf("a directory of somebody else's: %v", err)
	}
	elsewhere := t.TempDir()
	must(t, os.Symlink(dir, filepath.Join(elsewhere, "trail")))
	if _, err := Create(elsewhere, "other", time.Now); err == nil {
		t.Error("a symbolic link as directory was accepted")
	}
}

// TestBoundHolds: the largest command that line.Split lets through must fit a record, whatever JSON makes of it.
func TestBoundHolds(t *testing.T) {
	trail, _, _ := newTrail(t)
	mustAppend(t, trail, Record{Event: Begin})
	for _, worst := range []string{"\"", "\\", "\n", "'", "\U0010ffff"} {
		word := strings.Repeat(worst, (64<<10)/len(worst))
		shown := strings.ReplaceAll(word, worst, worst+worst+worst+worst)[:128<<10]
		r := mustAppend(t, trail, Record{Event: Run, Words: []string{word}, Argv: []string{word}, Line: shown})
		if b, _ := json.Marshal(r); len(b) > MaxRecord {
			t.Errorf("%q: %d bytes", worst, len(b))
		}
	}
}
