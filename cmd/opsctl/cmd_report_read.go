package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"opsh/cmd/opsctl/internal/evidence"
	"opsh/cmd/opsctl/internal/film"
	"opsh/cmd/opsctl/internal/page"
	"opsh/cmd/opsctl/internal/recorded"
	"opsh/cmd/opsctl/internal/sessionlog"
	"opsh/cmd/opsctl/internal/sessions"
	"opsh/cmd/opsctl/internal/source"
	"opsh/shell/audit"
	"opsh/shell/recording"
	"opsh/shell/transcript"
)

// trailRead is a trail, and what a recording and a log are held against.
type trailRead struct {
	session *evidence.Session
	said    recorded.Trail
	lines   sessionlog.Records
	edges   map[int]film.Edges
}

// gather reads everything that a report is made of.
func (o *reportOptions) gather(p *person) (r *page.Report, unread []string, err error) {
	ctx, opener := context.Background(), source.Opener{Stdin: p.in, AWS: o.aws}
	r = &page.Report{
		Language: page.Language(o.lang), Events: o.cloudtrail != "", Again: o.again(), Made: p.now(), Version: version,
		Subject: page.Subject{Session: o.session, PullRequest: o.pr, Runbook: o.hash, Period: o.period},
	}
	texts, err := readTexts(o.texts)
	if err != nil {
		return nil, nil, err
	}
	if o.signers != "" {
		text, err := os.ReadFile(o.signers)
		if err == nil {
			r.Signers, err = evidence.ParseSigners(text)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("cannot use %s: %w", quote(o.signers), err)
		}
	}
	trails, err := o.trails(ctx, opener)
	if err != nil {
		return nil, nil, err
	}
	by := map[*evidence.Session]*trailRead{}
	var all []*evidence.Session
	taken := map[string]bool{}
	for _, t := range trails {
		if o.takes(t.session) {
			taken[t.session.ID()] = true
		}
	}
	for _, t := range trails {
		if !taken[t.session.ID()] { // another trail of a session that is reported is taken, too, whatever it says of itself
			if altered(t.session) {
				r.Doubtful = append(r.Doubtful, t.session.Place)
			}
			continue
		}
		by[t.session] = t
		all = append(all, t.session)
		if t.session.Error != "" {
			unread = append(unread, t.session.Error)
		}
	}
	events, err := o.events(ctx, opener, all)
	if err != nil {
		return nil, nil, err
	}
	period := evidence.Period{}
	if o.period != nil {
		period = *o.period
	}
	population := evidence.Populate(period, all, events, r.Events)
	shown := population.Sessions
	r.Twice = population.Twice
	if o.period != nil {
		r.Population, shown = population, nil
		if o.sample > 0 {
			shown = evidence.Sample(population.Sessions, o.seed, o.sample)
			r.Sampling = &page.Sampling{Seed: o.seed}
		}
	}
	if err := o.fits(r, shown); err != nil {
		return nil, nil, err
	}
	for _, s := range shown {
		r.Details = append(r.Details, o.detail(ctx, opener, by[s], texts, len(shown)))
	}
	r.Sources = append(append(r.Sources, o.places...), given(o.cloudtrail, o.recordings, o.log, o.texts, o.signers)...)
	return r, unread, nil
}

func given(all ...string) (some []string) {
	for _, s := range all {
		if s != "" {
			some = append(some, s)
		}
	}
	return some
}

// fits says why these sessions make no such report.
func (o *reportOptions) fits(r *page.Report, shown []*evidence.Session) error {
	switch {
	case o.period != nil:
		return nil
	case len(shown) == 0:
		return errors.New("cannot report: there is no such session here")
	case len(shown) > sampleMost:
		return fmt.Errorf("cannot report: these are %d sessions, and %d are the most", len(shown), sampleMost)
	case len(shown) > 1 && o.log != "":
		return errors.New("cannot use --log: these are several sessions, and a log belongs to one")
	case o.runbook == "" && o.pr == "":
		r.Subject.Session = shown[0].ID()
		if len(shown) > 1 && o.session == "" {
			return errors.New("cannot report: there are several sessions here; say about what: --session, --runbook, --pr or --since")
		}
	}
	return nil
}

// trails reads them all. One that can't be read is one, too: it must not be missed.
func (o *reportOptions) trails(ctx context.Context, opener source.Opener) (all []*trailRead, err error) {
	var since, until time.Time
	until = time.UnixMilli(1 << 52)
	if o.period != nil {
		since, until = o.period.From, o.period.To
	}
	for _, name := range o.places {
		places, err := opener.List(ctx, name, trailEndings[:], since, until)
		if err != nil {
			return nil, err
		}
		for _, place := range places {
			all = append(all, readTrail(ctx, opener, place, o.log != ""))
		}
	}
	return all, nil
}

func readTrail(ctx context.Context, opener source.Opener, place source.Place, lines bool) *trailRead {
	t := &trailRead{session: &evidence.Session{Place: place.String()}, edges: map[int]film.Edges{}}
	in, err := opener.Open(ctx, place)
	if err != nil {
		t.session.Error = err.Error()
		return t
	}
	defer in.Close() //nolint:errcheck // it was only read
	t.session.Verdict, err = audit.Verify(in, audit.Options{Repeats: place.Repeats(), Each: func(r audit.Record) {
		t.session.Add(r)
		t.said.Add(r)
		switch e := t.edges[r.Command]; r.Event {
		case audit.Run:
			t.edges[r.Command] = film.Edges{Run: transcript.Line(r), Exit: e.Exit}
		case audit.Exit:
			t.edges[r.Command] = film.Edges{Run: e.Run, Exit: transcript.Line(r)}
		}
		if lines {
			t.lines.Add(r)
		}
	}})
	if err != nil {
		t.session.Error = fmt.Sprintf("cannot read %s: %v", place, err)
	}
	return t
}

// events are CloudTrail's around the period, or around the sessions.
func (o *reportOptions) events(ctx context.Context, opener source.Opener, all []*evidence.Session) ([]evidence.Start, error) {
	if o.cloudtrail == "" {
		return nil, nil
	}
	var around sessions.Filter
	if o.period != nil {
		around.Since, around.Until = o.period.From, o.period.To
	}
	for _, s := range all {
		began := s.Began()
		if began.IsZero() || o.period != nil {
			continue
		}
		if around.Since.IsZero() || began.Before(around.Since) {
			around.Since = began
		}
		if after := began.Add(time.Hour); after.After(around.Until) {
			around.Until = after
		}
	}
	return executed(ctx, opener, o.cloudtrail, around)
}

// The room that a page has, in bytes: for the films, and for what commands printed.
const (
	filmsRoom   = 1000 << 10 // for one session; several share four times as much
	outputsRoom = 400 << 10
	outputMost  = 16 << 10 // of one command
	outputLeast = 512
)

// detail is a session in full.
func (o *reportOptions) detail(ctx context.Context, opener source.Opener, t *trailRead, texts map[string]evidence.Runbook, of int) page.Detail {
	d := page.Detail{Session: t.session, Verify: []string{"opsctl", "verify"}}
	if t.session.Runbook != nil {
		if book, ok := texts[t.session.Runbook.Runbook]; ok {
			d.Book = &book
		}
	}
	if o.log != "" {
		d.LogPlace = o.log
		d.Verify = append(d.Verify, "--log", o.log)
		if err := t.align(ctx, opener); err != nil {
			d.LogError = err.Error()
		}
	}
	if place, ok := o.recordingOf(t.session); ok {
		d.RecordingPlace = place.String()
		d.Verify = append(d.Verify, "--recording", place.String())
		share := 4
		if of == 1 {
			share = 1
		}
		var err error
		if d.Film, d.Takes, err = t.watch(ctx, opener, place, filmsRoom*share/of); err != nil {
			d.RecordingError = err.Error()
		}
		room := min(outputMost, max(outputLeast, outputsRoom*share/of/max(1, len(t.session.Commands))))
		for n, take := range d.Takes {
			d.Takes[n] = take.Shorten(room)
		}
	}
	d.Verify = append(d.Verify, t.session.Place)
	return d
}

func (t *trailRead) align(ctx context.Context, opener source.Opener) error {
	place, err := source.Parse(t.session.LogPlace)
	if err != nil {
		return err
	}
	in, err := opener.Open(ctx, place)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	result, err := sessionlog.Align(in, &t.lines)
	if err == nil {
		t.session.Log = &result
	}
	return err
}

// recordingOf is where a session's recording should be. There is none where the policy wanted none.
func (o *reportOptions) recordingOf(s *evidence.Session) (source.Place, bool) {
	if o.recordings == "" || s.Begin != nil && s.Begin.Recording == audit.RecordingOff {
		return source.Place{}, false
	}
	if strings.HasPrefix(o.recordings, "s3://") && strings.HasSuffix(o.recordings, "/"+s.ID()+"/") {
		place, err := source.Parse(o.recordings) // this session's own parts
		return place, err == nil
	}
	if st, err := os.Stat(o.recordings); !strings.HasPrefix(o.recordings, "s3://") && (err != nil || !st.IsDir()) {
		place, err := source.Parse(o.recordings)
		return place, err == nil
	}
	place, err := recordingPlace(s.ID(), o.recordings)
	return place, err == nil
}

// watch holds a recording against its trail, and films it, in one reading.
func (t *trailRead) watch(ctx context.Context, opener source.Opener, place source.Place, room int) (*film.Film, map[int]film.Take, error) {
	in, err := opener.Open(ctx, place)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	pipe, to := io.Pipe()
	checked := make(chan error, 1)
	go func() {
		result, err := t.said.Check(pipe)
		if err == nil {
			t.session.Recording = &result
		}
		pipe.CloseWithError(err) // whatever is written then fails
		checked <- err
	}()
	tee := io.TeeReader(in, to)
	reader, err := recording.NewReader(tee)
	var shot *film.Film
	var takes map[int]film.Take
	if err == nil {
		shot, takes = film.Shoot(reader, t.edges, room)
	}
	_, rest := io.Copy(io.Discard, tee) // what the film didn't want is checked all the same
	to.CloseWithError(rest)             // nil: the end
	return shot, takes, errors.Join(err, <-checked)
}

// readTexts are runbooks by their SHA-256.
func readTexts(name string) (map[string]evidence.Runbook, error) {
	all := map[string]evidence.Runbook{}
	if name == "" {
		return all, nil
	}
	names := []string{name}
	if st, err := os.Stat(name); err == nil && st.IsDir() {
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, fmt.Errorf("cannot read the runbooks: %w", err)
		}
		names = nil
		for _, e := range entries {
			if e.Type().IsRegular() {
				names = append(names, filepath.Join(name, e.Name()))
			}
		}
	}
	for _, n := range names {
		text, err := os.ReadFile(n)
		if err != nil {
			return nil, fmt.Errorf("cannot read the runbook: %w", err)
		}
		book := evidence.Runbook{Name: n, Text: text}
		all[book.SHA256()] = book
	}
	return all, nil
}
