package compare

import (
	"encoding/base64"
	"fmt"

	"opsh/policy"
)

// approval: fewer signatures are enough, or another key counts, and it permits more.
func (p *pairOf) approval() {
	before, after := p.before.Approval, p.after.Approval
	switch {
	case before == nil && after == nil:
	case before == nil:
		p.change("approval", Narrower, fmt.Sprintf("is new: a runbook needs %d of %d signatures", after.Signatures, len(after.Keys)))
	case after == nil:
		p.change("approval", Wider, "is gone: it runs without anybody's signature")
	default:
		if before.Signatures != after.Signatures {
			p.was(p.subject, "approval.signatures", towards(after.Signatures < before.Signatures), before.Signatures, after.Signatures)
		}
		p.list("approval.keys", signers(before), signers(after), Narrower)
	}
}

// signers is the keys as texts that are equal where the keys are: a comment proves nothing.
func signers(a *policy.Approval) (all []string) {
	for _, k := range a.Keys {
		all = append(all, "ssh-ed25519 "+base64.StdEncoding.EncodeToString([]byte(k.Blob)))
	}
	return all
}
