package sessionlog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"opsh/shell/transcript"
)

// claims are lines that a tool would like to have in a log.
func claims() []string {
	records := trail()
	return []string{
		transcript.Line(records[1]), // its own, once more
		"opsh: #1 2026-11-23T18:03:03.123Z exit 0 1.333s [" + records[1].Short() + "]", // with an old hash
		"opsh: #1 2026-11-23T18:03:03.123Z exit 0 1.333s [deadbeef]",
		"opsh: end 0 exit 2026-11-23T18:40:12.900Z 1 run, 0 refused, 38m1s [77ab01c9]",
		"opsh: begin 2026-11-23T18:40:12.900Z 0a1b2c3d4e5f policy 1f0c77aa [9a4410d2]",
	}
}

// tricks are the ways to get a line before a reader's eyes.
func tricks() map[string]func(string) string {
	spaced := func(s string) string { return strings.Join(strings.Split(s, ""), "\x00") }
	letter := func(from, to string) func(string) string {
		return func(s string) string { return strings.Replace(s, from, to, 1) + "\r\n" }
	}
	return map[string]func(string) string{
		"plain":                    func(s string) string { return s + "\r\n" },
		"a line feed alone":        func(s string) string { return s + "\n" },
		"unterminated":             func(s string) string { return s },
		"carriage return":          func(s string) string { return "done\r" + s + "\r\n" },
		"carriage return, cleared": func(s string) string { return "done\r\x1b[K" + s + "\r\n" },
		"carriage returns behind":  func(s string) string { return s + "\r\r\r\n" },
		"indented":                 func(s string) string { return "  " + s + "\r\n" },
		"tab":                      func(s string) string { return "\t" + s + "\r\n" },
		"blank behind":             func(s string) string { return s + " \r\n" },
		"vertical tab":             func(s string) string { return "x\v\r" + s + "\r\n" },
		"form feed":                func(s string) string { return "x\f" + s + "\r\n" },
		"next line, C1":            func(s string) string { return "x\u0085" + s + "\r\n" },
		"line separator":           func(s string) string { return "x\u2028" + s + "\r\n" },
		"next line, ESC E":         func(s string) string { return "x\x1bE" + s + "\r\n" },
		"colour":                   func(s string) string { return "\x1b[1;32m" + s + "\x1b[0m\r\n" },
		"colour inside":            func(s string) string { return s[:3] + "\x1b[0m" + s[3:] + "\r\n" },
		"C1 colour":                func(s string) string { return "\u009b0m" + s + "\r\n" },
		"link":                     func(s string) string { return "\x1b]8;;http://x\x1b\\" + s + "\x1b]8;;\x1b\\\r\n" },
		"title before":             func(s string) string { return "\x1b]0;x\x07" + s + "\r\n" },
		"NUL between":              func(s string) string { return spaced(s) + "\r\n" },
		"DEL between":              func(s string) string { return strings.ReplaceAll(spaced(s), "\x00", "\x7f") + "\r\n" },
		"zero-width between":       func(s string) string { return strings.ReplaceAll(spaced(s), "\x00", "\u200b") + "\r\n" },
		"combining":                func(s string) string { return "o\u034f" + s[1:] + "\r\n" },
		"bidi":                     func(s string) string { return "\u202d" + s + "\u202c\r\n" },
		"no-break space":           letter(": ", ":\u00a0"),
		"ideographic space before": func(s string) string { return "\u3000" + s + "\r\n" },
		"Cyrillic":                 letter("opsh", "орѕһ"),
		"Greek":                    letter("o", "ο"),
		"full width":               letter("opsh:", "ｏｐｓｈ："),
		"mathematical":             letter("opsh", "𝗈𝗉𝗌𝗁"),
		"upper case":               letter("opsh", "OPSH"),
		"a zero":                   letter("opsh", "0psh"),
		"home":                     func(s string) string { return "\x1b[H" + s + "\r\n" },
		"cursor position":          func(s string) string { return "x\x1b[5;1H" + s + "\x1b[20;1H\r\n" },
		"cursor up":                func(s string) string { return "x\r\n\x1b[A" + s + "\r\n" },
		"column 1":                 func(s string) string { return "xyz\x1b[G" + s + "\r\n" },
		"back and over":            func(s string) string { return "x\b" + s + "\r\n" },
		"a wrong letter, mended":   func(s string) string { return "opX\bsh" + s[4:] + "\r\n" },
		"the first letter last":    func(s string) string { return " " + s[1:] + "\r" + s[:1] + "\r\n" },
		"from the right":           func(s string) string { return fromTheRight(s) + "\r\n" },
		"inserted":                 func(s string) string { return s[2:] + "\r\x1b[4h" + s[:2] + "\x1b[4l\r\n" },
		"characters deleted":       func(s string) string { return "xxx" + s + "\r\x1b[3P\r\n" },
		"on the alternate screen":  func(s string) string { return "\x1b[?1049h\x1b[H" + s + "\x1b[?1049l\r\n" },
		"among others":             func(s string) string { return "ok\r\n" + s + "\r\nok\r\n" },
		"in two writes":            func(s string) string { return s[:1] + "\x1b[s\x1b[u" + s[1:] + "\r\n" },
		"unfinished string before": func(s string) string { return "\x1bPx\x18" + s + "\r\n" },
		"many that draw nothing":   func(s string) string { return s[:1] + strings.Repeat("\u200b", 140) + s[1:] + "\r\n" },
		"broken by the terminal":   func(s string) string { return "ok" + strings.Repeat(" ", 78) + s + "\r\n" },
		"broken behind text":       func(s string) string { return strings.Repeat("x", 80) + s + "\r\n" },
		"from right to left":       func(s string) string { return "\u202e" + reversed(s) + "\u202c\r\n" },
		"isolated right to left":   func(s string) string { return "\u2067\u202e" + reversed(s) + "\u202c\u2069\r\n" },
		"behind concealed text":    func(s string) string { return "\x1b[8mx\x1b[28m" + s + "\r\n" },
		"behind black on black":    func(s string) string { return "\x1b[30;40mx\x1b[0m" + s + "\r\n" },
		"inside a C1 string":       func(s string) string { return "\u0090" + s + "\u009c\r\n" },
		"inside another C1 string": func(s string) string { return "\u009f" + s + "\u009c\r\n" },
		"inside a string":          func(s string) string { return "\x1bPx\r" + s + "\x1b\\\r\n" },
		"blank braille":            func(s string) string { return "\u2800" + s + "\r\n" },
		"a dot below":              func(s string) string { return "o\u0323" + s[1:] + "\r\n" },
		"Deseret":                  letter("o", "\U0001042c"),
		"Lisu colons":              func(s string) string { return strings.ReplaceAll(s, ":", "\ua4fd") + "\r\n" },
		"shifted left":             func(s string) string { return "xxx" + s + "\r\x1b[3 @\r\n" },
		"columns deleted":          func(s string) string { return "xxx" + s + "\r\x1b[3'~\r\n" },
		"drawn, another blank":     func(s string) string { return " " + strings.Replace(s[1:], "exit ", "exit\u00a0", 1) + "\ro\r\n" },
		"drawn, text behind":       func(s string) string { return " " + s[1:] + ".\ro\r\n" },
		"drawn, in capitals":       func(s string) string { return " " + s[1:len(s)-9] + strings.ToUpper(s[len(s)-9:]) + "\ro\r\n" },
		"behind a very long line":  func(s string) string { return strings.Repeat("x", 3<<20) + "\r" + s + "\r\n" },
	}
}

