package evidence

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"opsh/shell/audit"
)

// Period is from From on and before To. A zero time sets no bound.
type Period struct{ From, To time.Time }

// Holds says whether a time is in it.
func (p Period) Holds(t time.Time) bool {
	return !t.Before(p.From) && (p.To.IsZero() || t.Before(p.To))
}

// Population is all sessions of a period that anything tells of, and what one source tells of and the other doesn't.
type Population struct {
	Period
	Sessions  []*Session // by time, then id; also those of which nobody knows when they began
	Undated   []*Session // the latter of them
	Guards    []*Session // of the guard: what it ended in the period. They are nobody's sessions
	Twice     []*Session // of a session of which there is another trail, too, and the two differ; one of them at least is in Sessions or Guards
	Copies    int        // trails that were left out because they are another's copy
	Joined    bool       // there were events at all to look at: otherwise nothing is known of the next three
	Untrailed []Start    // sessions that were started, and have no trail
	Unstarted []*Session // trails whose session no event started
	Failed    []Start    // calls that started no session
	Events    int        // ExecuteCommand events of the period
	First     time.Time  // of all events that were given; they need not cover the period
	Last      time.Time
}

// Populate makes it of all trails and events that there are, also those around the period: a session is joined with its event wherever
// the period cuts. It orders sessions, and sets their Start. known: events were asked for, even if there are none.
func Populate(p Period, sessions []*Session, starts []Start, known bool) *Population {
	all := &Population{Period: p, Joined: known}
	sessions = all.once(sessions)
	join(sessions, starts)
	trailed := map[string]bool{}
	for _, s := range sessions {
		if s.Guard() {
			if at := s.Began(); at.IsZero() || at.Before(p.To) || p.To.IsZero() {
				all.Guards = append(all.Guards, s)
			}
			continue
		}
		trailed[s.ID()] = true
		at := s.Began()
		if at.IsZero() {
			all.Undated = append(all.Undated, s)
		} else if !p.Holds(at) {
			continue
		}
		all.Sessions = append(all.Sessions, s)
		if known && s.Start == nil {
			all.Unstarted = append(all.Unstarted, s)
		}
	}
	all.Twice = slices.DeleteFunc(all.Twice, func(s *Session) bool {
		return !slices.ContainsFunc(slices.Concat(all.Sessions, all.Guards), func(o *Session) bool { return o.ID() == s.ID() })
	})
	starts = slices.SortedFunc(slices.Values(starts), func(a, b Start) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Session, b.Session))
	})
	for i, e := range starts {
		if i == 0 {
			all.First = e.Time
		}
		all.Last = e.Time
		if !p.Holds(e.Time) {
			continue
		}
		all.Events++
		switch {
		case e.Session == "":
			all.Failed = append(all.Failed, e)
		case !trailed[e.Session]:
			all.Untrailed = append(all.Untrailed, e)
		}
	}
	return all
}

// once orders sessions, and leaves out what is the same trail in another place.
func (p *Population) once(sessions []*Session) (kept []*Session) {
	sessions = slices.SortedFunc(slices.Values(sessions), func(a, b *Session) int {
		return cmp.Or(a.Began().Compare(b.Began()), strings.Compare(a.ID(), b.ID()), strings.Compare(a.Place, b.Place))
	})
	seen := map[string]*Session{}
	for _, s := range sessions {
		other := seen[s.ID()]
		switch {
		case other == nil:
			seen[s.ID()] = s
		case s.copyOf(other):
			p.Copies++
			continue
		default:
			p.Twice = append(p.Twice, s)
		}
		kept = append(kept, s)
	}
	return kept
}

// copyOf: the last hash covers all records before it, as long as the chain is whole.
func (s *Session) copyOf(other *Session) bool {
	return s.Error == "" && other.Error == "" && s.Verdict.State != audit.Broken && other.Verdict.State != audit.Broken &&
		s.Verdict.Hash != "" && s.Verdict.Hash == other.Verdict.Hash
}

// Gaps is how many things are known to be missing or to contradict each other. Without CloudTrail's events that can be trails alone.
func (p *Population) Gaps() int {
	return len(p.Untrailed) + len(p.Unstarted) + len(p.Undated) + len(p.Twice)
}

// Complete says that the two sources tell of the same sessions.
func (p *Population) Complete() bool { return p.Joined && p.Gaps() == 0 }
