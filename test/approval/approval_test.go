// Package approval runs tools that demand an approved runbook, with keys and signatures of the real ssh-keygen, in an opsh that believes to be in
// ECS. A package of its own, for the address at which that opsh asks where it is.
package approval

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"opsh/shell/approval"
	"opsh/shell/audit"
	"opsh/test/fault"
	"opsh/test/fixture"
	"opsh/test/rig"
)

const (
	patience = 30 * time.Second
	nonce    = "0123456789abcdef0123456789abcdef"
	cluster  = "arn:aws:ecs:ap-northeast-1:111122223333:cluster/prod-main"
	service  = "ops"
	taskPath = "/v4/0123456789abcdef0123456789abcdef-3935671257/task"
	runbook  = "two ja\nnone\n"
)

// world is an installed opsh, a metadata address, and three people's keys.
type world struct {
	place    fixture.Place
	metadata string // what the address answers; "" is 404
	people   map[string]string
	env      []string // of the container, beside what all have
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldAt(t, "approval", `when_down = "spool"`, http.NotFoundHandler())
}

// newWorldAt is a world of a name and an [audit] of its own. other answers at the metadata address what isn't about the task.
func newWorldAt(t *testing.T, name, audit string, other http.Handler, settings ...string) *world {
	t.Helper()
	dir, remove, err := fixture.Dir(name)
	must(t, err)
	t.Cleanup(remove)
	w := &world{people: map[string]string{}}
	at := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path != taskPath || w.metadata == "" {
			other.ServeHTTP(out, r)
			return
		}
		fmt.Fprint(out, w.metadata) //nolint:errcheck // the client may have gone
	}))
	t.Cleanup(at.Close)
	w.place, err = fixture.Install(dir, append(settings, "credentialsHost="+at.URL)...)
	must(t, err)
	var keys []string
	for _, name := range []string{"alice", "bob", "mallory"} {
		file := filepath.Join(dir, name)
		keygen(t, "", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file)
		pub, err := os.ReadFile(file + ".pub")
		must(t, err)
		w.people[name] = file
		keys = append(keys, fmt.Sprintf("%q", strings.TrimSpace(string(pub))))
	}
	must(t, w.place.WritePolicy(fmt.Sprintf(`version = 1
[session]
guard = "off"
uids = "%s"
[audit]
%s
[tool.none]
path  = "/bin/echo"
user  = "%s"
allow = ["none"]
[tool.one]
path  = "/bin/echo"
user  = "%s"
allow = ["one WORD"]
where.WORD = "any"
approval = { keys = [%s, %s], signatures = 1 }
[tool.two]
path  = "/bin/echo"
user  = "%s"
allow = ["two WORD"]
where.WORD = "any"
approval = { keys = [%s, %s], signatures = 2 }
`, fixture.ApprovalUIDs, audit, fixture.User, fixture.User, keys[0], keys[1], fixture.User, keys[0], keys[1])))
	w.inService(cluster, service)
	return w
}

// like makes w a second task of another's: the same policy and people.
func (w *world) like(t *testing.T, other *world) {
	t.Helper()
	text, err := os.ReadFile(other.place.Policy)
	must(t, err)
	must(t, w.place.WritePolicy(string(text)))
	w.people = other.people
}

// inService makes the task one of this service.
func (w *world) inService(cluster, service string) {
	at, name, _ := strings.Cut(cluster, ":cluster/")
	w.metadata = fmt.Sprintf(`{"Cluster":"%s","TaskARN":"%s:task/%s/158d1c8083dd49d6b527399fd6414f5c","Family":"x","ServiceName":"%s"}`, cluster, at, name, service)
}

func keygen(t *testing.T, in string, words ...string) []byte {
	t.Helper()
	c := exec.Command("ssh-keygen", words...)
	c.Stdin = strings.NewReader(in)
	out, err := c.Output()
	must(t, err)
	return out
}

// signed is a statement that these people signed.
func (w *world) signed(t *testing.T, text string, by ...string) []byte {
	t.Helper()
	var all [][]byte
	for _, name := range by {
		all = append(all, keygen(t, text, "-q", "-Y", "sign", "-n", approval.Namespace, "-f", w.people[name]))
	}
	return approval.Join([]byte(text), all...)
}

