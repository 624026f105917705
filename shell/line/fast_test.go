package line

import "testing"

// Split takes these without asking forbidden.
func TestNoPrintableASCIIIsForbidden(t *testing.T) {
	for r := rune(' '); r < 0x7F; r++ {
		if forbidden(r) {
			t.Errorf("%q is forbidden", r)
		}
	}
}
