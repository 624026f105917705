package main

import (
	"strings"
	"testing"
)

func TestPolicyCheck(t *testing.T) {
	good := policyFile(t, smallPolicy)
	broken := policyFile(t, strings.Replace(smallPolicy, "path = ", "pth = ", 1)+failingTest)
	loose := policyFile(t, strings.Replace(smallPolicy, `user = "ops"`, "user = \"ops\"\nexec = \"any\"\nunsafe_exec = true", 1))
	for _, c := range []struct {
		args     []string
		status   int
		out, err string
	}{
		{[]string{good}, 0, ": 1 tool, 2 usage lines, 1 test\n", ""},
		{[]string{loose}, 0, "2 usage lines", "opsctl: warning: "},
		{[]string{broken}, 1, "", "p.toml:5:1: "},
		{[]string{broken, good, broken}, 1, "1 tool", "pth"},
		{[]string{good + ".no", good}, 125, "1 tool", "cannot read the policy"},
		{nil, 2, "", "no policy is named"},
		{[]string{"--quick", good}, 2, "", "quick"},
	} {
		status, out, errs := opsctl(append([]string{"policy", "check"}, c.args...)...)
		if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(errs, c.err) || c.err == "" && errs != "" {
			t.Errorf("%v: status %d\n%s%s", c.args, status, out, errs)
		}
	}
}
