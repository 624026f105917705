//go:build !unix

package settings

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// trusted accepts what lies below the user's home directory, which others can't write on Windows unless the user lets them. Who owns a file
// elsewhere, and who may write it, is in access lists that can say too much to be judged here.
func trusted(path string, _ *os.File, home string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	if home, err = filepath.EvalSymlinks(home); err != nil {
		return err
	}
	below, err := filepath.Rel(home, real)
	if err != nil || below == ".." || strings.HasPrefix(below, ".."+string(filepath.Separator)) {
		return errors.New("it doesn't lie in your home directory; name the file with " + Variable + " if you mean it")
	}
	return nil
}
