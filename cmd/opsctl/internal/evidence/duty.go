package evidence

import (
	"regexp"
	"slices"
	"strings"
)

// Duty is whether who ran a runbook is another than those who approved it.
type Duty string

// The answers.
const (
	Separate       Duty = "separate"        // it is proven who ran it, and that is no signer
	Same           Duty = "same"            // a signer ran it
	RunnerUnknown  Duty = "runner unknown"  // there is no event that says who
	RunnerUnproven Duty = "runner unproven" // the runner's name is no signer's, and he chose it himself
	RunnerAlike    Duty = "runner alike"    // the runner's name is no signer's, and may be another spelling of one
	SignerUnknown  Duty = "signer unknown"  // none of the known signers ran it, and of a key nobody says whose it is
	NotApproved    Duty = "not approved"    // no approval came with it
)

// Duty compares the runner's names with the signers'. A name that is a signer's is enough for Same, whoever gave it. For Separate it has to be proven.
func (s *Session) Duty(signers Signers) Duty {
	keys := s.Approvers()
	switch {
	case len(keys) == 0:
		return NotApproved
	case s.Start == nil:
		return RunnerUnknown
	}
	runner := names(*s.Start)
	unknown, alike := false, false
	for _, key := range keys {
		unknown = unknown || len(signers[key]) == 0
		for _, n := range signers[key] {
			if slices.ContainsFunc(runner, func(r string) bool { return strings.EqualFold(r, n) }) {
				return Same
			}
			alike = alike || slices.ContainsFunc(runner, func(r string) bool { return strings.EqualFold(short(r), short(n)) })
		}
	}
	switch {
	case s.Start.ARN == "":
		return RunnerUnknown
	case unknown:
		return SignerUnknown
	case !proven(*s.Start):
		return RunnerUnproven
	case alike:
		return RunnerAlike
	}
	return Separate
}

// Approvers are the keys whose signatures count, each once: those that opsh found in the policy.
func (s *Session) Approvers() (keys []string) {
	if s.Runbook == nil || s.Runbook.Approval == nil {
		return nil
	}
	for _, key := range s.Runbook.Approval.Keys {
		if !slices.Contains(s.Runbook.Approval.Unknown, key) && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// names are what an event calls who did it: the ARN, a user's or a role session's name, the source identity. The broker's have the form ROLE=SESSION,
// and SESSION is a name, too.
func names(e Start) (all []string) {
	for _, n := range []string{e.ARN, e.Person, e.Source} {
		for _, form := range []string{n, behind(n, "/"), behind(n, "=")} {
			if form != "" && !slices.Contains(all, form) {
				all = append(all, form)
			}
		}
	}
	return all
}

// short is a name without what differs from one directory to the next: hanako of hanako@example.com, which is also what ssh-keygen's own comments look like.
func short(name string) string {
	name, _, _ = strings.Cut(behind(behind(name, "/"), "="), "@")
	return name
}

func behind(name, separator string) string {
	return name[strings.LastIndex(name, separator)+1:]
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
var (
	iamUser     = regexp.MustCompile(`\Aarn:aws[a-z-]*:iam::[0-9]+:user/`)
	identitySTS = regexp.MustCompile(`\Aarn:aws[a-z-]*:sts::[0-9]+:assumed-role/(AWSReservedSSO_[^/]+)/[^/]+\z`)
	identityIAM = regexp.MustCompile(`\Aarn:aws[a-z-]*:iam::[0-9]+:role/aws-reserved/sso\.amazonaws\.com/([^/]+/)?AWSReservedSSO_[^/]+\z`)
)

// proven says that AWS vouches for the runner's name. Whoever assumes a role chooses the role session's name, unless the role's trust policy pins it, which
// no event tells: "nobody" or a colleague's name proves nothing. AWS itself names IAM users, and those whom IAM Identity Center signed in, to whose roles
// nobody else is let. A source identity is set by who has the right to, as the broker.
func proven(e Start) bool {
	switch {
	case iamUser.MatchString(e.ARN):
		return true
	case identitySTS.MatchString(e.ARN) && (e.Issuer == "" || identityIAM.MatchString(e.Issuer)):
		return true
	}
	return sourced(e.Source)
}

// sourced says that a source identity proves a name. That of the form ROLE=SESSION is the broker's word for a role session, whose name the caller chose as
// above; that with "==" is one that it cut, so that nobody can read a name in it.
func sourced(id string) bool {
	role, _, _ := strings.Cut(id, "=")
	switch strings.Count(id, "=") {
	case 0:
		return id != ""
	case 1:
		return strings.HasPrefix(role, "AWSReservedSSO_")
	}
	return false
}
