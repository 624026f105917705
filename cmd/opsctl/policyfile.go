package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/transcript"
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
		return nil, cannotRead(name, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	src, err := io.ReadAll(io.LimitReader(f, policy.MaxFile+1))
	if err != nil {
		return nil, cannotRead(name, err)
	}
	return src, nil
}

// cannotRead says why a policy can't be read, and its name once.
func cannotRead(name string, err error) error {
	if at := (*os.PathError)(nil); errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("cannot read the policy %s: %w", quote(name), err)
}

// split splits a line as opsh's prompt does.
func split(raw string) (policy.Command, error) { return answer.Split(raw) }

// failPolicy prints every mistake of a policy; its own lines say where and what.
func (p *person) failPolicy(name string, err error) {
	if all := (*policy.Errors)(nil); errors.As(err, &all) {
		fmt.Fprintln(p.err, plain(all.Error()))
		err = fmt.Errorf("cannot use %s: %s", quote(name), transcript.Count(len(all.List), "mistake"))
	}
	p.fail(err)
}
