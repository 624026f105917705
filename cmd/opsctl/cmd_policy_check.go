package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"opsh/cmd/opsctl/internal/lint"
)

func policyCheckVerb() verb {
	v := verb{
		name: "policy check", usage: "[--strict] [--json | --sarif] FILE...",
		about: "Says everything that is wrong with policies, and what in them is dangerous",
		more: `
Each mistake has its place, the line and what to write instead: opsh doesn't load the policy. A warning says what the policy gives away, with
a rule in brackets and a public page about it. Where that is meant to be so, a comment on the line or above it allows it, and says why:

  # opsctl: allow RULE: reason

It is about one usage line: write each on a line of its own. Whether the image has what the policy names, opsh -t says there. --sarif is for code hosts, which show what is found in a pull request.
The rules:

` + ruleList() + `
Exit status: 0 every policy loads, 1 one doesn't, or has warnings under --strict, 2 wrong use, 125 a file can't be read.`,
	}
	v.run = func(p *person, args []string) int { return p.policyCheck(v, args) }
	return v
}

func ruleList() string {
	var b strings.Builder
	for _, r := range lint.Rules() {
		fmt.Fprintf(&b, "  %-21s %s\n", r.ID, r.About)
	}
	return b.String()
}

func (p *person) policyCheck(v verb, args []string) int {
	f := options()
	strict, asJSON, asSARIF := f.Bool("strict", false, ""), f.Bool("json", false, ""), f.Bool("sarif", false, "")
	names, err := parse(f, args)
	switch {
	case err != nil:
	case len(names) == 0:
		err = errors.New("cannot check: no policy is named")
	case *asJSON && *asSARIF:
		err = errors.New("cannot print --json and --sarif at once")
	}
	if err != nil {
		return p.misused(v, err)
	}
	status := 0
	var reports []*lint.Report
	var unread []error
	for _, name := range names {
		src, err := readSource(name)
		if err != nil {
			p.fail(err)
			unread, status = append(unread, err), statusBroken
			continue
		}
		r := lint.Check(name, src, split)
		if r.Errors() > 0 || *strict && r.Warnings() > 0 {
			status = worse(status, statusFound)
		}
		reports = append(reports, r)
	}
	if err := p.sayReports(reports, unread, *asJSON, *asSARIF); err != nil {
		p.fail(err)
		return statusBroken
	}
	return status
}

func (p *person) sayReports(reports []*lint.Report, unread []error, asJSON, asSARIF bool) error {
	if asSARIF {
		return p.sayJSON(lint.LogOf(version, reports, unread))
	}
	if asJSON {
		out := struct {
			Policies []lint.JSON `json:"policies"`
			Unread   []string    `json:"unread,omitempty"` // why files couldn't be looked at
		}{Policies: []lint.JSON{}}
		for _, r := range reports {
			out.Policies = append(out.Policies, r.JSON())
		}
		for _, err := range unread {
			out.Unread = append(out.Unread, err.Error())
		}
		return p.sayJSON(out)
	}
	for _, r := range reports {
		if _, err := io.WriteString(p.out, r.Text()+r.Summary()+"\n"); err != nil {
			return fmt.Errorf("cannot write the report: %w", err)
		}
	}
	return nil
}
