package policy

import (
	"path"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
)

// maxDuration bounds every duration of a policy: a typing mistake ("100h" for "10m") is found here.
const maxDuration = 24 * time.Hour

// hms is how durations are written. time.ParseDuration alone would also take "1.5h", "+5m" and "7us".
var hms = late(`^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$`)

func (l *loader) duration(t *tomlNode, key string, otherwise time.Duration) time.Duration {
	n := t.table[key]
	if n == nil {
		return otherwise
	}
	if n.kind == kindInt {
		l.fail(n.pos, hintForDuration(strconv.FormatInt(n.num, 10)), "cannot use %s = %d: it must be a string, not a whole number", key, n.num)
		return otherwise
	}
	s, ok := l.text(n, key)
	if !ok {
		return otherwise
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil || !hms.MatchString(s):
		l.fail(n.pos, hintForDuration(s), "cannot use %s = %s: it isn't a duration", key, quoted(s))
	case d <= 0:
		l.fail(n.pos, `write "1s" or more`, "cannot use %s = %s: it must be longer than that", key, quoted(s))
	case d > maxDuration:
		l.fail(n.pos, `write "24h" or less`, "cannot use %s = %s: it is longer than 24h", key, quoted(s))
	}
	return d
}

// session reads [session]; t is nil where the file has none.
func (l *loader) session(t *tomlNode) {
	s := &l.policy.Session
	*s = Session{Prompt: "opsh", Origin: OriginECSExec}
	if t == nil {
		t = newTable(originParent, Pos{1, 1}, Pos{1, 1})
	}
	l.checkKeys(t, "[session]", sessionKeys)
	if n := t.table["prompt"]; n != nil {
		s.Prompt = l.line(n, "prompt", 32)
	}
	if n := t.table["reason"]; n != nil {
		s.Reason = l.reason(n)
	}
	if n := t.table["origin"]; n != nil {
		if text, ok := l.text(n, "origin"); ok {
			s.Origin = Origin(text)
			if s.Origin != OriginECSExec && s.Origin != OriginAny {
				l.fail(n.pos, hintForWord(n, "ecs-exec", "any"), "cannot use origin = %s: there is no such origin", quoted(text))
			}
		}
	}
	s.Guard = l.guard(t, s.Origin)
	before := len(l.errs)
	s.IdleTimeout = l.duration(t, "idle_timeout", 15*time.Minute)
	s.MaxDuration = l.duration(t, "max_duration", 4*time.Hour)
	if n := t.table["idle_timeout"]; n != nil && len(l.errs) == before && s.IdleTimeout > s.MaxDuration {
		l.fail(n.pos, "write less, or raise max_duration", "cannot use idle_timeout = %s: max_duration, %s, ends the session before", quoted(n.str), hoursMinutesSeconds(s.MaxDuration))
	}
	s.UIDs = UIDRange{First: 64000, Last: 64063}
	if n := t.table["uids"]; n != nil {
		s.UIDs = l.uids(n)
	}
	if s.SameUser = l.flag(t, "same_user"); s.SameUser {
		l.warn(t, "", "same_user", "same_user = true: where opsh isn't root, tools run as its own user, and may end it and read and change what is its own")
	}
}

// guard is required where ECS Exec starts sessions, since nothing else keeps who may use it from starting a shell. A login shell isn't started by
// a process that could be held.
func (l *loader) guard(t *tomlNode, from Origin) Guard {
	n := t.table["guard"]
	if n == nil && from == OriginAny {
		return GuardOff
	}
	if n == nil {
		return GuardRequire
	}
	text, ok := l.text(n, "guard")
	if !ok {
		return GuardRequire
	}
	switch g := Guard(text); {
	case g != GuardRequire && g != GuardOff:
		l.fail(n.pos, hintForWord(n, "require", "off"), "cannot use guard = %s: there is no such value", quoted(text))
	case g == GuardRequire && from == OriginAny:
		l.fail(n.pos, `write origin = "ecs-exec", or leave guard out`, `cannot use guard = "require": with origin = "any" opsh may be started by what no guard holds`)
	case g == GuardOff && from == OriginECSExec:
		l.warn(t, "", "guard", `guard = "off": whoever may use ECS Exec may start a shell as root instead of opsh`)
		return g
	default:
		return g
	}
	return GuardRequire
}

