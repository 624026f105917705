// Package standin stands for AWS in a session of ECS Exec: the ECS and Systems Manager calls that a client makes, the websocket of the data
// channel, and behind it the test rig's worker, which starts the command as the agent does. AWS's own client library can't tell the
// difference; what is known of the real agent's weaknesses is imitated, and messages are lost, swapped and cut off as told.
package standin

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Options say what is behind the service.
type Options struct {
	Worker  string   // the built ssm-session-worker
	Program string   // what opsh in a command stands for
	Env     []string // the container's
	Dir     string   // a directory of root's
	Fast    bool     // without the agent's pace
	Faults  Faults
	KMS     *KMS // nil: not encrypted
}

// What the service knows of.
const (
	Cluster   = "prod"
	Task      = "0123456789abcdef0123456789abcdef"
	Container = "ops"
	Region    = "eu-west-1"
	runtimeID = Task + "-3935671257"
	account   = "arn:aws:ecs:" + Region + ":123456789012:"
)

// Service is the service.
type Service struct {
	Options
	URL string // what AWS_ENDPOINT_URL is to be

	server   *httptest.Server
	mu       sync.Mutex
	sessions []*Session
	stopped  bool
	fail     map[string]fault // by call
	edit     func(task map[string]any)
	assumed  []url.Values // what STS was asked for
}

// Start starts the service.
func Start(o Options) *Service {
	s := &Service{Options: o, fail: map[string]fault{}, edit: func(map[string]any) {}}
	s.server = httptest.NewServer(s)
	s.URL = s.server.URL
	return s
}

// Stop ends the service and all its sessions.
func (s *Service) Stop() {
	s.mu.Lock()
	sessions := s.sessions
	s.mu.Unlock()
	for _, one := range sessions {
		one.mu.Lock()
		r := one.rig
		one.mu.Unlock()
		if r != nil {
			r.Stop()
		}
	}
	s.server.CloseClientConnections()
	s.server.Close()
}

// Environ is environ for a client of the service.
func (s *Service) Environ(environ []string) []string {
	var out []string
	for _, kv := range environ {
		if !strings.HasPrefix(kv, "AWS_") && !strings.HasPrefix(kv, "GITHUB_") {
			out = append(out, kv)
		}
	}
	return append(out, "AWS_ENDPOINT_URL="+s.URL, "AWS_REGION="+Region, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=for tests", "AWS_EC2_METADATA_DISABLED=true")
}

// fault is an error that the service answers with.
type fault struct{ code, message string }

// Deny has a call, such as ResumeSession, fail with an error code. "" permits it again.
func (s *Service) Deny(call, code string) { s.Fail(call, code, "the stand-in says "+code) }

// Fail is Deny with the service's own words.
func (s *Service) Fail(call, code, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail[call] = fault{code, message}
}

// Edit changes the task as it is described from now on.
func (s *Service) Edit(edit func(task map[string]any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.edit = edit
}

// Last waits for the session that was opened last, the nth.
func (s *Service) Last(n int) *Session {
	for give := time.Now().Add(20 * time.Second); time.Now().Before(give); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		if len(s.sessions) >= n {
			one := s.sessions[n-1]
			s.mu.Unlock()
			return one
		}
		s.mu.Unlock()
	}
	return nil
}

func (s *Service) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
}

// target is what the Session Manager calls the container.
func (s *Service) target() string { return "ecs:" + Cluster + "_" + Task + "_" + runtimeID }

