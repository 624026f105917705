package prompt

import (
	"context"
	"io"
	"strings"
	"testing"
)

func TestEditing(t *testing.T) {
	for _, c := range []struct{ name, keys, want string }{
		{"typed", "abc", "> abc|"},
		{"begin and end", "abc\x01x\x05y", "> xabcy|"},
		{"left and right", "abc\x02\x02\x06-", "> ab-|c"},
		{"arrows", "abc\x1b[D\x1b[D\x1b[C-", "> ab-|c"},
		{"arrows in application mode", "abc\x1bOD\x1bOD\x1bOC-", "> ab-|c"},
		{"words in urxvt", "one two\x1bOd\x1bOd\x1bOc-", "> one-| two"},
		{"words with Alt before an arrow", "one two\x1b\x1b[D\x1b\x1bOD-", "> -|one two"},
		{"Ctrl-Delete", "one two\x01\x1b[3;5~", "> | two"},
		{"home and end, every way", "b\x1b[Ha\x1b[1~1\x1bOH2\x1b[7~3\x1b[Fc\x1b[4~d\x1bOFe\x1b[8~f", "> 321abcdef|"},
		{"delete", "abc\x01\x1b[3~\x04", "> |c"},
		{"delete in the empty line is not Ctrl-D", "\x1b[3~a", "> a|"},
		{"backspace", "abc\x7f\x08", "> a|"},
		{"kill to the end and yank", "abc def\x1bb\x0bX\x19", "> abc Xdef|"},
		{"kill at the end keeps what was killed", "abc\x15\x0b\x19", "> abc|"},
		{"kill to the beginning", "abc def\x1bb\x15\x05\x19", "> defabc |"},
		{"Ctrl-W in the first word keeps what is behind", "foo bar\x1bb\x02\x17", "> | bar"},
		{"Ctrl-W goes to the blank", "mysql -e a,b\x17", "> mysql -e |"},
		{"Ctrl-W and yank", "one two \x17\x19\x19", "> one two two |"},
		{"Ctrl-W over Japanese", "mysql 日本語\x17x", "> mysql x|"},
		{"Alt-Backspace", "one two-three\x1b\x7f", "> one two-|"},
		{"Alt-D", "one two three\x01\x1bd\x1bd", "> | three"},
		{"Alt-B and Alt-F", "one two\x1bb\x1bb\x1bf-", "> one-| two"},
		{"words with Ctrl and arrows", "one two\x1b[1;5D\x1b[1;5D\x1b[1;5C-", "> one-| two"},
		{"words with Alt and arrows", "one two\x1b[1;3D\x1b[1;3D\x1b[1;3C-", "> one-| two"},
		{"words over Japanese", "漢字 かな\x1bb\x1bb\x1bf-", "> 漢字-| かな"},
		{"transpose", "abc\x02\x14", "> acb|"},
		{"transpose at the end", "abc\x14", "> acb|"},
		{"transpose of one character", "a\x14b", "> ab|"},
		{"transpose of nothing", "\x14\x14a", "> a|"},
		{"Ctrl-Z, Ctrl-\\, Ctrl-S, Ctrl-Q and NUL are nothing", "a\x1a\x1c\x13\x11\x00b", "> ab|"},
		{"unknown sequences are nothing", "a\x1b[99;1;2x\x1b[?1;2c\x1b[15~\x1b[[A\x1b[Z\x1bOP\x1bqb", "> ab|"},
		{"a sequence within a sequence", "ab\x1b[1\x1b[Dc", "> ac|b"},
		{"Japanese", "日本語", "> 日本語|"},
		{"Japanese edited in the middle", "日本語\x02\x02は", "> 日は|本語"},
		{"backspace over Japanese", "日本語\x02\x7f", "> 日|語"},
		{"a voiced mark is part of its kana", "かか\u3099き\x02\x02x", "> かx|か\u3099き"},
		{"backspace takes the kana and its mark", "かか\u3099\x7f", "> か|"},
		{"delete takes both as well", "か\u3099き\x01\x04", "> |き"},
		{"emoji", "a🍣b\x02\x02x", "> ax|🍣b"},
		{"a bidi override shows", "rm\u202ex\x02", "> rm<U+202E>|x"},
		{"backspace over what shows as several", "a\u202e\x7f", "> a|"},
		{"zero-width and ignorable characters show", "\u200b\u2060\ufeff\u00ad", "> <U+200B><U+2060><U+FEFF><U+00AD>|"},
		{"blanks that aren't show", "a\u3000b\u00a0", "> a<U+3000>b<U+00A0>|"},
		{"a mark without a character shows", "\u3099", "> <U+3099>|"},
		{"a mark behind a blank shows", "a \u0301", "> a <U+0301>|"},
		{"marks beyond reason show", "a\u0301\u0302\u0303\u0304", "> a\u0301\u0302\u0303<U+0304>|"},
		{"a joiner shows", "👩\u200d💻", "> 👩<U+200D>💻|"},
		{"what stands for a newline shows", "⏎", "> <U+23CE>|"},
		{"U+FFFD shows", "\ufffd", "> <U+FFFD>|"},
		{"Ctrl-L", "abc\x0c", "> abc|"},
		{"backspace in the empty line", "\x7f\x7fa", "> a|"},
	} {
		t.Run(c.name, func(t *testing.T) {
			y := newTypist(t, 80, 5)
			y.types(c.keys).sees(c.want).reads("", errNoKeys)
		})
	}
}

func TestBytesThatAreNoText(t *testing.T) {
	y := newTypist(t, 80, 5)
	y.sends("a\xff\xc0\xe3b").sends("\xe3").sends("\x81").sends("\x82c").sends("\xc2\x9bd").sends("\xe3").sends("e").sees("> abあcde|")
	y.reads("", errNoKeys)
}

