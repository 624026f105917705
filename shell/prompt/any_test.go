package prompt

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// pieces are what random input is made of.
var pieces = []string{
	"a", "mysql -e ", "日本語", "か\u3099", "\u202e", "\x1b", "\x1b[", "\x1b[D", "\x1b[1;5C", "\x1bb", "\x1bd", "\x1b\x7f", "\x1bO", "\x1b]0;",
	"\x01", "\x02", "\x05", "\x06", "\x04", "\x07", "\x08", "\x09", "\x0b", "\x0c", "\x0e", "\x10", "\x12", "\x13", "\x14", "\x15", "\x17", "\x19",
	"\x1a", "\x1c", "\x00", "\x7f", "\r", "\n", "\r\n", "'", "y\r", "\x03", pasteOn, pasteOff, "\xff", "\xe3\x81", "\xc2\x9b", "one\ntwo\n", "\x1b[3~",
}

// anyBytes reads lines of anything, in pieces of any size, until it is all used. The emulator fails the
// test for whatever the painter must not write.
func anyBytes(t *testing.T, input string, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 13))
	y := newTypist(t, 1+rnd.IntN(40), 1+rnd.IntN(12), func(o *Options) {
		o.Complete = func([]string, string) []string { return []string{"mysql", "mydump\u202e", "日中", "日本 x"} }
	})
	for input != "" {
		n := 1 + rnd.IntN(min(len(input), 12))
		y.sends(input[:n])
		input = input[n:]
	}
	for range 1000 {
		var line string
		var err error
		if rnd.IntN(8) == 0 {
			line, err = y.prompt.Ask(context.Background(), "なぜ? ")
		} else {
			line, err = y.prompt.Read(context.Background(), "本番> ", " ...> ")
		}
		if errors.Is(err, errNoKeys) {
			break
		}
		if !utf8.ValidString(line) || len(line) > maxLine || err != nil && line != "" {
			t.Fatalf("Read: %q, %v", line, err)
		}
		if y.screen.marks || y.screen.x != 0 || y.screen.pending {
			t.Fatalf("Read left the cursor at %d, marking pastes: %t", y.screen.x, y.screen.marks)
		}
		y.prompt.Remember(line)
		if rnd.IntN(4) == 0 {
			y.screen.resize(1 + rnd.IntN(40))
		}
	}
	if log := string(y.screen.log); !utf8.ValidString(log) || strings.ContainsAny(log, "\u202e\u009b\ufffd\t\x00") {
		t.Fatalf("written: %q", log)
	}
}

func TestAnyBytes(t *testing.T) {
	for seed := range uint64(150) {
		rnd := rand.New(rand.NewPCG(seed, 17))
		var b strings.Builder
		for range 150 {
			b.WriteString(pieces[rnd.IntN(len(pieces))])
		}
		anyBytes(t, b.String(), seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzAnyBytes(f *testing.F) {
	f.Add("mysql\r"+pasteOn+"a\nb\n"+pasteOff+"y\r", uint64(1))
	f.Add(strings.Join(pieces, ""), uint64(2))
	f.Fuzz(func(t *testing.T, input string, seed uint64) {
		if len(input) < 4096 {
			anyBytes(t, input, seed)
		}
	})
}
