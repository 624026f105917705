package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"opsh/cmd/internal/entry"
	"opsh/cmd/opsctl/internal/ecs"
)

func conf() aws.Config {
	return aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "session")}
}

// TestAddress: nobody but a function URL of AWS's is asked, and by TLS. No server here is: nothing is sent.
func TestAddress(t *testing.T) {
	for address, signs := range map[string]string{
		"https://abc123.lambda-url.eu-west-1.on.aws/":                     "eu-west-1",
		"https://abc123.lambda-url.us-gov-west-1.on.aws":                  "us-gov-west-1",
		"http://abc123.lambda-url.eu-west-1.on.aws/":                      "",
		"https://abc123.lambda-url.eu-west-1.on.aws.evil.example/":        "",
		"https://evil.example/https://abc123.lambda-url.eu-west-1.on.aws": "",
		"https://evil.example#abc123.lambda-url.eu-west-1.on.aws/":        "",
		"https://abc123.lambda-url.eu-west-1.on.aws@evil.example/":        "",
		"https://user@abc123.lambda-url.eu-west-1.on.aws/":                "",
		"https://abc123.lambda-url.eu-west-1.on.aws:8443/":                "",
		"https://abc123.lambda-url.eu-west-1.on.aws/x":                    "",
		"https://abc123.lambda-url.eu-west-1.on.aws/?x":                   "",
		"https://abc123.lambda-url.eu-west-1.on.aws/\n":                   "",
		"https://127.0.0.1:1/":                                            "",
		"http://127.0.0.1:1/":                                             "",
		"http://localhost:1/":                                             "",
		"direct":                                                          "",
	} {
		c, err := New(conf(), address, false, time.Now)
		if (err == nil) != (signs != "") || err == nil && c.signs != signs {
			t.Errorf("%s: %v, %v", address, c, err)
		}
	}
	for address, ok := range map[string]bool{"http://127.0.0.1:1/": true, "http://127.0.0.1.evil.example:1/": false, "http://evil.example/": false, "http://127.0.0.1:1@evil.example/": false} {
		if _, err := New(conf(), address, true, time.Now); (err == nil) != ok {
			t.Errorf("linked for tests, %s: %v", address, err)
		}
	}
}

// reply is what a server answers.
type reply struct {
	status int
	body   string
}

// asked is a request as the server saw it.
type asked struct {
	http.Header
	entry.Request
	path string
}

// serve answers one after the other, the last again and again.
func serve(t *testing.T, replies ...reply) (c *Client, seen *[]asked) {
	t.Helper()
	seen = &[]asked{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := asked{Header: r.Header, path: r.Method + " " + r.URL.String()}
		text, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(text, &a.Request) != nil {
			t.Errorf("%v: %s", err, text)
		}
		*seen = append(*seen, a)
		one := replies[min(len(*seen), len(replies))-1]
		if one.status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(one.status)
		io.WriteString(w, one.body)
	}))
	t.Cleanup(s.Close)
	c, err := New(conf(), s.URL+"/", true, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	c.Pause = time.Millisecond
	return c, seen
}

const (
	session = "ecs-execute-command-0a1b2c3d4e5f6a7b8"
	stream  = "wss://ssmmessages.eu-west-1.amazonaws.com/v1/data-channel/" + session + "?role=publish_subscribe"
)

func opened(session, stream, token string) reply {
	return reply{200, fmt.Sprintf(`{"sessionId":%q,"streamUrl":%q,"tokenValue":%q}`, session, stream, token)}
}

func no(status int, code, text, now string) reply {
	return reply{status, fmt.Sprintf(`{"code":%q,"error":%q,"now":%q}`, code, text, now)}
}

