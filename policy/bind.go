package policy

import (
	"errors"
	"slices"
)

// Seat is what a session brings to its commands.
type Seat struct {
	UID      uint32                       // the session's own
	SameUser bool                         // opsh isn't root: UID and GID are its own, and every tool's
	GID      uint32                       // for SameUser
	Term     string                       // TERM for the tool
	Environ  []string                     // opsh's own environment: only the names in pass are taken from it
	Secret   func(Secret) (string, error) // fetches a secret
}

// Bind looks at the machine for what a decision names, opens it and makes the Grant. Nothing is run, and
// nothing but the secrets is fetched. The error is a *Refusal where another command would do: the words
// name a file that may not be used. Any other error is the machine's.
func (p *Policy) Bind(m *Match, s Seat) (*Grant, error) {
	if m == nil || !m.decided || m.Tool == nil || p.Tool(m.Tool.Name) != m.Tool {
		return nil, errors.New("cannot run a command that this policy did not decide")
	}
	if p.failing {
		return nil, errors.New("cannot run a command by a policy that has mistakes or whose tests fail")
	}
	// A Match's fields can be written to. What was changed since is decided once more, from the words on.
	again, _ := p.Decide(Command{Words: m.Words, Input: m.Input})
	if again == nil || again.Tool != m.Tool || again.Rule != m.Rule || !slices.Equal(again.Fills, m.Fills) {
		return nil, errors.New("cannot run a command that was changed after it was decided")
	}
	return p.bind(again, s)
}