func (l *loader) reason(n *tomlNode) (r Reason) {
	if n.kind == kindTable {
		l.checkKeys(n, "reason", reasonKeys)
		if m := n.table["match"]; m != nil {
			r.Match, r.Pattern = l.pattern(m)
		} else {
			l.missing(n, "match", n.pos, `write { match = '…' }`, "cannot use reason: match is missing")
		}
		r.Required = true
		return r
	}
	if n.kind != kindString || n.str != "required" && n.str != "optional" {
		hint := `write "required", "optional" or { match = '…' }`
		if n.kind == kindString && nearestKey(n.str, []string{"required", "optional"}) != "" {
			hint = hintForWord(n, "required", "optional")
		} else if n.kind == kindBool {
			hint = map[bool]string{true: `write "required"`, false: `write "optional"`}[n.on]
		}
		l.fail(n.pos, hint, "cannot use reason: there is no such value")
	}
	r.Required = n.kind == kindString && n.str == "required"
	return r
}

// pattern compiles a regular expression and anchors it to the whole text. It is compiled alone first:
// a|b) or (c would otherwise close the group that anchors it. What is well formed alone can't reach out
// of the group but by an open \Q, and that swallows the closing parenthesis, so that the second
// compilation fails.
func (l *loader) pattern(n *tomlNode) (*regexp.Regexp, string) {
	s, ok := l.text(n, "match")
	if !ok {
		return nil, ""
	}
	if re := l.patterns[s]; re != nil {
		return re, s
	}
	if _, err := syntax.Parse(s, syntax.Perl); err != nil {
		l.fail(n.pos, hintForPattern(err), "cannot use match: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil, s
	}
	re, err := regexp.Compile(`\A(?:` + s + `)\z`)
	if err != nil {
		l.fail(n.pos, `close \Q with \E`, "cannot use match: it can't be anchored to the whole word")
		return nil, s
	}
	l.patterns[s] = re
	return re, s
}

// uidRange is FIRST-LAST, in decimal without leading zeros.
var uidRange = late(`^([1-9][0-9]{0,9})-([1-9][0-9]{0,9})$`)

// uidNumbers is what people write for it.
var uidNumbers = late(`^([0-9]+) *(?:-|–|—|〜|~|\.\.\.?|:|,| to ) *([0-9]+)$`)

const uidsHint = `write "64000-64063": the first is opsh's own, each session takes one of the others`

const (
	lastUID  = 4294967293 // -1 and -2 mean "no uid" and, in places, nobody
	maxRange = 65536
)

func (l *loader) uids(n *tomlNode) (r UIDRange) {
	s, ok := l.text(n, "uids")
	if !ok {
		return r
	}
	hint := uidsHint
	if two := uidNumbers.FindStringSubmatch(s); two != nil && uidRange.MatchString(two[1]+"-"+two[2]) {
		hint = "write " + quoted(two[1]+"-"+two[2])
	}
	m := uidRange.FindStringSubmatch(s)
	if m == nil {
		l.fail(n.pos, hint, "cannot use uids = %s: it isn't a range of uids above 0", quoted(s))
		return r
	}
	first, _ := strconv.ParseUint(m[1], 10, 64)
	last, _ := strconv.ParseUint(m[2], 10, 64)
	switch {
	case last > lastUID:
		l.fail(n.pos, uidsHint, "cannot use uids = %s: the highest uid is %d", quoted(s), lastUID)
	case last <= first:
		l.fail(n.pos, uidsHint, "cannot use uids = %s: it must hold two uids at least", quoted(s))
	case last-first >= maxRange:
		l.fail(n.pos, uidsHint, "cannot use uids = %s: it holds more than %d", quoted(s), maxRange)
	}
	return UIDRange{First: uint32(min(first, lastUID)), Last: uint32(min(last, lastUID))}
}

var (
	awsRegion = upTo(32, "^"+regionForm+"$")
	logGroup  = upTo(512, `^[A-Za-z0-9_./#-]+$`)
)

// audit reads [audit]; t is nil where the file has none.
func (l *loader) audit(t *tomlNode) {
	a := &l.policy.Audit
	a.WhenDown = WhenDownRefuse
	missing := t == nil
	if missing {
		t = newTable(originParent, Pos{1, 1}, Pos{1, 1})
	}
	l.checkKeys(t, "[audit]", auditKeys)
	pos := t.pos
	if n := t.table["when_down"]; n != nil {
		pos = n.pos
		if text, ok := l.text(n, "when_down"); ok {
			a.WhenDown = WhenDown(text)
			if a.WhenDown != WhenDownRefuse && a.WhenDown != WhenDownSpool {
				l.fail(n.pos, hintForWord(n, "refuse", "spool"), "cannot use when_down = %s: there is no such value", quoted(text))
			}
		}
	}
	if n := t.table["cloudwatch"]; n != nil {
		a.CloudWatch = l.cloudWatch(n)
	} else if a.WhenDown == WhenDownRefuse && !t.misspells("cloudwatch") {
		// The default means the least: nothing runs that isn't recorded off this machine, so there must be
		// a place to record it.
		l.missing(t, "when_down", pos, `write cloudwatch = { region = "…", log_group = "…" }, or when_down = "spool" if the trail on this machine is enough`,
			`cannot use [audit]: when_down is "refuse", but cloudwatch is missing, so nothing could ever run`)
	}
	if a.Recordings = l.recordings(t.table["recordings"]); a.Recordings.Off {
		l.warn(t, "", "recordings", `recordings = "off": what a session shows, and what is typed to its tools, is kept by nobody but ECS Exec's session log`)
	}
}

// Where recordings go. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; of what a key may hold, as much as needs no escape anywhere.
var (
	bucketName   = upTo(63, `^[a-z0-9][a-z0-9.-]+[a-z0-9]$`)
	bucketPrefix = upTo(512, `^([A-Za-z0-9_=-][A-Za-z0-9_.=-]*/)*[A-Za-z0-9_=-][A-Za-z0-9_.=-]*/?$`)
)

// recordings reads audit.recordings. nil: it is left out, which means that there are recordings.
func (l *loader) recordings(n *tomlNode) (r Recordings) {
	const hint = `write "off", or { bucket = "…", prefix = "…" }`
	switch {
	case n == nil:
		return r
	case n.kind == kindString && n.str == "off":
		return Recordings{Off: true}
	case n.kind == kindString && nearestKey(n.str, []string{"off"}) != "", n.kind == kindBool && !n.on:
		l.fail(n.pos, `write "off"`, "cannot use recordings: there is no such value")
		return r
	case n.kind != kindTable:
		l.fail(n.pos, hint, "cannot use recordings: there is no such value")
		return r
	}
	l.checkKeys(n, "recordings", recordingsKeys)
	if cloud := l.policy.Audit.CloudWatch; cloud != nil && n.table["region"] == nil {
		r.Region = cloud.Region
	} else {
		r.Region = l.named(n, "recordings", "region", awsRegion, "an AWS region", `write region = "ap-northeast-1", say`)
	}
	r.Bucket = l.named(n, "recordings", "bucket", bucketName, "the name of a bucket", `write bucket = "prod-recordings", say`)
	if n.table["prefix"] != nil {
		r.Prefix = strings.TrimSuffix(l.named(n, "recordings", "prefix", bucketPrefix, "the beginning of a key", `write prefix = "opsh/prod/", say`), "/") + "/"
	}
	return r
}

func (l *loader) cloudWatch(n *tomlNode) *CloudWatch {
	if !l.is(n, kindTable, "cloudwatch") {
		return nil
	}
	l.checkKeys(n, "cloudwatch", cloudWatchKeys)
	return &CloudWatch{
		Region:   l.named(n, "cloudwatch", "region", awsRegion, "an AWS region", `write region = "ap-northeast-1", say`),
		LogGroup: l.named(n, "cloudwatch", "log_group", logGroup, "the name of a log group", `write log_group = "/ecs/prod", say`),
	}
}

// named is a required text of a given form.
func (l *loader) named(t *tomlNode, table, key string, form nameRule, what, example string) string {
	n := t.table[key]
	if n == nil {
		l.missing(t, key, t.pos, example, "cannot use %s: %s is missing", table, key)
		return ""
	}
	return l.written(n, key, form, what, example)
}

// written is the text of a node that is a name.
func (l *loader) written(n *tomlNode, key string, form nameRule, what, example string) string {
	s, ok := l.text(n, key)
	if ok && !form.MatchString(s) {
		hint := example
		// A zone for its region, an ARN for its log group.
		for _, part := range append(strings.Split(s, ":"), strings.TrimRight(s, "abcdef")) {
			if strings.ContainsAny(part, "/-") && part != "log-group" && form.MatchString(part) && (part[0] == '/' || key == "region") {
				hint = "write " + key + " = " + quoted(part)
			}
		}
		l.fail(n.pos, hint, "cannot use %s = %s: it isn't %s", key, quoted(s), what)
	}
	return s
}

// absolute is an absolute path without "..", "." or double slashes, so that what is read is what is opened.
func (l *loader) absolute(n *tomlNode, what string) (string, bool) {
	s, ok := l.text(n, what)
	switch {
	case !ok:
		return "", false
	case !strings.HasPrefix(s, "/"):
		l.fail(n.pos, hintForPath(s), "cannot use %s = %s: it must be an absolute path", what, quoted(s))
		return "", false
	case path.Clean(s) != s:
		l.fail(n.pos, "write "+quoted(path.Clean(s)), `cannot use %s = %s: it must be written without "..", "." and spare slashes`, what, quoted(s))
		return "", false
	}
	return s, true
}
