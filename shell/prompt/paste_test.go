package prompt

import (
	"context"
	"errors"
	"strings"
	"testing"
)

const pasteOn, pasteOff = "\x1b[200~", "\x1b[201~"

func TestPasteWithoutNewline(t *testing.T) {
	y := newTypist(t, 80, 10)
	y.types("ad\x02").sends(pasteOn + "bc" + pasteOff).sees("> abc|d")
	y.sends(pasteOn + "\x1b[D\x03\t\u202e" + pasteOff).sees("> abc<U+001B>[D<U+0003>⇥<U+202E>|d").types("\x15\x0b")
	y.sends(pasteOn).sends("ab").sends("\x1b[20").sends("1~c").sees("> abc|")
	y.sends("\x1b[201~").sees("> abc|")                   // an end without a beginning
	y.sends(pasteOn + "x\r\n" + pasteOff).sees("> abcx|") // Enter is the operator's
	y.types("\r").reads("abcx", nil)
}

func TestPasteOfLines(t *testing.T) {
	y := newTypist(t, 80, 20)
	y.sends(pasteOn+"one\rtwo\r\nthree\nfour\r"+pasteOff).
		sees("  one", "  two", "  three", "  four", "opsh: hint: 4 lines pasted; run them? [y/N] |").
		types("y\r").reads("one", nil)
	y.reads("two", nil)
	y.reads("three", nil)
	y.reads("four", nil)
	y.looks("  one", "  two", "  three", "  four", "opsh: hint: 4 lines pasted; run them? [y/N] y",
		"> one", "> two", "> three", "> four", "|")
	y.types("five\r").reads("five", nil)
}

func TestPasteOfLinesRefused(t *testing.T) {
	for _, answer := range []string{"\r", "n\r", "Y!\r", "\x03", "\x04", "yn\r"} {
		y := newTypist(t, 80, 20)
		y.types("x").sends(pasteOn+"one\ntwo\n"+pasteOff).types(answer+"z\r").reads("z", nil)
		if e := y.screen.text(); !strings.HasSuffix(e, "\n> z") || strings.Contains(e, "> one") {
			t.Errorf("%q: %s", answer, e)
		}
	}
}

func TestPasteDoesNotAnswerItsQuestion(t *testing.T) {
	y := newTypist(t, 80, 20)
	// a terminal that lets the end mark through, and a paste that makes use of it
	y.sends(pasteOn+"one\ntwo\n"+pasteOff+"y\r"+pasteOff).sees("  one", "  two", "opsh: hint: 2 lines pasted; run them? [y/N] |")
	y.sends(pasteOn+"y\r"+pasteOff).sees("  one", "  two", "opsh: hint: 2 lines pasted; run them? [y/N] |")
	y.types("\x03").reads("", errNoKeys)
}

func TestPasteContinuesTheLine(t *testing.T) {
	y := newTypist(t, 80, 20)
	y.types("mysql -e ''\x02").sends(pasteOn+"SELECT 1\n  FROM a\n"+pasteOff).
		// no line is complete: nothing runs before Enter
		sees("> mysql -e 'SELECT 1", " ...>   FROM a", " ...> '|")
	y.types("\r").reads("mysql -e 'SELECT 1\n  FROM a\n'", nil)

	y = newTypist(t, 80, 20)
	sql := "mysql -e 'SELECT 1\nFROM a\n\nLIMIT 1'"
	y.sends(pasteOn+sql+"\n"+pasteOff).sees("  mysql -e 'SELECT 1", "  FROM a", "", "  LIMIT 1'", "opsh: hint: 4 lines pasted; run them? [y/N] |")
	y.types("yes\r").reads(sql, nil)
	y.looks("  mysql -e 'SELECT 1", "  FROM a", "", "  LIMIT 1'", "opsh: hint: 4 lines pasted; run them? [y/N] yes",
		"> mysql -e 'SELECT 1", " ...> FROM a", " ...>", " ...> LIMIT 1'", "|")

	y = newTypist(t, 80, 20)
	y.types("'a\r").sends(pasteOn+"b'\nc"+pasteOff).sees("> 'a", "  'a", "  b'", "  c", "opsh: hint: 2 lines pasted; run them? [y/N] |")
	y.types("y\r").reads("'a\nb'", nil)
	y.sees("> 'a", "  'a", "  b'", "  c", "opsh: hint: 2 lines pasted; run them? [y/N] y", "> 'a", " ...> b'", "> c|")
	y.types("!\r").reads("c!", nil)
}

func TestPasteEndsInAPart(t *testing.T) {
	y := newTypist(t, 80, 20)
	y.sends(pasteOn+"one\n\ntwo 'x\npart"+pasteOff).types("y\r").reads("one", nil)
	y.types("'\r").reads("two 'x\npart'", nil)
}

