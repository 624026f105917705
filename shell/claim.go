package shell

import (
	"errors"
	"strings"
	"time"

	"opsh/shell/ship"
)

// starting is how long a process may take to start and end, beside what it does.
const starting = 5 * time.Second

// claimOnce takes an approval where records go: it is good for one run of one task of all that the service has, now and after this one is replaced, and the
// log group remembers its number. Where records go nowhere, only this state directory knows it.
func (s *session) claimOnce(once string) error {
	if s.shipTo == nil {
		return nil
	}
	out, err := s.ask(ship.ClaimName, ship.Claim{Target: *s.shipTo, Name: "approval-" + once}, ship.ClaimTime+starting)
	if why := strings.TrimSpace(string(out)); err != nil && why != "" {
		err = errors.New(why)
	}
	return err
}
