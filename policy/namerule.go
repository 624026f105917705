package policy

// nameRule is how a kind of name is written. The length stands apart: a bounded repetition is compiled into as many copies, and
// opsh starts anew for every command.
type nameRule struct {
	most int // bytes
	re   lateRegexp
}

func upTo(most int, re string) nameRule { return nameRule{most, late(re)} }

// MatchString says whether a name is written so.
func (r nameRule) MatchString(s string) bool { return len(s) <= r.most && r.re.MatchString(s) }

// find is a name's parts, nil where it isn't written so.
func (r nameRule) find(s string) []string {
	if len(s) > r.most {
		return nil
	}
	return r.re.FindStringSubmatch(s)
}
