package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/cmd/opsctl/internal/recorded"
	"opsh/cmd/opsctl/internal/sessionlog"
	"opsh/cmd/opsctl/internal/source"
	"opsh/shell/audit"
	"opsh/shell/transcript"
)

func verifyVerb() verb {
	return verb{
		name: "verify", usage: "[--log PLACE] [--recording PLACE] [--policy FILE|SHA256] [--json] [--profile P] [--region R] PLACE...",
		about: "Proves that a session's trail is whole, and that its session log agrees with it",
		more: `
PLACE is a trail: ` + source.Usage + `.
Packed files and exported streams are read as they are.

--log     the session log that ECS Exec kept of the same session: every record must have its line there, in order, and
          nothing else may read like one
--recording  the recording of the same session, as a file, or s3://BUCKET/PREFIX/SESSION/ where its parts were shipped to: it must be what the
          trail vouches for
--policy  the policy that the session must have run under: the file, or its SHA-256
--json    the answer for programs

Exit status: 0 every trail is whole, and log and recording agree; 1 a trail is broken, or the log or the recording disagrees; 3 a trail has no end of its
own: its session lives, its machine was lost, or its end was cut off; 2 wrong use; 125 something can't be read.`,
		run: verify,
	}
}

// statusOpen is verify's own: nothing contradicts itself, and the session's end is missing.
const statusOpen = 3

// verified is the answer about one trail.
type verified struct {
	Place   string             `json:"trail"`
	Verdict *audit.Verdict     `json:"verdict,omitempty"`
	LogAt   string             `json:"log_place,omitempty"`
	Log     *sessionlog.Result `json:"log,omitempty"`
	CastAt  string             `json:"recording_place,omitempty"`
	Cast    *recorded.Result   `json:"recording,omitempty"`
	Error   string             `json:"error,omitempty"` // then there is no verdict

	hint string // what to do about the error
}

// status is the exit status that says the same.
func (v verified) status() int {
	switch {
	case v.Error != "":
		return statusBroken
	case v.Verdict.State == audit.Broken, v.Log != nil && !v.Log.Agrees(), v.Cast != nil && !v.Cast.Agrees():
		return statusFound
	case v.Verdict.State != audit.Whole:
		return statusOpen
	}
	return 0
}

func verify(p *person, args []string) int {
	f := options()
	log, cast, policy := f.String("log", "", ""), f.String("recording", "", ""), f.String("policy", "", "")
	asJSON := f.Bool("json", false, "")
	var o awsconf.Options
	awsOptions(f, &o)
	names, err := parse(f, args)
	var places []source.Place
	var beside []*source.Place
	if err == nil {
		places, beside, err = placesOf(names, *log, *cast)
	}
	if err != nil {
		return p.misused(verifyVerb(), err)
	}
	hash, err := policyHash(*policy)
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	opener := source.Opener{Stdin: p.in, AWS: o}
	status := 0
	answers := []verified{}
	for _, place := range places {
		v := verifyOne(opener, place, beside[0], beside[1], hash)
		answers = append(answers, v)
		status = worse(status, v.status())
	}
	if *asJSON {
		if err := p.sayJSON(answers); err != nil {
			p.fail(err)
			return statusBroken
		}
		return status
	}
	for i, v := range answers {
		if i > 0 {
			p.say("")
		}
		p.sayVerified(v)
	}
	return status
}

// worse is the graver of two exit statuses: not known, broken, open, whole.
func worse(a, b int) int {
	for _, s := range []int{statusBroken, statusFound, statusOpen} {
		if a == s || b == s {
			return s
		}
	}
	return 0
}

// placesOf reads the places of trails, and those of what lies beside one; nil where that is "".
func placesOf(names []string, others ...string) (places []source.Place, beside []*source.Place, err error) {
	if len(names) == 0 {
		return nil, nil, errors.New("cannot go on: no trail is named")
	}
	stdin := 0
	read := func(name string) (source.Place, error) {
		place, err := source.Parse(name)
		if place.Kind == source.Stdin {
			stdin++
		}
		return place, err
	}
	for _, name := range names {
		place, err := read(name)
		if err != nil {
			return nil, nil, err
		}
		places = append(places, place)
	}
	for _, name := range others {
		if name == "" {
			beside = append(beside, nil)
			continue
		}
		place, err := read(name)
		switch {
		case err != nil:
			return nil, nil, err
		case len(names) > 1:
			return nil, nil, errors.New("cannot verify: a log belongs to one trail, and so does a recording; several are named")
		}
		beside = append(beside, &place)
	}
	if stdin > 1 {
		return nil, nil, errors.New("cannot verify: standard input can be read only once")
	}
	return places, beside, nil
}

var sha256Hex = regexp.MustCompile(`\A[0-9a-f]{64}\z`)

