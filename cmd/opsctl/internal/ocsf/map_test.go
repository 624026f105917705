package ocsf

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"opsh/shell/audit"
)

func code(n int) *int { return &n }

// sample is a session with every event.
func sample() []audit.Record {
	records := []audit.Record{
		{Event: audit.Begin, Session: "s", Host: "ip-10-0-0-1", Task: "0123", Opsh: "1.0", Policy: "aa", Reason: "INC-4711 障害 <&>", UID: 64000},
		{Event: audit.Run, Command: 1, Line: "rails runner x", Words: []string{"rails", "runner", "x"}, Tool: "rails", Path: "/app/bin/rails",
			Argv: []string{"/app/bin/rails", "runner", "/app/x y.rb"}, UID: 64000, Files: []audit.FileHash{{Path: "/app/x.rb", SHA256: "bb"}}},
		{Event: audit.Exec, Command: 1, Call: "exec", Path: "/usr/bin/ruby", Argv: []string{"ruby"}, PID: 12, By: "/app/bin/rails", Tool: "rails"},
		{Event: audit.Denied, Command: 1, Call: "exec", Path: "/bin/sh", PID: 13, By: "/usr/bin/ruby", Tool: "rails"},
		{Event: audit.Denied, Command: 1, Call: "ptrace", PID: 13, By: "/usr/bin/ruby", Tool: "rails"},
		{Event: audit.Running, Command: 1, Millis: 300_000},
		{Event: audit.Exit, Command: 1, Status: code(3), Category: audit.CategoryExit, Millis: 1333, Bytes: 12},
		{Event: audit.Refused, Command: 2, Line: "sh", Words: []string{"sh"}, Why: "no such command", Status: code(126), Category: audit.CategoryRefused},
		{Event: audit.Refused, Command: 3, Line: "'", Raw: &audit.Raw{Length: 1, SHA256: "cc", Head: "'"}, Status: code(126), Trouble: "full", Missing: 2},
		{Event: audit.Runbook, Runbook: "dd", Length: 7},
		{Event: audit.Guard, Call: "held", Path: "/managed-agents/execute-command/amazon-ssm-agent", PID: 14},
		{Event: audit.Killed, Call: "killed", Path: "/bin/dash", Argv: []string{"sh", "-c", "id; \x1b"}, PID: 15, Of: "ecs-execute-command-9z", Why: "no opsh"},
		{Event: audit.End, Status: code(0), Category: audit.CategoryExit, Runs: 1, Refusals: 2, Millis: 9},
	}
	for i := range records {
		r := &records[i]
		r.Session, r.Seq, r.Time = "ecs-execute-command-0a1b2c", i, fmt.Sprintf("2026-11-23T18:02:%02d.004Z", i)
		r.Prev, r.Hash, r.Sig = strings.Repeat("0", 64), strings.Repeat("9a", 32), base64.StdEncoding.EncodeToString(make([]byte, 64))
	}
	return records
}

// events maps and encodes as the verb does.
func events(t testing.TB, records []audit.Record) (lines [][]byte) {
	t.Helper()
	var m Mapper
	for _, r := range records {
		e, err := m.Map(r)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		to := json.NewEncoder(&b)
		to.SetEscapeHTML(false)
		if err := to.Encode(e); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, b.Bytes())
	}
	return lines
}

// TestValid: each kind of record is an event that the published schema takes, and says what a security team looks for.
func TestValid(t *testing.T) {
	s := published(t)
	got := events(t, sample())
	for i, e := range got {
		if wrong := s.check(e); len(wrong) > 0 {
			t.Errorf("%s\n%s", strings.Join(wrong, "\n"), e)
		}
		if bytes.Count(e, []byte("\n")) != 1 {
			t.Errorf("event %d is not one line", i)
		}
	}
	for i, want := range map[int]string{
		0: `"activity_id":99,"activity_name":"Session Begin"`,
		1: `"cmd_line":"/app/bin/rails runner '/app/x y.rb'"`,
		2: `"actor":{"session":{"uid":"ecs-execute-command-0a1b2c","created_time":1795456920004,"is_remote":true},"process":{"uid":"ecs-execute-command-0a1b2c#1","pid":12,"name":"/app/bin/rails"}}`,
		3: `"action_id":2,"action":"Denied","severity_id":3`,
		4: `"activity_name":"System Call"`,
		6: `"exit_code":3`,
		7: `"status_id":2,"status":"Failure","status_code":"refused","status_detail":"no such command"`,
	} {
		if !strings.Contains(string(got[i]), want) {
			t.Errorf("event %d has no %s:\n%s", i, want, got[i])
		}
	}
	for i, want := range map[int]string{2: `"process":{"uid":"ecs-execute-command-0a1b2c#1.2","pid":12,"name":"ruby"`, 3: `"process":{"uid":"ecs-execute-command-0a1b2c#1.3","name":"sh"`} {
		if !strings.Contains(string(got[i]), want) {
			t.Errorf("event %d has no %s:\n%s", i, want, got[i])
		}
	}
	for _, want := range []string{`"cmd_line":"sh -c`, `"session":{"uid":"ecs-execute-command-9z"`, `"action":"Denied"`, `"severity":"High"`, `"message":"killed sh -c`, `"type_uid":100701`} {
		if !strings.Contains(string(got[11]), want) {
			t.Errorf("the kill has no %s:\n%s", want, got[11])
		}
	}
	if !strings.Contains(string(got[6]), `"name":"rails","cmd_line":"/app/bin/rails runner`) {
		t.Errorf("the exit doesn't say of what:\n%s", got[6])
	}
}

