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

// kept is where one of two policies that are compared is kept: in a file, or at a revision of git.
type kept struct{ file, rev, path string } // file, or rev and path: below this directory with ./, else below the top

// String is what reports call it.
func (v kept) String() string {
	if v.rev == "" {
		return v.file
	}
	return v.rev + ":" + v.path
}

// named is what a person names as OLD or NEW: a file, or REV:PATH. What could be both is neither: a change could bring a file
// that is named like the revision which it is compared with.
func (p *person) named(name string) (kept, error) {
	rev, path, colon := strings.Cut(name, ":")
	_, err := os.Stat(name)
	isFile := !errors.Is(err, fs.ErrNotExist)
	switch {
	case !colon:
		return kept{file: name}, nil
	case rev == "" || strings.HasPrefix(rev, "-"):
		if isFile {
			return kept{file: name}, nil
		}
		return kept{}, fmt.Errorf("cannot read %s: there is no such file, and no revision before the colon", quote(name))
	case !isFile:
		return kept{rev: rev, path: path}, nil
	}
	if _, err := p.commit(rev); err == nil {
		return kept{}, fmt.Errorf("cannot tell what %s is: there is such a file, and such a revision; write ./%s for the file", quote(name), plain(name))
	}
	return kept{file: name}, nil
}

// read is the policy that is kept there.
func (p *person) read(v kept) (*policy.Policy, error) {
	if v.rev == "" {
		return readPolicy(v.file)
	}
	commit, err := p.commit(v.rev)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s from git: %w", quote(v.String()), err)
	}
	// Not git show, which may put a file through the filters that a repository names.
	src, err := p.git("cat-file", "blob", commit+":"+v.path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s from git: %w", quote(v.String()), err)
	}
	return policy.Parse(filepath.Base(v.path), src, split)
}

// commit is the one that a revision names, in full. A tag and a branch of one name are an error: git would take the tag, and whoever
// may push tags could choose what a change is compared with.
func (p *person) commit(rev string) (string, error) {
	id, err := p.git("rev-parse", "--verify", "--end-of-options", rev+"^{commit}")
	return strings.TrimSpace(string(id)), err
}

// git is what a command of git prints. A warning of git's is an error here.
func (p *person) git(words ...string) ([]byte, error) {
	git := exec.Command("git", append([]string{"--no-replace-objects", "-c", "core.warnAmbiguousRefs=true"}, words...)...)
	git.Env = p.environ
	var out, why bytes.Buffer
	git.Stdout, git.Stderr = &out, &why
	err := git.Run()
	if text := strings.TrimSpace(why.String()); text != "" {
		err = errors.New(text)
	}
	return out.Bytes(), err
}

// revisions is what --git compares: path at REV with the file, or with path at the REV behind "..", HEAD if none is
// named there.
func revisions(revs, path string) (from, to kept, err error) {
	first, second, two := strings.Cut(revs, "..")
	if strings.HasPrefix(second, ".") {
		return from, to, fmt.Errorf("cannot compare %s: write REV..REV with two dots", quote(revs))
	}
	if filepath.IsAbs(path) {
		return from, to, fmt.Errorf("cannot look for %s in git: write it as it lies below this directory", quote(path))
	}
	inGit := func(rev string) kept {
		if rev == "" {
			rev = "HEAD"
		}
		return kept{rev: rev, path: "./" + filepath.ToSlash(filepath.Clean(path))} // from here, not from the top
	}
	if from = inGit(first); !two {
		return from, kept{file: path}, nil
	}
	return from, inGit(second), nil
}
