package launch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"opsh/policy"
)

// TestNothingIsInherited: what one session's tool left in a public directory, the next session with its uid doesn't find.
func TestNothingIsInherited(t *testing.T) {
	const first, uid, other = 64990, 64991, 64999
	keep := filepath.Join(t.TempDir(), "kept")
	if err := os.WriteFile(keep, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var left, others []string
	for _, dir := range publicDirs {
		for _, owner := range []int{uid, other} {
			d, err := os.MkdirTemp(dir, "left")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.RemoveAll(d) })
			file, link := filepath.Join(d, "file"), filepath.Join(d, "link")
			if err := os.WriteFile(file, []byte("secret"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(keep, link); err != nil {
				t.Fatal(err)
			}
			at := d
			for range 20 {
				at = filepath.Join(at, strings.Repeat("d", 200)) // beyond the longest path when it is there twenty times
				if os.Mkdir(at, 0o755) != nil {
					break
				}
			}
			for _, name := range []string{d, file, link} {
				if err := os.Lchown(name, owner, owner); err != nil {
					t.Fatal(err)
				}
			}
			if owner == uid {
				left = append(left, d)
			} else {
				others = append(others, d)
			}
		}
	}
	seat, err := TakeUID(t.TempDir(), policy.UIDRange{First: first, Last: uid})
	if err != nil {
		t.Fatal(err)
	}
	seat.Close()
	for _, d := range left {
		if _, err := os.Lstat(d); err == nil {
			t.Errorf("%s is still there", d)
		}
	}
	for _, d := range append(others, keep) {
		if _, err := os.Lstat(d); err != nil {
			t.Error(err)
		}
	}
}
