package broker_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"opsh/cmd/opsh-broker/internal/broker"
	"opsh/cmd/opsh-broker/internal/cloud"
	"opsh/cmd/opsh-broker/internal/config"
	"opsh/test/ecsmoto"
	"opsh/test/fault"
)

const (
	sessionRole = "arn:aws:iam::" + ecsmoto.Account + ":role/opsh-session"
	operator    = "arn:aws:sts::" + ecsmoto.Account + ":assumed-role/opsh-operator/hanako@example.com"
	users       = "arn:aws:iam::" + ecsmoto.Account + ":user/"
)

// configuration lets the operators' role, the group and who has the tag in, each somewhere else.
const configuration = `version = 1
session_role = "` + sessionRole + `"
per_caller = 600
total = 600
[[allow]]
roles = ["opsh-operator"]
cluster = "prod-main"
service = "ops"
container = "ops"
[[allow]]
groups = ["dba"]
cluster = "prod-main"
service = "dba"
container = "dba"
[[allow]]
tags = { team = "payments" }
cluster = "prod-main"
service = "pay"
container = "pay"
[[allow]]
roles = ["opsh-operator"]
tags = { level = "2" }
cluster = "prod-main"
service = "pay"
container = "pay"
[[allow]]
users = ["alice"]
cluster = "dev"
service = "ops"
container = "ops"
`

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a broker and the AWS that it asks.
type world struct {
	*broker.Broker
	aws   *ecsmoto.AWS
	log   *bytes.Buffer
	sent  *recorder
	now   time.Time
	nonce int
	// tasks by what they are
	ops, web, alone, dev, dba, pay string
}

// recorder keeps what the broker asked STS for, and how it signed ExecuteCommand.
type recorder struct {
	http.RoundTripper
	mu      sync.Mutex
	assumed []url.Values
	given   string // the access key that STS gave last
	signed  []string
}

func (r *recorder) RoundTrip(q *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	q.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	if strings.HasSuffix(q.Header.Get("X-Amz-Target"), ".ExecuteCommand") {
		r.signed = append(r.signed, q.Header.Get("Authorization"))
	}
	form, _ := url.ParseQuery(string(body))
	isAssume := form.Get("Action") == "AssumeRole"
	if isAssume {
		r.assumed = append(r.assumed, form)
	}
	r.mu.Unlock()
	answer, err := r.RoundTripper.RoundTrip(q)
	if err != nil || !isAssume {
		return answer, err
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(text))
	_, key, _ := strings.Cut(string(text), "<AccessKeyId>")
	r.mu.Lock()
	r.given, _, _ = strings.Cut(key, "<")
	r.mu.Unlock()
	return answer, nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	moto := fault.Shared(t)
	must(t, moto.Reset())
	w := &world{aws: ecsmoto.New(t, moto.URL), log: &bytes.Buffer{}, sent: &recorder{RoundTripper: http.DefaultTransport}, now: time.Now()}
	w.ops = w.aws.Task(t, "prod-main", "ops", 1, "ops", "app")[0]
	w.web = w.aws.Task(t, "prod-main", "web", 1, "ops")[0]
	w.dba = w.aws.Task(t, "prod-main", "dba", 1, "dba")[0]
	w.pay = w.aws.Task(t, "prod-main", "pay", 1, "pay")[0]
	w.alone = w.aws.Run(t, "prod-main", "prod-main-ops", "ops", 1, "ops")[0]
	w.dev = w.aws.Task(t, "dev", "ops", 1, "ops")[0]

	ctx, c := context.Background(), iam.NewFromConfig(ecsmoto.Config(w.aws.URL))
	tag := func(key, value string) []iamtypes.Tag {
		return []iamtypes.Tag{{Key: aws.String(key), Value: aws.String(value)}}
	}
	for name, tags := range map[string][]iamtypes.Tag{"opsh-operator": tag("level", "1"), "payments": tag("team", "payments"), "interns": tag("Team", "payments"), "visitors": tag("level", "2")} {
		_, err := c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String(name), Path: aws.String("/people/"), AssumeRolePolicyDocument: aws.String("{}"), Tags: tags})
		must(t, err)
	}
	for name, tags := range map[string][]iamtypes.Tag{"jiro": nil, "kenji": tag("team", "payments")} {
		_, err := c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(name), Path: aws.String("/people/"), Tags: tags})
		must(t, err)
	}
	for _, group := range []string{"dba", "dba-readers"} {
		_, err := c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String(group)})
		must(t, err)
	}
	for group, user := range map[string]string{"dba": "jiro", "dba-readers": "kenji"} {
		_, err := c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String(group), UserName: aws.String(user)})
		must(t, err)
	}

	w.Broker = w.broker(t, configuration)
	w.now = w.now.Add(10 * time.Minute)
	return w
}

