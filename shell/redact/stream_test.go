package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
)

// inPieces is what a stream makes of a text that comes in pieces of one size.
func inPieces(s *Set, text string, size int) string {
	stream := s.Stream()
	var out strings.Builder
	for len(text) > 0 {
		n := min(size, len(text))
		out.Write(stream.Write([]byte(text[:n])))
		text = text[n:]
	}
	out.Write(stream.Flush())
	return out.String()
}

const awkward = `p#a:s's"w\o r<d&%/日本語`

// TestForms: everything that a program is likely to make of a secret, cut at each place.
func TestForms(t *testing.T) {
	inJSON := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const link = "mysql2://ops:p%23a%3Ass%27w%22%5C@db.example:3306/app"
	for _, c := range []struct{ name, secret, text, want string }{
		{"as it is", awkward, "x" + awkward + "y", "x[secret s]y"},
		{"in an option file", awkward, `password="p#a:s's\"w\\o r<d&%/日本語"`, `password="[secret s]"`},
		{"JSON as Go has it", awkward, inJSON(map[string]string{"p": awkward}), `{"p":"[secret s]"}`},
		{"JSON as Python has it", awkward, `{"p": "p#a:s's\"w\\o r<d&%/\u65e5\u672c\u8a9e"}`, `{"p": "[secret s]"}`},
		{"SQL", awkward, `IDENTIFIED BY 'p#a:s''s"w\o r<d&%/日本語'`, `IDENTIFIED BY '[secret s]'`},
		{"MySQL", awkward, `IDENTIFIED BY 'p#a:s\'s"w\\o r<d&%/日本語'`, `IDENTIFIED BY '[secret s]'`},
		{"a shell", awkward, `'p#a:s'\''s"w\o r<d&%/日本語'`, `'[secret s]'`},
		{"a shell's double quotes", awkward, `"p#a:s's\"w\\o r<d&%/日本語"`, `"[secret s]"`},
		{".pgpass", awkward, `db:5432:app:ops:p#a\:s's"w\\o r<d&%/日本語`, `db:5432:app:ops:[secret s]`},
		{"HTML", awkward, `<td>p#a:s&#39;s&quot;w\o r&lt;d&amp;%/日本語</td>`, `<td>[secret s]</td>`},
		{"a URL", awkward, "q=" + url.QueryEscape(awkward) + "&", "q=[secret s]&"},
		{"a URL, small digits", awkward, "q=" + strings.ToLower(url.QueryEscape(awkward)) + "&", "q=[secret s]&"},
		{"a URL, %20", awkward, "q=" + strings.ReplaceAll(url.QueryEscape(awkward), "+", "%20") + "&", "q=[secret s]&"},
		{"encodeURIComponent", awkward, "q=" + strings.NewReplacer("+", "%20", "%27", "'").Replace(url.QueryEscape(awkward)) + "&", "q=[secret s]&"},
		{"hexadecimal", awkward, "0x" + hex.EncodeToString([]byte(awkward)) + " " + strings.ToUpper(hex.EncodeToString([]byte(awkward))), "0x[secret s] [secret s]"},

		{"base64", awkward, base64.StdEncoding.EncodeToString([]byte(awkward)), "[secret s]"},
		{"base64 without =", "hunter22x", base64.RawStdEncoding.EncodeToString([]byte("hunter22x")), "[secret s]"},
		{"base64 for URLs", "hunter>>>???", base64.URLEncoding.EncodeToString([]byte("hunter>>>???")), "[secret s]"},
		{"base64 in three lines", strings.Repeat("0123456789", 13), "c: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2\r\n" +
			"Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\r\nNDU2Nzg5MDEyMzQ1Njc4OQ==\r\n", "c: [secret s]\r\n[secret s]\r\n[secret s]\r\n"},

		{"a URL as a secret", link, "url: " + link + " ok", "url: [secret s] ok"},
		{"the password in it", link, "password 'p%23a%3Ass%27w%22%5C'", "password '[secret s]'"},
		{"the password in it, decoded", link, `password p#a:ss'w"\`, "password [secret s]"},
		{"the password in it, base64", link, base64.StdEncoding.EncodeToString([]byte(`p#a:ss'w"\`)), "[secret s]"},
		{"one that isn't encoded", "postgres://ops:p@ss/w#rd:x@db/app", "p@ss/w#rd:x", "[secret s]"},
		{"in its query", "jdbc:postgresql://db/app?user=ops&password=hunter%2122", "hunter!22", "[secret s]"},
		{"its user, host and database are none", link, "ops db.example 3306 app", "ops db.example 3306 app"},
	} {
		set := New([]Secret{{"s", c.secret}})
		if got := set.Text(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		for size := 1; size <= len(c.text); size++ {
			if got := inPieces(set, c.text, size); got != c.want {
				t.Errorf("%s, in pieces of %d: %q, want %q", c.name, size, got, c.want)
			}
		}
	}
}

// TestBase64Anywhere: a secret in the middle of what was encoded leaves the few bits that it shares with its neighbours.
func TestBase64Anywhere(t *testing.T) {
	secret := "hunter22-日本"
	set := New([]Secret{{"s", secret}})
	for _, before := range []string{"", "a", "ab", "abc", "user:"} {
		for _, behind := range []string{"", "z", "zy", "zyx"} {
			for name, e := range map[string]*base64.Encoding{"std": base64.StdEncoding, "raw": base64.RawStdEncoding, "url": base64.URLEncoding, "raw url": base64.RawURLEncoding} {
				text := e.EncodeToString([]byte(before + secret + behind))
				got := set.Text(text)
				rest := strings.Replace(got, "[secret s]", "", 1)
				// What is left must be what the neighbours need, and a character on either side at most.
				if most := (len(before)*4+2)/3 + 1 + (len(behind)*4+2)/3 + 3; rest == got || len(rest) > most {
					t.Errorf("%s of %q %q: %q of %q", name, before, behind, got, text)
				}
			}
		}
	}
}

// TestHeldAlike: what is held back, and so how late it is shown, is the same whether it is the beginning of a secret or not.
func TestHeldAlike(t *testing.T) {
	set := New([]Secret{{"s", "hunter22"}})
	for _, before := range []string{"", "some text\r\n", "prompt> "} {
		for n := range 7 {
			right, wrong := set.Stream(), set.Stream()
			right.Write([]byte(before + "hunter2"[:n]))
			wrong.Write([]byte(before + "zzzzzzz"[:n]))
			if right.Held() != wrong.Held() {
				t.Errorf("%q: %d bytes of a beginning are held, %d of another text", before+"hunter2"[:n], right.Held(), wrong.Held())
			}
		}
	}
	lines := set.Stream()
	if got := string(lines.Write([]byte("a line\r\nhunt"))); got != "a line\r\n" {
		t.Errorf("%q", got)
	}
	if got := string(lines.Flush()); got != "hunt" || lines.Held() != 0 {
		t.Errorf("%q, %d held", got, lines.Held())
	}
	if got := string(lines.Write([]byte("er22\n"))); got != "er22\n" {
		t.Errorf("%q: it was shown before", got)
	}
}

func TestNone(t *testing.T) {
	for _, none := range []*Set{New(nil), New([]Secret{{"s", ""}}), New([]Secret{{"s", "x"}})} {
		if none != nil || none.Stream() != nil || none.Text("x") != "x" {
			t.Errorf("%v", none)
		}
	}
}

// The streams that an output path sees: rows of a table, and bytes without lines.
func BenchmarkStream(b *testing.B) {
	var table bytes.Buffer
	for i := 0; table.Len() < 64<<10; i++ {
		fmt.Fprintf(&table, "| %8d | %-20s | 2026-11-25 09:%02d:%02d | shipped |\r\n", i, "山田太郎", i/60%60, i%60)
	}
	binary := make([]byte, 64<<10)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range binary {
		binary[i] = byte(' ' + random.IntN(95))
	}
	one := []Secret{{"db", `s3cret\pass"word`}}
	many := append([]Secret(nil), one...)
	for i := range 20 {
		many = append(many, Secret{fmt.Sprintf("url%d", i), fmt.Sprintf("mysql2://ops:%08x@db/app%d", random.Uint32(), i)})
	}
	for name, secrets := range map[string][]Secret{"1 secret": one, "21 secrets": many} {
		for kind, piece := range map[string][]byte{"table": table.Bytes(), "no lines": binary} {
			b.Run(name+", "+kind, func(b *testing.B) {
				s := New(secrets).Stream()
				b.SetBytes(int64(len(piece)))
				for b.Loop() {
					s.Write(piece)
				}
			})
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New([]Secret{{"db", awkward}, {"url", "mysql2://ops:p%23a%3Ass%27w%22%5C@db.example:3306/app"}})
	}
}
