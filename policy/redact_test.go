package policy

import (
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
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

		{"quoted", map[string]string{"a": `s3cret\pass"word`}, `password="s3cret\\pass\"word"`, "password=[secret a]"},
		{"escaped", map[string]string{"a": `s3cret\pass"word`}, `'s3cret\\pass\"word'`, "'[secret a]'"},
		{"both", map[string]string{"a": `s3cret\pass"word`}, `s3cret\pass"word "s3cret\\pass\"word"`, "[secret a] [secret a]"},
		{"quoted without need", map[string]string{"a": "hunter22"}, `"hunter22" 'hunter22'`, "[secret a] '[secret a]'"},

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
		{"quoted ones overlap in a quote", map[string]string{"a": "abcdefgh", "b": "ijklmnop"}, `"abcdefgh"ijklmnop"`, "[secret a][secret b]"},
		{"a name is found in nothing", map[string]string{"a": "hunter22", "b": "[secret a]"}, "hunter22 [secret a]", "[secret a] [secret b]"},
		{"empty", map[string]string{"a": ""}, "x", "x"},
	} {
		if got := (&Grant{secrets: c.secrets}).Redact(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// A tool's output is long, and may be made to be slow to search.
func TestRedactLong(t *testing.T) {
	g := &Grant{secrets: map[string]string{"a": strings.Repeat("a", 60000), "b": strings.Repeat("a", 59999) + "b"}}
	if got := g.Redact(strings.Repeat("a", 200_000) + "c"); got != "[secret a]c" {
		t.Errorf("%d bytes", len(got))
	}
}

// No secret stays, whatever overlaps, and all else does.
func FuzzRedact(f *testing.F) {
	f.Add("abcdefgh", "ghijklmn", "abcdefghijklmn")
	f.Add("aaaaaaaa", "aaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaa")
	f.Add(`a"b\c"d\e`, "12345678", `"a\"b\\c\"d\\e"12345678`)
	f.Add("]]]]]]]]", "[secret ", "[secret [secret ]]]]]]]]]")
	f.Fuzz(func(t *testing.T, a, b, text string) {
		if len(a) < 8 || len(b) < 8 { // no Bind takes a shorter one
			return
		}
		got := (&Grant{secrets: map[string]string{"a": a, "b": b}}).Redact(text)
		// Byte by byte: what no form of either covers is what is left between the names.
		covered := make([]bool, len(text))
		for _, v := range []string{a, b} {
			for _, form := range []string{v, escaped(v), `"` + escaped(v) + `"`} {
				for at := range len(text) {
					if strings.HasPrefix(text[at:], form) {
						for i := range len(form) {
							covered[at+i] = true
						}
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
	})
}
