package page

import (
	"slices"

	"opsh/cmd/opsctl/internal/evidence"
	"opsh/shell/line"
)

// periodView is what a report of a period has beside its sessions.
type periodView struct {
	Facts     []fact
	Gaps      []fact
	Joined    bool
	Rows      []populationRow
	Untrailed []eventRow
	Failed    []eventRow
	Sampling  []fact
	Shell     string // the command that draws
}

// populationRow is a session of the population.
type populationRow struct {
	Anchor                              string // of its details; empty: it wasn't drawn
	ID, Began, Person, Reason, Commands string
	State, Gap                          string
	Mood                                mood
}

// eventRow is an ExecuteCommand event.
type eventRow struct{ At, ID, Person, Address, Command, Event, Error string }

func newPeriod(r Report, details []sessionView, t texts) *periodView {
	p := r.Population
	v := &periodView{}
	anchors := map[*evidence.Session]string{}
	for i, d := range r.Details {
		anchors[d.Session] = details[i].Anchor
	}
	for _, s := range p.Sessions {
		l := listing(s, anchors[s], t)
		row := populationRow{l.Anchor, l.ID, l.Began, l.Person, l.Reason, l.Counts, l.State, t.say("gap.none"), l.Mood}
		switch {
		case slices.Contains(p.Twice, s):
			row.Gap, row.Mood = t.say("gap.twice"), bad
		case slices.Contains(p.Undated, s):
			row.Gap, row.Mood = t.say("gap.undated"), bad
		case slices.Contains(p.Unstarted, s):
			row.Gap, row.Mood = t.say("gap.noevent"), bad
		case !p.Joined:
			row.Gap = t.say("gap.unknown")
		}
		v.Rows = append(v.Rows, row)
	}
	for _, e := range p.Untrailed {
		v.Untrailed = append(v.Untrailed, newEvent(e))
	}
	for _, e := range p.Failed {
		v.Failed = append(v.Failed, newEvent(e))
	}
	v.Facts = []fact{{Name: t.say("period.sessions"), Value: t.say("period.sessioncount", len(p.Sessions), p.Copies)}}
	if len(p.Guards) > 0 {
		v.Facts = append(v.Facts, guardFact(p.Guards, t))
	}
	if p.Joined {
		v.Facts = append(v.Facts, fact{Name: t.say("period.events"), Value: t.say("period.eventcount", p.Events, len(p.Failed))},
			fact{Name: t.say("period.range"), Value: t.say("period.fromto", clock(p.First), clock(p.Last))})
	}
	v.Gaps, v.Joined = []fact{gapFact(p, t)}, p.Joined
	if s := r.Sampling; s != nil {
		v.Sampling = []fact{{Name: t.say("sampling.seed"), Value: oneLine(s.Seed), Mono: true},
			{Name: t.say("sampling.size"), Value: t.say("sampling.count", len(r.Details), len(p.Sessions))}}
		v.Shell = "printf '%s %s' " + line.QuoteWord(s.Seed) + ` "$SESSION" | sha256sum`
	}
	return v
}

func newEvent(e evidence.Start) eventRow {
	person := e.ARN
	if person == "" {
		person = e.Person
	}
	return eventRow{clock(e.Time), oneLine(e.Session), oneLine(person), oneLine(e.Address), oneLine(e.Command), oneLine(e.ID), oneLine(e.Error)}
}

// gapFact says whether the population is complete.
func gapFact(p *evidence.Population, t texts) fact {
	f := fact{Name: t.say("gaps")}
	switch {
	case !p.Joined && p.Gaps() > 0:
		f.Value, f.Mood = t.say("gaps.oftrails", len(p.Undated), len(p.Twice)), bad
	case !p.Joined:
		f.Value, f.Mood = t.say("gaps.unknown"), odd
	case p.Complete():
		f.Value, f.Mood = t.say("gaps.none"), good
	default:
		f.Value, f.Mood = t.say("gaps.some", len(p.Untrailed), len(p.Unstarted), len(p.Undated), len(p.Twice)), bad
	}
	return f
}

// guardFact is what the guard ended, and whether its trails are whole.
func guardFact(all []*evidence.Session, t texts) fact {
	kills, altered := 0, 0
	for _, s := range all {
		kills += s.Verdict.Kills
		if contradicted(s) {
			altered++
		}
	}
	f := fact{Name: t.say("period.guards"), Value: t.say("period.guardcount", len(all), altered, kills)}
	if altered > 0 {
		f.Mood = bad
	}
	return f
}
