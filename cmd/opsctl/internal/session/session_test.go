package session

import (
	"slices"
	"strings"
	"testing"
)

// TestLine: words become a line that opsh reads back as they were, or nothing is sent.
func TestLine(t *testing.T) {
	for _, test := range []struct {
		words []string
		want  string
	}{
		{[]string{"mysql", "-e", "SELECT 'a'", "db"}, "mysql -e \"SELECT 'a'\" db\n"},
		{[]string{"tool", "", "a\nb", "<", "x;y", "山田"}, "tool '' $'a\\nb' '<' 'x;y' 山田\n"},
	} {
		if got, err := Line(test.words); err != nil || string(got) != test.want {
			t.Errorf("%q: %q, %v", test.words, got, err)
		}
	}
	for _, words := range [][]string{{"tool", "\x1b"}, {"tool", "\xff"}, {"tool", "a\u202eb"}, {"tool", "a\x00b"}} {
		if got, err := Line(words); err == nil {
			t.Errorf("%q was accepted: %q", words, got)
		}
	}
}

func TestCommands(t *testing.T) {
	var got []string
	for _, s := range Runbook("# 注釈\r\n\r\na 'x\r\ny'\rb\n# 'open\n c \\\nd\ne 'f").Commands() {
		got = append(got, string(rune('0'+s.At))+":"+s.Text)
	}
	if want := []string{"3:a 'x\ny'", "5:b", "7: c \\\nd", "9:e 'f"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestCheck(t *testing.T) {
	for text, ok := range map[string]bool{"a": true, "": false, " \n": false, strings.Repeat("x", maxRunbook): true, strings.Repeat("x", maxRunbook+1): false} {
		if err := Runbook(text).Check(); (err == nil) != ok {
			t.Errorf("%.5q of %d bytes: %v", text, len(text), err)
		}
	}
}

// TestEscape: "~." at the start of a line leaves; everything else goes through.
func TestEscape(t *testing.T) {
	for keys, want := range map[string]string{
		"a~.b": "a~.b", "~~.": "~.", "~a": "~a", "\r~~x": "\r~x", "ls\r": "ls\r", "~\r~.": "~\r!", "~.": "!", "ls\r~.": "ls\r!", "\x03~.x": "\x03!", "~": "",
	} {
		for _, by := range []int{1, len(keys)} {
			e := escape{atStart: true}
			got := ""
			for rest := keys; rest != ""; rest = rest[min(by, len(rest)):] {
				send, left := e.filter([]byte(rest[:min(by, len(rest))]))
				got += string(send)
				if left {
					got += "!"
					break
				}
			}
			if got != want {
				t.Errorf("%q by %d: %q instead of %q", keys, by, got, want)
			}
		}
	}
}
