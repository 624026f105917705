package page

import (
	"fmt"
	"strings"

	"opsh/cmd/opsctl/internal/evidence"
	"opsh/shell/audit"
	"opsh/shell/line"
)

// approval is what came with the runbook, and whether its runner is another than its signers.
func approval(r Report, s *evidence.Session, t texts) []fact {
	if s.Runbook == nil {
		return []fact{{Name: t.say("approval.runbook"), Value: t.say("approval.norunbook")}}
	}
	facts := []fact{{Name: t.say("approval.hash"), Value: oneLine(s.Runbook.Runbook), Mono: true}, {Name: t.say("approval.length"), Value: t.say("bytes", s.Runbook.Length)}}
	a := s.Runbook.Approval
	if a == nil {
		return append(facts, fact{Name: t.say("approval.signatures"), Value: t.say("approval.none"), Mood: odd})
	}
	approvers := s.Approvers()
	for i, key := range approvers {
		f := fact{Name: t.say("approval.signature", i+1), Value: oneLine(key) + " " + whose(r, key, t), Mono: true}
		if len(r.Signers[key]) == 0 {
			f.Mood = odd
		}
		facts = append(facts, f)
	}
	if len(approvers) == 0 {
		facts = append(facts, fact{Name: t.say("approval.signatures"), Value: t.say("approval.nobodycounts"), Mood: odd})
	}
	for _, key := range a.Unknown {
		facts = append(facts, fact{Name: t.say("approval.strange"), Value: oneLine(key) + " " + whose(r, key, t) + " " + t.say("approval.stranger"), Mono: true, Mood: odd})
	}
	duty := s.Duty(r.Signers)
	facts = append(facts,
		fact{Name: t.say("approval.for"), Value: oneLine(a.Cluster) + " / " + oneLine(a.Service), Mono: true},
		fact{Name: t.say("approval.expires"), Value: oneLine(a.Expires), Mono: true},
		fact{Name: t.say("approval.number"), Value: oneLine(a.Number), Mono: true},
		fact{Name: t.say("approval.duty"), Value: t.say("duty." + strings.ReplaceAll(string(duty), " ", "")),
			Mood: dutyMood(duty)})
	return facts
}

// whose says whom a key belongs to.
func whose(r Report, key string, t texts) string {
	if names := r.Signers[key]; len(names) > 0 {
		return t.say("approval.whose", oneLine(strings.Join(names, ", ")))
	}
	return t.say("approval.nobody")
}

// dutyMood: only what is proven is good.
func dutyMood(d evidence.Duty) mood {
	switch d {
	case evidence.Separate:
		return good
	case evidence.Same:
		return bad
	}
	return odd
}

// against holds a session against its runbook, where that is known.
func against(d Detail) ([]evidence.Pair, error) {
	if d.Book == nil {
		return nil, nil
	}
	return d.Against(*d.Book)
}

// hidden says that a runbook isn't what its readers saw.
func hidden(d Detail) bool { return d.Book != nil && !d.Book.Readable() }

// astray says that something ran that the runbook doesn't have.
func astray(pairs []evidence.Pair) bool {
	for _, p := range pairs {
		if p.Match == evidence.Differs || p.Match == evidence.Added {
			return true
		}
	}
	return false
}

// book is the runbook's text, and what ran beside each of its lines.
func (v *sessionView) book(d Detail, t texts) {
	switch {
	case d.Session.Runbook == nil:
		return
	case d.Book == nil:
		v.BookNote = t.say("book.unknown")
		return
	}
	v.Book = line.Plain(strings.ReplaceAll(string(d.Book.Text), "\r\n", "\n"))
	v.BookNote = t.say("book.known", oneLine(d.Book.Name))
	if hidden(d) {
		v.BookBad = t.say("book.hidden")
	}
	pairs, err := against(d)
	if err != nil {
		v.PairsNote = t.say("book.unreadable")
		v.Problems = append(v.Problems, line.Plain(err.Error()))
	}
	for _, p := range pairs {
		one := pairView{Approved: line.Plain(p.Approved), Match: t.say("match." + strings.ReplaceAll(string(p.Match), " ", ""))}
		if p.At > 0 {
			one.At = fmt.Sprint(p.At)
		}
		if p.Command != nil {
			one.Ran, one.Anchor = oneLine(p.Command.Line), fmt.Sprintf("%s-c%d", v.Anchor, p.Command.Number)
		}
		switch p.Match {
		case evidence.Differs, evidence.Added:
			one.Mood = bad
		case evidence.NotReached, evidence.Declined:
			one.Mood = odd
		default:
			one.Mood = good
		}
		v.Pairs = append(v.Pairs, one)
	}
}

