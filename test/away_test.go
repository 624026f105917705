package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"opsh/shell/audit"
	"opsh/test/rig"
)

// flood is a command whose output never ends by itself.
const flood = "rails runner flood.rb"

// trailHolds waits until a session's trail has a record with this text in it, whoever writes it.
func trailHolds(t *testing.T, id, text string) {
	t.Helper()
	for give := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		content, err := os.ReadFile(filepath.Join(world.place.State, "trail", id+".jsonl"))
		must(t, err)
		if strings.Contains(string(content), text) {
			return
		}
		if time.Now().After(give) {
			t.Fatalf("no %s in the trail:\n%s", text, content)
		}
	}
}

// TestClientLeaves: nobody reads the terminal any more, so opsh's own writes block. The agent's SIGKILL, minutes later, still
// finds everything of the session's uid ended and the trail closed.
func TestClientLeaves(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, flood)
	expect(t, s, `x{100}`)
	uid := trailBegin(t, s.ID).UID
	must(t, s.Leave())
	if len(running(t, uid)) == 0 {
		t.Fatal("nothing runs")
	}
	must(t, s.Kill())
	trailHolds(t, s.ID, `"event":"end"`)
	records := trail(t, s.ID)
	if end := records[len(records)-1]; end.Category != audit.CategoryBroken {
		t.Errorf("%+v", end)
	}
	if left := running(t, uid); len(left) > 0 {
		t.Errorf("left running: %v", left)
	}
}

// TestLimitsWithoutClient: a session's time ends what runs, and that is recorded, also when nobody takes its output any more.
func TestLimitsWithoutClient(t *testing.T) {
	s := session(t, "opsh", `max_duration = "8s"`)
	prompted(t, s, flood)
	expect(t, s, `x{100}`)
	uid := trailBegin(t, s.ID).UID
	must(t, s.Leave())
	trailHolds(t, s.ID, `"event":"exit"`)
	if left := running(t, uid); len(left) > 0 {
		t.Errorf("left running: %v", left)
	}
	must(t, s.Kill())
	trailHolds(t, s.ID, `"event":"end"`)
	if r := trail(t, s.ID)[2]; r.Event != audit.Exit || *r.Status != 124 || r.Category != audit.CategoryTimeout {
		t.Errorf("%+v", r)
	}
}

// TestShellVariable: the agent writes the session log with script, and that by $SHELL: what FACTS warn of, the rig shows.
func TestShellVariable(t *testing.T) {
	s := sessionOf(t, rig.Options{Command: "opsh --version", Env: []string{"PATH=/usr/bin:/bin", "SHELL=/bin/false"}}, "")
	end, err := s.Wait(patience)
	must(t, err)
	if end.Exit != 0 || !strings.Contains(s.Output(), "opsh ") || strings.Contains(end.Log, "opsh ") {
		t.Errorf("status %d, output %q, log %q", end.Exit, s.Output(), end.Log)
	}
}