// ServeHTTP answers calls, and takes the data channel's connections.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if id, ok := strings.CutPrefix(r.URL.Path, "/v1/data-channel/"); ok {
		s.connect(w, r, id)
		return
	}
	_, call, isJSON := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	var form url.Values
	if !isJSON { // the token service's form
		form, _ = url.ParseQuery(string(body))
		call = form.Get("Action")
	}
	s.mu.Lock()
	f := s.fail[call]
	s.mu.Unlock()
	if call == "AssumeRole" && f.code == "" {
		s.assume(w, form)
		return
	}
	if !isJSON {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", f.code, f.message)
		return
	}
	var answer any
	if f.code == "" {
		if answer, f.code = s.answer(call, body, r.Header.Get("Authorization")); f.code != "" {
			f.message = "the stand-in says " + f.code
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if f.code != "" {
		w.WriteHeader(http.StatusBadRequest)
		answer = map[string]string{"__type": f.code, "message": f.message}
	}
	json.NewEncoder(w).Encode(answer) //nolint:errcheck // the client is gone
}

// regionOf is the region that a request was signed for, by its Authorization header.
func regionOf(signature string) string {
	scope := strings.Split(signature, "/") // Credential=KEY/DATE/REGION/SERVICE/aws4_request
	if len(scope) < 5 {
		return ""
	}
	return scope[2]
}

// answer is a call's answer, or an error code.
func (s *Service) answer(call string, body []byte, signature string) (answer any, code string) {
	var in struct{ Command, Cluster, Task, Container, SessionId string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, "SerializationException"
	}
	type object = map[string]any
	if in.Cluster != "" && (strings.TrimPrefix(in.Cluster, account+"cluster/") != Cluster || regionOf(signature) != Region) {
		return nil, "ClusterNotFoundException"
	}
	switch call {
	case "ExecuteCommand":
		return s.open(in.Command, signature)
	case "ListClusters":
		return object{"clusterArns": []string{account + "cluster/" + Cluster}}, ""
	case "ListServices":
		return object{"serviceArns": []string{}}, ""
	case "ListTasks":
		return object{"taskArns": []string{s.taskARN()}}, ""
	case "DescribeTasks":
		return object{"tasks": []any{s.task()}, "failures": []any{}}, ""
	case "ResumeSession":
		return s.again(in.SessionId)
	case "TerminateSession":
		if one := s.find(in.SessionId); one != nil {
			go one.Close("")
		}
		return object{"SessionId": in.SessionId}, ""
	}
	return nil, "UnknownOperationException"
}

func (s *Service) taskARN() string { return account + "task/" + Cluster + "/" + Task }

func (s *Service) task() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := "RUNNING"
	if s.stopped {
		status = "STOPPED"
	}
	started := float64(time.Now().Add(-time.Hour).Unix())
	agent := map[string]any{"name": "ExecuteCommandAgent", "lastStatus": status, "lastStartedAt": started}
	container := map[string]any{"name": Container, "runtimeId": runtimeID, "lastStatus": status, "managedAgents": []any{agent}}
	task := map[string]any{
		"taskArn": s.taskARN(), "clusterArn": account + "cluster/" + Cluster, "lastStatus": status, "desiredStatus": status, "launchType": "FARGATE", "platformVersion": "1.4.0",
		"enableExecuteCommand": true, "startedAt": started, "containers": []any{container}, "group": "service:ops",
	}
	s.edit(task)
	return task
}

// open makes a session.
func (s *Service) open(command, signature string) (any, string) {
	one := &Session{ID: "ecs-execute-command-" + random(9)[:17], Command: command, Signature: signature, service: s, token: random(32), ended: make(chan struct{})}
	one.down = newLine(s.Faults, one.write)
	one.agent = newAgent(one.down.carry, one.typed)
	up := s.Faults
	up.Seed++
	one.up = newLine(up, func(raw []byte) { one.agent.receive(raw) }) //nolint:errcheck // what isn't a message is lost
	s.mu.Lock()
	s.sessions = append(s.sessions, one)
	s.mu.Unlock()
	return map[string]any{"session": map[string]string{
		"sessionId": one.ID, "tokenValue": one.token, "streamUrl": "ws" + strings.TrimPrefix(s.URL, "http") + "/v1/data-channel/" + one.ID + "?role=publish_subscribe",
	}, "interactive": true}, ""
}

// again gives a new token for a session.
func (s *Service) again(id string) (any, string) {
	one := s.find(id)
	if one == nil {
		return nil, "DoesNotExistException"
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	one.token = random(32)
	return map[string]string{"SessionId": id, "TokenValue": one.token, "StreamUrl": ""}, ""
}

func (s *Service) find(id string) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.sessions {
		if one.ID == id {
			return one
		}
	}
	return nil
}

func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// connect takes a connection of the data channel.
func (s *Service) connect(w http.ResponseWriter, r *http.Request, id string) {
	one := s.find(id)
	if one == nil {
		http.Error(w, fmt.Sprintf("no session %s", id), http.StatusNotFound)
		return
	}
	up := websocket.Upgrader{ReadBufferSize: 64 << 10, WriteBufferSize: 64 << 10}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	one.serve(conn)
}

// Opened is how many sessions were opened.
func (s *Service) Opened() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// AssumedKey is the access key of every role session that STS gives.
const AssumedKey = "ASIASESSIONEXAMPLE00"

// assume is STS's AssumeRole, which speaks XML.
func (s *Service) assume(w http.ResponseWriter, form url.Values) {
	s.mu.Lock()
	s.assumed = append(s.assumed, form)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
		`<SessionToken>t</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, AssumedKey, time.Now().Add(15*time.Minute).UTC().Format(time.RFC3339))
}

// Assumed is what STS was asked for.
func (s *Service) Assumed() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]url.Values(nil), s.assumed...)
}