// broker is a broker that starts now.
func (w *world) broker(t *testing.T, text string) *broker.Broker {
	t.Helper()
	c, err := config.Parse(text)
	must(t, err)
	asks := ecsmoto.Config(w.aws.URL)
	asks.HTTPClient = &http.Client{Transport: w.sent}
	return broker.New(c, ecsmoto.Region, cloud.New(asks, c.SessionRole), w.log, func() time.Time { return w.now })
}

// try is a request, to be changed before it is made.
type try struct {
	world *world
	event events.LambdaFunctionURLRequest
	body  map[string]any
	raw   func(body string) string // changes the JSON
}

// request is one that must pass: the operator enters the ops container.
func (w *world) request() *try {
	w.nonce++
	q := &try{world: w, body: map[string]any{"version": 1, "cluster": "prod-main", "task": w.ops, "container": "ops", "runbook": false, "reason": "INC-7 orders stuck",
		"time": stamp(w.now), "nonce": fmt.Sprintf("%032x", w.nonce)}}
	q.event = events.LambdaFunctionURLRequest{Version: "2.0", RawPath: "/", Headers: map[string]string{"content-type": "application/json"}}
	q.event.RequestContext.HTTP = events.LambdaFunctionURLRequestContextHTTPDescription{Method: "POST", SourceIP: "203.0.113.7"}
	q.event.RequestContext.RequestID = fmt.Sprintf("request-%d", w.nonce)
	q.by(operator)
	return q
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// by has somebody else sign it.
func (q *try) by(arn string) {
	account := ecsmoto.Account
	if part := strings.Split(arn, ":"); len(part) > 4 {
		account = part[4]
	}
	q.event.RequestContext.Authorizer = &events.LambdaFunctionURLRequestContextAuthorizerDescription{IAM: &events.LambdaFunctionURLRequestContextAuthorizerIAMDescription{
		AccessKey: "ASIAEXAMPLE", AccountID: account, CallerID: "AROAEXAMPLE", UserARN: arn, UserID: "AROAEXAMPLE:x"}}
}

// outcome is an answer, and the line about it.
type outcome struct {
	status int
	answer map[string]any
	line   map[string]any
	text   string // the line as it is
}

// make makes the request. It holds every outcome to what all have in common: one line, that the line and the answer agree, and that no token is in
// the line, nor in a refusal.
func (q *try) make(t *testing.T) outcome {
	t.Helper()
	if q.body != nil {
		text, err := json.Marshal(q.body)
		must(t, err)
		q.event.Body = string(text)
	}
	if q.raw != nil {
		q.event.Body = q.raw(q.event.Body)
	}
	q.world.log.Reset()
	got, err := q.world.Handle(context.Background(), q.event)
	must(t, err)
	o := outcome{status: got.StatusCode, text: q.world.log.String()}
	must(t, json.Unmarshal([]byte(got.Body), &o.answer))
	if strings.Count(o.text, "\n") != 1 || !strings.HasSuffix(o.text, "\n") {
		t.Errorf("it leaves no line, or several: %q", o.text)
	}
	must(t, json.Unmarshal([]byte(o.text), &o.line))
	if o.line["status"] != float64(o.status) || o.line["request_id"] != q.event.RequestContext.RequestID || o.line["event"] != "opsh-broker" {
		t.Errorf("the line is %s", o.text)
	}
	if strings.Contains(o.text, "token") || o.status != 200 && strings.Contains(got.Body, "token") {
		t.Errorf("a token: %s %s", o.text, got.Body)
	}
	if got.Headers["Cache-Control"] != "no-store" || got.Headers["Content-Type"] != "application/json" {
		t.Errorf("headers: %v", got.Headers)
	}
	return o
}
