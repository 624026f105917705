package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
)

// leastForm is how long what is looked for must be, in bytes: what is shorter is found in harmless output. A secret itself has 8 characters at
// least, which the policy sees to; this is about the password in a URL.
const leastForm = 6

// forms is every way to write a secret that is looked for.
func forms(v string) (all []string) {
	for _, one := range append([]string{v}, passwords(v)...) {
		if len(one) >= leastForm {
			all = append(all, written(one)...)
		}
	}
	return all
}

// written is a value in all its forms, as it is among them.
func written(v string) []string {
	inMySQL := replaced(v, `\`, `\\`, `'`, `\'`)
	all := []string{
		v,
		replaced(v, `\`, `\\`),            // the mysql client, where it doesn't print a table
		replaced(v, `\`, `\\`, `"`, `\"`), // an option file, :quoted
		replaced(v, `\`, `\\`, `:`, `\:`), // .pgpass
		replaced(v, `\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`), // "…" of a shell
		replaced(v, `'`, `'\''`),                                 // '…' of a shell
		replaced(v, `'`, `'\'`),                                  // the same as opsh writes it, a quote behind it
		inMySQL,                                                  // QUOTE, and $'…' of a shell
		replaced(inMySQL, `\`, `\\`),                             // the same, printed by the mysql client
		replaced(v, `\`, `\\`, `'`, `\'`, `"`, `\"`),             // mysql_real_escape_string
		replaced(v, `'`, `''`),                                   // other SQL
		replaced(v, `&`, "&amp;", `<`, "&lt;", `>`, "&gt;", `"`, "&quot;", `'`, "&#39;"),
		replaced(v, `&`, "&amp;", `<`, "&lt;", `>`, "&gt;", `"`, "&quot;"),
		replaced(inJSON(v), "<", `\u003c`, ">", `\u003e`, "&", `\u0026`), // as Go and Rails write it
		ascii(inJSON(v)),  // as Python and PHP do
		inJSON(inJSON(v)), // a JSON text in another
		hex.EncodeToString([]byte(v)), strings.ToUpper(hex.EncodeToString([]byte(v))),
	}
	return append(append(all, percents(v)...), base64s(v)...)
}

func replaced(v string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(v) }

// inJSON is a value as it stands in a JSON string.
func inJSON(v string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return v
	}
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), `"`), "\"\n")
}

// ascii writes what isn't ASCII as JSON's \uNNNN.
func ascii(v string) string {
	var b strings.Builder
	for _, r := range v {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// plains is what percent-encoders leave as it is beside letters and digits: RFC 3986, JavaScript's encodeURIComponent, forms.
var plains = [...]string{"-_.~", "-_.~!*'()", "*-._", "-._"}

// percents is a value percent-encoded in the ways of common encoders.
func percents(v string) (all []string) {
	for _, plain := range plains {
		for _, digits := range [...]string{"0123456789ABCDEF", "0123456789abcdef"} {
			b := make([]byte, 0, 3*len(v))
			for i := range len(v) {
				switch c := v[i]; {
				case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(plain, c) >= 0:
					b = append(b, c)
				default:
					b = append(b, '%', digits[c>>4], digits[c&15])
				}
			}
			all = append(all, string(b), strings.ReplaceAll(string(b), "%20", "+"))
		}
	}
	return all
}

// wrapped is how many characters base64, MySQL's TO_BASE64 and PostgreSQL's encode write on a line.
const wrapped = 76

// base64s is what every base64 text shows of a value in it, whatever stands before and behind.
func base64s(v string) (all []string) {
	for _, alphabet := range [...]*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for before := range 3 {
			text := alphabet.EncodeToString(append(make([]byte, before), v...))
			// The characters that hold bits of the value alone: the first may share one with what stands before, the last with what follows.
			from, to := (before*8+5)/6, (before+len(v))*8/6
			all = append(all, text[from:to], text[from:], strings.TrimRight(text[from:], "="))
			if before == 0 {
				all = append(all, lines(text)...)
			}
		}
	}
	return all
}

// lines is a base64 text as it is wrapped; a rest that is too short to be told from harmless output is left.
func lines(text string) (all []string) {
	for len(text) > wrapped {
		all = append(all, text[:wrapped])
		text = text[wrapped:]
	}
	if len(all) > 0 && len(text) >= leastForm {
		all = append(all, text)
	}
	return all
}

// passwords are those in a URL, as they stand there and decoded.
func passwords(v string) (all []string) {
	_, rest, ok := strings.Cut(v, "://")
	if !ok {
		return nil
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	// One that isn't encoded may hold any of @ : / ? #, and then ends at the last @ of all.
	for _, part := range [...]string{authority, rest} {
		if at := strings.LastIndexByte(part, '@'); at >= 0 {
			if _, password, ok := strings.Cut(part[:at], ":"); ok {
				all = append(all, password)
			}
		}
	}
	_, query, _ := strings.Cut(rest, "?")
	for _, pair := range strings.FieldsFunc(query, func(r rune) bool { return r == '&' || r == ';' }) {
		if name, password, ok := strings.Cut(pair, "="); ok && strings.EqualFold(name, "password") {
			all = append(all, password)
		}
	}
	for _, p := range all {
		if decoded, err := url.PathUnescape(p); err == nil && decoded != p {
			all = append(all, decoded)
		}
	}
	return all
}
