package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"opsh/cmd/opsctl/internal/evidence"
	"opsh/cmd/opsctl/internal/film"
	"opsh/shell/audit"
	"opsh/shell/line"
)

// sessionView is one session.
type sessionView struct {
	Anchor, ID, State string
	Mood              mood
	Who, When         []fact
	Approval          []fact
	Book              string
	BookNote          string
	BookBad           string // why the text isn't what one reads
	Pairs             []pairView
	PairsNote         string
	Commands          []commandView
	Refusals          []refusalView
	Film              template.JS // empty: there is none
	FilmNotes         []string
	Proof             []fact
	Problems          []string // in English, as the verifier says them
	Repeat            []string
}

// commandView is one command.
type commandView struct {
	Number               int
	Anchor               string
	At, Line, Result     string
	Duration, Rule, Why  string
	Argv, Files          string
	Mood                 mood
	Head, Tail           string
	OutNote              string
	Denials              int
	Refused, Interrupted bool
}

// pairView is a line of the runbook beside what ran.
type pairView struct {
	At, Approved, Ran, Match string
	Anchor                   string
	Mood                     mood
}

// refusalView is what opsh or the kernel kept from happening.
type refusalView struct {
	Number                   int
	Anchor                   string
	At, Kind, What, By, Note string
}

func newSession(r Report, d Detail, anchor string, t texts) (sessionView, error) {
	state, m := stateOf(d.Session, t)
	v := sessionView{
		Anchor: anchor, ID: oneLine(d.ID()), State: state, Mood: m,
		Who: who(r, d.Session, t), When: whenFacts(d.Session, t), Approval: approval(r, d.Session, t), Proof: proof(d.Session, t), Problems: problems(d.Session),
	}
	for i := range d.Commands {
		v.Commands = append(v.Commands, newCommand(d, &d.Commands[i], anchor, t))
		v.Refusals = append(v.Refusals, refusals(&d.Commands[i], anchor, t)...)
	}
	v.book(d, t)
	if d.Film != nil && len(d.Film.Frames) > 0 {
		text, err := d.Film.Inert()
		if err != nil {
			return v, fmt.Errorf("cannot write the replay: %w", err)
		}
		v.Film = template.JS(text) //nolint:gosec // JSON with <, > and & escaped, in an element that isn't run
	}
	v.FilmNotes = filmNotes(d, t)
	if len(d.Verify) > 0 {
		v.Repeat = append(v.Repeat, line.Quote(d.Verify...))
	}
	if d.Book != nil {
		v.Repeat = append(v.Repeat, "sha256sum "+line.QuoteWord(d.Book.Name))
	}
	return v, nil
}

func who(r Report, s *evidence.Session, t texts) []fact {
	e := s.Start
	if e == nil {
		why := "who.noevent"
		if !r.Events {
			why = "who.noevents"
		}
		return []fact{{Name: t.say("who.person"), Value: t.say(why), Mood: odd}}
	}
	known := func(key, value string) fact {
		if value == "" {
			return fact{Name: t.say(key), Value: t.say("unknown"), Mood: odd}
		}
		return fact{Name: t.say(key), Value: oneLine(value), Mono: true}
	}
	mfa := fact{Name: t.say("who.mfa"), Value: t.say("who.mfaunknown"), Mood: odd}
	switch e.MFA {
	case "true":
		mfa.Value, mfa.Mood = t.say("who.mfayes"), plainMood
	case "false":
		mfa.Value = t.say("who.mfano")
	}
	facts := []fact{known("who.person", e.Person), known("who.arn", e.ARN)}
	if e.Source != "" {
		facts = append(facts, known("who.source", e.Source))
	}
	return append(facts, known("who.address", e.Address), mfa, known("who.agent", e.Agent),
		fact{Name: t.say("who.asked"), Value: clock(e.Time)}, known("who.command", e.Command), known("who.event", e.ID))
}

func whenFacts(s *evidence.Session, t texts) []fact {
	began := fact{Name: t.say("when.began"), Value: clock(s.Began())}
	if at := s.Began(); !at.IsZero() {
		began.Value = t.say("when.zones", clock(at), clock(at.Add(9*time.Hour))) // Japan has no summer time
	}
	facts := []fact{began, {Name: t.say("when.ended"), Value: clock(s.Ended())}}
	if s.End == nil {
		facts[1].Value, facts[1].Mood = t.say("when.noend", clock(s.Ended())), odd
	} else if s.Verdict.Status != nil {
		facts = append(facts, fact{Name: t.say("when.how"), Value: t.say("when.status", *s.Verdict.Status, t.say("category."+category(s.Verdict.Category)))})
		if s.End.Why != "" {
			facts = append(facts, fact{Name: t.say("when.why"), Value: oneLine(s.End.Why), Mono: true})
		}
	}
	reason := fact{Name: t.say("when.reason"), Value: oneLine(s.Reason())}
	if s.Reason() == "" {
		reason.Value, reason.Mood = t.say("when.noreason"), odd
	}
	facts = append(facts, reason)
	if b := s.Begin; b != nil {
		mode := b.Mode
		if mode != "interactive" && mode != "command" && mode != "runbook" {
			mode = "other"
		}
		facts = append(facts, fact{Name: t.say("when.mode"), Value: t.say("mode." + mode)})
		for _, f := range []fact{{Name: "when.cluster", Value: b.Cluster}, {Name: "when.service", Value: b.Service}, {Name: "when.task", Value: b.Task},
			{Name: "when.host", Value: b.Host}, {Name: "when.policy", Value: b.Policy}, {Name: "when.opsh", Value: b.Opsh}} {
			if f.Value != "" {
				facts = append(facts, fact{Name: t.say(f.Name), Value: oneLine(f.Value), Mono: true})
			}
		}
	}
	return facts
}

