// Package page writes a report as one HTML file that needs nothing else: no network, no server, no other file. What sessions hold is somebody's choice, so
// nothing of it becomes markup: text goes through html/template, and what the player shows is JSON in an element that no browser runs.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"time"

	"opsh/cmd/opsctl/internal/evidence"
	"opsh/cmd/opsctl/internal/film"
	"opsh/shell/audit"
)

// Report is what is reported.
type Report struct {
	Language   Language
	Subject    Subject
	Details    []Detail             // the sessions that are shown in full
	Population *evidence.Population // of a period; nil: the report isn't about one
	Sampling   *Sampling            // nil: there was none
	Twice      []*evidence.Session  // trails that differ from another one of the same session; a population's are there, too
	Signers    evidence.Signers     // nil: nobody said whose keys are whose
	Events     bool                 // CloudTrail's events were given
	Sources    []string             // where all of it was read
	Doubtful   []string             // trails that were altered or unreadable, so that nobody knows whether they belong here
	Again      []string             // the command that makes this report, as words
	Made       time.Time
	Version    string // opsctl's
}

// Wrong says that the report states something that should not be.
func (r *Report) Wrong() bool {
	sessions := make([]*evidence.Session, 0, len(r.Details))
	for _, d := range r.Details {
		sessions = append(sessions, d.Session)
		if pairs, err := against(d); err != nil || astray(pairs) || hidden(d) {
			return true
		}
	}
	if p := r.Population; p != nil {
		if sessions = slices.Concat(p.Sessions, p.Guards); p.Gaps() > 0 {
			return true
		}
	}
	return len(r.Doubtful)+len(r.Twice) > 0 || slices.ContainsFunc(sessions, func(s *evidence.Session) bool {
		return contradicted(s) || s.Duty(r.Signers) == evidence.Same
	})
}

// contradicted says that a session's trail, or what it was held against, can't be trusted.
func contradicted(s *evidence.Session) bool {
	return s.Error != "" || s.RecordingError != "" || s.LogError != "" || s.Verdict.State == audit.Broken || s.Recording != nil && !s.Recording.Agrees() || s.Log != nil && !s.Log.Agrees()
}

// Subject is what a report is about: one of these.
type Subject struct {
	Session     string
	Runbook     string // SHA-256
	PullRequest string
	Period      *evidence.Period
}

// Sampling is how the sessions that are shown in full were chosen.
type Sampling struct{ Seed string }

// Detail is a session that is shown in full.
type Detail struct {
	*evidence.Session
	Book   *evidence.Runbook // nil: the text isn't known
	Film   *film.Film        // nil: there was no recording
	Takes  map[int]film.Take // what each command printed
	Verify []string          // the command that verifies it, as words
}

//go:embed report.html report.css report.js
var files embed.FS

// read is a file that is built in.
func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // the build would have failed
	}
	return string(text)
}

// Write writes the page. The same report makes the same bytes; what differs from one making to the next, Made and Version, stands in one line.
func Write(w io.Writer, r Report) error {
	texts, err := textsOf(r.Language)
	if err != nil {
		return err
	}
	view, err := newView(r, texts)
	if err != nil {
		return err
	}
	t, err := template.New("report.html").Funcs(template.FuncMap{"t": texts.say}).Parse(read("report.html"))
	if err != nil {
		return fmt.Errorf("cannot read the page's template: %w", err)
	}
	var b bytes.Buffer // a page that is cut off in the middle would pass for a report
	if err := t.Execute(&b, view); err != nil {
		return fmt.Errorf("cannot make the page: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// hashOf is a script as a Content-Security-Policy names it.
func hashOf(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