// TestNothingIsLost: unmapped is the record, byte for byte.
func TestNothingIsLost(t *testing.T) {
	records := sample()
	for i, line := range events(t, records) {
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		want, err := records[i].Sealed()
		if err != nil || !bytes.Equal(e.Unmapped, want) {
			t.Errorf("%v\n%s\n%s", err, e.Unmapped, want)
		}
	}
}

// TestAnyRecord: whatever a record holds, its event is valid, and one line.
func TestAnyRecord(t *testing.T) {
	s := published(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "x", "障害", "\x1b[2J\n\r\x00", "\u2028\u202e", "<&>\"\\", strings.Repeat("y", 10_000), "a b'c", "\xff"}
	text := func() string { return texts[rnd.IntN(len(texts))] }
	for range 3000 {
		records := sample()
		r := records[rnd.IntN(len(records))]
		r.Line, r.Tool, r.Path, r.Why, r.By, r.Host, r.Task, r.Reason, r.Opsh = text(), text(), text(), text(), text(), text(), text(), text(), text()
		r.Argv, r.Words = []string{text(), text()}, []string{text()}
		r.Command, r.PID, r.UID, r.Millis = rnd.IntN(3), rnd.IntN(3), uint32(rnd.IntN(2)), rnd.Int64N(1<<31)
		if rnd.IntN(2) == 0 {
			r.Status, r.Argv = nil, nil
		}
		for _, e := range events(t, []audit.Record{r}) {
			if wrong := s.check(e); len(wrong) > 0 || bytes.Count(e, []byte("\n")) != 1 {
				t.Fatalf("%s\n%s", strings.Join(wrong, "\n"), e)
			}
		}
	}
}

// TestForged: a record of a broken trail may hold any number, time and event. Its event is valid all the same, says nothing that the record doesn't, and
// has the record in unmapped.
func TestForged(t *testing.T) {
	s := published(t)
	for name, forge := range map[string]func(*audit.Record){
		"longest":        func(r *audit.Record) { r.Millis = math.MaxInt64 },
		"25 days":        func(r *audit.Record) { r.Millis = 1 << 31 },
		"shorter than 0": func(r *audit.Record) { r.Millis = math.MinInt64 },
		"pid":            func(r *audit.Record) { r.PID = 1 << 40 },
		"pid below 0":    func(r *audit.Record) { r.PID = -1 },
		"status":         func(r *audit.Record) { r.Status = code(1 << 40) },
		"no time":        func(r *audit.Record) { r.Time = "yesterday" },
		"year 0":         func(r *audit.Record) { r.Time = "0000-01-01T00:00:00.000Z" },
		"no event":       func(r *audit.Record) { r.Event = "" },
		"other event":    func(r *audit.Record) { r.Event = "Run" },
	} {
		for i := range sample() {
			r := sample()[i]
			forge(&r)
			line := events(t, []audit.Record{r})[0]
			if wrong := s.check(line); len(wrong) > 0 {
				t.Errorf("%s, %s: %s\n%s", name, r.Event, strings.Join(wrong, "\n"), line)
			}
			var e Event
			if err := json.Unmarshal(line, &e); err != nil {
				t.Fatal(err)
			}
			if e.Time < 0 || e.StartTime < 0 || e.Duration < 0 {
				t.Errorf("%s, %s: time %d, start_time %d, duration %d", name, r.Event, e.Time, e.StartTime, e.Duration)
			}
			if e.Duration != r.Millis && e.StartTime != 0 {
				t.Errorf("%s, %s: start_time %d without a duration", name, r.Event, e.StartTime)
			}
			if strings.HasSuffix(name, "event") && (e.TypeUID != 100700 || e.Action != "Unknown" || e.Status != "Unknown") {
				t.Errorf("%s passes for %s, %s, %s", name, e.ActivityName, e.Action, e.Status)
			}
			if want, err := r.Sealed(); err != nil || !bytes.Equal(e.Unmapped, want) {
				t.Errorf("%s, %s: %v\n%s", name, r.Event, err, e.Unmapped)
			}
		}
	}
}
