package redact

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// known is a Set of secrets by name.
func known(secrets map[string]string) *Set {
	var all []Secret
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		all = append(all, Secret{name, secrets[name]})
	}
	return New(all)
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		name       string
		secrets    map[string]string
		text, want string
	}{
		{"none", nil, "hunter22", "hunter22"},
		{"nothing to find", map[string]string{"a": "hunter22"}, "hunter21 hunter2", "hunter21 hunter2"},
		{"empty text", map[string]string{"a": "hunter22"}, "", ""},
		{"alone", map[string]string{"a": "hunter22"}, "hunter22", "[secret a]"},
		{"within", map[string]string{"a": "hunter22"}, "x=hunter22;hunter22\nyhunter22y", "x=[secret a];[secret a]\ny[secret a]y"},
		{"one behind the other", map[string]string{"a": "hunter22"}, "hunter22hunter22", "[secret a][secret a]"},
		{"not by another case", map[string]string{"a": "hunter22"}, "Hunter22", "Hunter22"},
		{"Japanese", map[string]string{"a": "パスワードパスワード"}, "「パスワードパスワード」", "「[secret a]」"},
		{"not a pattern", map[string]string{"a": "[a-z]+.*$1\\1"}, "hunter22 [a-z]+.*$1\\1", "hunter22 [secret a]"},

		{"quoted", map[string]string{"a": `s3cret\pass"word`}, `password="s3cret\\pass\"word"`, `password="[secret a]"`},
		{"escaped", map[string]string{"a": `s3cret\pass"word`}, `'s3cret\\pass\"word'`, "'[secret a]'"},
		{"both", map[string]string{"a": `s3cret\pass"word`}, `s3cret\pass"word "s3cret\\pass\"word"`, `[secret a] "[secret a]"`},

		{"two", map[string]string{"a": "hunter22", "b": "pass-word"}, "pass-word hunter22", "[secret b] [secret a]"},
		{"one holds the other at its beginning", map[string]string{"a": "hunter22", "b": "hunter2222"}, "hunter22 hunter2222 hunter222", "[secret a] [secret b] [secret a]2"},
		{"one holds the other at its end", map[string]string{"a": "hunter22", "b": "my-hunter22"}, "my-hunter22", "[secret b]"},
		{"one holds the other twice", map[string]string{"a": "hunter22", "b": "hunter22:hunter22"}, "hunter22:hunter22", "[secret b]"},
		{"two have one value", map[string]string{"a": "hunter22", "b": "hunter22"}, "hunter22", "[secret a]"},
		// Replaced one after the other, the end of the second or the beginning of the first would stay.
		{"they overlap", map[string]string{"a": "abcdefgh", "b": "ghijklmn"}, "1abcdefghijklmn2", "1[secret a][secret b]2"},
		{"they overlap, the second is longer", map[string]string{"a": "abcdefgh", "b": "ghijklmnopqrst"}, "abcdefghijklmnopqrst", "[secret a][secret b]"},
		{"three overlap", map[string]string{"a": "abcdefgh", "b": "efghijkl", "c": "ijklmnop"}, "abcdefghijklmnop", "[secret a][secret b][secret c]"},
		{"one overlaps itself", map[string]string{"a": "aaaaaaaa"}, "xaaaaaaaaaax", "x[secret a]x"},
		{"a name is found in nothing", map[string]string{"a": "hunter22", "b": "[secret a]"}, "hunter22 [secret a]", "[secret a] [secret b]"},
		{"too short", map[string]string{"a": "x"}, "x eA== 78", "x eA== 78"},
		{"empty", map[string]string{"a": ""}, "x", "x"},
	} {
		if got := known(c.secrets).Text(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// A tool's output is long, and may be made to be slow to search.
func TestTextLong(t *testing.T) {
	set := known(map[string]string{"a": strings.Repeat("a", 60000), "b": strings.Repeat("a", 59999) + "b"})
	if got := set.Text(strings.Repeat("a", 200_000) + "c"); got != "[secret a]c" {
		t.Errorf("%d bytes", len(got))
	}
}

// No secret stays, whatever overlaps, and all else does; and a stream makes the same of it, wherever it is cut.
func FuzzText(f *testing.F) {
	f.Add("abcdefgh", "ghijklmn", "abcdefghijklmn", uint8(3))
	f.Add("aaaaaaaa", "aaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaa", uint8(1))
	f.Add(`a"b\c"d\e`, "12345678", `"a\"b\\c\"d\\e"12345678`, uint8(7))
	f.Add("]]]]]]]]", "[secret ", "[secret [secret ]]]]]]]]]", uint8(2))
	f.Add("mysql://u:passwort@h/db", "12345678", "a\npasswort cGFzc3dvcnQ= 12345678\n1", uint8(5))
	f.Fuzz(func(t *testing.T, a, b, text string, size uint8) {
		// No Bind takes a shorter one, or one with a control character.
		if len(a) < 8 || len(b) < 8 || strings.ContainsFunc(a+b, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return
		}
		set := known(map[string]string{"a": a, "b": b})
		got := set.Text(text)
		// Byte by byte: what no form of either covers is what is left between the names.
		covered := make([]bool, len(text))
		for _, form := range append(forms(a), forms(b)...) {
			for at := range len(text) {
				if len(form) >= leastForm && strings.HasPrefix(text[at:], form) {
					for i := range len(form) {
						covered[at+i] = true
					}
				}
			}
		}
		var want strings.Builder
		for i := range len(text) {
			if !covered[i] {
				want.WriteByte(text[i])
			}
		}
		left := strings.NewReplacer("[secret a]", "", "[secret b]", "").Replace(got)
		if !strings.Contains(text, "[secret") && left != want.String() {
			t.Fatalf("left is %q, want %q", left, want.String())
		}
		if streamed := inPieces(set, text, int(size)+1); streamed != got {
			t.Fatalf("in pieces of %d: %q, whole: %q", int(size)+1, streamed, got)
		}
	})
}