func TestBurst(t *testing.T) {
	y := newTypist(t, 80, 20)
	y.sends("one\rtwo\rthree").sees("  one", "  two", "  three", "opsh: hint: 2 lines pasted; run them? [y/N] |").types("y\r").reads("one", nil)
	y.reads("two", nil)
	y.types("!\r").reads("three!", nil)

	y = newTypist(t, 80, 20) // the pieces come one after the other
	y.late = []string{"two\r", "th", "ree\r"}
	y.sends("one\r").sees("  one", "  two", "  three", "opsh: hint: 3 lines pasted; run them? [y/N] |").types("n\r").reads("", errNoKeys)

	y = newTypist(t, 80, 20) // Enter as two bytes is one Enter
	y.types("one").sends("\r\n").reads("one", nil)
	y.types("two").sends("\r\n").reads("two", nil)
	y.late = []string{"\n"}
	y.sends("three\r").reads("three", nil)

	y = newTypist(t, 80, 20) // nothing in it is a key
	y.sends("one\r\x1b[A\x7f\r").sees("  one", "  <U+001B>[A<U+007F>", "opsh: hint: 2 lines pasted; run them? [y/N] |").types("\r").reads("", errNoKeys)

	y = newTypist(t, 80, 20) // a paste that breaks out of its marks
	y.sends(pasteOn+"a"+pasteOff+"; b\r"+pasteOff).sees("  a; b", "opsh: hint: 1 line pasted; run it? [y/N] |").reads("", errNoKeys)
}

func TestCtrlCDropsTheRestOfAPaste(t *testing.T) {
	y := newTypist(t, 80, 20)
	y.sends("one\rtwo\rthree\r").types("y\r").reads("one", nil)
	y.buf = []byte("x\x03y")
	y.reads("", ErrInterrupt)
	if string(y.buf) != "y" {
		t.Errorf("left: %q", y.buf)
	}
	y.types("\r").reads("y", nil)

	y.sends("one\rtwo\rthree").types("y\r").reads("one", nil)
	y.prompt.Drop()
	y.types("four\r").reads("four", nil)
}

func TestPasteOutOfBounds(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	for _, c := range []struct{ name, sent, want string }{
		{"line", pasteOn + long + "x" + pasteOff, "cannot take the paste: the line would be longer than 64 KiB"},
		{"one of several lines", pasteOn + "a\n" + long + "x\nb\n" + pasteOff, "cannot take the paste: a line of it is longer than 64 KiB"},
		{"open quote", pasteOn + "'" + strings.Repeat(long[:1000]+"\n", 66) + pasteOff, "cannot take the paste: a line of it is longer than 64 KiB"},
		{"all of it", pasteOn + strings.Repeat(long[:1000]+"\n", 5000) + pasteOff, "cannot take the paste: it is longer than 1024 KiB"},
		{"all of it in one line", pasteOn + strings.Repeat(long, 20) + pasteOff, "cannot take the paste: it is longer than 1024 KiB"},
		{"unmarked", strings.Repeat(long[:1000]+"\n", 5000), "cannot take the paste: it is longer than 1024 KiB"},
		{"number of lines", pasteOn + strings.Repeat("a\n", 1002) + pasteOff, "cannot take the paste: it has more than 1000 lines"},
		{"not UTF-8", pasteOn + "ab\xff" + pasteOff, "cannot take the paste: it is not UTF-8 text"},
		{"not UTF-8, lines", "ab\r\xff\r", "cannot take the paste: it is not UTF-8 text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			y := newTypist(t, 80, 10)
			y.types("x").sends(c.sent).sees("opsh: error: "+c.want, "> |").types("ok\r").reads("ok", nil)
		})
	}
}

func TestLineTooLong(t *testing.T) {
	y := newTypist(t, 80, 10)
	y.sends(strings.Repeat("あ", maxLine/3)).does(func() { y.screen.bells = 0 }).types("xyz").does(func() {
		if y.screen.bells != 2 { // a KiB isn't a multiple of あ's three bytes: one fits
			t.Errorf("%d bells", y.screen.bells)
		}
	})
	y.types("\r").does(func() {
		if rows := strings.Split(y.screen.text(), "\n"); rows[len(rows)-2] != "opsh: error: cannot take the line: it is longer than 64 KiB" {
			t.Errorf("screen: %s", y.screen.text())
		}
	}).types("ok\r").reads("ok", nil)

	full := strings.Repeat("a", maxLine)
	y = newTypist(t, 80, 10)
	y.sends(full).types("\r").reads(full, nil)
	y.sends(full[:maxLine/2+1]).types("\x15\x19\x19\r").reads(full[:maxLine/2+1], nil) // yanked once too often
	y.sends(strings.Repeat("b", 2*maxLine)).types("\x15").types("ok\r").reads("ok", nil)
}

func TestCancel(t *testing.T) {
	y := newTypist(t, 80, 10)
	ctx, cancel := context.WithCancel(context.Background())
	y.types("abc").does(cancel)
	if got, err := y.prompt.Read(ctx, "> ", ""); got != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("Read: %q, %v", got, err)
	}
	y.looks("> abc", "|")
	y.types("de\r").reads("de", nil)

	// a character and a paste that had not come whole are not taken for something else
	for _, half := range []struct{ first, second, want string }{
		{"\xe3\x81", "\x82", "あ"}, {"\x1b[", "Dx", "x"}, {pasteOn + "a\x1b[20", "1~b", "ab"},
	} {
		ctx, cancel = context.WithCancel(context.Background())
		y.sends(half.first).does(cancel)
		if _, err := y.prompt.Read(ctx, "> ", ""); !errors.Is(err, context.Canceled) {
			t.Errorf("Read: %v", err)
		}
		y.sends(half.second).types("\r").reads(half.want, nil)
	}
}
