// Package record shows that nothing runs unrecorded and that what is recorded arrives: the built opsh against moto's CloudWatch Logs, through a
// proxy that fails as told.
package record

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"opsh/shell/audit"
	"opsh/test/fault"
	"opsh/test/fixture"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

// base is the package's directory: root's, as opsh demands.
var base string

func TestMain(m *testing.M) {
	status, err := inDir(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func inDir(m *testing.M) (status int, err error) {
	dir, remove, err := fixture.Dir("record")
	if err != nil {
		return 1, err
	}
	defer remove()
	base = dir
	flag.Parse()
	// Most of the time a test waits: for what it has cut off, or until it is given up.
	if err := flag.Set("test.parallel", "8"); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// worlds counts them: each has uids of its own, since each has a state directory of its own, which is where opsh sees what is taken.
var worlds atomic.Int64

// perWorld is how many uids one has, and with them how many sessions at once, but one.
const perWorld = 8

// uids are those of the next world.
func uids(t *testing.T) string {
	t.Helper()
	var first, last int
	_, err := fmt.Sscanf(fixture.RecordUIDs, "%d-%d", &first, &last)
	must(t, err)
	first += int(worlds.Add(1)-1) * perWorld
	if first+perWorld-1 > last {
		t.Fatal("too many worlds: give fixture.RecordUIDs more")
	}
	return fmt.Sprintf("%d-%d", first, first+perWorld-1)
}

// world is an opsh that was built for a cloud of the test's own.
type world struct {
	place       fixture.Place
	moto        *fault.Moto
	proxy       *fault.Proxy
	credentials *fault.CredentialsServer
	group       string
	marks       string // a directory that tools may write to
}

// build makes the world. whenDown is the policy's.
func build(t *testing.T, whenDown string) *world {
	t.Helper()
	w := &world{moto: fault.Shared(t), credentials: fault.Credentials(t), group: "/ecs/" + t.Name()}
	w.proxy = fault.NewProxy(t, w.moto.URL)
	w.proxy.Require(w.credentials.Valid)
	fault.CreateStream(t, w.moto.URL, w.group, "other")
	dir := filepath.Join(base, t.Name())
	must(t, os.Mkdir(dir, 0o755))
	w.marks = filepath.Join(dir, "marks")
	must(t, os.Mkdir(w.marks, 0o755))
	must(t, os.Chmod(w.marks, 0o777|os.ModeSticky))
	var err error
	w.place, err = fixture.Install(dir, "awsEndpoint="+w.proxy.URL, "credentialsHost="+w.credentials.URL, "agentLogs="+filepath.Join(dir, "agent"))
	must(t, err)
	must(t, w.place.WritePolicy(fmt.Sprintf(`version = 1
[session]
origin = "any"
uids = "%s"
[audit]
when_down = "%s"
cloudwatch = { region = "%s", log_group = "%s" }
[tool.touch]
path = "/usr/bin/touch"
user = "nobody"
allow = ["touch FILE"]
where.FILE = "any"
[tool.sleep]
path = "/usr/bin/sleep"
user = "nobody"
allow = ["sleep SECONDS"]
where.SECONDS = "any"
`, uids(t), whenDown, fault.Region, w.group)))
	t.Cleanup(func() { w.settled(t) })
	return w
}

// opsh is a session that isn't started yet.
func (w *world) opsh(t *testing.T, stdin string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command(w.place.Opsh, args...)
	cmd.Stdin = strings.NewReader(stdin)
	// What a task's environment holds, and what may not have a say.
	cmd.Env = []string{"PATH=/usr/bin:/bin", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=" + w.credentials.RelativeURI,
		"HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_REGION=us-east-1",
		"SSL_CERT_FILE=/dev/null", "AWS_ACCESS_KEY_ID=AKIAOTHER", "AWS_SECRET_ACCESS_KEY=other"}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &out, patience
	return cmd, &out
}

// run is a session from start to end.
func (w *world) run(t *testing.T, stdin string, args ...string) (out string, status int) {
	t.Helper()
	cmd, b := w.opsh(t, stdin, args...)
	var exited *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return b.String(), cmd.ProcessState.ExitCode()
}

// trails are the paths of all trails.
func (w *world) trails(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(w.place.State, "trail", "*.jsonl"))
	must(t, err)
	return all
}

// verify checks a trail's file.
func verify(t *testing.T, path string) (audit.Verdict, []audit.Record) {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	var records []audit.Record
	v := audit.NewVerifier(audit.Options{Each: func(r audit.Record) { records = append(records, r) }})
	for l := range bytes.Lines(content) {
		v.Line(bytes.TrimSuffix(l, []byte("\n")))
	}
	return v.Finish(), records
}

// shipped waits until a trail is done, and holds its stream against it.
func (w *world) shipped(t *testing.T, path string) []audit.Record {
	t.Helper()
	w.until(t, path+" is done", func() bool {
		_, err := os.Stat(path + ".done")
		return err == nil
	})
	verdict, records := verify(t, path)
	if verdict.State == audit.Broken {
		t.Errorf("%s: %+v", path, verdict)
	}
	content, err := os.ReadFile(path)
	must(t, err)
	var got []string
	for _, e := range fault.Events(t, w.moto.URL, w.group, strings.TrimSuffix(filepath.Base(path), ".jsonl")) {
		if !slices.Contains(got, e) {
			got = append(got, e)
		}
	}
	if want := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n"); !slices.Equal(got, want) {
		t.Errorf("%s has %d records, its stream %d:\n%s", path, len(want), len(got), strings.Join(got, "\n"))
	}
	wantStatus := 0
	if verdict.State == audit.Open {
		wantStatus = 3
	}
	if out, status := w.opsctl(t, "verify", "logs:"+w.group+":"+strings.TrimSuffix(filepath.Base(path), ".jsonl")); status != wantStatus {
		t.Errorf("opsctl verify, status %d, want %d:\n%s", status, wantStatus, out)
	}
	return records
}

func (w *world) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for give := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(give) {
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// processes are the world's own that run: opsh and watchers.
func (w *world) processes(t *testing.T) (all []*os.Process) {
	t.Helper()
	exes, err := filepath.Glob("/proc/[0-9]*/exe")
	must(t, err)
	for _, exe := range exes {
		if path, err := os.Readlink(exe); err != nil || filepath.Dir(path) != filepath.Dir(w.place.Opsh) {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(exe, "/proc/%d/exe", &pid); err != nil || pid < 2 {
			continue
		}
		p, err := os.FindProcess(pid)
		must(t, err)
		all = append(all, p)
	}
	return all
}

// killed kills a session's opsh and its watcher at once, so that none closes the trail for the other, and returns when they are gone, and with them their locks.
func (w *world) killed(t *testing.T, opsh *exec.Cmd) {
	t.Helper()
	for _, signal := range []os.Signal{syscall.SIGSTOP, syscall.SIGKILL} {
		for _, p := range w.processes(t) {
			must(t, p.Signal(signal))
		}
	}
	opsh.Wait() //nolint:errcheck // it was killed
	w.until(t, "they are gone", func() bool { return len(w.processes(t)) == 0 })
}

// settled ends what a failed test left: a watcher that goes on shipping.
func (w *world) settled(t *testing.T) {
	t.Helper()
	for _, p := range w.processes(t) {
		p.Kill() //nolint:errcheck // it may have ended by itself
	}
}

func (w *world) ran(name string) bool {
	_, err := os.Stat(filepath.Join(w.marks, name))
	return err == nil
}

// mark is a command that leaves evidence that it ran.
func (w *world) mark(name string) string { return "touch " + filepath.Join(w.marks, name) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
