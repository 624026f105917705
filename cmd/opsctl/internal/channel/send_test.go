package channel

import (
	"bytes"
	"strings"
	"testing"
)

// TestPieces: no message is a line feed alone, which AWS's library turns into a carriage return.
func TestPieces(t *testing.T) {
	for n := range 3*piece + 2 {
		keys := []byte(strings.Repeat("\n", n))
		all := pieces(keys)
		if !bytes.Equal(bytes.Join(all, nil), keys) {
			t.Fatalf("%d bytes are not the same", n)
		}
		for _, p := range all {
			if len(p) > piece || len(p) == 1 && n > 1 {
				t.Fatalf("%d bytes: a piece of %d", n, len(p))
			}
		}
	}
}