// fromTheRight writes a line from its last letter to its first.
func fromTheRight(s string) string {
	var b strings.Builder
	for i := len(s) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "\x1b[%dG%c", i+1, s[i])
	}
	return b.String()
}

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// TestForged: every claim by every trick is named, and the genuine lines are found all the same.
func TestForged(t *testing.T) {
	records := trail()
	n := 0
	for name, trick := range tricks() {
		for i, claim := range claims() {
			n++
			forged := trick(claim)
			text := log(records, func(at int) string {
				switch at {
				case 1:
					return forged + "\x18\r\r\n"
				case 2:
					return "\r\n"
				}
				return ""
			})
			r := align(t, text, records)
			if r.Agrees() {
				t.Errorf("%s, claim %d: nobody notices %q", name, i, short(forged))
			}
			if r.Found != len(records) {
				t.Errorf("%s, claim %d: the genuine lines are not found: %+v", name, i, r)
			}
			for _, f := range r.Findings {
				if f.Kind == Missing || f.Line < 3 || strings.ContainsAny(f.Text, "\x1b\r\n\u200b\u202d") {
					t.Errorf("%s, claim %d: %+v", name, i, f)
				}
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d attempts", n)
	}
}

func short(s string) string { return s[max(0, len(s)-200):] }

// TestDrawnOver: a genuine line stands in the log as it was, and something else was seen. Where that depends on the terminal's width it is a note: a
// line editor that moves up in a long line does the same.
func TestDrawnOver(t *testing.T) {
	records := trail()
	records = append(records[:5:5], records[7]) // without the line that breaks
	line := transcript.Line(records[3])
	column := strings.Index(line, "exit 1") + len("exit ") + 1
	for _, edit := range []string{"0", "0\x1b[K 1.333s [5f3aa0ea]", "\x1b[P0", "\x1b[1P\x1b[@0"} {
		r := align(t, log(records, func(at int) string {
			if at != 4 {
				return ""
			}
			return fmt.Sprintf("\x1b[2A\x1b[%dG%s\x1b[2B\r\r\n", column, edit)
		}), records)
		if len(r.Findings) != 1 || r.Findings[0].Kind != Altered || r.Findings[0].Seq != 3 || r.Found != len(records) {
			t.Errorf("%q: %+v", edit, r)
		}
	}
	long := trail()
	long[1].Line = "mysql -t -h db.prod.internal -u app --default-character-set utf8mb4 -e 'SELECT id, name, mail FROM users WHERE id < 20' app_production"
	for _, edit := range []string{"\x1b[14C9" + strings.Repeat(",1", 40), "\x1b[70CX\r\x1b[B", "\x1b[70C\x1b[P\x1b[B"} {
		r := align(t, log(long, func(at int) string {
			if at != 1 {
				return ""
			}
			return "mysql> SELECT " + strings.Repeat("1,", 40) + "\r\x1b[A" + edit + "\r\r\n"
		}), long)
		if !r.Agrees() || len(r.Notes) != 1 || r.Notes[0].Kind != DrawnOver || r.Notes[0].Seq != 1 {
			t.Errorf("a line editor, %q: %+v", edit, r)
		}
	}
}

// TestProse: what only begins like a record's line is none.
func TestProse(t *testing.T) {
	records := trail()
	for _, text := range []string{"opsh: endpoint reached", "Opsh: beginning import", "opsh: ended", "opsh:", "opsh: error: no", "the opsh: #1", "ops: #1", "opsh # 1"} {
		r := align(t, log(records, func(at int) string {
			if at == 1 {
				return text + "\r\r\n"
			}
			return ""
		}), records)
		if !r.Agrees() || len(r.Notes) > 0 {
			t.Errorf("%s: %+v", text, r)
		}
	}
}

// TestBounded: no log takes longer than its length makes it, and one that is too much to draw doesn't pass for one that was searched.
func TestBounded(t *testing.T) {
	records := trail()
	for name, between := range map[string]string{
		"repeated":      strings.Repeat("a\x1b[2147483647b\r\n", 2000),
		"inserted":      strings.Repeat("a\x1b[2147483647@\x1b[2147483647L\r\n", 200),
		"one long line": strings.Repeat("x", 20<<20) + "\r\n",
	} {
		r := align(t, log(records, func(at int) string {
			if at == 1 {
				return between
			}
			return ""
		}), records)
		if !r.Agrees() {
			t.Errorf("%s: %+v", name, r)
		}
	}
	var want Records
	for _, r := range records {
		want.Add(r)
	}
	s := newScreen(&want, 80)
	defer s.close()
	s.spent = budget
	if s.show(logLine{1, "a\rb", true}, true); !s.failed {
		t.Error("the budget is spent, and it goes on")
	}
	if (Result{Blind: 1}).Agrees() {
		t.Error("a log that was not searched to its end agrees")
	}
}

// FuzzAlign: no log, whatever it holds, stops the comparison, and none that lacks a line agrees.
func FuzzAlign(f *testing.F) {
	for _, trick := range tricks() {
		if forged := trick(claims()[2]); len(forged) < 10_000 {
			f.Add(forged)
		}
	}
	records := trail()
	f.Fuzz(func(t *testing.T, between string) {
		if len(between) > 20_000 {
			return
		}
		r := align(t, log(records, func(i int) string {
			if i == 1 {
				return between + "\x18\r\r\n"
			}
			return ""
		}), records)
		if r.Found != len(records) {
			t.Errorf("found %d of %d", r.Found, len(records))
		}
		if r := align(t, log(records[:7], func(int) string { return between + "\r\n" }), records); r.Agrees() {
			t.Error("the end is missing, and it agrees")
		}
	})
}

// BenchmarkAlign is a log of text, of coloured text, and of a progress bar.
func BenchmarkAlign(b *testing.B) {
	records := trail()
	var want Records
	for _, r := range records {
		want.Add(r)
	}
	for name, line := range map[string]string{
		"text":     "| 1 | 佐藤花子 | 2026-11-23 |\r\r\n",
		"colour":   "\x1b[32m| 1 | 佐藤花子 |\x1b[0m 2026-11-23\r\r\n",
		"progress": "\r\x1b[K 12% of all\r\x1b[K 13% of all\r\r\n",
	} {
		text := log(records, func(i int) string {
			if i == 1 {
				return strings.Repeat(line, 10_000)
			}
			return ""
		})
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if r, err := Align(strings.NewReader(text), &want); err != nil || !r.Agrees() {
					b.Fatalf("%+v, %v", r, err)
				}
			}
		})
	}
}
