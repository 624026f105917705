package evidence

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"opsh/shell/audit"
)

// session is a whole one that began at a time.
func session(id, at string) *Session {
	s := &Session{Place: id + ".jsonl", Verdict: audit.Verdict{State: audit.Whole, Hash: id, From: at, To: at}}
	if at != "" {
		s.Add(audit.Record{Event: audit.Begin, Session: id, Time: at})
	}
	return s
}

func at(text string) time.Time {
	t, err := time.Parse(audit.TimeFormat, text)
	if err != nil {
		panic(err)
	}
	return t
}

func ids(all []*Session) (names []string) {
	for _, s := range all {
		names = append(names, s.ID())
	}
	return names
}

func startIDs(all []Start) (names []string) {
	for _, s := range all {
		names = append(names, s.Session+s.Error)
	}
	return names
}

func TestPopulate(t *testing.T) {
	const before, first, second, after = "2026-09-30T23:59:59.999Z", "2026-10-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00.000Z"
	period := Period{at(first), at(after)}
	copied, other := session("a", first), session("b", second)
	other.Verdict.Hash, other.Place = "else", "else"
	broken := session("", "")
	broken.Verdict = audit.Verdict{State: audit.Broken}
	for _, test := range []struct {
		name                                           string
		sessions                                       []*Session
		starts                                         []Start
		known                                          bool
		all, undated, twice, unstarted, lost, failures []string
		copies                                         int
		complete                                       bool
	}{
		{name: "nothing", known: true, complete: true},
		{name: "nobody asked CloudTrail", sessions: []*Session{session("a", first)}, all: []string{"a"}},
		{name: "the bounds, in order", known: true, sessions: []*Session{session("d", after), session("c", second), session("b", first), session("a", before)},
			starts: []Start{{Session: "a", Time: at(before)}, {Session: "b", Time: at(first)}, {Session: "c", Time: at(second)}, {Session: "d", Time: at(after)}},
			all:    []string{"b", "c"}, complete: true},
		{name: "an event before the period, its session within", known: true, sessions: []*Session{session("a", first)}, starts: []Start{{Session: "a", Time: at(before)}}, all: []string{"a"}, complete: true},
		{name: "an event within, its session behind the period", known: true, sessions: []*Session{session("a", after)}, starts: []Start{{Session: "a", Time: at(second)}}, complete: true},
		{name: "an event without a trail", known: true, starts: []Start{{Session: "x", Time: at(first)}, {Session: "y", Time: at(before)}}, lost: []string{"x"}},
		{name: "a trail without an event", known: true, sessions: []*Session{session("a", first)}, all: []string{"a"}, unstarted: []string{"a"}},
		{name: "a call that failed", known: true, starts: []Start{{Error: "AccessDenied", Time: at(first)}}, failures: []string{"AccessDenied"}, complete: true},
		{name: "a copy", known: true, sessions: []*Session{session("a", first), copied}, starts: []Start{{Session: "a", Time: at(first)}}, all: []string{"a"}, copies: 1, complete: true},
		{name: "two trails of one session", known: true, sessions: []*Session{session("b", second), other}, starts: []Start{{Session: "b", Time: at(second)}}, all: []string{"b", "b"}, twice: []string{"b"}},
		{name: "two trails of one session, and nobody asked CloudTrail", sessions: []*Session{session("b", second), other}, all: []string{"b", "b"}, twice: []string{"b"}},
		{name: "one of them before the period", sessions: []*Session{session("b", before), other}, all: []string{"b"}, twice: []string{"b"}},
		{name: "both of them behind it", known: true, sessions: []*Session{session("a", after), {Place: "x", id: "a", Verdict: audit.Verdict{From: after, Hash: "x"}}}, complete: true},
		{name: "one that nobody can read", known: true, sessions: []*Session{broken}, all: []string{".jsonl"}, undated: []string{".jsonl"}, unstarted: []string{".jsonl"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Populate(period, test.sessions, test.starts, test.known)
			for _, c := range []struct {
				name      string
				got, want []string
			}{{"sessions", ids(p.Sessions), test.all}, {"undated", ids(p.Undated), test.undated}, {"twice", ids(p.Twice), test.twice},
				{"unstarted", ids(p.Unstarted), test.unstarted}, {"untrailed", startIDs(p.Untrailed), test.lost}, {"failed", startIDs(p.Failed), test.failures}} {
				if !slices.Equal(c.got, c.want) {
					t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
				}
			}
			if p.Copies != test.copies || p.Complete() != test.complete {
				t.Errorf("%d copies, complete %v", p.Copies, p.Complete())
			}
		})
	}
}

