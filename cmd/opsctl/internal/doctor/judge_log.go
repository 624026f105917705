package doctor

import (
	"fmt"
	"strings"

	"opsh/shell/keypolicy"
)

// logIDs are the checks of the session log.
var logIDs = [...]string{"log.kept", "log.group", "log.group-key", "log.bucket"}

// log is about the session log, which the ECS Exec agent uploads when a session has ended. What goes wrong then is told to nobody.
func (j *judge) log() {
	if !j.needs([]fact{j.f.Cluster}, logIDs[:]...) {
		return
	}
	c := j.f.Cluster.Value
	const fix = "set the cluster's execute-command configuration to logging OVERRIDE with a log group (deploy/terraform does)"
	switch {
	case c.Logging == "NONE":
		j.say(Error, "log.kept", "the cluster keeps no session logs: logging is NONE", fix)
		return
	case c.Logging == "OVERRIDE" && c.Group == "" && c.Bucket == "":
		j.say(Error, "log.kept", "the cluster keeps no session logs: logging is OVERRIDE, with neither a log group nor a bucket", fix)
		return
	case c.Logging == "OVERRIDE":
		j.ok("log.kept", "session logs go to %s", places(c))
	case !j.needs(j.kept(), logIDs[:]...):
		return
	case j.f.Definition.Value.LogDriver != "awslogs":
		j.say(Error, "log.kept", fmt.Sprintf("the cluster keeps no session logs: logging is DEFAULT, and the container's log driver is %s, not awslogs", orNothing(j.f.Definition.Value.LogDriver, "none")), fix)
		return
	default:
		j.say(Warning, "log.kept", "session logs are mixed into the container's own log, "+j.f.Definition.Value.LogOptions["awslogs-group"]+": logging is DEFAULT", fix)
	}
	j.group(c)
	j.bucket(c)
}

// places names where the session log is kept.
func places(c Cluster) string {
	var all []string
	if c.Group != "" {
		all = append(all, "the log group "+c.Group)
	}
	if c.Bucket != "" {
		all = append(all, "the bucket "+c.Bucket)
	}
	return strings.Join(all, " and ")
}

// kept are the facts that say where session logs go. A default is the task definition's.
func (j *judge) kept() []fact {
	if c := j.f.Cluster; c.Known && (c.Value.Logging == "NONE" || c.Value.Logging == "OVERRIDE") {
		return []fact{c}
	}
	return []fact{j.f.Cluster, j.definition()}
}

// SessionGroup is the log group of the session log, and the region that it is in; "": there is none.
func (f *Facts) SessionGroup() (name, region string) {
	c, d := f.Cluster.Value, f.Definition.Value
	switch {
	case !f.Cluster.Known:
	case c.Logging == "OVERRIDE":
		return c.Group, f.Region
	case c.Logging != "NONE" && d.LogDriver == "awslogs":
		return d.LogOptions["awslogs-group"], orNothing(d.LogOptions["awslogs-region"], f.Region)
	}
	return "", ""
}

func (j *judge) group(c Cluster) {
	const id, keyID = "log.group", "log.group-key"
	name, region := j.f.SessionGroup()
	if name == "" || !j.needs([]fact{j.f.LogGroup}, id, keyID) {
		return
	}
	g := j.f.LogGroup.Value
	switch {
	case !g.Exists:
		j.say(Error, id, fmt.Sprintf("there is no log group %s in %s: the session log is lost without a word", name, region), "create it (deploy/terraform does), or correct the name")
		return
	case g.KeyID == "" && c.GroupEncrypted:
		j.say(Error, id, "the cluster wants its log group encrypted, and "+name+" has no KMS key: no session starts", "give the group a KMS key, or set cloudWatchEncryptionEnabled to false")
	case g.KeyID == "":
		j.say(Warning, id, "the log group "+name+" has no KMS key of yours", "aws logs associate-kms-key, after the key's policy lets CloudWatch Logs use it")
	default:
		j.ok(id, "the log group %s exists and has a KMS key", name)
	}
	if g.KeyID == "" || !j.needs([]fact{j.f.LogKey}, keyID) {
		return
	}
	k, arn := j.f.LogKey.Value, keypolicy.GroupARN(region, j.f.Account, name)
	if k.State != "Enabled" {
		j.say(Error, keyID, fmt.Sprintf("the log group's KMS key %s is %s: logs are lost without a word", k.ARN, k.State), "enable the key, or give the group another one")
		return
	}
	if !j.needs([]fact{k.Policy}, keyID) {
		return
	}
	if why := keypolicy.Refuses(k.Policy.Value, region, arn); why != "" {
		j.say(Error, keyID, fmt.Sprintf("the policy of the log group's KMS key %s %s: logs are lost without a word", k.ARN, why),
			fmt.Sprintf("let %s use the key where kms:EncryptionContext:aws:logs:arn is %s", keypolicy.LogsService(region), arn))
		return
	}
	j.ok(keyID, "CloudWatch Logs may use the group's KMS key")
}

func (j *judge) bucket(c Cluster) {
	const id = "log.bucket"
	if c.Bucket == "" || c.Logging != "OVERRIDE" || !j.needs([]fact{j.f.Bucket}, id) {
		return
	}
	switch b := j.f.Bucket.Value; {
	case !b.Exists:
		j.say(Error, id, "there is no bucket "+c.Bucket+": the session log is lost without a word", "create it, or correct the name")
	case !b.Encrypted && c.BucketEncrypts:
		j.say(Error, id, "the cluster wants its bucket encrypted, and "+c.Bucket+" has no default encryption: no session starts", "set the bucket's default encryption")
	case !b.Encrypted:
		j.say(Warning, id, "the bucket "+c.Bucket+" has no default encryption", "set it, with a KMS key of yours")
	default:
		j.ok(id, "the bucket %s exists and encrypts", c.Bucket)
	}
}

// key is about the KMS key of the data channel.
func (j *judge) key() {
	const id = "cluster.key"
	if !j.needs([]fact{j.f.Cluster}, id) {
		return
	}
	if j.f.Cluster.Value.KeyID == "" {
		j.say(Warning, id, "sessions are encrypted by TLS alone: the cluster's execute-command configuration has no KMS key", "set kmsKeyId (deploy/terraform does)")
		return
	}
	if !j.needs([]fact{j.f.SessionKey}, id) {
		return
	}
	if k := j.f.SessionKey.Value; k.State != "Enabled" {
		j.say(Error, id, fmt.Sprintf("the KMS key of sessions, %s, is %s: no session starts", k.ARN, k.State), "enable the key, or configure another one")
		return
	}
	j.ok(id, "sessions are encrypted with a KMS key")
}
