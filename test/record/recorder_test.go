package record

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"opsh/shell/audit"
	"opsh/shell/guard"
)

// TestRecorder: opshd's recorder ships what the guard did, closes and ships what a killed session left although no other comes, and removes
// a trail that is old and shipped, and no other.
func TestRecorder(t *testing.T) {
	t.Parallel()
	w := build(t, "spool")
	old := func(path string) {
		long := time.Now().AddDate(0, -2, 0)
		must(t, os.Chtimes(path+".done", long, long))
	}
	if out, status := w.run(t, "", "-c", "sleep 0"); status != 0 {
		t.Fatal(out)
	}
	shipped := w.trails(t)[0]
	w.shipped(t, shipped)
	old(shipped)
	here := filepath.Join(filepath.Dir(shipped), "opsh-here-only.jsonl")
	must(t, os.WriteFile(here, []byte("{}\n"), 0o600))
	must(t, os.WriteFile(here+".done", nil, 0o600))
	old(here)

	w.proxy.Down()
	dead, _ := w.opsh(t, "", "-c", "sleep 60")
	must(t, dead.Start())
	var left string
	w.until(t, "the tool runs", func() bool {
		for _, path := range w.trails(t) {
			if path != shipped && path != here && holds(t, path, `"event":"run"`) {
				left = path
			}
		}
		return left != ""
	})
	w.killed(t, dead)
	w.proxy.Up()

	cmd, out := w.opsh(t, "")
	cmd.Args = []string{"opsh: recorder"}
	cmd.Stdin = nil
	events, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	to := json.NewEncoder(events)
	must(t, to.Encode(guard.Event{Kind: guard.Held, PID: 8, Path: "/managed-agents/execute-command/amazon-ssm-agent"}))
	must(t, to.Encode(guard.Event{Kind: guard.Killed, PID: 9, Session: "ecs-execute-command-0a1b2c3d", Path: "/bin/dash", Argv: []string{"sh", "-c", "id"}, Why: "no opsh"}))
	if records := w.shipped(t, left); records[len(records)-1].Event != audit.End || !strings.HasPrefix(records[len(records)-1].Closer, "guard-") {
		t.Errorf("%+v", records)
	}
	w.until(t, "the old trail is removed", func() bool {
		_, err := os.Stat(shipped)
		return os.IsNotExist(err)
	})
	if _, err := os.Stat(here); err != nil {
		t.Error(err)
	}
	must(t, events.Close())
	must(t, cmd.Wait())
	names, err := filepath.Glob(filepath.Join(filepath.Dir(shipped), "guard-*.jsonl"))
	must(t, err)
	if len(names) != 1 {
		t.Fatalf("%q\n%s", names, out)
	}
	records := w.shipped(t, names[0])
	if len(records) != 4 || records[0].Mode != "guard" || records[1].Event != audit.Guard || records[2].Event != audit.Killed || records[2].Of != "ecs-execute-command-0a1b2c3d" || records[3].Event != audit.End {
		t.Errorf("%+v", records)
	}
	if said, status := w.opsctl(t, "verify", names[0]); status != 0 || !strings.Contains(said, "ended 1 start of something other than opsh") {
		t.Errorf("%d %s", status, said)
	}
	if said := out.String(); said != "" {
		t.Error(said)
	}
}
