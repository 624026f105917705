package keypolicy

import (
	"encoding/json"
	"slices"
	"strings"
)

// Gives says how a key's policy gives an action to a role or user of the key's account: by naming it, or by leaving it to the account's own
// IAM policies. Neither: what those permit doesn't count for this key. It counts only statements without a condition, and no deny.
func Gives(policy, account, principal, action string) (named, throughIAM bool) {
	var p struct{ Statement []statement }
	if json.Unmarshal([]byte(policy), &p) != nil {
		return false, false
	}
	for _, s := range p.Statement {
		if s.Effect != "Allow" || len(s.Condition) > 0 || !s.does(action) {
			continue
		}
		everybody := slices.Contains(s.principals(), "*")
		named = named || everybody || slices.Contains(s.principals(), principal)
		throughIAM = throughIAM || everybody || slices.ContainsFunc(s.principals(), func(who string) bool {
			return who == account || strings.HasSuffix(who, ":iam::"+account+":root")
		})
	}
	return named, throughIAM
}

// does says whether the statement is about an action.
func (s statement) does(action string) bool {
	return slices.ContainsFunc(s.Action, func(a string) bool { return globs(strings.ToLower(a), strings.ToLower(action)) })
}
