package policy

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The TOML project's own test files lie in the library's module. What they call invalid, our reader and
// the library together refuse; what they call valid, both read alike, but for what is listed here.
func TestOfficialSuite(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/BurntSushi/toml").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "internal", "toml-test", "tests")
	stricter := []string{
		"valid/datetime/", "valid/spec-1.0.0/offset-date-time-1", // dates with a blank: no policy has a date
		"valid/spec-1.1.0/", "valid/inline-table/newline", "valid/string/escape-esc", "valid/string/hex-escape", // TOML 1.1
		"valid/comment/nonascii", "valid/key/quoted-unicode", "valid/string/quoted-unicode", // characters that don't show
		"valid/empty-", // an empty policy
	}
	valid, invalid := 0, 0
	err = filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".toml") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, root+"/")
		src := string(raw)
		errs := checkSource(raw)
		var node *tomlNode
		if len(errs) == 0 {
			node, errs, _ = readTOML(src)
		}
		if len(errs) == 0 && !hasOther(node) {
			if err := agree(node, src); err != nil {
				errs = append(errs, *err)
			}
		}
		if strings.HasPrefix(name, "invalid/") {
			if invalid++; len(errs) == 0 && !hasOther(node) {
				t.Errorf("%s: it is read", name)
			}
			return nil
		}
		if valid++; len(errs) == 0 {
			return nil
		}
		for _, prefix := range stricter {
			if strings.HasPrefix(name, prefix) {
				return nil
			}
		}
		t.Errorf("%s: %v", name, errs)
		return nil
	})
	if err != nil || valid < 100 || invalid < 200 {
		t.Errorf("%d valid files, %d invalid: %v", valid, invalid, err)
	}
}
