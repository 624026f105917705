//go:build linux

package recording

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func BenchmarkOutput(b *testing.B) {
	piece := bytes.Repeat([]byte(strings.Repeat("0123456789", 7)+"abcdefghi\r\n"), 4096/81)
	b.SetBytes(int64(len(piece)))
	r := New(Options{Now: time.Now, Size: func() (int, int) { return 80, 24 }})
	if err := r.Open(b.TempDir(), "bench"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r.Output(piece)
	}
	r.Close(0)
}

func BenchmarkText(b *testing.B) {
	piece := bytes.Repeat([]byte(strings.Repeat("0123456789", 7)+"abcdefghi\r\n"), 4096/81)
	b.SetBytes(int64(len(piece)))
	var t text
	var out []byte
	for b.Loop() {
		out = t.append(out[:0], piece)
	}
}
