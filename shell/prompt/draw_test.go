package prompt

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestWrapping(t *testing.T) {
	y := newTypist(t, 10, 8)
	y.types("12345678").sees("> 12345678", "|") // exactly full: the cursor is on the next row
	y.types("9").sees("> 12345678", "9|").types("\x7f").sees("> 12345678", "|").types("\x7f").sees("> 1234567|")
	y.types("8901234567890123456").sees("> 12345678", "9012345678", "90123456|")
	y.types("\x01a").sees("> a|1234567", "8901234567", "890123456")
	y.types("\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C").sees("> a1234567", "|8901234567", "890123456")
	y.types("b\x1b[3~").sees("> a1234567", "b|901234567", "890123456")
	y.types("\x05\x1b[D\x7f").sees("> a1234567", "b901234567", "8901234|6").types("\x15").sees("> |6")
	y.reads("", errNoKeys)
}

func TestWideAtTheEdge(t *testing.T) {
	y := newTypist(t, 9, 8)
	y.types("日本語").sees("> 日本語|").types("は").sees("> 日本語", "は|") // a column is left
	y.types("\x02\x02\x02\x02a").sees("> a|日本語", "は")            // and now it is full
	y.types("\x05").sees("> a日本語", "は|").types("\x7f").sees("> a日本語", "|").types("\x01\x04").sees("> |日本語")
	y.types("x\x05yz").sees("> x日本語", "yz|").types("\x01\x04").sees("> |日本語y", "z").types("\x05\x02漢").sees("> 日本語y", "漢|z")
	y.types("\x02\x7f").sees("> 日本語", "|漢z") // the y's column keeps nothing
	y.types("\x05\x15").sees("> |").types("か\u3099か\u3099か\u3099あ").sees("> か\u3099か\u3099か\u3099", "あ|")
	y.reads("", errNoKeys)
}

func TestOneWriteAKey(t *testing.T) {
	y := newTypist(t, 80, 8)
	typed := func(key, want string) {
		y.does(func() { y.screen.log, y.screen.writes = nil, 0 }).types(key).does(func() {
			if got := string(y.screen.log); got != want || y.screen.writes > 1 {
				t.Errorf("%q: %q in %d writes, want %q", key, got, y.screen.writes, want)
			}
		})
	}
	typed("a", "a")
	typed("b", "b")
	typed("日", "日")
	typed("\x02", "\b\b")
	typed("x", "x日\b\b")
	typed("\x05", "\x1b[2C")
	typed("\x7f", "\b\b\x1b[K")
	typed("\x05", "")
	y.sends(strings.Repeat("w", 200)).does(func() { y.screen.log = nil })
	typed("\x7f", "\b\x1b[K") // a wrapped line is not drawn again
	typed("v", "v")
	y.reads("", errNoKeys)
}

// TestDrawing presses random keys and compares the screen with one on which the prompt and the line were
// simply printed.
func TestDrawing(t *testing.T) {
	for seed := range uint64(100) {
		drawing(t, seed)
	}
}

func FuzzDrawing(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { drawing(t, seed) })
}

// alphabet is what is typed, and how it shows where that isn't itself.
var alphabet = []struct{ typed, shown string }{
	{"a", ""}, {"b", ""}, {" ", ""}, {"é", ""}, {"日", ""}, {"本", ""}, {"か", ""}, {"が", ""}, {"ｶ", ""}, {"🍣", ""}, {"Ａ", ""},
	{"か\u3099", ""}, {"e\u0301", ""}, {"\u202e", "<U+202E>"}, {"\u3000", "<U+3000>"}, {"⏎", "<U+23CE>"}, {"±", ""}, {"│", ""},
}

