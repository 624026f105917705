package fault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
)

// bench is a proxy before the shared moto, with a stream of the test's own.
type bench struct {
	*Proxy
	moto          *Moto
	group, stream string
	sent          int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{moto: Shared(t), group: "/test/" + t.Name(), stream: "one"}
	b.Proxy = NewProxy(t, b.moto.URL)
	CreateStream(t, b.moto.URL, b.group, b.stream)
	return b
}

// put sends n events by the SDK. Their messages count up over the test.
func (b *bench) put(n int, atMost time.Duration) (*cloudwatchlogs.PutLogEventsOutput, error) {
	var events []types.InputLogEvent
	now := time.Now().UnixMilli()
	for range n {
		b.sent++
		events = append(events, types.InputLogEvent{Message: aws.String(fmt.Sprint(b.sent)), Timestamp: aws.Int64(now)})
	}
	return b.putEvents(events, atMost)
}

func (b *bench) putEvents(events []types.InputLogEvent, atMost time.Duration) (*cloudwatchlogs.PutLogEventsOutput, error) {
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	return Client(b.URL).PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: &b.group, LogStreamName: &b.stream, LogEvents: events})
}

func (b *bench) stored(t *testing.T) string {
	t.Helper()
	return strings.Join(Events(t, b.moto.URL, b.group, b.stream), " ")
}

const long = time.Minute

// TestFaults: for each fault, what the real client is told, and what was stored of an event 1 with the fault and a 2 behind it.
func TestFaults(t *testing.T) {
	code := func(want, text string) func(error) bool {
		return func(err error) bool {
			var api smithy.APIError
			return errors.As(err, &api) && api.ErrorCode() == want && strings.Contains(api.ErrorMessage(), text)
		}
	}
	status := func(want int) func(error) bool {
		return func(err error) bool {
			var with interface{ HTTPStatusCode() int }
			return errors.As(err, &with) && with.HTTPStatusCode() == want
		}
	}
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	none := func(err error) bool { return err == nil }
	short := 30 * time.Millisecond
	for _, c := range []struct {
		name   string
		fault  Fault
		want   func(error) bool
		stored string
	}{
		{"none", None(), none, "1 2"},
		{"zero", Fault{}, none, "1 2"},
		{"refuse", Refuse(), is(io.EOF), "2"},
		{"reset before", ResetBefore(), is(syscall.ECONNRESET), "2"},
		{"reset after", ResetAfter(), func(err error) bool { return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF) }, "1 2"},
		{"500", Status(500, ""), status(500), "2"},
		{"502 with a page", Status(502, "<html><h1>Bad Gateway</h1></html>"), status(502), "2"},
		{"503 of the service", Status(503, `{"__type":"ServiceUnavailableException","message":"x"}`), code("ServiceUnavailableException", "x"), "2"},
		{"500 after", StatusAfter(500, ""), status(500), "1 2"},
		{"503 after", StatusAfter(503, "x"), status(503), "1 2"},
		{"throttle", Throttle(), code("ThrottlingException", "Rate exceeded"), "2"},
		{"access denied", AccessDenied(), code("AccessDeniedException", "not authorized to perform: logs:PutLogEvents on resource: "+
			"arn:aws:logs:ap-northeast-1:123456789012:log-group:/test/TestFaults/access_denied:log-stream:one because"), "2"},
		{"expired token", ExpiredToken(), code("ExpiredTokenException", "expired"), "2"},
		{"stall", Stall(short), is(io.EOF), "2"},
		{"late", Late(short), none, "1 2"},
		{"slow", Slow(short), none, "1 2"},
		{"kms", KMS(), code("AccessDeniedException", "KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:"), "2"},
		{"group missing", GroupMissing(), code("ResourceNotFoundException", "log group does not"), "2"},
		{"stream missing", StreamMissing(), code("ResourceNotFoundException", "log stream does not"), "2"},
		{"too new", TooNew(0), none, "2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.Set(Script(c.fault))
			began := time.Now()
			if _, err := b.put(1, long); !c.want(err) {
				t.Errorf("the client was told: %v", err)
			}
			if took := time.Since(began); took < c.fault.For {
				t.Errorf("it took %s", took)
			}
			if _, err := b.put(1, long); err != nil {
				t.Fatalf("the request behind the fault: %v", err)
			}
			if got := b.stored(t); got != c.stored {
				t.Errorf("stored: %q, want %q", got, c.stored)
			}
			kind := c.fault.Kind
			if kind == "" {
				kind = KindNone
			}
			if n := b.Seen()[Count{"PutLogEvents", kind}]; n == 0 || b.Requests("PutLogEvents") != 2 {
				t.Errorf("seen: %v", b.Seen())
			}
			b.CheckLimits(t)
		})
	}
}

