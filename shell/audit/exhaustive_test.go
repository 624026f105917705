package audit

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"
)

// What somebody who can write to a trail may try is tried here in every way that one change allows.

// at is a verifier that has taken the lines so far; each change is tried on a copy of its own.
func at(lines [][]byte) *Verifier {
	v := NewVerifier(Options{})
	for _, l := range lines {
		v.Line(l)
	}
	return v
}

func (v *Verifier) clone() *Verifier {
	c := *v
	c.recent, c.ahead = slices.Clone(v.recent), maps.Clone(v.ahead)
	return &c
}

// TestEveryByte changes each byte of each record to each other value. What stands before the change is verified once; behind it nothing
// is needed to see it.
func TestEveryByte(t *testing.T) {
	lines := sample(t, "s").lines
	for n, l := range lines {
		before := at(lines[:n])
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			changed := bytes.Clone(l)
			for i, was := range l {
				for b := range 256 {
					if byte(b) == was || b == '\n' {
						continue // a line feed makes two lines of it: TestEveryLineFeed
					}
					changed[i] = byte(b)
					v := before.clone()
					if v.Line(changed); len(v.verdict.Problems) == 0 {
						t.Fatalf("record %d, byte %d: %q to %q is not noticed", n, i, was, byte(b))
					}
				}
				changed[i] = was
			}
		})
	}
}

// TestEveryByteOfTheWhole changes each byte of the text in one way, and reads all of it.
func TestEveryByteOfTheWhole(t *testing.T) {
	text := sample(t, "s").text()
	for i := range text {
		changed := bytes.Clone(text)
		changed[i] ^= 1
		if d := verify(t, changed, Options{}); d.State == Whole || d.State == Open && i != len(text)-1 {
			t.Fatalf("byte %d of %d: %s", i, len(text), d.State)
		}
	}
}

// TestEveryLineFeed puts a line feed in the place of each byte and before each, and takes each away or changes it.
func TestEveryLineFeed(t *testing.T) {
	text := sample(t, "s").text()
	for i, was := range text {
		tries := [][]byte{slices.Insert(bytes.Clone(text), i, '\n')}
		if was == '\n' {
			tries = append(tries, slices.Delete(bytes.Clone(text), i, i+1), slices.Insert(bytes.Clone(text), i, '\r'))
			for b := range 256 {
				if b != '\n' {
					changed := bytes.Clone(text)
					changed[i] = byte(b)
					tries = append(tries, changed)
				}
			}
		} else {
			changed := bytes.Clone(text)
			changed[i] = '\n'
			tries = append(tries, changed)
		}
		for n, changed := range tries {
			if d := verify(t, changed, Options{}); d.State == Whole {
				t.Fatalf("byte %d, try %d: whole", i, n)
			}
		}
	}
}

// TestEveryTruncation cuts at each byte. Only behind a record nothing is wrong with what is left, but it isn't whole either.
func TestEveryTruncation(t *testing.T) {
	text := sample(t, "s").text()
	opened := 0
	for n := range text {
		d := verify(t, text[:n], Options{})
		behind := n > 0 && text[n-1] == '\n'
		switch {
		case d.State == Whole:
			t.Fatalf("cut at %d of %d: whole", n, len(text))
		case behind && (d.State != Open || d.Unfinished != 0):
			t.Fatalf("cut behind a record at %d: %+v", n, d)
		case !behind && n > 0 && d.Unfinished == 0:
			t.Fatalf("cut in a record at %d: %+v", n, d)
		case !behind && d.Records == 0 && d.State != Broken:
			t.Fatalf("cut in the first record at %d: %+v", n, d)
		}
		if behind {
			opened++
		}
	}
	if opened != 8 {
		t.Errorf("%d cuts were behind a record, want 8", opened)
	}
}

// TestEveryMove removes, repeats, swaps and moves records, in every way.
func TestEveryMove(t *testing.T) {
	lines := sample(t, "s").lines
	tries := 0
	broken := func(what string, changed [][]byte) {
		t.Helper()
		tries++
		if d := verify(t, join(changed), Options{}); d.State != Broken {
			t.Errorf("%s: %s", what, d.State)
		}
	}
	for i := range lines {
		for upTo := i + 1; upTo <= len(lines); upTo++ {
			rest := slices.Delete(slices.Clone(lines), i, upTo)
			if upTo == len(lines) {
				if d := verify(t, join(rest), Options{}); i > 0 && d.State != Open || i == 0 && d.State != Broken {
					t.Errorf("without the records from %d on: %s", i, d.State)
				}
				continue
			}
			broken(fmt.Sprintf("without records %d to %d", i, upTo-1), rest)
		}
		for j := range len(lines) + 1 {
			broken(fmt.Sprintf("record %d again at %d", i, j), slices.Insert(slices.Clone(lines), j, lines[i]))
		}
		for j := range lines {
			if j == i {
				continue
			}
			moved := slices.Delete(slices.Clone(lines), i, i+1)
			broken(fmt.Sprintf("record %d moved to %d", i, j), slices.Insert(moved, j, lines[i]))
			swapped := slices.Clone(lines)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			broken(fmt.Sprintf("records %d and %d swapped", i, j), swapped)
			replaced := slices.Clone(lines)
			replaced[i] = lines[j]
			broken(fmt.Sprintf("record %d in the place of %d", j, i), replaced)
		}
	}
	t.Logf("%d ways", tries)
}

// TestEverySplice puts the head of one trail before the tail of another, at all lengths: also of one that has the same session id, and
// of one that the same key signed.
func TestEverySplice(t *testing.T) {
	one := sample(t, "s")
	for name, other := range map[string]*writer{
		"another session": sample(t, "opsh-other"),
		"the same id": func() *writer {
			w := sample(t, "opsh-other")
			again := newWriter(t, "s")
			again.key = w.key
			return resigned(t, again)
		}(),
		"the same key": func() *writer {
			again := newWriter(t, "s")
			again.at = again.at.AddDate(0, 0, 1)
			return resigned(t, again)
		}(),
	} {
		if d := verify(t, other.text(), Options{}); d.State != Whole {
			t.Fatalf("%s: %+v", name, d)
		}
		for i := range len(one.lines) + 1 {
			for j := range len(other.lines) + 1 {
				spliced := append(slices.Clone(one.lines[:i]), other.lines[j:]...)
				d := verify(t, join(spliced), Options{})
				fine := i == len(one.lines) && j == len(other.lines) || i == 0 && j == 0
				open := i > 0 && i < len(one.lines) && j == len(other.lines)
				if (d.State == Whole) != fine || (d.State == Open) != open {
					t.Errorf("%s: %d records, then those from %d on: %s", name, i, j, d.State)
				}
			}
		}
	}
}

// resigned writes the sample's events with another writer.
func resigned(t *testing.T, w *writer) *writer {
	for _, l := range sample(t, "s").lines {
		r, err := Parse(l)
		must(t, err)
		w.add(r)
	}
	return w
}
