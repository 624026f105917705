package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"opsh/policy"
)

// version reads a policy from a file or, where there is no such file, from git: REV:PATH.
func (p *person) version(name string) (*policy.Policy, error) {
	rev, path, colon := strings.Cut(name, ":")
	if _, err := os.Stat(name); !colon || !errors.Is(err, fs.ErrNotExist) {
		return readPolicy(name)
	}
	if rev == "" || strings.HasPrefix(rev, "-") {
		return nil, fmt.Errorf("cannot read %s: there is no such file, and no revision before the colon", quote(name))
	}
	// Not git show, which may put a file through the filters that a repository names.
	git := exec.Command("git", "cat-file", "blob", name)
	git.Env = p.environ
	var src, why bytes.Buffer
	git.Stdout, git.Stderr = &src, &why
	if err := git.Run(); err != nil {
		if text := strings.TrimSpace(why.String()); text != "" {
			err = errors.New(text)
		}
		return nil, fmt.Errorf("cannot read %s from git: %w", quote(name), err)
	}
	return policy.Parse(filepath.Base(path), src.Bytes(), split)
}

// revisions is what --git compares: path at REV with the file, or with path at the REV behind "..", HEAD if none is
// named there.
func revisions(revs, path string) (from, to string, err error) {
	first, second, two := strings.Cut(revs, "..")
	if strings.HasPrefix(second, ".") {
		return "", "", fmt.Errorf("cannot compare %s: write REV..REV with two dots", quote(revs))
	}
	if filepath.IsAbs(path) {
		return "", "", fmt.Errorf("cannot look for %s in git: write it as it lies below this directory", quote(path))
	}
	inGit := func(rev string) string {
		if rev == "" {
			rev = "HEAD"
		}
		return rev + ":./" + filepath.ToSlash(filepath.Clean(path)) // from here, not from the top
	}
	if from = inGit(first); !two {
		return from, path, nil
	}
	return from, inGit(second), nil
}
