package compare

import (
	"fmt"

	"opsh/policy"
	"opsh/shell/answer"
)

// session compares what holds for whole sessions.
func (c *comparison) session() {
	before, after := c.older.Policy.Session, c.newer.Policy.Session
	c.reason(before.Reason, after.Reason)
	if before.Origin != after.Origin {
		c.was("session", "origin", towards(after.Origin == policy.OriginAny), before.Origin, after.Origin)
	}
	if before.Guard != after.Guard && before.Origin == after.Origin { // a login shell has none, and origin says so
		c.was("session", "guard", towards(after.Guard == policy.GuardOff), before.Guard, after.Guard)
	}
	if before.MaxDuration != after.MaxDuration {
		c.was("session", "max_duration", towards(after.MaxDuration > before.MaxDuration), answer.Brief(before.MaxDuration), answer.Brief(after.MaxDuration))
	}
	if before.IdleTimeout != after.IdleTimeout {
		c.was("session", "idle_timeout", towards(after.IdleTimeout > before.IdleTimeout), answer.Brief(before.IdleTimeout), answer.Brief(after.IdleTimeout))
	}
	if before.UIDs != after.UIDs {
		// Any uid that wasn't in the range may be somebody else's.
		effect := Review
		if before.UIDs.First <= after.UIDs.First && after.UIDs.Last <= before.UIDs.Last {
			effect = Narrower
		}
		show := func(r policy.UIDRange) string { return fmt.Sprintf("%d-%d", r.First, r.Last) }
		c.was("session", "uids", effect, show(before.UIDs), show(after.UIDs))
	}
	if before.SameUser != after.SameUser {
		c.was("session", "same_user", towards(after.SameUser), before.SameUser, after.SameUser)
	}
	if before.Prompt != after.Prompt {
		c.was("session", "prompt", Note, shown(before.Prompt), shown(after.Prompt))
	}
}

// reason: to ask for none permits more than to ask for any, and that more than to ask for one of a form.
func (c *comparison) reason(before, after policy.Reason) {
	rank := func(r policy.Reason) int {
		switch {
		case r.Match != nil:
			return 2
		case r.Required:
			return 1
		}
		return 0
	}
	show := func(r policy.Reason) string {
		return [...]string{`"optional"`, `"required"`, "match " + shown(r.Pattern)}[rank(r)]
	}
	switch {
	case rank(before) != rank(after):
		c.was("session", "reason", towards(rank(after) < rank(before)), show(before), show(after))
	case rank(after) == 2 && before.Pattern != after.Pattern:
		where := func(r policy.Reason) *policy.Where {
			return &policy.Where{Name: "REASON", Kind: policy.WhereMatch, Re: r.Match, Pattern: r.Pattern, Dash: true}
		}
		d := c.difference(where(before), where(after))
		c.add(Change{Subject: "session", Setting: "reason", Effect: d.effect(), Text: was(show(before), show(after)) + d.text()})
	}
}

// audit compares where records go.
func (c *comparison) audit() {
	before, after := c.older.Policy.Audit, c.newer.Policy.Audit
	if before.WhenDown != after.WhenDown {
		c.was("audit", "when_down", towards(after.WhenDown == policy.WhenDownSpool), before.WhenDown, after.WhenDown)
	}
	show := func(w *policy.CloudWatch) string {
		if w == nil {
			return "none"
		}
		return shown(w.Region + " " + w.LogGroup)
	}
	switch {
	case before.CloudWatch == nil && after.CloudWatch == nil:
	case before.CloudWatch != nil && after.CloudWatch != nil && *before.CloudWatch == *after.CloudWatch:
	case after.CloudWatch == nil:
		c.was("audit", "cloudwatch", Wider, show(before.CloudWatch), "none: records stay on the machine")
	case before.CloudWatch == nil:
		c.was("audit", "cloudwatch", Narrower, "none", show(after.CloudWatch))
	default:
		c.was("audit", "cloudwatch", Review, show(before.CloudWatch), show(after.CloudWatch)+": records go elsewhere")
	}
	c.recordings()
}

// recordings compares what is kept of what sessions show.
func (c *comparison) recordings() {
	before, after := c.older.Policy.Audit.Recordings, c.newer.Policy.Audit.Recordings
	show := func(r policy.Recordings) string {
		switch {
		case r.Off:
			return `"off"`
		case r.Bucket == "":
			return "kept on the machine"
		}
		return shown(r.Region + " s3://" + r.Bucket + "/" + r.Prefix)
	}
	rank := func(r policy.Recordings) int {
		switch {
		case r.Off:
			return 2
		case r.Bucket == "":
			return 1
		}
		return 0
	}
	switch {
	case before == after:
	case rank(before) != rank(after):
		c.was("audit", "recordings", towards(rank(after) > rank(before)), show(before), show(after))
	default:
		c.was("audit", "recordings", Review, show(before), show(after)+": recordings go elsewhere")
	}
}

// secrets compares where secrets come from. What is done with one is the matter of the tool that has it.
func (c *comparison) secrets() {
	before, after := c.older.Policy.Secrets, c.newer.Policy.Secrets
	for _, name := range sorted(after) {
		s, subject := after[name], "secret "+name
		old, known := before[name]
		switch {
		case !known:
			c.add(Change{Subject: subject, Setting: "from", Effect: Review, At: c.newer.at(s.Pos), Text: "a new secret: it comes from " + shown(s.From)})
		case old.From != s.From:
			c.add(Change{Subject: subject, Setting: "from", Effect: Review, At: c.newer.at(s.Pos), Text: was(shown(old.From), shown(s.From)) + ": another secret may come from there"})
		case old.Source.Region != s.Source.Region:
			c.add(Change{Subject: subject, Setting: "region", Effect: Review, At: c.newer.at(s.Pos), Text: was(old.Source.Region, s.Source.Region) + ": another secret may come from there"})
		}
	}
	for _, name := range sorted(before) {
		if _, kept := after[name]; !kept {
			c.add(Change{Subject: "secret " + name, Setting: "from", Effect: Narrower, At: c.older.at(before[name].Pos), Text: "the secret is gone"})
		}
	}
}

// towards is the effect of a change between two values of which one permits more.
func towards(more bool) Effect {
	if more {
		return Wider
	}
	return Narrower
}

// was says what a setting was and is.
func was(before, after any) string { return fmt.Sprintf("was %v, is %v", before, after) }

func (c *comparison) was(subject, setting string, effect Effect, before, after any) {
	c.add(Change{Subject: subject, Setting: setting, Effect: effect, Text: was(before, after)})
}
