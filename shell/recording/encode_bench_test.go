package recording

import (
	"strings"
	"testing"
)

// BenchmarkText is how fast output becomes JSON's text.
func BenchmarkText(b *testing.B) {
	line := []byte(strings.Repeat(strings.Repeat("0123456789", 7)+"abcdefghi\r\n", 100))
	var t text
	out := make([]byte, 0, 2*len(line))
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		out = t.append(out[:0], line)
	}
}
