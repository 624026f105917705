package deploy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// policy is an IAM policy document.
type policy struct{ Statement []statement }

type statement struct {
	Sid, Effect      string
	Action, Resource []string
	Principal        []principal
	Condition        []condition
}

type principal struct {
	Type        string
	Identifiers []string
}

type condition struct {
	Test, Variable string
	Values         []string
}

// request is one call as IAM sees it. A call that names several resources (ExecuteCommand: cluster and task) needs each.
type request struct {
	who       string // "Service logs.…"; empty in an identity's own policy
	action    string
	resources []string
	context   map[string]string
}

// allows is IAM's rule: a deny that fits wins, without an allow that fits nothing goes.
func (p policy) allows(r request) bool {
	for _, resource := range r.resources {
		allowed := false
		for _, s := range p.Statement {
			if !s.fits(r, resource) {
				continue
			}
			if s.Effect == "Deny" {
				return false
			}
			allowed = true
		}
		if !allowed {
			return false
		}
	}
	return len(r.resources) > 0
}

func (s statement) fits(r request, resource string) bool {
	if (len(s.Principal) > 0) != (r.who != "") {
		return false
	}
	if len(s.Principal) > 0 && !slices.ContainsFunc(s.Principal, func(p principal) bool {
		return slices.ContainsFunc(p.Identifiers, func(i string) bool { return i == "*" || p.Type+" "+i == r.who })
	}) {
		return false
	}
	// A trust policy has no resource: it is the role's own.
	if len(s.Resource) > 0 && !slices.ContainsFunc(s.Resource, func(pattern string) bool { return globs(pattern, resource) }) {
		return false
	}
	if !slices.ContainsFunc(s.Action, func(pattern string) bool { return globs(strings.ToLower(pattern), strings.ToLower(r.action)) }) {
		return false
	}
	return !slices.ContainsFunc(s.Condition, func(c condition) bool { return !c.holds(r.context) })
}

// holds says whether one condition does. A key that the call doesn't have fails each of these but BoolIfExists.
func (c condition) holds(context map[string]string) bool {
	got, ok := context[c.Variable]
	if !ok {
		return c.Test == "BoolIfExists"
	}
	return slices.ContainsFunc(c.Values, func(want string) bool {
		switch c.Test {
		case "StringEquals", "Bool", "BoolIfExists":
			return got == want
		case "StringLike", "ArnLike", "ArnEquals":
			return globs(want, got)
		}
		panic(fmt.Sprintf("the test doesn't know the condition %s", c.Test))
	})
}

// globs matches as IAM does: * is any text, ? any character.
func globs(pattern, text string) bool {
	q := regexp.QuoteMeta(pattern)
	q = strings.ReplaceAll(strings.ReplaceAll(q, `\*`, `.*`), `\?`, `.`)
	return regexp.MustCompile(`(?s)^` + q + `$`).MatchString(text)
}
