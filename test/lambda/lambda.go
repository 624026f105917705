// Package lambda stands for AWS Lambda behind a function URL with the auth type AWS_IAM: it checks the signature, makes the event that says who
// signed, and hands it to the built function by Lambda's runtime API, to one instance, one event at a time.
package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"opsh/test/fixture"
)

// Caller is somebody whom IAM knows.
type Caller struct{ AccessKey, Secret, ARN, Account string }

// Function is a function that runs.
type Function struct {
	URL string

	callers  []Caller
	region   string
	url, api *httptest.Server
	program  *exec.Cmd
	log      fixture.Buffer

	turn    sync.Mutex // a reserved concurrency of 1
	events  chan event
	mu      sync.Mutex
	waiting map[string]chan answer
	busy    int // requests to be refused for want of room
	heard   int
	ready   sync.Once
	isReady chan struct{}
}

type event struct {
	id   string
	body []byte
}

type answer struct {
	body []byte
	err  bool
}

// Start starts the program as a function in region, with environ, and a URL that callers may use. It waits until the function asks for its first
// event, so that what is asked now was asked after its start.
func Start(program string, environ []string, region string, callers ...Caller) (*Function, error) {
	f := &Function{callers: callers, region: region, events: make(chan event), waiting: map[string]chan answer{}, isReady: make(chan struct{})}
	f.api = httptest.NewServer(http.HandlerFunc(f.serveRuntime))
	f.url = httptest.NewServer(http.HandlerFunc(f.serveURL))
	f.URL = f.url.URL + "/"
	f.program = exec.Command(program)
	f.program.Env = append(environ, "AWS_REGION="+region, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(f.api.URL, "http://"))
	f.program.Stdout, f.program.Stderr = &f.log, &f.log
	f.program.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := f.program.Start(); err != nil {
		return nil, fmt.Errorf("cannot start the function: %w", err)
	}
	select {
	case <-f.isReady:
		return f, nil
	case <-time.After(20 * time.Second):
		f.Stop()
		return nil, fmt.Errorf("the function asks for nothing: %s", f.Log())
	}
}

// Stop ends the function.
func (f *Function) Stop() {
	f.program.Process.Kill() //nolint:errcheck // it may have ended
	f.program.Wait()         //nolint:errcheck // it was killed
	f.url.CloseClientConnections()
	f.url.Close()
	f.api.CloseClientConnections()
	f.api.Close()
}

// Log is what the function has printed.
func (f *Function) Log() string { return f.log.String() }

// HasNoRoom refuses the next requests as Lambda does when the concurrency is used up.
func (f *Function) HasNoRoom(times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy = times
}

// Heard is how many events the function got.
func (f *Function) Heard() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.heard
}

func (f *Function) hasRoom() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy > 0 {
		f.busy--
		return false
	}
	return f.turn.TryLock()
}

// serveURL is the function URL.
func (f *Function) serveURL(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 6<<20))
	if err != nil {
		return
	}
	who, ok := f.signer(r, body)
	if !ok {
		refuse(w, http.StatusForbidden, "Forbidden")
		return
	}
	if !f.hasRoom() {
		refuse(w, http.StatusTooManyRequests, "Rate Exceeded.")
		return
	}
	defer f.turn.Unlock()
	id := random()
	text, err := json.Marshal(eventOf(r, body, who, id))
	if err != nil {
		return
	}
	done := make(chan answer, 1)
	f.mu.Lock()
	f.waiting[id] = done
	f.heard++
	f.mu.Unlock()
	var got answer
	select {
	case f.events <- event{id, text}:
		select {
		case got = <-done:
		case <-time.After(30 * time.Second):
			got.err = true
		}
	case <-time.After(30 * time.Second):
		got.err = true
	}
	var out struct {
		StatusCode int
		Headers    map[string]string
		Body       string
	}
	if got.err || json.Unmarshal(got.body, &out) != nil {
		refuse(w, http.StatusBadGateway, "Internal Server Error")
		return
	}
	for name, value := range out.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(out.StatusCode)
	io.WriteString(w, out.Body) //nolint:errcheck // the client is gone
}

func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"Message":%q}`, text)
}

// eventOf is a request as the function sees it.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
func eventOf(r *http.Request, body []byte, who Caller, id string) map[string]any {
	type object = map[string]any
	headers := map[string]string{}
	for name := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(r.Header.Values(name), ",")
	}
	return object{
		"version": "2.0", "routeKey": "$default", "rawPath": r.URL.Path, "rawQueryString": r.URL.RawQuery, "headers": headers, "body": string(body), "isBase64Encoded": false,
		"requestContext": object{
			"accountId": who.Account, "requestId": id, "domainName": r.Host,
			"authorizer": object{"iam": object{"accessKey": who.AccessKey, "accountId": who.Account, "callerId": "AROAEXAMPLE:x", "userArn": who.ARN, "userId": "AROAEXAMPLE:x"}},
			"http":       object{"method": r.Method, "path": r.URL.Path, "protocol": r.Proto, "sourceIp": "127.0.0.1", "userAgent": r.UserAgent()},
		},
	}
}

// serveRuntime is the runtime API, which the function asks for events.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (f *Function) serveRuntime(w http.ResponseWriter, r *http.Request) {
	part := strings.Split(strings.Trim(r.URL.Path, "/"), "/") // 2018-06-01 runtime invocation ID response
	if len(part) == 4 && part[3] == "next" {
		f.ready.Do(func() { close(f.isReady) })
		select {
		case e := <-f.events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", e.id)
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(20*time.Second).UnixMilli(), 10))
			w.Header().Set("Content-Type", "application/json")
			w.Write(e.body) //nolint:errcheck // the function is gone
		case <-r.Context().Done():
		}
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || len(part) != 5 {
		return
	}
	f.mu.Lock()
	done := f.waiting[part[3]]
	delete(f.waiting, part[3])
	f.mu.Unlock()
	if done != nil {
		done <- answer{body, part[4] != "response"}
	}
	w.WriteHeader(http.StatusAccepted)
}

func random() string {
	b := make([]byte, 16)
	rand.Read(b) //nolint:errcheck // it never fails
	return hex.EncodeToString(b)
}