func TestAnswersOfATerminal(t *testing.T) {
	y := newTypist(t, 80, 5)
	y.sends("a\x1b]10;rgb:0000/0000/0000\x07b\x1bP>|xterm\x1b\\c").sees("> abc|")
	y.sends("\x1b]52;half").sends("\r").sends("d").sees("> abcd|") // Enter with a piece missing runs nothing
	y.sends("\x1bP").sends("e").sees("> abcde|")                   // Alt-P alone
	y.reads("", errNoKeys)
}

func TestCtrlCAlwaysWorks(t *testing.T) {
	for _, half := range []string{"\x1b", "\x1b[", "\x1b[1;", "\x1bO", "\x1b]52;x"} {
		y := newTypist(t, 80, 5)
		y.types("ab").sends(half).sends("\x03").reads("", ErrInterrupt)
		y.looks("> ab^C", "|")
	}
}

func TestSequencesThatMeanNothing(t *testing.T) {
	y := newTypist(t, 80, 5)
	for _, s := range []string{
		"\x1b[M !!", "\x1b[<0;1;1M", "\x1b[" + strings.Repeat("1;", 500) + "x", "\x1b[1$y", "\x1b[[A", "\x1b[12\xff", "\x1bOP", "\x1bO1;9Q", "\x1b\x1b\x1bx",
		"\x1b[I", "\x1b[O", "\x1b[97;5u", "\x1b[27;5;97~", "\x1b[5;1R",
	} {
		y.sends(s).sees("> |")
	}
	y.types("a").sends("\x1bOM").reads("a", nil) // Enter on the keypad
}

func TestEnds(t *testing.T) {
	y := newTypist(t, 80, 10)
	y.types("one\x01\r").reads("one", nil)
	y.types("two\x02\x03").reads("", ErrInterrupt)
	y.types("three\x04\x0a").reads("three", nil)
	y.types("\x04").reads("", io.EOF)
	y.types("four\r").reads("four", nil)
	y.looks("> one", "> two^C", "> three", ">", "> four", "|")
}

func TestTypeAheadStays(t *testing.T) {
	y := newTypist(t, 80, 10)
	y.types("mysql").sends("\r").reads("mysql", nil)
	y.buf = []byte("\x03SELECT 1;\r")
	y.reads("", ErrInterrupt)
	if string(y.buf) != "SELECT 1;\r" {
		t.Errorf("left for the tool: %q", y.buf)
	}
}

func TestContinuation(t *testing.T) {
	y := newTypist(t, 80, 10)
	y.types("a 'b\rc\x01x\r").sees("> a 'b", " ...> xc", " ...> |").types("d'\r").reads("a 'b\nxc\nd'", nil)
	y.types("'x\ry\x03").reads("", ErrInterrupt)
	y.types("'x\r\x04").reads("", ErrInterrupt)
	y.types("z\r").reads("z", nil)
	y.looks("> a 'b", " ...> xc", " ...> d'", "> 'x", " ...> y^C", "> 'x", " ...> ^D", "> z", "|")
}

func TestHistory(t *testing.T) {
	y := newTypist(t, 20, 10)
	for _, l := range []string{"one", "two", "two", "", "'a\nb'", "a rather long line that wraps"} {
		y.prompt.Remember(l)
	}
	if h := y.prompt.History(); len(h) != 4 {
		t.Fatalf("history: %q", h)
	}
	y.types("new\x10").sees("> a rather long line", " that wraps|")
	y.types("\x1b[A").sees("> 'a⏎b'|").types("\x1b[A").sees("> two|").types("\x10").sees("> one|").types("\x10").sees("> one|")
	y.types("!\x0e").sees("> two|").types("\x10").sees("> one!|") // a changed line is found changed
	y.types("\x1b[B\x1bOB\x0e\x0e").sees("> new|").types("\x0e").sees("> new|")
	y.types("\x10\x10\r").reads("'a\nb'", nil)
	y.types("\x10\x10\x10\x10").sees("> 'a⏎b'", "> one|").types("\x03").reads("", ErrInterrupt) // unchanged in the history
}

func TestSearch(t *testing.T) {
	y := newTypist(t, 80, 10)
	for _, l := range []string{"mysql -e 1", "rails runner 日本", "mysql -e 2", "exit"} {
		y.prompt.Remember(l)
	}
	y.types("x\x12").sees("(search) '': x|").types("my").sees("(search) 'my': |mysql -e 2")
	y.types("\x12").sees("(search) 'my': |mysql -e 1").types("\x12").sees("(not found) 'my': |mysql -e 1")
	y.types("\x13").sees("(search) 'my': |mysql -e 2").types("\x03").sees("> x|")
	y.types("\x12日本").sees("(search) '日本': rails runner |日本").types("\x7f\x7f\x7f").sees("(search) '': rails runner |日本")
	y.types("my\x05!").sees("> mysql -e 2!|").types("\x07\x12runn\r").reads("rails runner 日本", nil)
	y.looks("> rails runner 日本", "|")
}

func TestAsk(t *testing.T) {
	y := newTypist(t, 80, 10)
	y.prompt.Remember("secret history")
	y.types("a\x10\t\x12b 'c\x02").sees("reason: ab '|c").types("\x1b[A").sends("\x1b[200~d\ne\n\x1b[201~").sees("reason: ab 'd e|c")
	y.sends("\rmysql\r")
	got, err := y.prompt.Ask(context.Background(), "reason: ")
	if got != "ab 'd ec" || err != nil || string(y.buf) != "mysql\r" {
		t.Errorf("Ask: %q, %v, left %q", got, err, y.buf)
	}
}
