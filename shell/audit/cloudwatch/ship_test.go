package cloudwatch

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"opsh/shell/audit"
	"opsh/shell/ship"
	"opsh/shell/taskrole"
	"opsh/test/fault"
)

// cloud is moto behind a proxy, a log group, and a task's credentials.
type cloud struct {
	moto        *fault.Moto
	proxy       *fault.Proxy
	credentials *fault.CredentialsServer
	target      Target
}

var groups atomic.Int64

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{moto: fault.Shared(t), credentials: fault.Credentials(t)}
	c.proxy = fault.NewProxy(t, c.moto.URL)
	c.proxy.Require(c.credentials.Valid)
	c.target = Target{ship.Logs{
		Region: fault.Region, LogGroup: fmt.Sprintf("/ecs/test-%d", groups.Add(1)),
		Role: taskrole.Role{Endpoint: c.proxy.URL, CredentialsHost: c.credentials.URL, CredentialsURI: c.credentials.RelativeURI},
	}}
	fault.CreateStream(t, c.moto.URL, c.target.LogGroup, "other")
	return c
}

// trail is a real one, in memory: the disk isn't what is tested here.
func newTrail(t *testing.T, now func() time.Time) *audit.Trail {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "opsh-test-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	trail, err := audit.Create(dir, "session-"+filepath.Base(dir)[10:], now)
	must(t, err)
	t.Cleanup(func() { trail.Close() })
	return trail
}

// write appends n records, the first of which begins the trail where it is new.
func write(t *testing.T, trail *audit.Trail, n int) {
	t.Helper()
	for i := range n {
		r := audit.Record{Event: audit.Run, Command: i, Line: "mysql -e 'SELECT 1'", Words: []string{"mysql", "-e", "SELECT 1"}, Path: "/usr/bin/mysql"}
		if trail.Size() == 0 {
			r = audit.Record{Event: audit.Begin, Reason: "障害対応"}
		}
		_, err := trail.Append(r)
		must(t, err)
	}
}

func lines(t *testing.T, trail *audit.Trail) []string {
	t.Helper()
	content, err := os.ReadFile(trail.Path())
	must(t, err)
	return strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
}

// ship ships the trail as it is now, and waits for all of it.
func (c *cloud) ship(t *testing.T, trail *audit.Trail, atMost time.Duration) {
	t.Helper()
	f, err := os.Open(trail.Path())
	must(t, err)
	defer f.Close()
	s := c.target.Ship(f, trail.Session(), time.Now)
	defer s.End()
	s.More(trail.Size())
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	must(t, s.Await(ctx, trail.Size()))
}

// holds says that the stream is exactly the trail, but for repeated events, which it counts.
func (c *cloud) holds(t *testing.T, trail *audit.Trail) (repeated int) {
	t.Helper()
	want := lines(t, trail)
	seen := map[string]bool{}
	var got []string
	for _, e := range fault.Events(t, c.moto.URL, c.target.LogGroup, trail.Session()) {
		if seen[e] {
			repeated++
			continue
		}
		seen[e] = true
		got = append(got, e)
	}
	// Where the service rejected a record's time it was sent as one of later, so the stream's order may differ; the records' may not.
	slices.SortStableFunc(got, func(a, b string) int { return seq(t, a) - seq(t, b) })
	if !slices.Equal(got, want) {
		t.Fatalf("the stream holds %d records, the trail %d, and they differ", len(got), len(want))
	}
	c.proxy.CheckLimits(t)
	return repeated
}

func seq(t *testing.T, line string) int {
	t.Helper()
	r, err := audit.Parse([]byte(line))
	must(t, err)
	return r.Seq
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestShips(t *testing.T) {
	c := newCloud(t)
	trail := newTrail(t, time.Now)
	write(t, trail, 3)
	c.ship(t, trail, 20*time.Second)
	write(t, trail, 25_000) // some batches
	c.ship(t, trail, 60*time.Second)
	if n := c.holds(t, trail); n != 0 {
		t.Errorf("%d events are there twice", n)
	}
	if n := c.proxy.Requests("PutLogEvents"); n > 20 {
		t.Errorf("%d requests: records aren't batched", n)
	}
	requests := c.proxy.Requests("PutLogEvents")
	c.ship(t, trail, 20*time.Second) // nothing is left
	if n := c.proxy.Requests("PutLogEvents") - requests; n != 0 {
		t.Errorf("%d requests with nothing to send", n)
	}
}

// TestEachFault: what a fault kept from arriving arrives behind it, whatever the fault.
func TestEachFault(t *testing.T) {
	for _, f := range []fault.Fault{
		fault.Refuse(), fault.ResetBefore(), fault.ResetAfter(), fault.Status(503, ""), fault.Status(500, "{}"), fault.StatusAfter(502, "<html>"), fault.Throttle(),
		fault.AccessDenied(), fault.ExpiredToken(), fault.Stall(time.Second), fault.Late(200 * time.Millisecond), fault.Slow(time.Second),
		fault.TooNew(3), fault.TooNew(0), fault.TooOld(4), fault.TooOld(10), fault.Expired(2), fault.KMS(), fault.GroupMissing(), fault.StreamMissing(),
	} {
		t.Run(fmt.Sprint(f), func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			trail := newTrail(t, time.Now)
			write(t, trail, 10)
			c.proxy.Set(fault.Script(f, fault.None(), f))
			c.ship(t, trail, 30*time.Second)
			write(t, trail, 10)
			c.ship(t, trail, 30*time.Second)
			repeated := c.holds(t, trail)
			if again := f.Kind == fault.KindResetAfter || f.Kind == fault.KindStatusAfter; repeated > 0 && !again {
				t.Errorf("%d events are there twice", repeated)
			}
		})
	}
}

