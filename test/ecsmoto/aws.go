// Package ecsmoto stands before moto's server and adds what moto lacks of AWS for ECS Exec: the agents of a task's containers, pages,
// ExecuteCommand, and IAM's simulator. It holds nothing back: what it doesn't know goes to moto.
package ecsmoto

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Agent is the state of a container's ECS Exec agent.
type Agent struct{ Status, Reason string }

// AWS is the stand-in. Its fields are set before the first request; afterwards only by its methods.
type AWS struct {
	URL string
	// Page is how many tasks and clusters a page of a list has; 0: as many as there are.
	Page int
	// Decide is IAM's simulator, for one resource: "allowed", "implicitDeny" or "explicitDeny", and behind a blank the condition keys that it
	// would have to know. Without it, nobody may ask.
	Decide func(Question) string

	mu    sync.Mutex
	edit  func(task map[string]any)
	fail  map[string]*failure
	asked []Asked
	// The containers of a task, by its ARN.
	containers map[string][]string
	seen       map[string]int
}

// Question is one action that the simulator is asked about.
type Question struct {
	Principal, Action string
	Resources         []string
	Context           map[string]string
}

// Asked is an ExecuteCommand.
type Asked struct{ Cluster, Task, Container, Command string }

type failure struct {
	status        int
	code, message string
	times         int
}

// New starts the stand-in before the target, moto's URL, and ends it with the test.
func New(t testing.TB, target string) *AWS {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	a := &AWS{fail: map[string]*failure{}, seen: map[string]int{}, containers: map[string][]string{}, edit: func(map[string]any) {}}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: a.modify,
		Transport:      &http.Transport{DisableKeepAlives: true}, // moto closes connections when it likes
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, proxy) }))
	t.Cleanup(s.Close)
	a.URL = s.URL
	return a
}

// Edit changes every task that is described from now on. Before that, a task is RUNNING with ECS Exec, its containers with a running agent.
func (a *AWS) Edit(edit func(task map[string]any)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.edit = edit
}

// Fail answers the next requests of an action with an error: so many times, or always where times is negative.
func (a *AWS) Fail(action, code, message string, times int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fail[action] = &failure{http.StatusBadRequest, code, message, times}
}

// Asked are the commands that were executed, in order.
func (a *AWS) Asked() []Asked {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asked)
}

// Requests is how many requests of an action there were.
func (a *AWS) Requests(action string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen[action]
}

// action is what a request asks for: JSON services say so in a header, the others in a form.
func action(r *http.Request, body []byte) string {
	if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return name
	}
	form, _ := url.ParseQuery(string(body))
	return form.Get("Action")
}

func (a *AWS) serve(w http.ResponseWriter, r *http.Request, moto http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	name := action(r, body)
	a.mu.Lock()
	a.seen[name]++
	f := a.fail[name]
	if f != nil && f.times == 0 {
		f = nil
	} else if f != nil {
		f.times--
	}
	a.mu.Unlock()
	switch {
	case f != nil:
		refuse(w, r, *f, body)
	case name == "ExecuteCommand":
		a.execute(w, body)
	case name == "SimulatePrincipalPolicy":
		a.simulate(w, r, body)
	default:
		r.Header.Set("X-Ecsmoto-Request", url.QueryEscape(string(body)))
		moto.ServeHTTP(w, r)
	}
}

// refuse answers with an error as the service's protocol has it.
func refuse(w http.ResponseWriter, r *http.Request, f failure, body []byte) {
	if r.Header.Get("X-Amz-Target") != "" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(f.status)
		fmt.Fprintf(w, `{"__type":%q,"message":%q}`, f.code, f.message)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(f.status)
	if bytes.Contains(body, []byte("Version=2016-11-15")) { // EC2 has a form of its own
		fmt.Fprintf(w, `<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>0</RequestID></Response>`, f.code, f.message)
		return
	}
	fmt.Fprintf(w, `<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, f.code, f.message)
}

func (a *AWS) execute(w http.ResponseWriter, body []byte) {
	var in Asked
	if err := json.Unmarshal(body, &in); err != nil {
		return
	}
	a.mu.Lock()
	a.asked = append(a.asked, in)
	n := len(a.asked)
	a.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	fmt.Fprintf(w, `{"session":{"sessionId":"ecs-execute-command-%d","streamUrl":"wss://example.test/%d","tokenValue":"token-%d"},"interactive":true}`, n, n, n)
}

// simulate answers for every action in the request.
func (a *AWS) simulate(w http.ResponseWriter, r *http.Request, body []byte) {
	if a.Decide == nil {
		refuse(w, r, failure{http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::123456789012:user/x is not authorized to perform: iam:SimulatePrincipalPolicy on resource: *", 0}, body)
		return
	}
	form, _ := url.ParseQuery(string(body))
	q := Question{Principal: form.Get("PolicySourceArn"), Context: map[string]string{}}
	list := func(prefix string) (all []string) {
		for i := 1; form.Has(prefix + strconv.Itoa(i)); i++ {
			all = append(all, form.Get(prefix+strconv.Itoa(i)))
		}
		return all
	}
	q.Resources = list("ResourceArns.member.")
	for i := 1; form.Has(fmt.Sprintf("ContextEntries.member.%d.ContextKeyName", i)); i++ {
		entry := fmt.Sprintf("ContextEntries.member.%d.", i)
		q.Context[form.Get(entry+"ContextKeyName")] = form.Get(entry + "ContextKeyValues.member.1")
	}
	var members strings.Builder
	for _, action := range list("ActionNames.member.") {
		q.Action = action
		worst, all := "allowed", strings.Builder{}
		for _, resource := range q.Resources {
			one := q
			one.Resources = []string{resource}
			decision, keys, _ := strings.Cut(a.Decide(one), " ")
			if decision != "allowed" && worst != "explicitDeny" {
				worst = decision
			}
			var missing strings.Builder
			for _, key := range strings.Fields(keys) {
				fmt.Fprintf(&missing, `<member>%s</member>`, key)
			}
			fmt.Fprintf(&all, `<member><EvalResourceName>%s</EvalResourceName><EvalResourceDecision>%s</EvalResourceDecision><MissingContextValues>%s</MissingContextValues></member>`, resource, decision, &missing)
		}
		fmt.Fprintf(&members, `<member><EvalActionName>%s</EvalActionName><EvalResourceName>*</EvalResourceName><EvalDecision>%s</EvalDecision><ResourceSpecificResults>%s</ResourceSpecificResults></member>`, action, worst, &all)
	}
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>%s</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`, &members)
}
