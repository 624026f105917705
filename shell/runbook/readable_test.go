package runbook

import "testing"

func TestReadable(t *testing.T) {
	for text, want := range map[string]string{
		"a\n# 注文\n\tb 'c\n d'\n": "",
		"a\r\nb\r\n":             "",
		"a":                      "",
		"# seen\rhidden\n":       "line 1 holds U+000D, which a reader doesn't see",
		"a\nb\r":                 "line 2 holds U+000D, which a reader doesn't see",
		"a\n\x04\nb\n":           "line 2 holds U+0004, which a reader doesn't see",
		"# \u202egnp\n":          "line 1 holds U+202E, which a reader doesn't see",
		"a\u200bb":               "line 1 holds U+200B, which a reader doesn't see",
		"a\n\xff":                "line 2 isn't UTF-8",
	} {
		got := ""
		if err := Readable([]byte(text)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
