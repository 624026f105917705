package broker

import (
	"regexp"
	"strings"
	"testing"
)

// TestName: every caller has a name of their own, and STS takes it.
func TestName(t *testing.T) {
	role := func(role, session string) Caller {
		return Caller{ARN: "arn:aws:sts::1:assumed-role/" + role + "/" + session, Role: role, Session: session}
	}
	user := func(name string) Caller { return Caller{ARN: "arn:aws:iam::1:user/" + name, User: name} }
	long := strings.Repeat("x", 60)
	form := regexp.MustCompile(`\A[A-Za-z0-9_+=,.@-]{2,64}\z`)
	by := map[string]Caller{}
	for _, test := range []struct {
		who  Caller
		want string // with a * for the digits
	}{
		{role("ops", "hanako@example.com"), "ops=hanako@example.com"},
		{role("ops", "hanako"), "ops=hanako"},
		{user("hanako"), "hanako"},
		{user("ops=hanako"), "ops-hanako==*"},
		{role("ops=a", "hanako"), "ops-a-hanako==*"},
		{role("ops", "a=hanako"), "ops-a-hanako==*"},
		{user("ops-a-hanako"), "ops-a-hanako"},
		{user("ops-hanako=="), "ops-hanako--==*"},
		{user("a"), "a==*"},
		{role(long, "hanako"), long[:46] + "==*"},
		{role(long, "taro"), long[:46] + "==*"},
		{user(long), long},
	} {
		got := test.who.Name()
		if other, taken := by[got]; taken {
			t.Errorf("%s is the name of %v and %v", got, other, test.who)
		}
		by[got] = test.who
		pattern := strings.ReplaceAll(regexp.QuoteMeta(test.want), `\*`, "[0-9a-f]{16}")
		if !form.MatchString(got) || !regexp.MustCompile(`\A`+pattern+`\z`).MatchString(got) {
			t.Errorf("%v: %q", test.who, got)
		}
	}
}