func TestStart(t *testing.T) {
	one := ecs.Candidate{Region: "eu-west-1", Cluster: "prod", Task: strings.Repeat("0", 32), Container: "ops"}
	const clock = "2026-11-25T09:00:00.123456789Z"
	for name, test := range map[string]struct {
		replies []reply
		n       int    // requests
		wrong   string // a part of the error; empty: none
	}{
		"it opens":                    {[]reply{opened(session, stream, "t")}, 1, ""},
		"in China":                    {[]reply{opened(session, strings.Replace(stream, ".com/", ".com.cn/", 1), "t")}, 1, ""},
		"no room at first":            {[]reply{{429, `{"Message":"Rate Exceeded."}`}, {429, ""}, opened(session, stream, "t")}, 3, ""},
		"no room":                     {[]reply{{429, `{"Message":"Rate Exceeded."}`}}, 5, "has no room"},
		"another clock":               {[]reply{no(409, "stale", "x", clock), opened(session, stream, "t")}, 2, ""},
		"a clock that runs away":      {[]reply{no(409, "stale", "not just now", clock)}, 5, "not just now"},
		"stale without a clock":       {[]reply{no(409, "stale", "x", "soon")}, 1, "says no time"},
		"too many requests":           {[]reply{no(429, "limited", "too many", "")}, 1, "the broker refused: too many"},
		"denied":                      {[]reply{no(403, "denied", "you may not", "")}, 1, "the broker refused: you may not"},
		"replayed":                    {[]reply{no(409, "replayed", "made before", "")}, 1, "the broker refused: made before"},
		"failed":                      {[]reply{no(502, "failed", "AWS", "")}, 1, "the broker failed: AWS"},
		"refused by AWS":              {[]reply{{403, `{"Message":"Forbidden"}`}}, 1, "these credentials"},
		"no function":                 {[]reply{{404, ""}}, 1, "no such broker"},
		"it crashed":                  {[]reply{{502, "Internal Server Error"}}, 1, "status 502"},
		"sent elsewhere":              {[]reply{{302, ""}}, 1, "status 302"},
		"no JSON":                     {[]reply{{200, "<html>"}}, 1, "no JSON"},
		"nothing":                     {[]reply{{200, "{}"}}, 1, "no session"},
		"cut off":                     {[]reply{{200, strings.Repeat(" ", 64<<10) + "{}"}}, 1, "no JSON"},
		"no token":                    {[]reply{opened(session, stream, "")}, 1, "no session"},
		"a token of several lines":    {[]reply{opened(session, stream, "a\nb")}, 1, "no session"},
		"a session of another kind":   {[]reply{opened("hanako-0a1b2c3d4e5f6a7b8", strings.Replace(stream, session, "hanako-0a1b2c3d4e5f6a7b8", 1), "t")}, 1, "no session"},
		"a session's path":            {[]reply{opened(session+"/..", stream, "t")}, 1, "no session"},
		"a channel elsewhere":         {[]reply{opened(session, "wss://evil.example/v1/data-channel/"+session, "t")}, 1, "not the Session Manager's"},
		"a channel that looks like":   {[]reply{opened(session, strings.Replace(stream, ".com/", ".com.evil.example/", 1), "t")}, 1, "not the Session Manager's"},
		"a channel behind an @":       {[]reply{opened(session, strings.Replace(stream, ".com/", ".com@evil.example/", 1), "t")}, 1, "not the Session Manager's"},
		"a channel of another region": {[]reply{opened(session, strings.Replace(stream, "eu-west-1", "us-east-1", 1), "t")}, 1, "not the Session Manager's"},
		"a channel without TLS":       {[]reply{opened(session, strings.Replace(stream, "wss:", "ws:", 1), "t")}, 1, "not the Session Manager's"},
		"a channel at another port":   {[]reply{opened(session, strings.Replace(stream, ".com/", ".com:444/", 1), "t")}, 1, "not the Session Manager's"},
		"another session's channel":   {[]reply{opened(session, strings.Replace(stream, session, session+"9", 1), "t")}, 1, "not the Session Manager's"},
	} {
		t.Run(name, func(t *testing.T) {
			c, seen := serve(t, test.replies...)
			got, err := c.Start(entry.Order{Runbook: true, Reason: "INC-7"})(context.Background(), one)
			if len(*seen) != test.n || (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
				t.Fatalf("%+v, %v, %d requests", got, err, len(*seen))
			}
			if err == nil && (got.SessionID != session || got.Token != "t") || err != nil && got != (entry.Answer{}) {
				t.Errorf("%+v", got)
			}
			nonces := map[string]bool{}
			for i, a := range *seen {
				nonces[a.Nonce] = true
				if a.path != "POST /" || a.Version != 1 || a.Cluster != "prod" || a.Task != one.Task || a.Container != "ops" || !a.Runbook || a.Reason != "INC-7" || len(a.Nonce) != 32 ||
					!strings.Contains(a.Get("Authorization"), "/eu-west-1/lambda/aws4_request") || a.Get("X-Amz-Security-Token") != "session" || a.Get("Content-Type") != "application/json" {
					t.Errorf("request %d: %+v", i+1, a)
				}
				if i > 0 && strings.Contains(name, "clock") && a.Time != clock {
					t.Errorf("request %d is of %s", i+1, a.Time)
				}
			}
			if len(nonces) != test.n {
				t.Errorf("%d nonces in %d requests", len(nonces), test.n)
			}
		})
	}
	var away *types.TargetNotConnectedException
	c, _ := serve(t, no(409, "not_connected", "x", ""))
	if _, err := c.Start(entry.Order{})(context.Background(), one); !errors.As(err, &away) {
		t.Errorf("%v", err)
	}
}
