package main

import (
	"errors"
	"fmt"

	"opsh/policy"
	"opsh/shell/transcript"
)

func policyCheckVerb() verb {
	return verb{
		name: "policy check", usage: "FILE...",
		about: "Says everything that is wrong with policies, and what opsh would warn of",
		more: `
Each mistake has its place, the line and what to write instead. A policy without one loads in opsh; whether the image has what it names, opsh -t
says there.

Exit status: 0 every policy loads, 1 one doesn't, 2 wrong use, 125 a file can't be read.`,
		run: policyCheck,
	}
}

func policyCheck(p *person, args []string) int {
	names, err := parse(options(), args)
	if err == nil && len(names) == 0 {
		err = errors.New("cannot check: no policy is named")
	}
	if err != nil {
		return p.misused(policyCheckVerb(), err)
	}
	status := 0
	for _, name := range names {
		status = worse(status, p.checkPolicy(name))
	}
	return status
}

func (p *person) checkPolicy(name string) int {
	checked, err := readPolicy(name)
	if mistakes := (*policy.Errors)(nil); errors.As(err, &mistakes) {
		p.failPolicy(name, err)
		return statusFound
	}
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	for _, w := range checked.Warnings() {
		p.warn(w)
	}
	lines := 0
	for _, t := range checked.Tools {
		lines += len(t.Rules)
	}
	p.say(fmt.Sprintf("%s: %s, %s, %s", quote(name), transcript.Count(len(checked.Tools), "tool"), transcript.Count(lines, "usage line"),
		transcript.Count(len(checked.Tests), "test")))
	return 0
}
