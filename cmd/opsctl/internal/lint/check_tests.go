package lint

import (
	"fmt"
	"strings"

	"opsh/cmd/opsctl/internal/compare"
	"opsh/policy"
)

// tests warns of usage lines that no test holds to anything, and of those that decide nothing.
func (c *checker) tests() {
	decided := map[*policy.Rule]bool{}
	allows, refuses := map[string]int{}, map[string]int{}
	for _, one := range c.policy.Tests {
		words, err := c.split(one.Run)
		name := ""
		if err == nil && len(words.Words) > 0 {
			name = words.Words[0]
		} else if fields := strings.FieldsFunc(one.Run, func(r rune) bool { return strings.ContainsRune(" \t\n;|&<>()", r) }); len(fields) > 0 {
			name = fields[0] // a line that doesn't split is refused, and a test of the tool nevertheless
		}
		if !one.Allow {
			refuses[name]++
			continue
		}
		allows[name]++
		if m, _ := c.policy.Decide(words); m != nil {
			decided[m.Rule] = true
		}
	}
	dead := map[*policy.Rule]bool{}
	for _, r := range compare.Never(c.policy, decided) {
		dead[r] = true
		c.warn(Finding{Rule: "dead-line", At: r.Pos, line: r, Text: "this usage line never decides: the lines before it permit all that it permits", Hint: "remove it, or move it up if it says something else than they do"})
	}
	for _, t := range c.policy.Tools {
		if allows[t.Name] == 0 {
			f := Finding{Rule: "untested-tool", At: t.Pos, Text: fmt.Sprintf("no test is permitted by a usage line of %s: whoever changes it has nothing to hold it to", t.Name), Hint: `opsctl policy test proposes tests: [[test]] with run and want = "allow"`}
			if refuses[t.Name] == 0 {
				f.Text = fmt.Sprintf("%s has no test: whoever changes it has nothing to hold it to", t.Name)
				f.Hint = `opsctl policy test proposes tests: [[test]] with run, and want = "allow" or "refuse"`
			}
			c.warn(f)
		}
		if refuses[t.Name] == 0 && allows[t.Name] > 0 {
			c.warn(Finding{Rule: "no-refuse-test", At: t.Pos, Text: fmt.Sprintf("no test says what %s must refuse", t.Name), Hint: `write [[test]] with a command that must never run, and want = "refuse"`})
		}
		for _, r := range t.Rules {
			if allows[t.Name] > 0 && !decided[r] && !dead[r] {
				c.warn(Finding{Rule: "untested-line", At: r.Pos, line: r, Text: "no test is permitted by this usage line", Hint: `opsctl policy test proposes one: [[test]] with run and want = "allow"`})
			}
		}
	}
}
