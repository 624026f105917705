package evidence

import "opsh/cmd/opsctl/internal/cloudtrail"

// Start is an ExecuteCommand event of CloudTrail: somebody asked for a session. Without a Session the call failed.
type Start = cloudtrail.Event

// join gives each session its event.
func join(sessions []*Session, starts []Start) {
	by := map[string]*Start{}
	for i := range starts {
		if s := &starts[i]; s.Session != "" && by[s.Session] == nil {
			by[s.Session] = s
		}
	}
	for _, s := range sessions {
		s.Start = by[s.ID()]
	}
}
