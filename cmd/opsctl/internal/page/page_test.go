package page

import (
	"bytes"
	"encoding/json"
	"html"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"opsh/cmd/opsctl/internal/evidence"
	"opsh/cmd/opsctl/internal/film"
	"opsh/shell/audit"
	"opsh/shell/line"
)

// TestTexts: both languages have the same sentences, with the same things in them, and each is used.
func TestTexts(t *testing.T) {
	ja, err := textsOf(Japanese)
	if err != nil {
		t.Fatal(err)
	}
	en, err := textsOf(English)
	if err != nil {
		t.Fatal(err)
	}
	verb := regexp.MustCompile(`%(\[[0-9]\])?[a-z]`)
	verbs := func(s string) (all []string) {
		for i, v := range verb.FindAllString(s, -1) {
			if !strings.HasPrefix(v, "%[") {
				v = "%[" + string(rune('1'+i)) + "]" + v[1:]
			}
			all = append(all, v)
		}
		slices.Sort(all)
		return all
	}
	for key, text := range ja {
		switch {
		case en[key] == "" || text == "":
			t.Errorf("%s is missing", key)
		case !slices.Equal(verbs(text), verbs(en[key])):
			t.Errorf("%s: %q and %q hold other things", key, text, en[key])
		}
	}
	for key := range en {
		if _, ok := ja[key]; !ok {
			t.Errorf("%s is missing in Japanese", key)
		}
	}
	polite := regexp.MustCompile(`(です|ます|ました|ません|ください)(。|、|$)`)
	code := ""
	for _, name := range []string{"view.go", "session.go", "proof.go", "period.go", "report.html"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code += string(text)
	}
	made := regexp.MustCompile(`^(match|duty|category|mode)\.`) // of a word that something else says
	for key, text := range ja {
		if m := polite.FindString(text); m != "" {
			t.Errorf("%s: the report is written in である, and this ends in %s", key, m)
		}
		if key != "made" && !made.MatchString(key) && !strings.Contains(code, `"`+key+`"`) {
			t.Errorf("nobody says %s", key)
		}
	}
	if _, err := textsOf("fr"); err == nil {
		t.Error("there is a report in French")
	}
}

// TestKeysOnce: a key that is there twice would hide the first.
func TestKeysOnce(t *testing.T) {
	for _, l := range []string{"ja", "en"} {
		text, err := textFiles.ReadFile("texts/" + l + ".json")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		d := json.NewDecoder(bytes.NewReader(text))
		for i := 0; d.More(); i++ {
			token, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			if key, ok := token.(string); ok && i%2 == 1 {
				if seen[key] {
					t.Errorf("%s: %s is there twice", l, key)
				}
				seen[key] = true
			}
		}
		if len(seen) < 200 {
			t.Errorf("%s: only %d keys were read", l, len(seen))
		}
	}
}

const evil = `</script><script>alert(1)</script><img src=x onerror=alert(1)>" onload="x' {{.}} =1` + "\u202e\x1b[31m"

// full is a report in which everything is hostile, and nearly everything there is happens.
func full(l Language) Report {
	one, zero := 1, 0
	at := "2026-11-23T18:02:11.000Z"
	s := &evidence.Session{Place: evil, Verdict: audit.Verdict{State: audit.Broken, From: at, To: at, Records: 3, Status: &zero, Category: audit.CategoryExit, Unwritten: 1, Hash: evil, Key: evil,
		Problems: []audit.Problem{{Line: 1, Seq: 1, Text: evil}}, Notes: []audit.Problem{{Text: evil}}}, RecordingError: evil, LogError: evil}
	for _, r := range []audit.Record{
		{Event: audit.Begin, Session: evil, Time: at, Reason: evil, Mode: evil, Task: evil, Host: evil, Cluster: evil, Service: evil, Policy: evil, Opsh: evil},
		{Event: audit.Runbook, Time: at, Runbook: evil, Approval: &audit.Approval{Keys: []string{evil, "k2"}, Unknown: []string{evil + "?"}, Cluster: evil, Service: evil, Expires: evil, Number: evil}},
		{Event: audit.Run, Time: at, Command: 1, Line: evil, Argv: []string{evil}, Rule: evil, Files: []audit.FileHash{{Path: evil, SHA256: evil}}},
		{Event: audit.Denied, Time: at, Command: 1, Call: audit.CallExec, Path: evil, Argv: []string{evil, evil}, By: evil, Why: evil},
		{Event: audit.Denied, Time: at, Command: 1, Call: evil},
		{Event: audit.Exit, Time: at, Command: 1, Status: &one, Category: audit.CategorySignal, Signal: evil, Denials: 7, Bytes: 100, Why: evil},
		{Event: audit.Refused, Time: at, Command: 2, Line: evil, Why: evil},
		{Event: audit.Run, Time: at, Command: 3, Line: "ls"},
		{Event: audit.Run, Time: at, Command: 4, Line: "ls"},
		{Event: audit.Exit, Time: at, Command: 4, Status: &zero, Category: evil},
		{Event: audit.End, Time: at, Status: &zero, Category: audit.CategoryExit, Why: evil},
	} {
		s.Add(r)
	}
	start := evidence.Start{Session: evil, Person: evil, ARN: evil, Address: evil, MFA: evil, Agent: evil, Source: evil, Command: evil, ID: evil, Time: s.Began()}
	lost := start
	lost.Session = "lost" + evil
	failed := start
	failed.Session, failed.Error = "", evil
	empty := &evidence.Session{Place: "p", Error: evil}
	period := evidence.Period{From: s.Began().Add(-time.Hour)}
	r := Report{
		Language: l, Subject: Subject{Period: &period}, Population: evidence.Populate(period, []*evidence.Session{s, empty}, []evidence.Start{start, lost, failed}, true), Sampling: &Sampling{Seed: evil},
		Signers: evidence.Signers{"k2": {evil}}, Events: true, Sources: []string{evil}, Doubtful: []string{evil}, Again: []string{"opsctl", evil}, Made: s.Began(), Version: "1",
		Details: []Detail{{Session: s, Book: &evidence.Runbook{Name: evil, Text: []byte("ls\n'" + evil + "'\n")}, Verify: []string{"opsctl", "verify", evil},
			Takes: map[int]film.Take{1: {Head: evil, Tail: evil, Cut: true}},
			Film:  &film.Film{Cols: 80, Rows: 24, Styles: []film.Style{{}}, Lines: [][]film.Run{{{Text: line.Plain(evil), Cells: 9}}}, Frames: []film.Frame{{Rows: []int{0}}}, Only: 2, Cut: film.TooMuch}}, {Session: empty}},
	}
	return r
}

