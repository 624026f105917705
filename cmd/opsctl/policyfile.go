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

// readPolicy reads a policy wherever it lies and whoever owns it: it is being written, and nothing runs under it. name is also what messages
// call it. The error is one line, or a *policy.Errors.
func readPolicy(name string) (*policy.Policy, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("cannot open the policy: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	// One byte more than may be there: Parse refuses what is too large.
	src, err := io.ReadAll(io.LimitReader(f, policy.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the policy: %w", err)
	}
	return policy.Parse(name, src, split)
}

// split splits the lines of a policy's tests as the prompt does.
func split(raw string) (policy.Command, error) { return answer.Split(raw) }

// failPolicy prints every mistake of a policy; its own lines say where and what.
func (p *person) failPolicy(name string, err error) {
	if all := (*policy.Errors)(nil); errors.As(err, &all) {
		fmt.Fprintln(p.err, plain(all.Error()))
		err = fmt.Errorf("cannot use %s: %s", quote(name), transcript.Count(len(all.List), "mistake"))
	}
	p.fail(err)
}
