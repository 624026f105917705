package line

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestQuote(t *testing.T) {
	bash := startPasted(t)
	for _, c := range []struct {
		words []string
		want  string
	}{
		{nil, ""},
		{[]string{"mysql"}, "mysql"},
		{[]string{"mysql", "-t", "-e", "SELECT 1", "app_production"}, "mysql -t -e 'SELECT 1' app_production"},
		{[]string{"x", ""}, "x ''"},
		{[]string{""}, "''"},
		{[]string{"mysql", "-e", "SELECT 'a'"}, `mysql -e "SELECT 'a'"`},
		{[]string{"mysql", "-e", `SELECT "a"`}, `mysql -e 'SELECT "a"'`},
		{[]string{"mysql", "-e", "SELECT '$.a', `b`, \"c\", '\\n'"}, "mysql -e \"SELECT '\\$.a', \\`b\\`, \\\"c\\\", '\\\\n'\""},
		{[]string{"mysql", "-e", "a != 'b'"}, `mysql -e 'a != '\''b'\'`},
		{[]string{"x", "'!'"}, `x \''!'\'`},
		{[]string{"mysql", "-e", "SELECT 1\nFROM t\tWHERE 'a'"}, `mysql -e $'SELECT 1\nFROM t\tWHERE \'a\''`},
		{[]string{"x", "\n"}, `x $'\n'`},
		{[]string{"x", `\`, `a\nb`}, `x '\' 'a\nb'`},
		{[]string{"x", "$HOME", "`a`", "a;b", "a|b", "*", "!", "#", "~", "{}", "<"}, "x '$HOME' '`a`' 'a;b' 'a|b' '*' '!' '#' '~' '{}' '<'"},
		{[]string{"x", "a=~", "a:~", "a~", "a#b", "=x", "a=b", "^a"}, "x 'a=~' 'a:~' a~ a#b '=x' a=b ^a"},
		{[]string{"a=b", "c=d"}, "'a=b' c=d"},
		{[]string{"--env=prod", "--env=prod"}, "--env=prod --env=prod"},
		{[]string{"if", "if", "{", "}", "^a"}, "'if' if '{' } ^a"},
		{[]string{"^a"}, "'^a'"},
		{[]string{"rails", "runner", "日本語.rb", "データ", "ー", "１", "a　b", "“x”", "😀", "\u0301"}, "rails runner 日本語.rb データ 'ー' '１' 'a　b' '“x”' '😀' '\u0301'"},
		// What Split lets into no word: shown, not read back by it.
		{[]string{"a\x1b[2J\a\x7f"}, `$'a\x1b[2J\x07\x7f'`},
		{[]string{"\r\n"}, `$'\x0d\n'`},
		{[]string{"\xff", "日\xe6", "\xed\xa0\x80"}, `$'\xff' $'日\xe6' $'\xed\xa0\x80'`},
		{[]string{"\u202etxt\u2066", "\ufeff", "\U000e0041", "\u0085", "\u00ad", "\ufffd"}, `$'\u202etxt\u2066' $'\ufeff' $'\U000e0041' $'\u0085' $'\u00ad' $'\ufffd'`},
		{[]string{"a\x00b"}, `$'a\x00b'`},
	} {
		if got := Quote(c.words...); got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.words, got, c.want)
		}
		checkQuote(t, c.words...)
		bash.checkPasted(t, [][]string{c.words})
	}
	// One word alone doesn't know its place.
	for w, want := range map[string]string{"a=b": "'a=b'", "if": "'if'", "^a": "'^a'", "--env=prod": "--env=prod", "mysql": "mysql", "": "''"} {
		if got := QuoteWord(w); got != want {
			t.Errorf("%q: %s, want %s", w, got, want)
		}
	}
}

// TestEveryCharacter: each character alone, behind a letter and in every kind of quotes. Split takes it or says why;
// Quote writes what Split takes so that it reads back; nothing else reaches a screen.
func TestEveryCharacter(t *testing.T) {
	never := []*unicode.RangeTable{unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co, unicode.Zl, unicode.Zp, unicode.Bidi_Control, unicode.Join_Control,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Noncharacter_Code_Point}
	always := []*unicode.RangeTable{unicode.Hiragana, unicode.Katakana, unicode.Han, unicode.Latin, unicode.Zs}
	for r := rune(0); r <= 0x10FFFF; r++ {
		if unicode.In(r, never...) && !forbidden(r) && r != '\n' && r != '\t' || unicode.In(r, always...) && forbidden(r) {
			t.Errorf("U+%04X: %v", r, forbidden(r))
		}
		c := string(r)
		raws := []string{c, "a" + c, "'" + c + "'", `"` + c + `"`, "$'" + c + "'", `\` + c}
		if r > 0x30FF && r < 0xF900 && r%16 != 0 || r > 0x1FFFF && r%251 != 0 { // enough of the many
			continue
		}
		for _, raw := range raws {
			l, err := Split(raw)
			if err != nil {
				var e *Error = err.(*Error)
				if strings.ContainsFunc(e.Msg+e.Hint, func(r rune) bool { return r < ' ' || r > '~' }) {
					t.Errorf("%q: %q %q", raw, e.Msg, e.Hint)
				}
				continue
			}
			if forbidden(r) {
				t.Errorf("%q is accepted", raw)
			}
			if len(l.Words) == 1 {
				checkQuote(t, l.Words[0].Text)
			}
		}
		if shown := QuoteWord(c); strings.ContainsFunc(shown, forbidden) || strings.ContainsAny(shown, "\n\t") {
			t.Errorf("U+%04X is shown raw", r)
		}
	}
}

// TestLinear: the worst lines of the largest size take no longer than they may, whatever they repeat.
func TestLinear(t *testing.T) {
	start := time.Now()
	for _, piece := range append(slices.Concat(pieces, hidden), " ", "a", "a ", "''", `""`, "$''", "\\\n", "a-=", "+=", "a=", "\\ ", " \\\n", "'a' ", `\\`, `"\`) {
		if piece == "" {
			continue
		}
		for _, around := range [][2]string{{"", ""}, {"x ", ""}, {"x '", "'"}, {`x "`, `"`}, {"x $'", "'"}} {
			raw := around[0] + strings.Repeat(piece, (MaxBytes-8)/len(piece)) + around[1]
			if l, err := Split(raw); err == nil {
				words := make([]string, len(l.Words))
				for i, w := range l.Words {
					words[i] = w.Text
				}
				if got := Quote(words...); len(got) > 3*MaxBytes {
					t.Errorf("%q repeated: %d bytes", piece, len(got))
				}
			}
			QuoteWord(raw)
		}
	}
	// About a thousand lines of 64 KiB. Anything quadratic would take minutes.
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func BenchmarkSplit(b *testing.B) {
	for name, raw := range map[string]string{
		"short": "mysql -t -e 'SELECT 1' app_production",
		"long":  "mysql -e '" + strings.Repeat("SELECT 1 ", 6000) + "' app",
		"words": strings.Repeat("a ", MaxBytes/2),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if _, err := Split(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkQuote(b *testing.B) {
	for name, words := range map[string][]string{
		"short":  {"mysql", "-t", "-e", "SELECT 1", "app_production"},
		"long":   {"mysql", "-e", strings.Repeat("SELECT '1' ", 6000), "app"},
		"binary": {strings.Repeat("\x1b\xff\u202e", 1<<13)},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Quote(words...)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"障害 \ttab\nline":                        "障害 \ttab\nline",
		"\x1b[2J\rover\x9b\u202e\u200b\xff\x7f": "?[2J?over?????",
	} {
		if got := Plain(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