func drawing(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 7))
	w := 1 + rnd.IntN(30)
	if rnd.IntN(4) == 0 {
		w = 2 + rnd.IntN(6)
	}
	h := 20 + 1000/w
	y := newTypist(t, w, h)
	var line []int // indices in the alphabet
	pos := 0
	kept := []string{"> ", "日本> ", ""}[rnd.IntN(3)]
	press := func(n int) {
		type move struct {
			key string
			do  func()
		}
		moves := []move{
			{"\x02", func() { pos = max(pos-1, 0) }}, {"\x06", func() { pos = min(pos+1, len(line)) }},
			{"\x01", func() { pos = 0 }}, {"\x05", func() { pos = len(line) }},
			{"\x1b[A", func() {}}, {"\x1b[99~", func() {}},
			{"\x1b[3~", func() {
				if pos < len(line) {
					line = slices.Delete(line, pos, pos+1)
				}
			}},
			{"\x7f", func() {
				if pos > 0 {
					pos--
					line = slices.Delete(line, pos, pos+1)
				}
			}},
			{"\x0b", func() { line = line[:pos] }},
			{"\x15", func() { line, pos = slices.Clone(line[pos:]), 0 }},
		}
		m := rnd.IntN(40)
		if m < 2 && rnd.IntN(3) > 0 { // the line has to become long
			m = 20
		}
		if n := []int{0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 6, 7, 7, 8, 9}; m < len(n) && (n[m] < 8 || rnd.IntN(4) == 0) {
			y.types(moves[n[m]].key)
			moves[n[m]].do()
			return
		}
		c := rnd.IntN(len(alphabet))
		if rnd.IntN(5) == 0 { // several at once
			y.sends(alphabet[c].typed + "xy")
			line = slices.Insert(line, pos, c, -1, -2)
			pos += 3
			return
		}
		y.sends(alphabet[c].typed)
		line = slices.Insert(line, pos, c)
		pos++
	}
	show := func(i int) string {
		switch {
		case i < 0:
			return string(rune('w' - i))
		case alphabet[i].shown != "":
			return alphabet[i].shown
		}
		return alphabet[i].typed
	}
	for n := range 60 {
		press(n)
		head, tail := "", ""
		for i, c := range line {
			s := show(c)
			if w == 1 {
				s = strings.Map(func(r rune) rune {
					if wide(r) == 2 {
						return '?'
					}
					return r
				}, strings.ReplaceAll(s, "か\u3099", "?<U+3099>"))
			}
			if i < pos {
				head += s
			} else {
				tail += s
			}
		}
		ask := kept
		if w == 1 {
			ask = strings.NewReplacer("日", "?", "本", "?").Replace(kept)
		}
		// the cursor stands where the next character goes: the first of the tail, or one more
		want := newEmulator(t, w, h)
		want.Write([]byte(ask + head + tail)) //nolint:errcheck // an emulator
		at := newEmulator(t, w, h)
		next := "x"
		if tail != "" {
			next = string([]rune(tail)[:1])
		}
		at.Write([]byte(ask + head + next)) //nolint:errcheck // an emulator
		cy, cx := at.y, at.x-wide([]rune(next)[0])
		if at.pending {
			cx++
		}
		y.does(func() {
			if t.Failed() {
				return
			}
			e := y.screen
			if e.text() != want.text() || e.y != cy || e.x != cx {
				t.Errorf("seed %d, width %d, key %d:\n%s\ncursor %d,%d, want\n%s\ncursor %d,%d\n%q",
					seed, w, n, e.text(), e.y, e.x, want.text(), cy, cx, e.log)
			}
		})
	}
	got, err := y.prompt.Read(context.Background(), kept, "")
	if got != "" || !errors.Is(err, errNoKeys) {
		t.Errorf("seed %d: %q, %v", seed, got, err)
	}
}

