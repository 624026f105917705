package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/cmd/opsctl/internal/evidence"
	"opsh/cmd/opsctl/internal/page"
	"opsh/cmd/opsctl/internal/source"
	"opsh/shell/audit"
)

func reportVerb() verb {
	return verb{
		name: "report", usage: "[--session ID | --runbook FILE|SHA256 | --pr PR | --since T [--until T]] [--lang ja|en] --out FILE [--cloudtrail PLACE|lookup] [--recordings PLACE]" +
			" [--log PLACE] [--texts FILE|DIR] [--signers FILE] [--sample N --seed S] [--csv FILE] [--profile P] [--region R] PLACE...",
		about: "Writes the evidence of a session, a runbook or a period as one HTML file",
		more: `
PLACE is where trails are: ` + source.ManyUsage + `.
Each is proved as by opsctl verify. The file needs no network and no server; it prints on A4.

--session     the session of this id. Where there is but one trail, it is the one
--runbook     the sessions that ran this runbook: the file, or its SHA-256
--pr          those whose reason names this pull request: 123, OWNER/REPOSITORY#123, or its address
--since       those that began from then on, and before --until (now, when left out): the whole population, and its gaps. A time is written as for
              opsctl log
--lang        ja or en; en when left out
--out         the file to write
--cloudtrail  who opened each session, as for opsctl log
--recordings  where the recordings are: a directory with SESSION.cast, or s3://BUCKET/PREFIX/; or the one of the session
--log         the session log that ECS Exec kept of the session
--texts       the runbook, or a directory of runbooks: the one of the recorded SHA-256 is shown beside what ran
--signers     whose keys are whose, a line each: NAME ssh-ed25519 KEY, as ssh-keygen -Y verify takes it. A NAME is compared with the runner's name, ARN and
              source identity. That the runner is no signer is said only of IAM users, of whom IAM Identity Center signed in, and by a source identity
--sample      of a period, shows so many sessions in full, drawn with --seed so that anybody can draw them again; 0 when left out
--csv         the population as CSV, too

Exit status: 0 written, and nothing in it is wrong; 1 written, and it says what is wrong: a trail altered, a recording or a log that disagrees, trails
of one session that differ, a gap in the population, a run that wasn't approved so, a runbook that hides characters, a
signer who ran it himself; 2 wrong use; 125 something can't be read or written.`,
		run: report,
	}
}

// reportOptions are the words of a report.
type reportOptions struct {
	session, runbook, pr, since, until string
	lang, out                          string
	cloudtrail, recordings, log        string
	texts, signers                     string
	sample                             int
	seed, csv                          string
	aws                                awsconf.Options
	places                             []string
	period                             *evidence.Period
	pull                               evidence.PullRequest
	hash                               string // of the runbook
}

func report(p *person, args []string) int {
	o, err := reportWords(args, p.now())
	if err != nil {
		return p.misused(reportVerb(), err)
	}
	r, unread, err := o.gather(p)
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	err = o.write(r)
	for _, u := range unread {
		p.fail(errors.New(u))
	}
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	p.say(fmt.Sprintf("wrote %s: %d in full", quote(o.out), len(r.Details)))
	if r.Population != nil {
		p.say(fmt.Sprintf("  %d sessions, %d events without a trail, %d trails without an event", len(r.Population.Sessions), len(r.Population.Untrailed), len(r.Population.Unstarted)))
	}
	switch {
	case len(unread) > 0:
		return statusBroken
	case r.Wrong():
		p.warn("something in it is wrong; its summary says what")
		return statusFound
	}
	return 0
}

// reportWords reads the command line.
func reportWords(args []string, now time.Time) (*reportOptions, error) {
	var o reportOptions
	f := options()
	for name, to := range map[string]*string{
		"session": &o.session, "runbook": &o.runbook, "pr": &o.pr, "since": &o.since, "until": &o.until, "out": &o.out, "cloudtrail": &o.cloudtrail,
		"recordings": &o.recordings, "log": &o.log, "texts": &o.texts, "signers": &o.signers, "seed": &o.seed, "csv": &o.csv,
	} {
		f.StringVar(to, name, "", "")
	}
	f.StringVar(&o.lang, "lang", string(page.English), "")
	f.IntVar(&o.sample, "sample", 0, "")
	awsOptions(f, &o.aws)
	var err error
	if o.places, err = parse(f, args); err != nil {
		return nil, err
	}
	return &o, o.check(now)
}

