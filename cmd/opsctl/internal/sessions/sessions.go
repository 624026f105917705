// Package sessions tells of many sessions, each in a row: what their trails say, and who CloudTrail says that they were.
package sessions

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"opsh/cmd/opsctl/internal/cloudtrail"
	"opsh/shell/audit"
)

// Session is what one trail tells.
type Session struct {
	Place     string            `json:"trail"`
	ID        string            `json:"session"`
	State     audit.State       `json:"state"`
	From      time.Time         `json:"from"`
	To        time.Time         `json:"to"` // the last record's; where the state is open, the session may have gone on
	Cluster   string            `json:"cluster,omitempty"`
	Service   string            `json:"service,omitempty"`
	Task      string            `json:"task,omitempty"`
	Mode      string            `json:"mode,omitempty"`
	Reason    string            `json:"reason,omitempty"`
	Runbook   string            `json:"runbook,omitempty"` // SHA-256
	Policy    string            `json:"policy,omitempty"`
	Recording string            `json:"recording,omitempty"`
	Tools     []string          `json:"tools"` // that ran, each once, in order
	Runs      int               `json:"runs"`
	Refusals  int               `json:"refusals"`
	Failed    int               `json:"failed"` // of the runs
	Denials   int               `json:"denials"`
	Status    *int              `json:"status,omitempty"` // the session's own
	Category  audit.Category    `json:"category,omitempty"`
	Problems  []audit.Problem   `json:"problems,omitempty"`
	Opened    *cloudtrail.Event `json:"opened,omitempty"` // nil: CloudTrail wasn't asked, or has no event

	ends []string // of the session and of its commands, as statuses and categories
}

// Read reads a trail and proves it. An error is the reader's.
func Read(place string, in io.Reader, repeats bool) (*Session, error) {
	s := &Session{Place: place, Tools: []string{}}
	v, err := audit.Verify(in, audit.Options{Repeats: repeats, Each: s.add})
	if err != nil {
		return nil, err
	}
	s.ID, s.State, s.Problems = v.Session, v.State, v.Problems
	s.Runs, s.Refusals, s.Status, s.Category = v.Runs, v.Refusals, v.Status, v.Category
	s.From, s.To = when(v.From), when(v.To)
	if s.State == audit.Open {
		s.ends = append(s.ends, "open")
	}
	if s.State == audit.Broken {
		s.ends = append(s.ends, "altered")
	}
	return s, nil
}

func when(text string) time.Time { return audit.Record{Time: text}.When() }

// add takes the next record.
func (s *Session) add(r audit.Record) {
	switch r.Event {
	case audit.Begin:
		s.Cluster, s.Service, s.Task, s.Mode, s.Reason, s.Policy, s.Recording = r.Cluster, r.Service, r.Task, r.Mode, r.Reason, r.Policy, r.Recording
	case audit.Runbook:
		s.Runbook = r.Runbook
	case audit.Run:
		if !slices.Contains(s.Tools, r.Tool) {
			s.Tools = append(s.Tools, r.Tool)
		}
	case audit.Exit:
		s.Denials += r.Denials
		if r.Status == nil || *r.Status != 0 {
			s.Failed++
		}
		s.end(r)
	case audit.Refused, audit.End:
		s.end(r)
	}
}

func (s *Session) end(r audit.Record) {
	if r.Status == nil {
		return
	}
	for _, e := range []string{strconv.Itoa(*r.Status), string(r.Category)} {
		if !slices.Contains(s.ends, e) {
			s.ends = append(s.ends, e)
		}
	}
}

// Filter is which sessions are wanted; what is empty wants all.
type Filter struct {
	Since, Until time.Time // that had begun before Until, and whose last record isn't before Since
	Service      string
	Person       string // is part of the name or the ARN, in any case
	Tool         string // that ran
	Status       string // the session's, or one of its commands': a number, a category, "open" or "altered"
}

// Takes says whether a session is wanted.
func (f Filter) Takes(s *Session) bool {
	switch {
	case s.State == audit.Broken && s.From.IsZero(): // when it was can't be told: it is shown rather than hidden
	case !f.Until.IsZero() && !s.From.Before(f.Until), !f.Since.IsZero() && s.To.Before(f.Since):
		return false
	}
	switch {
	case f.Service != "" && s.Service != f.Service:
		return false
	case f.Tool != "" && !slices.Contains(s.Tools, f.Tool):
		return false
	case f.Status != "" && !slices.Contains(s.ends, f.Status):
		return false
	}
	return f.Person == "" || s.Opened != nil && has(s.Opened.Person+"\n"+s.Opened.ARN, f.Person)
}

func has(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// Join finds out who opened each session, and returns the events that are no session's here: those whose trail isn't here, and those that were
// refused or opened something else than opsh.
func Join(all []*Session, events []cloudtrail.Event) (without []cloudtrail.Event) {
	byID := map[string]*Session{}
	for _, s := range all {
		byID[s.ID] = s
	}
	for _, e := range events {
		s := byID[e.Session]
		if s == nil || e.Session == "" {
			without = append(without, e)
			continue
		}
		s.Opened = &e
	}
	return without
}

// Sort puts sessions in the order of their beginnings.
func Sort(all []*Session) {
	slices.SortStableFunc(all, func(a, b *Session) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}