// TestTallLine edits a line that is longer than the window is high: what shows is a part of it with the cursor.
func TestTallLine(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		w, h := 3+rnd.IntN(12), 2+rnd.IntN(5)
		y := newTypist(t, w, h)
		for range 40 {
			switch rnd.IntN(8) {
			case 0:
				y.types("\x01")
			case 1:
				y.types("\x05")
			case 2, 3:
				y.types(strings.Repeat("\x02", 1+rnd.IntN(w)))
			case 4:
				y.types("\x7f")
			default:
				y.sends([]string{"あいうえお", "abcdefghij", "x", "日"}[rnd.IntN(4)])
			}
			y.does(func() {
				whole := newEmulator(t, w, 200)
				whole.Write([]byte("> " + string(y.prompt.line.text))) //nolint:errcheck // an emulator
				l := layOut("> ", y.prompt.line.text, w)
				at := l.find(y.prompt.line.pos)
				all := strings.Split(whole.text()+strings.Repeat("\n", h+1), "\n")
				for top := max(at.row-h+1, 0); top <= at.row; top++ {
					if strings.TrimRight(strings.Join(all[top:top+h], "\n"), "\n") == y.screen.text() && y.screen.y == at.row-top && y.screen.x == at.col {
						return
					}
				}
				if !t.Failed() {
					t.Errorf("seed %d, %dx%d, cursor %v:\n%s\nis no part of\n%s\n%q", seed, w, h, at, y.picture(), whole.text(), y.screen.log)
				}
			})
		}
		y.types("\r")
		if _, err := y.prompt.Read(context.Background(), "> ", ""); err != nil {
			t.Fatal(err)
		}
		if y.screen.x != 0 || strings.TrimRight(strings.Join(y.screen.rows[y.screen.y], ""), " ") != "" {
			t.Errorf("seed %d: Enter left the cursor in the line:\n%s", seed, y.picture())
		}
	}
}

func TestResize(t *testing.T) {
	for seed := range uint64(80) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		y := newTypist(t, 4+rnd.IntN(30), 60)
		y.screen.Write([]byte("opsh: #1 a record\r\nthe last line\r\n")) //nolint:errcheck // an emulator
		for range 20 {
			switch rnd.IntN(4) {
			case 0:
				w := 4 + rnd.IntN(30)
				y.does(func() { y.screen.resize(w) })
			case 1:
				y.types("\x02\x02")
			default:
				y.sends([]string{"あいう", "abcd", "か\u3099", "x"}[rnd.IntN(4)])
			}
		}
		y.types("!").does(func() {
			want := newEmulator(t, y.screen.w, 60)
			want.Write([]byte("opsh: #1 a record\r\nthe last line\r\n> " + string(y.prompt.line.text))) //nolint:errcheck // an emulator
			if y.screen.text() != want.text() {
				t.Errorf("seed %d, width %d:\n%s\nwant\n%s\n%q", seed, y.screen.w, y.screen.text(), want.text(), y.screen.log)
			}
		})
		y.reads("", errNoKeys)
		if t.Failed() {
			return
		}
	}
}

func TestTinyAndUnknownWindows(t *testing.T) {
	y := newTypist(t, 1, 1)
	y.types("ab日か\u3099\x02\x02\x01\x05\x7f\x7fc\r").reads("abc", nil)

	y = newTypist(t, 80, 5, func(o *Options) { o.Width = func() int { return 0 }; o.Height = nil })
	y.sends(strings.Repeat("a", 79)).sees("> "+strings.Repeat("a", 78), "a|").types("\r").reads(strings.Repeat("a", 79), nil)

	y = newTypist(t, 80, 5, func(o *Options) { o.Width = func() int { return -1 }; o.Height = func() int { return -1 } })
	y.types("a\r").reads("a", nil)
}

func TestNotice(t *testing.T) {
	y := newTypist(t, 10, 8)
	y.prompt.Notice("before")
	y.types("123456789012\x02\x02").does(func() { y.prompt.Notice("opsh: \x1b[2J") })
	y.sees("before", "opsh: <U+0", "01B>[2J", "> 12345678", "90|12")
	y.types("x\r").reads("1234567890x12", nil)
	y.prompt.Notice("after")
	y.looks("before", "opsh: <U+0", "01B>[2J", "> 12345678", "90x12", "after", "|")
}