// proof is the verification's result.
func proof(s *evidence.Session, t texts) []fact {
	d := s.Verdict
	state, m := "", bad
	switch {
	case s.Error != "":
		state = t.say("proof.unreadable")
	case d.State == audit.Broken:
		state = t.say("proof.broken", len(d.Problems)+d.More)
	case d.Closer != "":
		state, m = t.say("proof.closed"), odd
	case d.State == audit.Open:
		state, m = t.say("proof.open"), odd
	default:
		state, m = t.say("proof.whole"), good
	}
	facts := []fact{{Name: t.say("proof.trail"), Value: oneLine(s.Place), Mono: true}, {Name: t.say("proof.state"), Value: state, Mood: m},
		{Name: t.say("proof.records"), Value: t.say("proof.recordcount", d.Records, oneLine(d.From), oneLine(d.To))}}
	if d.Unwritten > 0 {
		facts = append(facts, fact{Name: t.say("proof.unwritten"), Value: t.say("proof.unwrittencount", d.Unwritten), Mood: odd})
	}
	for _, f := range []fact{{Name: "proof.hash", Value: d.Hash}, {Name: "proof.key", Value: d.Key}} {
		if f.Value != "" {
			facts = append(facts, fact{Name: t.say(f.Name), Value: oneLine(f.Value), Mono: true})
		}
	}
	recording := fact{Name: t.say("proof.recording"), Value: t.say("proof.notgiven"), Mood: odd}
	switch {
	case s.RecordingError != "":
		recording.Value, recording.Mood = t.say("proof.recordingunreadable"), bad
	case s.Recording != nil && s.Recording.Agrees():
		recording.Value, recording.Mood = t.say("proof.recordingagrees", s.Recording.Vouched, s.Recording.Bytes), good
		if s.Recording.Unproven > 0 {
			recording.Mood = odd
		}
	case s.Recording != nil:
		recording.Value, recording.Mood = t.say("proof.recordingdisagrees", len(s.Recording.Problems)), bad
	case s.Begin != nil && s.Begin.Recording == audit.RecordingOff:
		recording.Value = t.say("proof.recordingoff")
	}
	log := fact{Name: t.say("proof.log"), Value: t.say("proof.notgiven"), Mood: odd}
	switch {
	case s.LogError != "":
		log.Value, log.Mood = t.say("proof.logunreadable"), bad
	case s.Log != nil && s.Log.Agrees():
		log.Value, log.Mood = t.say("proof.logagrees", s.Log.Found, s.Log.Records), good
	case s.Log != nil:
		log.Value, log.Mood = t.say("proof.logdisagrees", len(s.Log.Findings)+s.Log.More), bad
	}
	return append(facts, recording, log)
}

// problems is what the verifiers say is wrong, or should be known.
func problems(s *evidence.Session) (all []string) {
	add := func(texts ...string) {
		for _, text := range texts {
			if text != "" {
				all = append(all, line.Plain(text))
			}
		}
	}
	add(s.Error, s.RecordingError, s.LogError)
	at := func(kind string, p audit.Problem) {
		add(fmt.Sprintf("%s: line %d: %s", kind, p.Line, p.Text))
	}
	for _, p := range s.Verdict.Problems {
		at("trail", p)
	}
	if s.Verdict.More > 0 {
		add(fmt.Sprintf("trail: and %d more", s.Verdict.More))
	}
	for _, p := range s.Verdict.Notes {
		at("trail, note", p)
	}
	if s.Recording != nil {
		for _, p := range s.Recording.Problems {
			add("recording: " + p)
		}
		for _, p := range s.Recording.Notes {
			add("recording, note: " + p)
		}
	}
	if s.Log != nil {
		for _, f := range s.Log.Findings {
			add("session log: " + f.String())
		}
		for _, f := range s.Log.Notes {
			add("session log, note: " + f.String())
		}
	}
	return all
}
