package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"opsh/cmd/opsctl/internal/command"
	"opsh/policy"
)

// How opsctl reads a policy: on a laptop or in CI, where it belongs to whoever works on it. That root owns it is for the machine that runs
// by it, and opsh checks it there.

// readPolicy reads the policy in a file. The error is a *policy.Errors where the file could be read.
func readPolicy(name string) (*policy.Policy, error) {
	src, err := readSource(name)
	if err != nil {
		return nil, err
	}
	return policy.Parse(name, src, split)
}

// testPolicy is readPolicy, but returns a policy whose tests fail, too, and how each test fared.
func testPolicy(name string) (*policy.Policy, []policy.Result, error) {
	src, err := readSource(name)
	if err != nil {
		return nil, nil, err
	}
	return policy.Tested(name, src, split)
}

// readSource is a policy file's content. What is longer than a policy may be is cut behind that: Parse says so then.
func readSource(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("cannot read the policy: %w", err)
	}
	src, err := io.ReadAll(io.LimitReader(f, policy.MaxFile+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("cannot read the policy: %w", err)
	}
	return src, nil
}

// split splits a line as opsh's prompt does.
func split(raw string) (policy.Command, error) { return command.Split(raw) }
