package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"opsh/cmd/opsctl/internal/ecs"
	"opsh/cmd/opsctl/internal/explain"
	"opsh/cmd/opsctl/internal/session"
	"opsh/policy"
)

// dryRun says what would happen: where, and with each line. A target that can't be had doesn't hide what becomes of the lines.
func (p *person) dryRun(o ordered, command string) int {
	var judge *policy.Policy
	if o.policyAt != "" {
		var err error
		if judge, err = readPolicy(o.policyAt); err != nil {
			p.failPolicy(o.policyAt, err)
			return statusBroken
		}
	}
	status := p.dryTarget(context.Background(), o.target)
	p.say(fmt.Sprintf("command  %s\nrunbook  %d bytes, sha256 %s", plain(command), len(o.runbook), o.runbook.SHA256()))
	refused := 0
	for _, c := range o.runbook.Commands() {
		verdict, ok := verdictOf(judge, c)
		if !ok {
			refused++
		}
		if judge != nil { // what is said of a line has several
			p.say("")
		}
		p.say(fmt.Sprintf("line %d   %s\n%s", c.At, plain(strings.ReplaceAll(c.Text, "\n", "\n         ")), plain(indented(verdict, "  "))))
	}
	switch {
	case refused > 0:
		p.say("\n" + fmt.Sprintf("%s refused", count(refused, "line would be", "lines would be")))
	case judge == nil:
		p.say("Whether the container's policy permits it is not known here: --policy FILE tells for a policy.")
	}
	if status == 0 && refused > 0 {
		return statusFound
	}
	return status
}

// dryTarget says which container it would be, and whether a session can be opened there.
func (p *person) dryTarget(ctx context.Context, t target) int {
	const doing = "run it"
	t, err := p.settled(t)
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	cfg, err := t.config(ctx)
	var all []ecs.Candidate
	if err == nil {
		all, err = ecs.New(cfg, p.now).Find(ctx, t.wanted)
	}
	if err != nil {
		p.failAWS("find the container", err, t)
		return statusBroken
	}
	one, err := p.chosen(t.wanted, all)
	var none *ecs.NoneError
	switch {
	case errors.Is(err, errNotChosen):
		return statusUsage
	case errors.As(err, &none):
		p.failAWS(doing, err, t)
		return statusFound
	case err != nil:
		p.failAWS(doing, err, t)
		return statusBroken
	}
	can := "a session can be opened there"
	if one.Starting {
		can = one.Problem + ": it would be waited for"
	}
	p.say(fmt.Sprintf("target   %s, %s, account %s\n         %s", plain(one.String()), plain(one.Region), plain(one.Account), plain(can)))
	return 0
}

// verdictOf is what becomes of one line, as far as it can be known here, and whether it isn't refused.
func verdictOf(judge *policy.Policy, c session.Step) (text string, ok bool) {
	if judge != nil {
		e := explain.Explain(judge, c.Text)
		return e.Text(), e.Allowed()
	}
	if _, err := split(c.Text); err != nil {
		return "refused: " + err.Error(), false
	}
	return "would be sent", true
}

// indented is text with blanks in front of each line that isn't empty.
func indented(text, by string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if l != "" || i == 0 {
			lines[i] = by + l
		}
	}
	return strings.Join(lines, "\n")
}