// policyHash is the SHA-256 of the policy that was named by file or by that.
func policyHash(name string) (string, error) {
	if name == "" || sha256Hex.MatchString(name) {
		return name, nil
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("cannot read the policy: %w", err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}

// verifyOne judges one trail, and the log and the recording where there are any.
func verifyOne(opener source.Opener, place source.Place, log, cast *source.Place, policy string) verified {
	v := verified{Place: place.String()}
	ctx := context.Background()
	var records sessionlog.Records
	var said recorded.Trail
	o := audit.Options{Repeats: place.Repeats(), Policy: policy, Each: func(r audit.Record) {
		if log != nil {
			records.Add(r)
		}
		if cast != nil {
			said.Add(r)
		}
	}}
	trail, err := opener.Open(ctx, place)
	if err != nil {
		v.Error, v.hint = err.Error(), awsHint(err, opener.AWS)
		return v
	}
	defer trail.Close() //nolint:errcheck // it was only read
	verdict, err := audit.Verify(trail, o)
	if err != nil {
		v.Error = fmt.Sprintf("cannot read %s: %v", place, err)
		return v
	}
	v.Verdict = &verdict
	if cast != nil {
		v.recording(opener, *cast, &said)
	}
	if log == nil || v.Error != "" {
		return v
	}
	v.LogAt = log.String()
	text, err := opener.Open(ctx, *log)
	if err != nil {
		v.Error, v.hint = err.Error(), awsHint(err, opener.AWS)
		return v
	}
	defer text.Close() //nolint:errcheck // as above
	result, err := sessionlog.Align(text, &records)
	if err != nil {
		v.Error = fmt.Sprintf("cannot compare %s: %v", log, err)
		return v
	}
	v.Log = &result
	return v
}

// sayVerified prints the answer for people.
func (p *person) sayVerified(v verified) {
	if d := v.Verdict; d != nil {
		p.say(fmt.Sprintf("trail %s: %s", quote(v.Place), strings.ToUpper(string(d.State))))
		p.sayTrail(*d)
	}
	if v.Log != nil {
		p.sayLog(v.LogAt, *v.Log)
		if v.Verdict.State != audit.Whole && !v.Log.Agrees() {
			p.say(fmt.Sprintf("  %-8s the trail isn't whole: a line without a record may be that of a record which was cut off", "note"))
		}
	}
	if v.Cast != nil {
		p.sayRecorded(v.CastAt, *v.Cast)
	}
	if v.Error != "" {
		p.fail(errors.New(v.Error), v.hint)
	}
}

func (p *person) sayTrail(d audit.Verdict) {
	row := func(name, text string) {
		if text != "" {
			p.say(fmt.Sprintf("  %-8s %s", name, plain(text)))
		}
	}
	row("session", d.Session)
	row("task", d.Task)
	row("reason", d.Reason)
	row("policy", d.Policy)
	row("recorded", d.Recording)
	if d.Records > 0 {
		row("records", fmt.Sprintf("%d, from %s to %s: %d run, %d refused", d.Records, d.From, d.To, d.Runs, d.Refusals))
	}
	if d.Kills > 0 {
		row("guard", "ended "+transcript.Count(d.Kills, "start")+" of something other than opsh")
	}
	if d.Repeated > 0 {
		row("repeated", fmt.Sprintf("%d records came again byte for byte, as a store that delivers at least once has them", d.Repeated))
	}
	switch {
	case d.Closer != "":
		row("end", "written by another session, "+d.Closer+", which found the trail so: whether more had followed can't be told")
	case d.Status != nil:
		row("end", fmt.Sprintf("%d %s", *d.Status, d.Category))
	case d.State != audit.Broken:
		row("end", "none: the session lives, its machine was lost, or the end was cut off")
	}
	row("hash", d.Hash)
	for _, n := range d.Notes {
		row("note", at(n))
	}
	for _, w := range d.Problems {
		row("WRONG", at(w))
	}
	if d.More > 0 {
		row("WRONG", fmt.Sprintf("and %d more", d.More))
	}
}

// at is a problem with its place.
func at(w audit.Problem) string {
	switch {
	case w.Line > 0 && w.Seq >= 0:
		return fmt.Sprintf("line %d (record %d): %s", w.Line, w.Seq, w.Text)
	case w.Line > 0:
		return fmt.Sprintf("line %d: %s", w.Line, w.Text)
	}
	return w.Text
}

func (p *person) sayLog(place string, r sessionlog.Result) {
	word := "AGREES"
	if !r.Agrees() {
		word = "DISAGREES"
	}
	p.say(fmt.Sprintf("log %s: %s", quote(place), word))
	p.say(fmt.Sprintf("  %-8s %d of %d records have their line, in order, in %d lines", "records", r.Found, r.Records, r.Lines))
	if r.Blind > 0 {
		p.say(fmt.Sprintf("  %-8s from line %d on only the text was searched: there is too much to draw, or what no terminal can be imitated with", "WRONG", r.Blind))
	}
	for _, f := range r.Notes {
		p.say(fmt.Sprintf("  %-8s %s", "note", f))
	}
	for _, f := range r.Findings {
		p.say(fmt.Sprintf("  %-8s %s", "WRONG", f))
	}
	if r.More > 0 {
		p.say(fmt.Sprintf("  %-8s and %d more", "WRONG", r.More))
	}
}
