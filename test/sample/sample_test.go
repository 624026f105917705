//go:build linux

package sample

import (
	"os"
	"testing"

	"opsh/shell/audit"
)

// TestSample: the samples are what opsh would leave, or whatever is tested with them is tested with nothing.
func TestSample(t *testing.T) {
	for name, make := range map[string]func(string) (Made, error){
		"demo": Demo, "large": func(dir string) (Made, error) { return Large(dir, 3) },
	} {
		made, err := make(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		in, err := os.Open(made.Trail)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		if v, err := audit.Verify(in, audit.Options{}); err != nil || v.State != audit.Whole {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}