func written(t *testing.T, r Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHostile: what others chose is text. The page has its two scripts and its one style, no element or attribute of anybody else's, and no character that
// a reader doesn't see.
func TestHostile(t *testing.T) {
	for _, l := range []Language{Japanese, English} {
		page := written(t, full(l))
		for text, want := range map[string]int{"<script": 2, "</script": 2, "<style": 1, "<img": 0, "onload=\"": 0, "\u202e": 0, "\x1b": 0, "ZgotmplZ": 0, "{{": -1, "http:": 0, "https:": 0, "url(": 0, "%!": 0, "@import": 0} {
			if n := strings.Count(page, text); n != want && want >= 0 {
				t.Errorf("%s: %d times %q, want %d", l, n, text, want)
			}
		}
		if !strings.Contains(page, `content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-`) {
			t.Errorf("%s: the page has no policy", l)
		}
	}
}

// TestSameBytes: but for the one line that says when.
func TestSameBytes(t *testing.T) {
	r := full(Japanese)
	a := written(t, r)
	if a != written(t, r) {
		t.Error("the same report is written in two ways")
	}
	r.Made, r.Version = r.Made.Add(time.Hour), "2"
	was, is := strings.Split(a, "\n"), strings.Split(written(t, r), "\n")
	differ := 0
	for i := range was {
		if i >= len(is) || was[i] != is[i] {
			differ++
		}
	}
	if differ != 1 || len(is) != len(was) {
		t.Errorf("%d lines differ", differ)
	}
}

// TestScript: what the Content-Security-Policy permits is the script that stands there.
func TestScript(t *testing.T) {
	page := written(t, full(English))
	last := page[strings.LastIndex(page, "<script>")+len("<script>"):]
	if hash := hashOf(last[:strings.Index(last, "</script>")]); !strings.Contains(html.UnescapeString(page), "script-src '"+hash+"'") {
		t.Errorf("the script's hash is %s", hash)
	}
	js := read("report.js")
	if n := strings.Count(js, "\n"); n > 150 {
		t.Errorf("the script has %d lines", n)
	}
	for _, never := range []string{"eval(", "Function(", "innerHTML", "outerHTML", "insertAdjacent", "document.write", "</", "<!--", "fetch(", "XMLHttp", "import("} {
		if strings.Contains(js, never) {
			t.Errorf("the script has %s", never)
		}
	}
	if strings.Contains(read("report.css"), "</") || !strings.Contains(read("report.css"), "@page") {
		t.Error("the style ends its element")
	}
}

// TestWrong: what makes opsctl say that something is wrong.
func TestWrong(t *testing.T) {
	sound := func() *evidence.Session {
		return &evidence.Session{Verdict: audit.Verdict{State: audit.Whole}, Runbook: &audit.Record{Approval: &audit.Approval{Keys: []string{"k"}}}, Start: &evidence.Start{Person: "a", ARN: "x/a"}}
	}
	for name, test := range map[string]struct {
		change func(*Report, *evidence.Session)
		want   bool
	}{
		"nothing":            {func(*Report, *evidence.Session) {}, false},
		"open":               {func(_ *Report, s *evidence.Session) { s.Verdict.State = audit.Open }, false},
		"broken":             {func(_ *Report, s *evidence.Session) { s.Verdict.State = audit.Broken }, true},
		"unreadable":         {func(_ *Report, s *evidence.Session) { s.Error = "x" }, true},
		"no recording there": {func(_ *Report, s *evidence.Session) { s.RecordingError = "x" }, true},
		"a signer ran it":    {func(r *Report, _ *evidence.Session) { r.Signers = evidence.Signers{"k": {"a"}} }, true},
		"another ran it":     {func(r *Report, _ *evidence.Session) { r.Signers = evidence.Signers{"k": {"b"}} }, false},
		"doubtful trails":    {func(r *Report, _ *evidence.Session) { r.Doubtful = []string{"x"} }, true},
		"not approved so": {func(r *Report, s *evidence.Session) {
			s.Add(audit.Record{Event: audit.Run, Command: 1, Line: "b"})
			r.Details[0].Book = &evidence.Runbook{Text: []byte("a\n")}
		}, true},
		"a gap": {func(r *Report, s *evidence.Session) {
			r.Population = &evidence.Population{Joined: true, Unstarted: []*evidence.Session{s}}
		}, true},
		"gaps unknown": {func(r *Report, _ *evidence.Session) { r.Population = &evidence.Population{} }, false},
		"a runbook that isn't what one sees": {func(r *Report, s *evidence.Session) {
			s.Add(audit.Record{Event: audit.Run, Command: 1, Line: "a"})
			r.Details[0].Book = &evidence.Runbook{Text: []byte("a\n\x04\nb\n")}
		}, true},
		"two trails of one session": {func(r *Report, s *evidence.Session) { r.Twice = []*evidence.Session{s} }, true},
		"two of a period, and gaps unknown": {func(r *Report, s *evidence.Session) {
			r.Population = &evidence.Population{Twice: []*evidence.Session{s}}
		}, true},
		"no beginning, and gaps unknown": {func(r *Report, s *evidence.Session) {
			r.Population = &evidence.Population{Undated: []*evidence.Session{s}}
		}, true},
		"one not drawn": {func(r *Report, _ *evidence.Session) {
			r.Population = &evidence.Population{Sessions: []*evidence.Session{{Error: "x"}}}
		}, true},
	} {
		s := sound()
		r := &Report{Details: []Detail{{Session: s}}}
		test.change(r, s)
		if r.Wrong() != test.want {
			t.Errorf("%s: %v", name, r.Wrong())
		}
	}
}

// TestUnknownKeys: a signature by a key that the policy doesn't name is shown as what it is, also of somebody who is known.
func TestUnknownKeys(t *testing.T) {
	r := full(English)
	s := r.Details[0].Session
	r.Signers = evidence.Signers{"SHA256:policy": {"taro"}, "SHA256:own": {"mallory"}}
	for _, test := range []struct {
		approval audit.Approval
		want     []string // in the page; with ! before it: not
	}{
		{audit.Approval{Keys: []string{"SHA256:policy"}, Unknown: []string{"SHA256:own"}}, []string{"Key of signature 1", "!Key of signature 2", "SHA256:own (signer: mallory) (no tool of the policy names it: it approves nothing)", "!No signature of a key"}},
		{audit.Approval{Keys: []string{"SHA256:own"}, Unknown: []string{"SHA256:own"}}, []string{"!Key of signature 1", "No signature of a key that the policy names", "it approves nothing", "There is no approval."}},
		{audit.Approval{Keys: []string{"SHA256:policy", "SHA256:policy"}}, []string{"Key of signature 1", "!Key of signature 2", "!it approves nothing"}},
	} {
		s.Runbook.Approval = &test.approval
		page := written(t, r)
		for _, want := range test.want {
			text, not := strings.CutPrefix(want, "!")
			if strings.Contains(page, text) == not {
				t.Errorf("%+v: the page has %q: %v", test.approval, text, not)
			}
		}
	}
}

// TestRunbookEndsEarly: Ctrl-D ended a runbook, and nothing of that was to be seen: not the lines behind it, and not that the text isn't what one reads.
func TestRunbookEndsEarly(t *testing.T) {
	s := &evidence.Session{Verdict: audit.Verdict{State: audit.Whole}, Runbook: &audit.Record{}}
	s.Add(audit.Record{Event: audit.Run, Command: 1, Line: "a"})
	r := Report{Language: English, Subject: Subject{Session: "x"}, Details: []Detail{{Session: s, Book: &evidence.Runbook{Text: []byte("a\r\n\x04\r\nrevoke access\r\n")}}}}
	const seen = "This text isn&#39;t readable as it is shown"
	page := written(t, r)
	for _, want := range []string{seen, "1 sessions ran a runbook that holds control or invisible characters", "<pre class=\"book\">a\n?\nrevoke access\n</pre>",
		`<td class="number">3</td><td><code>revoke access</code></td><td></td><td><span class="mark odd">not reached</span></td>`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	r.Details[0].Book.Text = []byte("a\r\n")
	if page := written(t, r); strings.Contains(page, seen) || strings.Contains(page, "invisible") || r.Wrong() {
		t.Error("CR LF is said to be hidden")
	}
}
