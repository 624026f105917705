package policy

import (
	"flag"
	"os"
	"strings"
	"testing"
	"unicode"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What a person sees, whole: position, line, caret under the right column whatever stands before it.
func TestErrorsAsShown(t *testing.T) {
	src, err := os.ReadFile("testdata/load/shown.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Parse("policy.toml", src, splitPlainly)
	if err == nil {
		t.Fatal("it loads")
	}
	got := err.Error() + "\n"
	const golden = "testdata/load/shown.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Files that can't stand in testdata as they are: bytes that editors and reviewers stumble over.
func TestErrorsAreVisible(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"escape sequence", "version = 1 # \x1b[2J\x1b[31mok", "" +
			"p:1:15: cannot read the file: U+001B isn't visible, or hides what stands beside it\n" +
			"  version = 1 # <U+001B>[2J<U+001B>[31mok\n" +
			"                ^\n" +
			"  hint: remove it\n" +
			"p:1:19: cannot read the file: U+001B isn't visible, or hides what stands beside it\n" +
			"  version = 1 # <U+001B>[2J<U+001B>[31mok\n" +
			"                           ^\n" +
			"  hint: remove it"},
		{"bidirectional", "# 日本 \u202eevil", "" +
			"p:1:6: cannot read the file: U+202E isn't visible, or hides what stands beside it\n" +
			"  # 日本 <U+202E>evil\n" +
			"         ^\n" +
			"  hint: remove it"},
		{"another encoding", "# \x93\xfa\x96{", "" +
			"p:1:3: cannot read the file: byte 0x93 isn't UTF-8\n" +
			"  # <U+FFFD><U+FFFD><U+FFFD>{\n" +
			"    ^\n" +
			"  hint: save it as UTF-8"},
		{"empty", "", "p:1:1: cannot read the file: it is empty\n  hint: begin with version = 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("p", []byte(c.src), nil)
			if err == nil || err.Error() != c.want {
				t.Errorf("got\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("0123456789", 20)
	for _, c := range []struct {
		name, line string
		col        int
		text       string
		caret      int
	}{
		{"first", "abc", 1, "abc", 0},
		{"behind the end", "abc", 4, "abc", 3},
		{"far behind the end", "abc", 400, "abc", 3},
		{"Japanese", "日本語x", 4, "日本語x", 6},
		{"half-width", "ｱｲ x", 4, "ｱｲ x", 3},
		{"combining", "e\u0301x", 3, "e\u0301x", 1},
		{"tab", "\tx", 2, "        x", 8},
		{"tab in the middle", "ab\tx", 4, "ab      x", 8},
		{"tab behind Japanese", "日\tx", 3, "日      x", 8},
		{"control", "a\x00\x7fx", 4, "a<U+0000><U+007F>x", 17},
		{"cut right", long, 1, long[:73] + "...", 0},
		{"cut on both sides", long, 101, "..." + long[62:132] + "...", 41},
		{"cut left", long, 200, "..." + long[161:], 41},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, caret := Excerpt(c.line, c.col)
			if text != c.text || caret != c.caret {
				t.Errorf("%d %q\nwant %d %q", caret, text, c.caret, c.text)
			}
			if textColumns(text) > shownWidth {
				t.Errorf("%d columns", textColumns(text))
			}
		})
	}
}

// Whatever a policy holds, its errors are printable: no value reaches the terminal raw.
func TestErrorsArePrintable(t *testing.T) {
	for _, group := range brokenPolicies {
		for _, c := range group {
			src, _ := marked(c.src)
			_, err := Parse("policy\x1b.toml", []byte(src), splitPlainly)
			if err == nil {
				continue
			}
			for _, r := range err.Error() {
				if r != '\n' && (unicode.IsControl(r) || hidden(r)) {
					t.Errorf("%s: %q", c.name, err)
				}
			}
		}
	}
}
