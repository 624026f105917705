package test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"opsh/shell/audit"
	"opsh/test/fixture"
	"opsh/test/rig"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

// session starts opsh in the rig under the journeys' policy. extra is TOML for [session].
func session(t *testing.T, command, extra string) *rig.Session {
	t.Helper()
	return sessionOf(t, rig.Options{Command: command}, extra)
}

func sessionOf(t *testing.T, o rig.Options, extra string) *rig.Session {
	t.Helper()
	return sessionUnder(t, o, fixture.Policy(world.place, world.db, world.app, "uids = \""+fixture.JourneyUIDs+"\"\n"+extra))
}

// sessionUnder starts it under a policy of the test's own.
func sessionUnder(t *testing.T, o rig.Options, policy string) *rig.Session {
	t.Helper()
	must(t, world.place.WritePolicy(policy))
	dir, err := os.MkdirTemp(world.place.Dir, "agent-")
	if err != nil {
		t.Fatal(err)
	}
	o.Worker, o.Program, o.Dir = world.place.Worker, world.place.Opsh, dir
	if o.Env == nil {
		o.Env = fixture.Env(world.db)
	}
	s, err := rig.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func expect(t *testing.T, s *rig.Session, pattern string) []string {
	t.Helper()
	m, err := s.Expect(pattern, patience)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func typed(t *testing.T, s *rig.Session, keys string) {
	t.Helper()
	if err := s.Type(keys); err != nil {
		t.Fatal(err)
	}
}

// prompted waits for opsh's prompt and types a line at it.
func prompted(t *testing.T, s *rig.Session, line string) {
	t.Helper()
	expect(t, s, `prod> `)
	typed(t, s, line+"\r")
}

// ended waits for the session's end and holds its log against the trail.
func ended(t *testing.T, s *rig.Session, status int) string {
	t.Helper()
	end, err := s.Wait(patience)
	if err != nil {
		t.Fatal(err)
	}
	if end.Exit != status {
		t.Errorf("exit status %d (signal %d), want %d; the log:\n%s", end.Exit, end.Signal, status, end.Log)
	}
	aligned(t, s.ID, end.Log)
	return end.Log
}

// trail reads a session's trail and checks that it is whole.
func trail(t *testing.T, id string) []audit.Record {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(world.place.State, "trail", id+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var records []audit.Record
	prev := strings.Repeat("0", 64)
	for i, l := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		r, err := audit.Parse([]byte(l))
		if err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		if r.Seq != i || r.Prev != prev || r.Session != id || !r.Signed(append(records, r)[0].Key) {
			t.Errorf("record %d isn't chained or signed: %s", i, l)
		}
		prev = r.Hash
		records = append(records, r)
	}
	if records[len(records)-1].Event != audit.End {
		t.Errorf("the trail has no end: %+v", records[len(records)-1])
	}
	return records
}

// aligned has opsctl hold the records against the log's lines.
func aligned(t *testing.T, id, log string) {
	t.Helper()
	if out, status := verified(t, id, log); status != 0 {
		t.Errorf("opsctl verify, status %d:\n%s\nthe log:\n%s", status, out, log)
	}
}

// verified is what opsctl says of a session's trail and log.
func verified(t *testing.T, id, log string) (out string, status int) {
	t.Helper()
	cmd := exec.Command(world.place.Opsctl, "verify", "--log", "-", filepath.Join(world.place.State, "trail", id+".jsonl"))
	cmd.Stdin = strings.NewReader(log)
	text, err := cmd.CombinedOutput()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// has fails unless the log matches all patterns, in this order.
func has(t *testing.T, log string, patterns ...string) {
	t.Helper()
	rest := log
	for _, p := range patterns {
		at := regexp.MustCompile(p).FindStringIndex(rest)
		if at == nil {
			t.Errorf("no %q, in this order, in the log:\n%s", p, log)
			return
		}
		rest = rest[at[1]:]
	}
}

const stamp = `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`

// TestSeedCase is the problem that this project starts from: a command passed with --command wasn't in the log, and its status nowhere.
func TestSeedCase(t *testing.T) {
	s := session(t, `opsh -c "mysql -e 'CREATE DATABASE IF NOT EXISTS mydatabase'"`, "")
	log := ended(t, s, 0)
	has(t, log, `opsh: begin `+stamp+` [0-9a-z]+ policy [0-9a-f]{8} \[[0-9a-f]{8}\]\r*\n`,
		`opsh: #1 `+stamp+` run mysql -e 'CREATE DATABASE IF NOT EXISTS mydatabase' \[`,
		`opsh: #1 `+stamp+` exit 0 [0-9.]+m?s \[`, `opsh: end 0 exit `+stamp+` 1 run, 0 refused, `)

	s = session(t, `opsh -c "mysql -N -e 'SHOW DATABASES LIKE \"mydata%\"'"`, "")
	has(t, ended(t, s, 0), `run mysql -N`, `\| mydatabase \|\r*\n`, `exit 0`)

	s = session(t, `opsh -c "mysql -e 'SELECT * FROM nowhere' app_production"`, "")
	has(t, ended(t, s, 1), `ERROR 1146`, `exit 1 `, `opsh: end 1 exit`)
}

// TestExitStatuses goes through those of the design.
func TestExitStatuses(t *testing.T) {
	for _, test := range []struct {
		line   string
		status int
		want   string
	}{
		{"rails runner fail.rb", 3, `failing on purpose\r*\nopsh: #1 ` + stamp + ` exit 3 `},
		{"rails runner escape.rb", 0, `refused: Errno::EACCES`},
		{"rails runner args.rb a=1 b", 0, `\["a=1", "b"\]`},
		{"rails runner ../../bin/rails", 126, `refused rails runner`},
		{"mysql --pager=sh", 126, `word 2, --pager=sh: `},
		{"mysql; sh", 126, `column 6`},
		{"sh", 126, `word 1, sh: no such command`},
	} {
		t.Run(test.line, func(t *testing.T) {
			s := session(t, fmt.Sprintf(`opsh -c "%s"`, test.line), "")
			has(t, ended(t, s, test.status), test.want, fmt.Sprintf(`opsh: end %d `, test.status))
		})
	}
}
