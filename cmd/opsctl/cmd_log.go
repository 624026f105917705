package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/cmd/opsctl/internal/cloudtrail"
	"opsh/cmd/opsctl/internal/sessions"
	"opsh/cmd/opsctl/internal/source"
	"opsh/shell/audit"
)

func logVerb() verb {
	return verb{
		name: "log", usage: "[--since T] [--until T] [--service S] [--person P] [--tool T] [--status S] [--cloudtrail PLACE|lookup] [--json] [--profile P] [--region R] PLACE...",
		about: "Lists sessions: when, who, what, and how they ended",
		more: `
PLACE is where trails are: ` + source.ManyUsage + `. Each trail is proved as by opsctl verify.

--since       sessions that lasted until then, or longer: 2026-11-23, 2026-11-23T18:00:00Z, or a time ago: 36h, 7d; 7d when left out
--until       sessions that had begun before then; a day counts from its start, all in UTC
--service     of this ECS service, as the task's metadata had it
--person      whose name or ARN at AWS holds that; it wants --cloudtrail
--tool        that ran this tool
--status      whose end, or one of whose commands' ends, was this: a status (126), a word (exit, signal, refused, timeout, unrecorded, broken), open,
              or altered
--cloudtrail  who opened each session: files of CloudTrail's as it delivers them, in a directory, below s3://BUCKET/PREFIX/ or one; or "lookup", which asks
              CloudTrail itself (its last 90 days)
--json        the answer for programs

Exit status: 0 the list is complete, and every trail in it is proved; 1 a trail in it was altered; 2 wrong use; 125 something can't be read.`,
		run: logRun,
	}
}

// logAnswer is log's answer for programs.
type logAnswer struct {
	Since    time.Time           `json:"since"`
	Until    time.Time           `json:"until"`
	Sessions []*sessions.Session `json:"sessions"`
	// Without are ExecuteCommand events of that time that belong to no trail that was read.
	Without []cloudtrail.Event `json:"events_without_trail,omitempty"`
	Unread  []string           `json:"unread"` // trails that could not be read
}

func logRun(p *person, args []string) int {
	f := options()
	since, until, trail := f.String("since", "7d", ""), f.String("until", "", ""), f.String("cloudtrail", "", "")
	var filter sessions.Filter
	f.StringVar(&filter.Service, "service", "", "")
	f.StringVar(&filter.Person, "person", "", "")
	f.StringVar(&filter.Tool, "tool", "", "")
	f.StringVar(&filter.Status, "status", "", "")
	asJSON := f.Bool("json", false, "")
	var o awsconf.Options
	awsOptions(f, &o)
	names, err := parse(f, args)
	now := p.now()
	if err == nil {
		filter.Since, err = moment(*since, now)
	}
	if filter.Until = now; err == nil && *until != "" {
		filter.Until, err = moment(*until, now)
	}
	switch {
	case err != nil:
	case len(names) == 0:
		err = errors.New("cannot go on: no place with trails is named")
	case filter.Person != "" && *trail == "":
		err = errors.New("cannot look for a person: trails don't know who AWS let in; give --cloudtrail")
	case !filter.Since.Before(filter.Until):
		err = errors.New("cannot list: --since isn't before --until")
	}
	if err != nil {
		return p.misused(logVerb(), err)
	}
	opener := source.Opener{Stdin: p.in, AWS: o}
	answer, err := gather(opener, names, *trail, filter)
	if err == nil && *asJSON {
		err = p.sayJSON(answer)
	}
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	if !*asJSON {
		p.sayLogged(answer)
	}
	status := 0
	for _, s := range answer.Sessions {
		if s.State == audit.Broken {
			status = statusFound
		}
	}
	if len(answer.Unread) > 0 {
		status = statusBroken
	}
	return status
}

// trailEndings are how files with trails are called; CloudWatch Logs exports 000000.gz.
var trailEndings = [...]string{".jsonl", ".jsonl.gz", ".gz"}

// gather reads all trails and events.
func gather(opener source.Opener, names []string, trail string, filter sessions.Filter) (logAnswer, error) {
	ctx := context.Background()
	answer := logAnswer{Since: filter.Since, Until: filter.Until, Sessions: []*sessions.Session{}, Unread: []string{}}
	var all []*sessions.Session
	for _, name := range names {
		places, err := opener.List(ctx, name, trailEndings[:], filter.Since, filter.Until)
		if err != nil {
			return answer, err
		}
		for _, place := range places {
			s, err := readSession(ctx, opener, place)
			if err != nil {
				answer.Unread = append(answer.Unread, err.Error())
				continue
			}
			all = append(all, s)
		}
	}
	if trail != "" {
		events, err := executed(ctx, opener, trail, filter)
		if err != nil {
			return answer, err
		}
		answer.Without = sessions.Join(all, events)
	}
	for _, s := range all {
		if filter.Takes(s) {
			answer.Sessions = append(answer.Sessions, s)
		}
	}
	sessions.Sort(answer.Sessions)
	return answer, nil
}

func readSession(ctx context.Context, opener source.Opener, place source.Place) (*sessions.Session, error) {
	in, err := opener.Open(ctx, place)
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	s, err := sessions.Read(place.String(), in, place.Repeats())
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", place, err)
	}
	return s, nil
}

// executed are CloudTrail's events of the time. A session may have been opened before it.
func executed(ctx context.Context, opener source.Opener, from string, filter sessions.Filter) (all []cloudtrail.Event, err error) {
	since := filter.Since.Add(-24 * time.Hour) // no session lasts longer
	if from == "lookup" {
		config, err := awsconf.Load(ctx, opener.AWS)
		if err != nil {
			return nil, err
		}
		return cloudtrail.Lookup(ctx, config, since, filter.Until)
	}
	places, err := opener.List(ctx, from, []string{".json", ".json.gz"}, since, filter.Until)
	if err != nil {
		return nil, err
	}
	for _, place := range places {
		events, err := readEvents(ctx, opener, place)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			if !e.Time.Before(since) && e.Time.Before(filter.Until) {
				all = append(all, e)
			}
		}
	}
	return all, nil
}

func readEvents(ctx context.Context, opener source.Opener, place source.Place) ([]cloudtrail.Event, error) {
	in, err := opener.Open(ctx, place)
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	events, err := cloudtrail.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", place, err)
	}
	return events, nil
}

// sayLogged prints the answer for people.
func (p *person) sayLogged(a logAnswer) {
	for _, l := range sessions.Table(a.Sessions) {
		p.say(l)
	}
	for _, s := range a.Sessions {
		if s.State == audit.Broken {
			p.warn(fmt.Sprintf("the trail %s was altered, or isn't one: opsctl verify says where", s.Place))
		}
	}
	for _, e := range a.Without {
		what := "has no trail here"
		if e.Error != "" {
			what = "was refused (" + e.Error + ")"
		}
		if !e.Time.Before(a.Since) {
			p.warn(fmt.Sprintf("ExecuteCommand %s by %s at %s %s", e.Session, e.Person, e.Time.UTC().Format(time.RFC3339), what))
		}
	}
	for _, u := range a.Unread {
		p.fail(errors.New(u))
	}
}