// TestPlainReset: without an SDK around it, so that what is on the wire is what was meant.
func TestPlainReset(t *testing.T) {
	b := newBench(t)
	do := func(f Fault) (*http.Response, error) {
		b.Set(Always(f))
		r, err := http.NewRequest(http.MethodPost, b.URL, strings.NewReader(`{"limit": 50}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		return (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	}
	a, err := do(ResetAfter())
	if err != nil {
		t.Fatalf("the head did not come: %v", err)
	}
	defer a.Body.Close() //nolint:errcheck // it was cut
	body, err := io.ReadAll(a.Body)
	if a.StatusCode != 200 || !errors.Is(err, syscall.ECONNRESET) || len(body) == 0 || int64(len(body)) >= a.ContentLength {
		t.Errorf("%d with %d of %d bytes, then %v", a.StatusCode, len(body), a.ContentLength, err)
	}
	if _, err := do(ResetBefore()); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reset before: %v", err)
	}
	if _, err := do(Refuse()); !errors.Is(err, io.EOF) {
		t.Errorf("refuse: %v", err)
	}
	a, err = do(Throttle())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // read whole
	if body, err = io.ReadAll(a.Body); err != nil || string(body) != `{"__type":"ThrottlingException","message":"Rate exceeded"}` ||
		a.Header.Get("x-amzn-errortype") != "ThrottlingException" || a.StatusCode != 400 {
		t.Errorf("throttle: %d %v %s %v", a.StatusCode, a.Header, body, err)
	}
}

func TestDownAndUp(t *testing.T) {
	b := newBench(t)
	for range 3 {
		b.Down()
		if _, err := b.put(1, long); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("down: %v", err)
		}
		b.Up()
		if _, err := b.put(1, long); err != nil {
			t.Errorf("up: %v", err)
		}
	}
	if got := b.stored(t); got != "2 4 6" {
		t.Errorf("stored: %s", got)
	}
}

// TestLateAfterTheRetry: the client gives up, its retry is stored, and then what it gave up. That is no overlap of its making.
func TestLateAfterTheRetry(t *testing.T) {
	b := newBench(t)
	b.Set(Script(Late(800*time.Millisecond), None(), Stall(time.Hour), None()))
	for i := range 2 {
		if _, err := b.put(1, 250*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("request %d: %v", i, err)
		}
		if _, err := b.put(1, long); err != nil {
			t.Error(err)
		}
	}
	for give := time.Now().Add(10 * time.Second); len(Events(t, b.moto.URL, b.group, b.stream)) < 3 && time.Now().Before(give); {
		time.Sleep(20 * time.Millisecond)
	}
	got := Events(t, b.moto.URL, b.group, b.stream)
	slices.Sort(got)
	if strings.Join(got, " ") != "1 2 4" {
		t.Errorf("stored: %v", got)
	}
	b.CheckLimits(t)
}

// TestOverlap: two at once on one stream are noticed, two on different ones are not.
func TestOverlap(t *testing.T) {
	b := newBench(t)
	b.Set(Always(Slow(100 * time.Millisecond)))
	other := *b
	other.stream = "two"
	CreateStream(t, b.moto.URL, b.group, "two")
	twoAtOnce := func(second *bench) int {
		before := len(b.Batches())
		done := make(chan error)
		go func() { _, err := b.put(1, long); done <- err }()
		for len(b.Batches()) == before {
			time.Sleep(time.Millisecond)
		}
		_, err := second.putEvents([]types.InputLogEvent{{Message: aws.String("x"), Timestamp: aws.Int64(time.Now().UnixMilli())}}, long)
		if err = errors.Join(err, <-done); err != nil {
			t.Error(err)
		}
		return b.Batches()[before+1].Overlaps
	}
	if n := twoAtOnce(&other); n != 0 {
		t.Errorf("on two streams: %d", n)
	}
	if n := twoAtOnce(b); n != 3 {
		t.Errorf("on one stream: %d, want the third request", n)
	}
	said := &recorder{TB: t}
	if b.CheckLimits(said); said.errors != 1 {
		t.Errorf("CheckLimits reported %d", said.errors)
	}
}

// recorder counts what a check reports.
type recorder struct {
	testing.TB
	errors int
}

func (r *recorder) Errorf(string, ...any) { r.errors++ }