func stated(t *testing.T, book, cluster, service string, good time.Duration) string {
	t.Helper()
	s, err := approval.New(sum(book), cluster, service, time.Now().Add(good))
	must(t, err)
	return s.Text()
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

// send runs a runbook with an approval behind it, as opsctl sends them, and returns the log and the trail.
func (w *world) send(t *testing.T, book string, joined []byte, status int) (string, []audit.Record) {
	t.Helper()
	header := fmt.Sprintf("opsh-runbook 1 %s %d %s", nonce, len(book), sum(book))
	if joined != nil {
		header += fmt.Sprintf(" %d", len(joined))
	}
	return w.open(t, "opsh -s", header+"\n"+book+string(joined), status)
}

func (w *world) open(t *testing.T, command, keys string, status int) (string, []audit.Record) {
	t.Helper()
	s, err := rig.Start(rig.Options{Worker: w.place.Worker, Command: command, Program: w.place.Opsh, Dir: t.TempDir(), Fast: true,
		Env: append(w.env, "PATH=/usr/bin:/bin", "ECS_CONTAINER_METADATA_URI_V4=http://198.51.100.1"+strings.TrimSuffix(taskPath, "/task"))})
	must(t, err)
	defer s.Stop()
	if keys != "" {
		if _, err := s.Expect(`opsh: begin .*\n`, patience); err != nil {
			t.Fatal(err)
		}
		must(t, s.Type(keys))
	}
	end, err := s.Wait(patience)
	must(t, err)
	if end.Exit != status {
		t.Errorf("status %d, not %d:\n%s", end.Exit, status, end.Log)
	}
	return end.Log, w.trail(t, s.ID)
}

// trail is a session's records, from a trail that is whole.
func (w *world) trail(t *testing.T, session string) (records []audit.Record) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.place.State, "trail", session+".jsonl"))
	must(t, err)
	v, err := audit.Verify(bytes.NewReader(text), audit.Options{})
	if err != nil || v.State != audit.Whole {
		t.Fatalf("the trail is %+v, %v", v, err)
	}
	for line := range strings.Lines(string(text)) {
		var r audit.Record
		must(t, json.Unmarshal([]byte(line), &r))
		records = append(records, r)
	}
	return records
}

// TestApproved: what was signed by enough of the policy's keys, for this place and time, runs once.
func TestApproved(t *testing.T) {
	w := newWorld(t)
	good := w.signed(t, stated(t, runbook, cluster, service, time.Hour), "alice", "bob")
	log, records := w.send(t, runbook, good, 0)
	has(t, log, `opsh: #0 \S+ runbook \d+ bytes sha256 [0-9a-f]{64} approved by 2 keys \[`, `run two ja \[[0-9a-f]{8}\][\x18\s]+ja\s`, `opsh: end 0 exit .* 2 runs, 0 refused`)
	var a *audit.Approval
	for _, r := range records {
		if r.Event == audit.Runbook {
			a = r.Approval
		}
	}
	want, err := approval.Read(good)
	must(t, err)
	if a == nil || a.Number != want.Number || a.Cluster != cluster || a.Service != service || strings.Join(a.Keys, " ") != strings.Join(want.Fingerprints(), " ") {
		t.Errorf("recorded %+v", a)
	}
	log, _ = w.send(t, runbook, good, 126)
	has(t, log, `it was used already`, `0 runs`)
	// Somebody else's statement with the same number is another one, and uses nothing up: not unsigned, nor signed for something else.
	fresh := stated(t, runbook, cluster, service, time.Hour)
	other := strings.Replace(fresh, sum(runbook), sum("none\n"), 1)
	w.send(t, "none\n", w.signed(t, other), 126)
	w.send(t, "none\n", w.signed(t, other, "mallory"), 126)
	w.send(t, runbook, w.signed(t, fresh, "mallory"), 126)
	w.send(t, "none\n", w.signed(t, other, "alice"), 0)
	log, records = w.send(t, runbook, w.signed(t, fresh, "alice", "mallory", "bob"), 0)
	has(t, log, `approved by 2 keys`)
	for _, r := range records {
		if r.Event == audit.Runbook && (len(r.Approval.Keys) != 2 || len(r.Approval.Unknown) != 1) {
			t.Errorf("recorded %+v", r.Approval)
		}
	}
	// One more signature under the same statement is the same approval.
	log, _ = w.send(t, runbook, append(good, good[strings.Index(string(good), "-----BEGIN"):]...), 126)
	has(t, log, `it was used already`)
}