// TestStall: a service that says nothing for 30 seconds is not waited for so long.
func TestStall(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	trail := newTrail(t, time.Now)
	write(t, trail, 2)
	c.proxy.Set(fault.Script(fault.Stall(30 * time.Second)))
	c.ship(t, trail, 20*time.Second)
	c.holds(t, trail)
}

// TestOutage: while nothing answers, why is known; when it is over, all is sent.
func TestOutage(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	trail := newTrail(t, time.Now)
	write(t, trail, 2)
	c.proxy.Down()
	f, err := os.Open(trail.Path())
	must(t, err)
	defer f.Close()
	s := c.target.Ship(f, trail.Session(), time.Now)
	defer s.End()
	s.More(trail.Size())
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.Await(ctx, trail.Size()); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("while nothing listens: %v", err)
	}
	if state, _ := s.State(); !strings.Contains(state.Hint, "VPC endpoint") {
		t.Errorf("hint %q", state.Hint)
	}
	write(t, trail, 5)
	s.More(trail.Size())
	c.proxy.Up()
	ctx, cancel = context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	must(t, s.Await(ctx, trail.Size()))
	if state, _ := s.State(); state.Trouble != "" {
		t.Errorf("the trouble is over, and the state says %q", state.Trouble)
	}
	c.holds(t, trail)
}

// TestMix is the audit trail's promise: 100,000 records through every kind of fault, each in the stream.
func TestMix(t *testing.T) {
	c := newCloud(t)
	trail := newTrail(t, time.Now)
	write(t, trail, 1)
	c.proxy.Set(fault.Mix(1, 0.4, 300*time.Millisecond))
	f, err := os.Open(trail.Path())
	must(t, err)
	defer f.Close()
	s := c.target.Ship(f, trail.Session(), time.Now)
	defer s.End()
	start := time.Now()
	for n := 1; n < 100_000; n += 1000 { // sent while it is written, as in a session
		write(t, trail, 1000)
		s.More(trail.Size())
	}
	_, err = trail.Append(audit.Record{Event: audit.End, Status: new(int), Category: audit.CategoryExit})
	must(t, err)
	s.More(trail.Size())
	t.Logf("written in %v", time.Since(start))
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	must(t, s.Await(ctx, trail.Size()))
	t.Logf("shipped in %v", time.Since(start))
	repeated := c.holds(t, trail)
	t.Logf("%d repeated, %v", repeated, c.proxy.Seen())
	if repeated == 0 {
		t.Error("no event is there twice: the faults have not happened")
	}
	opsctl := filepath.Join(t.TempDir(), "opsctl")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", opsctl, "opsh/cmd/opsctl").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	verify := exec.Command(opsctl, "verify", "logs:"+c.target.LogGroup+":"+trail.Session())
	verify.Env = fault.Environ(c.moto.URL)
	start = time.Now()
	out, err = verify.CombinedOutput()
	t.Logf("verified in %v", time.Since(start))
	for _, want := range []string{": WHOLE", "100002, from", fmt.Sprintf("%d records came again", repeated)} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%v, no %q in what opsctl says:\n%s", err, want, out)
		}
	}
}

// TestCredentials: they are fetched again when they expire, and nothing else of the endpoint is asked.
func TestCredentials(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	trail := newTrail(t, time.Now)
	write(t, trail, 2)
	c.ship(t, trail, 20*time.Second)
	c.credentials.Rotate(6 * time.Hour)
	c.credentials.Fail(500)
	f, err := os.Open(trail.Path())
	must(t, err)
	defer f.Close()
	s := c.target.Ship(f, trail.Session(), time.Now)
	defer s.End()
	write(t, trail, 2)
	s.More(trail.Size())
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.Await(ctx, trail.Size()); err == nil || !strings.Contains(err.Error(), "cannot get the task's credentials") {
		t.Errorf("without credentials: %v", err)
	}
	if state, _ := s.State(); !strings.Contains(state.Hint, "taskRoleArn") {
		t.Errorf("hint %q", state.Hint)
	}
	c.credentials.Fail(0)
	ctx, cancel = context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	must(t, s.Await(ctx, trail.Size()))
	c.holds(t, trail)
	if strays := c.credentials.Strays(); len(strays) > 0 {
		t.Errorf("the endpoint was asked for %v", strays)
	}
}
