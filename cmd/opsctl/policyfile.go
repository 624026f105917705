package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"opsh/policy"
	"opsh/shell/line"
)

// readPolicy reads a policy on a laptop: whoever owns the file, it isn't in force here. The error is an *policy.Errors
// where the file could be read and has mistakes.
func readPolicy(name string) (*policy.Policy, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	defer func() { _ = f.Close() }()
	src, err := io.ReadAll(io.LimitReader(f, policy.MaxFile+1)) // Parse refuses what is larger
	if err != nil {
		return nil, cannotRead(name, err)
	}
	return policy.Parse(filepath.Base(name), src, split)
}

// cannotRead says why a file can't be read, and its name once.
func cannotRead(name string, err error) error {
	if at := (*os.PathError)(nil); errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("cannot read %s: %w", quote(name), err)
}

// split is line.Split as the policy's [[test]]s need it.
func split(raw string) (policy.Command, error) {
	l, err := line.Split(raw)
	if err != nil {
		return policy.Command{}, err
	}
	var c policy.Command
	for _, w := range l.Words {
		c.Words = append(c.Words, w.Text)
	}
	if l.Input != nil {
		c.Input = &l.Input.Text
	}
	return c, nil
}
