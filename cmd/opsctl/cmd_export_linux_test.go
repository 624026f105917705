package main

import (
	"encoding/json"
	"strings"
	"testing"

	"opsh/shell/audit"
)

// TestExport: an event a record, from which the trail can be made again; what is wrong with a trail is said and has a status.
func TestExport(t *testing.T) {
	trail, _ := sampleSession(t)
	path := file(t, "trail.jsonl", trail)
	status, out, complaints := opsctl("export", "--ocsf", path)
	if status != 0 || complaints != "" || strings.Count(out, "\n") != 4 {
		t.Fatalf("status %d, %s\n%s", status, complaints, out)
	}
	var again strings.Builder
	for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
		var e struct {
			ClassUID int `json:"class_uid"`
			Unmapped json.RawMessage
		}
		if err := json.Unmarshal([]byte(l), &e); err != nil || e.ClassUID != 1007 {
			t.Fatalf("%v: %s", err, l)
		}
		again.Write(append(e.Unmapped, '\n'))
	}
	if d, err := audit.Verify(strings.NewReader(again.String()), audit.Options{}); err != nil || d.State != audit.Whole {
		t.Errorf("%v, %+v", err, d)
	}
	lines := strings.SplitAfter(trail, "\n")
	for _, test := range []struct {
		name   string
		args   []string
		status int
		events int
		want   string
	}{
		{"broken", []string{"--ocsf", file(t, "b", lines[0]+"garbage\n"+lines[2])}, 1, 2, "is broken: line 2: a line that is no record"},
		{"open", []string{"--ocsf", file(t, "o", lines[0])}, 0, 1, ""},
		{"two", []string{"--ocsf", path, path}, 0, 8, ""},
		{"not there, and one", []string{"--ocsf", "/nonexistent", path}, 125, 4, "cannot open"},
		{"as nothing", []string{path}, 2, 0, "say as what: --ocsf"},
		{"nothing", []string{"--ocsf"}, 2, 0, "no trail is named"},
	} {
		status, out, complaints := opsctl(append([]string{"export"}, test.args...)...)
		if status != test.status || strings.Count(out, "\n") != test.events || !strings.Contains(complaints, test.want) || test.want == "" && complaints != "" {
			t.Errorf("%s: status %d, %d events\n%s", test.name, status, strings.Count(out, "\n"), complaints)
		}
	}
}