func TestNotApproved(t *testing.T) {
	w := newWorld(t)
	fresh := func(by ...string) []byte { return w.signed(t, stated(t, runbook, cluster, service, time.Hour), by...) }
	const staging = "arn:aws:ecs:ap-northeast-1:111122223333:cluster/staging"
	elsewhere := "arn:aws:ecs:ap-northeast-1:999922223333:cluster/prod-main"
	for _, c := range []struct {
		name   string
		book   string
		joined []byte
		why    string
	}{
		{"nothing", runbook, nil, `two runs only from an approved runbook, with 2\s+signatures`},
		{"nobody signed", runbook, fresh(), `0 holders of the\s+policy's keys signed it,\s+which is enough for no tool`},
		{"only one who doesn't count", runbook, fresh("mallory"), `0 holders of the\s+policy's keys`},
		{"a line that hides another", "# read by alice \rtwo evil\n", nil, `line 1 holds U\+000D, which a reader doesn't\s+see`},
		{"an end that hides the rest", "none\n\x04\ntwo evil\n", nil, `line 2 holds U\+0004`},
		{"one of two signed", runbook, fresh("alice"), `this one\s+has 1`},
		{"one signed twice", runbook, fresh("alice", "alice"), `this one\s+has 1`},
		{"with one who doesn't count", runbook, fresh("alice", "mallory"), `this one\s+has 1`},
		{"another runbook", "two en\nnone\n", fresh("alice", "bob"), `it is for the\s+runbook`},
		{"another cluster", runbook, w.signed(t, stated(t, runbook, staging, service, time.Hour), "alice", "bob"), `it is for the\s+cluster`},
		{"another account", runbook, w.signed(t, stated(t, runbook, elsewhere, service, time.Hour), "alice", "bob"), `it is for the\s+cluster`},
		{"another service", runbook, w.signed(t, stated(t, runbook, cluster, "web", time.Hour), "alice", "bob"), `it is for the\s+service`},
		{"expired", runbook, w.signed(t, stated(t, runbook, cluster, service, -time.Minute), "alice", "bob"), `it\s+expired at`},
		{"good for a year", runbook, w.signed(t, stated(t, runbook, cluster, service, 365*24*time.Hour), "alice", "bob"), `7 days are the\s+most`},
		{"changed after it was signed", runbook, []byte(strings.Replace(string(w.signed(t, stated(t, runbook, cluster, "web", time.Hour), "alice", "bob")), "service web", "service ops", 1)), `it is not over this\s+approval`},
		{"garbage", runbook, []byte("approved, trust me\n"), `the six\s+lines`},
		{"empty", runbook, []byte{}, `the six\s+lines`},
		{"too long", runbook, make([]byte, approval.MaxBytes+1), `its length is over 64 KiB`},
	} {
		t.Run(c.name, func(t *testing.T) {
			log, records := w.send(t, c.book, c.joined, 126)
			has(t, log, c.why)
			for _, r := range records {
				if r.Event == audit.Run && r.Tool == "two" {
					t.Errorf("it ran:\n%s", log)
				}
			}
		})
	}
	for name, answer := range map[string]string{
		"no metadata": "", "no service": strings.Replace(w.metadata, `"ServiceName":"ops"`, `"x":1`, 1), "an ARN without a cluster": strings.Replace(w.metadata, "task/prod-main/", "task/", 1), "not JSON": "<html>",
	} {
		t.Run(name, func(t *testing.T) {
			before := w.metadata
			defer func() { w.metadata = before }()
			w.metadata = answer
			log, _ := w.send(t, runbook, fresh("alice", "bob"), 126)
			has(t, log, `cannot tell which cluster|it is for the\s+service`, `0 runs`)
		})
	}
	// Without a runbook there is nothing that could have been approved.
	log, _ := w.open(t, "opsh -c 'one x'", "", 126)
	has(t, log, `one runs only from an approved runbook, with 1 signature; opsctl\s+approve makes one`)
	log, _ = w.open(t, "opsh -c none", "", 0)
	has(t, log, `opsh: end 0 exit`)
}

// TestOnceForAllTasks: another task of the service, with a state directory of its own, doesn't take a used approval either.
func TestOnceForAllTasks(t *testing.T) {
	moto, credentials := fault.Shared(t), fault.Credentials(t)
	fault.CreateStream(t, moto.URL, "/ecs/approval", "other")
	audit := fmt.Sprintf("cloudwatch = { region = %q, log_group = \"/ecs/approval\" }", fault.Region)
	at, err := url.Parse(credentials.URL)
	must(t, err)
	task := func(name string) *world {
		w := newWorldAt(t, name, audit, httputil.NewSingleHostReverseProxy(at), "awsEndpoint="+moto.URL)
		w.env = []string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=" + credentials.RelativeURI}
		return w
	}
	first, second := task("approval"), task("approval-2")
	second.like(t, first)
	good := first.signed(t, stated(t, runbook, cluster, service, time.Hour), "alice", "bob")
	log, _ := first.send(t, runbook, good, 0)
	has(t, log, `approved by 2 keys`, `opsh: end 0 exit .* 2 runs`)
	log, _ = second.send(t, runbook, good, 126)
	has(t, log, `its number can't be had in the log group:\s+it was used already`, `0 runs`)
	// Where nobody can be asked nothing is taken.
	credentials.Fail(500)
	log, _ = second.send(t, runbook, first.signed(t, stated(t, runbook, cluster, service, time.Hour), "alice", "bob"), 126)
	has(t, log, `its number can't be had in the log group:\s+cannot get the task's credentials`, `0 runs`)
	credentials.Fail(0)
}

// TestEachToolItsOwn: one signature is enough for one tool of a runbook, and not for the other.
func TestEachToolItsOwn(t *testing.T) {
	w := newWorld(t)
	book := "one a\nnone\ntwo b\n"
	log, _ := w.send(t, book, w.signed(t, stated(t, book, cluster, service, time.Hour), "bob"), 126)
	has(t, log, `run one a \[[0-9a-f]{8}\][\x18\s]+a\s`, `this one\s+has 1`, `stopped at line 3`, `2 runs, 1 refused`)
}

func has(t *testing.T, log string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !regexp.MustCompile(w).MatchString(log) {
			t.Errorf("no %s in\n%s", w, log)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