// TestSample: the hash is what printf '%s %s' 2026Q4 s1 | sha256sum says.
// TestGuard: what the guard ended is told, and its trail is no session without an event.
func TestGuard(t *testing.T) {
	guard := &Session{Verdict: audit.Verdict{State: audit.Whole, Hash: "g", Kills: 3}}
	guard.Add(audit.Record{Event: audit.Begin, Session: "guard-0123", Time: "2026-10-02T00:00:00.000Z", Mode: "guard"})
	posing := &Session{Verdict: audit.Verdict{State: audit.Whole, Hash: "p"}}
	posing.Add(audit.Record{Event: audit.Begin, Session: "ecs-execute-command-1", Time: "2026-10-02T00:00:00.000Z", Mode: "guard"})
	p := Populate(Period{}, []*Session{guard, posing}, nil, true)
	if len(p.Guards) != 1 || p.Guards[0] != guard || len(p.Sessions) != 1 || len(p.Unstarted) != 1 || p.Unstarted[0] != posing {
		t.Errorf("%+v", p)
	}
}

func TestSample(t *testing.T) {
	if got := Draw("2026Q4", "s1"); got != "a6b0e61c6c28e03437c80900ca4bdbeba5554549e02e4b483d878bcfcda013b8" {
		t.Errorf("it draws %s", got)
	}
	var all []*Session
	for _, id := range []string{"s1", "s2", "s3", "s4", "s5", "s6"} {
		all = append(all, session(id, "2026-10-01T00:00:00.000Z"))
	}
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	three := Sample(all, "2026Q4", 3)
	again := ids(Sample(backwards, "2026Q4", 3))
	slices.Reverse(again)
	if !slices.Equal(ids(three), again) {
		t.Errorf("%q, and of the same in another order %q", ids(three), again)
	}
	for _, s := range all {
		lower := 0
		for _, o := range all {
			if Draw("2026Q4", o.ID()) < Draw("2026Q4", s.ID()) {
				lower++
			}
		}
		if slices.Contains(three, s) != (lower < 3) {
			t.Errorf("%s has %d lower ones", s.ID(), lower)
		}
	}
	if n := len(Sample(all, "2026Q4", 9)); n != 6 {
		t.Errorf("9 of 6 are %d", n)
	}
	differs := false
	for _, seed := range []string{"a", "b", "c", "d", "e"} {
		differs = differs || !slices.Equal(ids(Sample(all, seed, 3)), ids(three))
	}
	if !differs {
		t.Error("the seed draws nothing")
	}
}

func TestCSV(t *testing.T) {
	a, b := session("a", "2026-10-01T00:00:00.000Z"), session("b", "2026-10-02T00:00:00.000Z")
	a.Begin.Reason = "=HYPERLINK(\"http://evil.example\",\"x\")"
	b.Begin.Reason = "INC-1, 障害\n\"x\""
	p := Populate(Period{}, []*Session{a, b}, []Start{{Session: "a", ARN: "@evil", Time: at("2026-10-01T00:00:00.000Z")}, {Session: "lost", ARN: "arn", ID: "e1", Time: at("2026-10-03T00:00:00.000Z")}}, true)
	var out strings.Builder
	if err := p.WriteCSV(&out, "seed", []*Session{b}); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(out.String(), "\uFEFF")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) != 4 {
		t.Fatalf("%v, %v, %q", err, marked, rows)
	}
	get := func(row int, column string) string { return rows[row][slices.Index(rows[0], column)] }
	for _, c := range []struct {
		row          int
		column, want string
	}{
		{1, "session", "a"}, {1, "reason", "'=HYPERLINK(\"http://evil.example\",\"x\")"}, {1, "person", "'@evil"}, {1, "gap", ""}, {1, "sampled", "no"},
		{2, "reason", "INC-1, 障害\n\"x\""}, {2, "gap", "no event"}, {2, "sampled", "yes"}, {2, "draw", Draw("seed", "b")},
		{3, "session", "lost"}, {3, "gap", "no trail"}, {3, "cloudtrail_event", "e1"}, {3, "verification", ""},
	} {
		if got := get(c.row, c.column); got != c.want {
			t.Errorf("row %d, %s: %q, want %q", c.row, c.column, got, c.want)
		}
	}
}

func TestCell(t *testing.T) {
	for text, want := range map[string]string{
		"": `""`, "plain": `"plain"`, "1+1": `"1+1"`, `a"b`: `"a""b"`, "a,b": `"a,b"`, "=1": `"'=1"`, "+1": `"'+1"`, "-1": `"'-1"`, "@A1": `"'@A1"`, "\t=1": "\"'\t=1\"",
		"\r=1": "\"'\r=1\"", "\n=1": "\"'\n=1\"", "＝1": `"'＝1"`, "＠A": `"'＠A"`, "\x00=1": `"'=1"`, `"=1`: `"""=1"`, "障害": `"障害"`,
	} {
		if got := cell(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
