package cloudwatch

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"opsh/shell/taskrole"
	"opsh/test/fault"
)

// TestResume: another process goes on where the last one got to, as far as the note beside the trail can be believed.
func TestResume(t *testing.T) {
	for name, test := range map[string]struct {
		harm     func(t *testing.T, c *cloud, path string)
		repeated int
	}{
		"the note":                 {func(*testing.T, *cloud, string) {}, 0},
		"no note":                  {func(t *testing.T, _ *cloud, path string) { must(t, os.Remove(path+ackedSuffix)) }, 5},
		"half a note":              {func(t *testing.T, _ *cloud, path string) { must(t, os.Truncate(path+ackedSuffix, 20)) }, 5},
		"a note of another group":  {func(t *testing.T, _ *cloud, path string) { edit(t, path+ackedSuffix, "/ecs/test", "/ecs/rest") }, 5},
		"a note of another place":  {func(t *testing.T, _ *cloud, path string) { edit(t, path+ackedSuffix, `"Offset":`, `"Offset":1`) }, 5},
		"a note of another trail":  {func(t *testing.T, _ *cloud, path string) { edit(t, path+ackedSuffix, `"Line":"`, `"Line":"0`) }, 5},
		"a stream that is deleted": {func(t *testing.T, c *cloud, path string) { c.deleteStreams(t) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			trail := newTrail(t, time.Now)
			write(t, trail, 5)
			c.ship(t, trail, 20*time.Second)
			if !c.target.Shipped(trail.Path()) {
				t.Error("it isn't said to be shipped")
			}
			test.harm(t, c, trail.Path())
			if shipped := c.target.Shipped(trail.Path()); shipped != (test.repeated == 0) {
				t.Errorf("shipped: %v", shipped)
			}
			write(t, trail, 5)
			if c.target.Shipped(trail.Path()) {
				t.Error("what was written since is said to be shipped")
			}
			c.ship(t, trail, 20*time.Second)
			if n := c.holds(t, trail); n != test.repeated {
				t.Errorf("%d events are there twice, want %d", n, test.repeated)
			}
		})
	}
}

func edit(t *testing.T, path, from, to string) {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	if !strings.Contains(string(content), from) {
		t.Fatalf("%s holds no %s: %s", path, from, content)
	}
	must(t, os.WriteFile(path, []byte(strings.Replace(string(content), from, to, 1)), 0o600))
}

func (c *cloud) deleteStreams(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	logs := fault.Client(c.moto.URL)
	all, err := logs.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &c.target.LogGroup})
	must(t, err)
	for _, s := range all.LogStreams {
		_, err := logs.DeleteLogStream(ctx, &cloudwatchlogs.DeleteLogStreamInput{LogGroupName: &c.target.LogGroup, LogStreamName: s.LogStreamName})
		must(t, err)
	}
}

// TestForeignLines: what isn't a record is shipped as it stands, between the records: who verifies the stream shall see it.
func TestForeignLines(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	trail := newTrail(t, time.Now)
	write(t, trail, 2)
	f, err := os.OpenFile(trail.Path(), os.O_APPEND|os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	_, err = f.WriteString("not a record\n\n" + strings.Repeat("x", 1_100_000)[:1_040_000] + "\n{}\n")
	must(t, err)
	st, err := f.Stat()
	must(t, err)
	s := c.target.Ship(f, trail.Session(), time.Now)
	defer s.End()
	s.More(st.Size())
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	must(t, s.Await(ctx, st.Size()))
	got := fault.Events(t, c.moto.URL, c.target.LogGroup, trail.Session())
	if len(got) != 6 || got[2] != "not a record" || got[3] != " " || len(got[4]) != maxEventBytes || got[5] != "{}" {
		t.Errorf("got %d events, %.100q", len(got), got)
	}
	c.proxy.CheckLimits(t)
}

// TestClockOfYesterday: a batch spans less than a day, however the clock jumps.
func TestClockOfYesterday(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	now := time.Now().Add(-72 * time.Hour)
	trail := newTrail(t, func() time.Time { now = now.Add(8 * time.Hour); return now })
	write(t, trail, 9)
	c.ship(t, trail, 20*time.Second)
	if n := c.holds(t, trail); n != 0 {
		t.Errorf("%d events are there twice", n)
	}
}

// TestNothingElseDecides: no variable of the environment and no answer leads the client elsewhere.
func TestNothingElseDecides(t *testing.T) {
	var strays atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		strays.Add(1)
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(elsewhere.Close)
	config := t.TempDir() + "/config"
	must(t, os.WriteFile(config, []byte("[default]\nregion = us-east-1\nendpoint_url = "+elsewhere.URL+"\nmax_attempts = 9\n"), 0o600))
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LOGS",
		"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT"} {
		t.Setenv(name, elsewhere.URL)
	}
	t.Setenv("NO_PROXY", "")
	for name, value := range map[string]string{"AWS_REGION": "us-east-1", "AWS_PROFILE": "other", "AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": config,
		"AWS_ACCESS_KEY_ID": "AKIAOTHER", "AWS_SECRET_ACCESS_KEY": "other", "AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"} {
		t.Setenv(name, value)
	}
	c := newCloud(t)
	trail := newTrail(t, time.Now)
	write(t, trail, 5)
	c.ship(t, trail, 20*time.Second)
	c.holds(t, trail)
	if found := c.target.Prove(context.Background(), "probe", "a record", time.Now()); len(found) != 0 {
		t.Errorf("found %v", found)
	}
	redirecting := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(redirecting.Close)
	led := c.target
	led.Endpoint = redirecting.URL
	if found := led.Prove(context.Background(), "probe2", "a record", time.Now()); len(found) == 0 {
		t.Error("a redirect was taken for an answer")
	}
	if n := strays.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestCheckTarget(t *testing.T) {
	for uri, ok := range map[string]bool{
		"/v2/credentials/0123": true, "": false, ".example.org/": false, "@example.org/": false, ":8080/x": false, "http://example.org/": false, "/\x00": false,
	} {
		if err := (taskrole.Role{CredentialsHost: "http://169.254.170.2", CredentialsURI: uri}).Check(); (err == nil) != ok {
			t.Errorf("%q: %v", uri, err)
		}
	}
}