// category is one that there is a text for.
func category(c audit.Category) string {
	switch c {
	case audit.CategoryExit, audit.CategorySignal, audit.CategoryRefused, audit.CategoryTimeout, audit.CategoryUnrecorded, audit.CategoryBroken:
		return string(c)
	}
	return "other"
}

func newCommand(d Detail, c *evidence.Command, anchor string, t texts) commandView {
	v := commandView{Number: c.Number, Anchor: fmt.Sprintf("%s-c%d", anchor, c.Number), At: clock(c.Begin.When()), Line: oneLine(c.Line), Refused: c.Refused(),
		Denials: c.Denials(), Rule: oneLine(c.Begin.Rule), Mood: plainMood}
	if len(c.Begin.Argv) > 0 {
		v.Argv = line.Quote(c.Begin.Argv...)
	}
	var files []string
	for _, f := range c.Begin.Files {
		files = append(files, oneLine(f.Path)+" sha256 "+oneLine(f.SHA256))
	}
	v.Files = strings.Join(files, "\n")
	switch e := c.Exit; {
	case c.Refused():
		v.Result, v.Mood, v.Why = t.say("result.refused"), odd, line.Plain(c.Begin.Why)
	case e == nil:
		v.Result, v.Mood = t.say("result.noend"), odd
	default:
		v.Duration = spell(e.Millis)
		status := -1
		if e.Status != nil {
			status = *e.Status
		}
		v.Why = line.Plain(e.Why)
		switch kind := category(e.Category); {
		case kind == "exit":
			v.Result = t.say("result.exit", status)
		case kind == "signal":
			v.Result = t.say("result.signal", oneLine(e.Signal), status)
		default:
			v.Result = t.say("result.other", t.say("category."+kind), status)
		}
		if status != 0 {
			v.Mood = odd
		}
	}
	v.output(d, c, t)
	return v
}

// output is what the command printed, as far as it is known.
func (v *commandView) output(d Detail, c *evidence.Command, t texts) {
	if c.Refused() {
		return
	}
	bytes := int64(-1)
	if c.Exit != nil {
		bytes = c.Exit.Bytes
	}
	take, ok := d.Takes[c.Number]
	switch {
	case bytes == 0:
		v.OutNote = t.say("output.none")
	case !ok:
		v.OutNote = t.say("output.unknown", max(bytes, 0))
	case take == film.Take{} && bytes < 0:
		v.OutNote = t.say("output.nonesofar")
	default:
		v.Head, v.Tail = line.Plain(take.Head), line.Plain(take.Tail)
		if take.Cut {
			v.OutNote = t.say("output.cut", max(bytes, 0))
		}
	}
}

func refusals(c *evidence.Command, anchor string, t texts) (all []refusalView) {
	v := refusalView{Number: c.Number, Anchor: fmt.Sprintf("%s-c%d", anchor, c.Number)}
	if c.Refused() {
		v.At, v.Kind, v.What, v.By, v.Note = clock(c.Begin.When()), t.say("refusal.line"), oneLine(c.Line), "opsh", line.Plain(c.Begin.Why)
		return []refusalView{v}
	}
	listed := 0
	for _, e := range c.Events {
		if e.Event != audit.Denied {
			continue
		}
		listed++
		v.At, v.By, v.Note = clock(e.When()), oneLine(e.By), line.Plain(e.Why)
		if e.Call == audit.CallExec {
			v.Kind, v.What = t.say("refusal.exec"), oneLine(line.Quote(append([]string{e.Path}, e.Argv[min(1, len(e.Argv)):]...)...))
		} else {
			v.Kind, v.What = t.say("refusal.call"), oneLine(e.Call)
		}
		all = append(all, v)
	}
	if more := c.Denials() - listed; more > 0 {
		v.At, v.Kind, v.What, v.By, v.Note = "", t.say("refusal.more"), t.say("refusal.morecount", more), "", ""
		all = append(all, v)
	}
	return all
}

func filmNotes(d Detail, t texts) (notes []string) {
	switch {
	case d.Film == nil && d.RecordingError != "":
		return []string{t.say("film.unreadable")}
	case d.Film == nil && d.Begin != nil && d.Begin.Recording == audit.RecordingOff:
		return []string{t.say("film.off")}
	case d.Film == nil:
		return []string{t.say("film.notgiven")}
	case len(d.Film.Frames) == 0 && d.Film.Cut == "":
		return []string{t.say("film.empty")}
	}
	switch {
	case d.Film.Only > 1:
		notes = append(notes, t.say("film.some", d.Film.Only))
	case d.Film.Only == 1:
		notes = append(notes, t.say("film.last"))
	case d.Film.Interval > film.Every:
		notes = append(notes, t.say("film.thinned", d.Film.Interval.String()))
	}
	if d.Film.Cut != "" {
		key := map[film.Reason]string{film.TooMuch: "film.toomuch", film.NotDrawn: "film.notdrawn", film.NotRead: "film.notread", film.TooLarge: "film.toolarge"}[d.Film.Cut]
		notes = append(notes, t.say(key))
	}
	return notes
}

// spell is a duration of milliseconds in seconds.
func spell(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', 3, 64) + " s" }
