package doctor

import (
	"fmt"
	"strings"

	"opsh/shell/keypolicy"
)

// role is about what the container may do in AWS.
func (j *judge) role() {
	ids := []string{"role.channels", "role.log", "role.bucket", "role.key"}
	if !j.needs([]fact{j.f.Role}, ids...) {
		return
	}
	if j.f.Role.Value.ARN == "" {
		j.say(Error, "role.channels", "the task has no role: the ECS Exec agent can't connect", "set taskRoleArn in the task definition (deploy/terraform makes the role)")
		return
	}
	j.may("role.channels", "the ECS Exec agent can't connect", agentActions[:]...)
	if !j.needs(j.kept(), ids[1:]...) {
		return
	}
	if group, _ := j.f.SessionGroup(); group != "" {
		j.may("role.log", "the session log doesn't reach "+group, logActions[:]...)
	}
	if c := j.f.Cluster.Value; c.Logging == "OVERRIDE" && c.Bucket != "" {
		j.may("role.bucket", "the session log doesn't reach the bucket "+c.Bucket, "s3:PutObject", "s3:GetEncryptionConfiguration")
	}
	if j.f.Cluster.Value.KeyID != "" && j.needs([]fact{j.f.SessionKey}, "role.key") {
		j.mayKey("role.key", "the task role", j.f.Role.Value.ARN, "kms:Decrypt", j.f.answer(roleKey("kms:Decrypt")))
	}
}

// may says whether the role may do all of some actions, and else what comes of it.
func (j *judge) may(id, otherwise string, actions ...string) {
	var denied []string
	for _, a := range actions {
		if j.f.answer(roleKey(a)).no() {
			denied = append(denied, a)
		}
	}
	if len(denied) > 0 {
		all := strings.Join(denied, ", ")
		j.say(Error, id, fmt.Sprintf("the role %s may not %s: %s", name(j.f.Role.Value.ARN), all, otherwise), "allow it "+all)
		return
	}
	for _, a := range actions {
		if answer := j.f.answer(roleKey(a)); !answer.sure() {
			why, fix := answer.why()
			j.say(NotChecked, id, why, fix)
			return
		}
	}
	j.ok(id, "the role %s may %s", name(j.f.Role.Value.ARN), strings.Join(actions, ", "))
}

// mayKey says whether somebody may use the key of sessions. Two policies decide: IAM's, which was simulated, and the key's own, which
// can give the key to somebody by name, or not leave it to IAM at all.
func (j *judge) mayKey(id, who, principal, action string, a answer) {
	k := j.f.SessionKey.Value
	named, throughIAM := keypolicy.Gives(k.Policy.Value, j.f.Account, principal, action)
	fix := fmt.Sprintf("allow %s %s on %s", name(principal), action, k.ARN)
	switch {
	case a.no() && a.allowed.Value.Explicit:
		j.say(Error, id, who+" may not "+action+" with the key of sessions, a policy denies it: no session starts", "take the deny away for "+k.ARN)
	case named && a.allowed.Known:
		j.ok(id, "%s may %s with the key of sessions, by the key's policy", who, action)
	case a.no() && !k.Policy.Known:
		_, why, _ := k.Policy.missing()
		j.say(NotChecked, id, "IAM's policies don't give "+who+" "+action+"; whether the key's own does: "+why, fix)
	case a.no():
		j.say(Error, id, who+" may not "+action+" with the key of sessions: no session starts", fix)
	case !a.sure():
		why, fix := a.why()
		j.say(NotChecked, id, why, fix)
	case k.Policy.Known && !throughIAM:
		j.say(Warning, id, "IAM's policies give "+who+" "+action+", but the key's policy doesn't leave that to IAM, as far as can be seen", "let the key's policy give the account's root kms:*, or name "+name(principal)+" in it")
	default:
		j.ok(id, "%s may %s with the key of sessions", who, action)
	}
}

// name is a role's or user's, without its path.
func name(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }
