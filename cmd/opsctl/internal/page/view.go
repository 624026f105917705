package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"opsh/cmd/opsctl/internal/evidence"
	"opsh/shell/audit"
	"opsh/shell/line"
)

// view is what the template shows: all decided, all in the report's language.
type view struct {
	Lang     Language
	Title    string
	Subject  string
	CSS      template.CSS
	JS       template.JS
	JSHash   string
	Made     string
	Summary  []fact
	Period   *periodView
	Sessions []sessionView
	List     []listed // of Sessions, where there are several
	Sources  []string
	Doubtful []string
	Again    string
	Method   []string
}

// fact is a name and what is known under it.
type fact struct {
	Name, Value string
	Mono        bool
	Mood        mood
}

// mood is how something is marked, beside what it says.
type mood string

const (
	plainMood mood = ""
	good      mood = "good"
	odd       mood = "odd" // not known, not ended
	bad       mood = "bad"
)

// listed is a row of the table of sessions.
type listed struct {
	Anchor, ID, Began, Person, Reason, Counts, State string
	Mood                                             mood
}

func newView(r Report, t texts) (*view, error) {
	js := read("report.js")
	v := &view{
		Lang: r.Language, CSS: template.CSS(read("report.css")), JS: template.JS(js), JSHash: hashOf(js), //nolint:gosec // files of ours
		Made: t.say("made", r.Made.UTC().Format(audit.TimeFormat), r.Version), Sources: plainAll(r.Sources), Doubtful: plainAll(r.Doubtful), Again: line.Quote(r.Again...),
	}
	v.Title, v.Subject = subject(r.Subject, t)
	for i, d := range r.Details {
		s, err := newSession(r, d, fmt.Sprintf("s%d", i+1), t)
		if err != nil {
			return nil, err
		}
		v.Sessions = append(v.Sessions, s)
		v.List = append(v.List, listing(d.Session, s.Anchor, t))
	}
	if r.Population != nil {
		v.Period = newPeriod(r, v.Sessions, t)
	}
	v.Summary = summary(r, t)
	for _, key := range []string{"method.chain", "method.cloudtrail", "method.recording", "method.limits"} {
		v.Method = append(v.Method, t.say(key))
	}
	return v, nil
}

func subject(s Subject, t texts) (title, text string) {
	switch {
	case s.Session != "":
		return t.say("title.session"), t.say("subject.session", s.Session)
	case s.Runbook != "":
		return t.say("title.runbook"), t.say("subject.runbook", s.Runbook)
	case s.PullRequest != "":
		return t.say("title.runbook"), t.say("subject.pr", s.PullRequest)
	}
	return t.say("title.period"), t.say("subject.period", bound(s.Period.From, t), bound(s.Period.To, t))
}

func bound(at time.Time, t texts) string {
	if at.IsZero() {
		return t.say("unbounded")
	}
	return clock(at)
}

// summary is the answer on the first page: what was found, worst first in nobody's favor.
func summary(r Report, t texts) []fact {
	var whole, open, broken, off, unreadable, runs, refusals, denials int
	duties := map[evidence.Duty]int{}
	sessions := make([]*evidence.Session, 0, len(r.Details))
	for _, d := range r.Details {
		sessions = append(sessions, d.Session)
	}
	if r.Population != nil {
		sessions = r.Population.Sessions
	}
	for _, s := range sessions {
		a, b, c := s.Counts()
		runs, refusals, denials = runs+a, refusals+b, denials+c
		switch {
		case contradicted(s):
			broken++
		case s.Verdict.State != audit.Whole:
			open++
		default:
			whole++
		}
		duties[s.Duty(r.Signers)]++
	}
	for _, d := range r.Details {
		if pairs, err := against(d); err != nil || astray(pairs) {
			off++
		}
		if hidden(d) {
			unreadable++
		}
	}
	facts := []fact{{Name: t.say("summary.sessions"), Value: strconv.Itoa(len(sessions))}, {Name: t.say("summary.trails"), Value: t.say("summary.verdicts", whole, open, broken), Mood: worst(broken, open)}}
	if p := r.Population; p != nil {
		facts = append(facts, gapFact(p, t))
	}
	facts = append(facts, fact{Name: t.say("summary.commands"), Value: t.say("summary.counts", runs, refusals, denials)},
		dutyFact(duties, t))
	if len(r.Twice) > 0 {
		facts = append(facts, fact{Name: t.say("summary.twice"), Value: t.say("summary.twicecount", len(r.Twice)), Mood: bad})
	}
	if len(r.Doubtful) > 0 {
		facts = append(facts, fact{Name: t.say("summary.doubtful"), Value: t.say("summary.doubtfulcount", len(r.Doubtful)), Mood: bad})
	}
	if off > 0 {
		facts = append(facts, fact{Name: t.say("summary.differs"), Value: t.say("summary.differscount", off), Mood: bad})
	}
	if unreadable > 0 {
		facts = append(facts, fact{Name: t.say("summary.hidden"), Value: t.say("summary.hiddencount", unreadable), Mood: bad})
	}
	return facts
}

func dutyFact(duties map[evidence.Duty]int, t texts) fact {
	same, unknown := duties[evidence.Same], duties[evidence.RunnerUnknown]+duties[evidence.RunnerUnproven]+duties[evidence.RunnerAlike]+duties[evidence.SignerUnknown]
	f := fact{Name: t.say("summary.duty"), Value: t.say("summary.dutycounts", duties[evidence.Separate], same, unknown, duties[evidence.NotApproved]), Mood: worst(same, unknown)}
	if f.Mood == good && duties[evidence.Separate] == 0 {
		f.Mood = plainMood
	}
	return f
}

// worst is the mood of two counts.
func worst(wrong, open int) mood {
	switch {
	case wrong > 0:
		return bad
	case open > 0:
		return odd
	}
	return good
}

func listing(s *evidence.Session, anchor string, t texts) listed {
	runs, refusals, denials := s.Counts()
	state, mood := stateOf(s, t)
	person := t.say("unknown")
	if s.Start != nil && s.Start.Person != "" {
		person = line.Plain(s.Start.Person)
	}
	return listed{anchor, line.Plain(s.ID()), clock(s.Began()), person, line.Plain(s.Reason()), t.say("counts", runs, refusals, denials), state, mood}
}

// stateOf is the verification's result in a word, with all that the trail was held against.
func stateOf(s *evidence.Session, t texts) (string, mood) {
	switch {
	case s.Error != "":
		return t.say("state.unreadable"), bad
	case s.Verdict.State == audit.Broken:
		return t.say("state.broken"), bad
	case s.RecordingError != "" || s.LogError != "":
		return t.say("state.beside"), bad
	case contradicted(s):
		return t.say("state.disagrees"), bad
	case s.Verdict.State == audit.Open:
		return t.say("state.open"), odd
	}
	return t.say("state.whole"), good
}

// clock is a time as the page shows it, in UTC.
func clock(at time.Time) string {
	if at.IsZero() {
		return "—"
	}
	return at.UTC().Format("2006-01-02 15:04:05")
}

func plainAll(all []string) (out []string) {
	for _, s := range all {
		out = append(out, oneLine(s))
	}
	return out
}

// oneLine is somebody's text as one line.
func oneLine(s string) string {
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(line.Plain(s))
}
