package replay

import (
	"strings"
	"testing"
)

// TestSafe: what draws comes through, what else a terminal obeys does not, however it is cut.
func TestSafe(t *testing.T) {
	same := "\x00same"
	for name, test := range map[string]struct{ in, want string }{
		"text":                  {"日本語 a\r\n\tb\b", same},
		"colours":               {"\x1b[1;38;5;12mred\x1b[38:2::1:2:3mx\x1b[m", same},
		"cursor":                {"\x1b[10;20H\x1b[2K\x1b[3A\x1b7\x1b8\x1bM\x1b[4@\x1b[2P\x1b[L\x1b[s\x1b[u", same},
		"alternate screen":      {"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[4h\x1b[?1049l", same},
		"line drawing":          {"\x1b(0lqk\x1b(B\x0e\x0f\x1b#8", same},
		"soft reset":            {"\x1b[!p", same},
		"clipboard":             {"a\x1b]52;c;ZXZpbA==\x07b", "ab"},
		"clipboard, ST":         {"a\x1b]52;c;ZXZpbA==\x1b\\b", "ab"},
		"title":                 {"a\x1b]0;title\x07b", "ab"},
		"link":                  {"\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"},
		"device attributes":     {"a\x1b[c\x1b[>c\x1b[=cb", "ab"},
		"status report":         {"a\x1b[6n\x1b[?6n\x1b[5nb", "ab"},
		"mode report":           {"a\x1b[?2004$p\x1b[4$pb", "ab"},
		"answerback":            {"a\x05b", "ab"},
		"bell":                  {"a\x07b", "ab"},
		"DECID":                 {"a\x1bZb", "ab"},
		"DCS":                   {"a\x1bP$q\"p\x1b\\b", "ab"},
		"DCS in C1":             {"a\u0090$qm\u009cb", "ab"},
		"CSI in C1":             {"a\u009b31mb", "a\x1b[31mb"},
		"query in C1":           {"a\u009b6nb", "ab"},
		"OSC in C1":             {"a\u009d52;c;ZXZpbA==\u009cb", "ab"},
		"window":                {"a\x1b[21t\x1b[8;50;200tb", "ab"},
		"printer":               {"a\x1b[5i\x1b[?5ib", "ab"},
		"mouse":                 {"a\x1b[?1000h\x1b[?1006h\x1b[?1003hb", "ab"},
		"bracketed paste":       {"a\x1b[?2004hb", "ab"},
		"several modes":         {"\x1b[?1000;25;1049h", "\x1b[?25h\x1b[?1049h"},
		"cursor keys":           {"a\x1b[?1h\x1b=b", "ab"},
		"kitty keyboard":        {"a\x1b[>1u\x1b[=1;1ub", "ab"},
		"modifyOtherKeys":       {"a\x1b[>4;2mb", "ab"},
		"132 columns":           {"a\x1b[?3hb", "ab"},
		"two billion":           {"a\x1b[2147483647bb", "ab"},
		"full reset":            {"\x1bc", clear},
		"an unended string":     {"a\x1b]0;title", "a"},
		"CAN ends a string":     {"a\x1b]0;title\x18b", "ab"},
		"ESC in a string":       {"a\x1b]0;t\x1b[31mb", "a\x1b[31mb"},
		"a control in between":  {"\x1b[3\n1mb", "\n\x1b[31mb"},
		"too long":              {"a\x1b[" + strings.Repeat("1;", 500) + "mb", "ab"},
		"bidirectional":         {"a\u202eb\u2066c", "abc"},
		"APC":                   {"a\x1b_Gi=1;AAAA\x1b\\b", "ab"},
		"DEL":                   {"a\x7fb", "ab"},
		"erased":                {"\x1b[J\x1b[0J\x1b[1J\x1b[2J\x1b[K\x1b[1K", same},
		"the scrollback erased": {"a\x1b[3Jb\x1b[03J\x1b[2;3J\x1b[?3J\x1b[;3J\u009b3J", "ab"},
		"tab stops":             {"a\x1b[3gb\x1b[0g\x1b[g\x1b[2;3g\x1bHc", "abc"},
		"status line":           {"a\x1b[1$}\x1b[2$~b", "ab"},
		"load LEDs, tests":      {"a\x1b[3q\x1b[4yb", "ab"},
	} {
		want := strings.ReplaceAll(test.want, same, test.in)
		var whole Safe
		if got := whole.Write(test.in); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		var cut Safe
		got := ""
		for _, r := range test.in {
			got += cut.Write(string(r))
		}
		if got != want {
			t.Errorf("%s, cut: got %q, want %q", name, got, want)
		}
	}
	region := Safe{Rows: 24}
	if got := region.Write("\x1b[r\x1b[5r\x1b[5;10r\x1b[!p"); got != "\x1b[1;24r\x1b[5;24r\x1b[5;10r\x1b[!p\x1b7\x1b[1;24r\x1b8" {
		t.Errorf("%q", got)
	}
}

// FuzzSafe: nothing but what is known comes through, and it is the same however it is cut.
func FuzzSafe(f *testing.F) {
	f.Add("a\x1b]52;c;x\x07\x1b[31m\u009b6n", 3)
	f.Fuzz(func(t *testing.T, in string, cut int) {
		in = strings.ToValidUTF8(in, "")
		var whole, parts Safe
		got := whole.Write(in)
		left := strings.Map(func(r rune) rune {
			if r == 0x1b || r < ' ' && !strings.ContainsRune("\b\t\n\v\f\r\x0e\x0f", r) || r >= 0x7f && r < 0xa0 {
				return r
			}
			return -1
		}, sequences.ReplaceAllString(got, ""))
		if left != "" {
			t.Errorf("%q lets %q through: %q", in, left, got)
		}
		runes := []rune(in)
		cut = max(0, min(cut, len(runes)))
		if again := parts.Write(string(runes[:cut])) + parts.Write(string(runes[cut:])); again != got {
			t.Errorf("%q: %q, cut at %d %q", in, got, cut, again)
		}
	})
}