// check says what is wrong with the words, and reads those that mean something.
func (o *reportOptions) check(now time.Time) (err error) {
	subjects := 0
	for _, s := range []string{o.session, o.runbook, o.pr, o.since} {
		if s != "" {
			subjects++
		}
	}
	switch {
	case len(o.places) == 0:
		return errors.New("cannot go on: no place with trails is named")
	case o.out == "":
		return errors.New("cannot report: --out says where to")
	case o.lang != string(page.Japanese) && o.lang != string(page.English):
		return fmt.Errorf("cannot report in the language %s: there are ja and en", quote(o.lang))
	case subjects > 1:
		return errors.New("cannot report: --session, --runbook, --pr and --since exclude each other")
	case subjects == 0 && len(o.places) > 1:
		return errors.New("cannot report: say about what: --session, --runbook, --pr or --since")
	case o.since == "" && (o.until != "" || o.sample != 0 || o.seed != "" || o.csv != ""):
		return errors.New("cannot use --until, --sample, --seed and --csv without --since: they are about a period")
	case o.sample < 0 || o.sample > sampleMost:
		return fmt.Errorf("cannot use --sample %d: it is from 0 to %d", o.sample, sampleMost)
	case (o.sample > 0) != (o.seed != ""):
		return errors.New("cannot sample: --sample and --seed belong together, so that anybody can draw the same ones")
	case o.log != "" && o.since != "":
		return errors.New("cannot use --log with --since: a log belongs to one session")
	}
	switch {
	case o.pr != "":
		o.pull, err = evidence.ParsePullRequest(o.pr)
	case o.runbook != "":
		o.hash, err = policyHash(o.runbook)
		if o.hash != o.runbook && o.texts == "" {
			o.texts = o.runbook
		}
	case o.since != "":
		o.period = &evidence.Period{To: now.UTC().Truncate(time.Millisecond)}
		if o.period.From, err = moment(o.since, now); err == nil && o.until != "" {
			o.period.To, err = moment(o.until, now)
		}
		if err == nil && !o.period.From.Before(o.period.To) {
			err = errors.New("cannot report: --since isn't before --until")
		}
	}
	return err
}

// sampleMost bounds how many sessions one page shows in full.
const sampleMost = 500

// again is the command that makes the same report: with times that don't depend on when it is given.
func (o *reportOptions) again() []string {
	words := []string{"opsctl", "report"}
	add := func(name, value string) {
		if value != "" {
			words = append(words, "--"+name, value)
		}
	}
	add("session", o.session)
	add("runbook", o.runbook)
	add("pr", o.pr)
	if o.period != nil {
		add("since", o.period.From.Format(audit.TimeFormat))
		add("until", o.period.To.Format(audit.TimeFormat))
	}
	add("lang", o.lang)
	add("cloudtrail", o.cloudtrail)
	add("recordings", o.recordings)
	add("log", o.log)
	if o.texts != o.runbook {
		add("texts", o.texts)
	}
	add("signers", o.signers)
	if o.sample > 0 {
		add("sample", strconv.Itoa(o.sample))
		add("seed", o.seed)
	}
	add("csv", o.csv)
	add("profile", o.aws.Profile)
	add("region", o.aws.Region)
	add("out", o.out)
	return append(words, o.places...)
}

// write writes the page, and the population where it is wanted. A file is there whole or not at all.
func (o *reportOptions) write(r *page.Report) error {
	err := replaceFile(o.out, func(f *os.File) error { return page.Write(f, *r) })
	if err == nil && o.csv != "" {
		var drawn []*evidence.Session
		for _, d := range r.Details {
			drawn = append(drawn, d.Session)
		}
		err = replaceFile(o.csv, func(f *os.File) error { return r.Population.WriteCSV(f, o.seed, drawn) })
	}
	return err
}

func replaceFile(name string, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".opsctl-*")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", quote(name), err)
	}
	err = errors.Join(write(f), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name()) //nolint:errcheck // the error that matters is known
		return fmt.Errorf("cannot write %s: %w", quote(name), err)
	}
	return nil
}

// takes says whether a session is one of those that are reported. What can't be read might be: it is told apart by its caller.
func (o *reportOptions) takes(s *evidence.Session) bool {
	switch {
	case o.session != "":
		return s.ID() == o.session
	case o.runbook != "":
		return s.Runbook != nil && s.Runbook.Runbook == o.hash
	case o.pr != "":
		return o.pull.Names(s.Reason())
	}
	return true
}

// altered says that nobody can tell by a trail what it was about.
func altered(s *evidence.Session) bool { return s.Error != "" || s.Verdict.State == audit.Broken }
