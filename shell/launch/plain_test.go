package launch

import (
	"strings"
	"testing"
)

func TestPlainText(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "abc\r\n\tdef\n": true, "日本語 ñ é か\u3099\n": true, "\u00a0": true, strings.Repeat("漢", 1000): true,
		"\x1b[0m": false, "\x07": false, "\x0e": false, "\x0f": false, "\b": false, "\x7f": false, "\x00": false, "\x05": false,
		"\u009b8m": false, "\u0080": false, "\u009f": false, "\x9b8m": false, "\xff": false, "\xe6\x97": false, "\xc0\x9b": false, "\xed\xa0\x80": false,
		"ok \xc2\x9d": false, "日本\xe8 x": false,
	} {
		for cut := 1; cut <= len(text)+1; cut++ {
			var p plainText
			for rest := []byte(text); len(rest) > 0; {
				n := min(cut, len(rest))
				p.write(rest[:n])
				rest = rest[n:]
			}
			if p.all() != want {
				t.Errorf("%q by %d: %v", text, cut, p.all())
			}
		}
	}
}

// TestPrintable holds the arithmetic against a loop: every byte in every place, beside its neighbours' extremes.
func TestPrintable(t *testing.T) {
	for c := range 256 {
		for place := range 8 {
			for _, other := range []byte{' ', '~', 'x'} {
				var w uint64
				for i := range 8 {
					b := other
					if i == place {
						b = byte(c)
					}
					w |= uint64(b) << (8 * i)
				}
				if want := c >= ' ' && c < 0x7f; printable(w) != want {
					t.Errorf("%#x in place %d beside %q: %v", c, place, other, !want)
				}
			}
		}
	}
}
