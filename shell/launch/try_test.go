package launch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTry(t *testing.T) {
	seat := &Seat{UID: toolUID + 25, Reaper: reaperUID}
	// Where the tool's uid reaches it, as an installed one is.
	dir, err := os.MkdirTemp("/var/lib", "opsh-test-try-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	installed := filepath.Join(dir, "opsh-exec")
	program, err := os.ReadFile(rig.helper)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []error{os.Chmod(dir, 0o755), os.WriteFile(installed, program, 0o755)} {
		if step != nil {
			t.Fatal(step)
		}
	}
	if err := Try(installed, seat); err != nil {
		t.Error(err)
	}
	if err := Try("/bin/true", seat); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a program that contains nothing: %v", err)
	}
	nobodyLeft(t, seat.UID)
}
