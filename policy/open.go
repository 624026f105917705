package policy

import (
	"fmt"
	"path"
	"strings"
)

// Open reads the policy at path, an absolute and clean one. Whoever can write the file, or rename a
// directory above it, decides what operators may run as others; so every directory from / on and the file
// must belong to root and not be writable by group or others, and none may be a symbolic link. All of that
// is asked of what was opened, not of a name, so that nothing can be swapped in between. The error is one
// line, or an *Errors where the file could be read.
func Open(name string, split Splitter) (*Policy, error) {
	if !strings.HasPrefix(name, "/") || path.Clean(name) != name || name == "/" || strings.ContainsRune(name, 0) {
		return nil, fmt.Errorf("cannot open the policy %q: its path must be absolute and plain", name)
	}
	src, err := readOwned(name)
	if err != nil {
		return nil, err
	}
	return Parse(path.Base(name), src, split)
}
