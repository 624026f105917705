package broker_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"opsh/test/ecsmoto"
)

// TestAllowed: what may be, is done: one ExecuteCommand, of opsh, as the caller, with credentials of the caller's own session.
func TestAllowed(t *testing.T) {
	w := newWorld(t)
	const sts = "arn:aws:sts::" + ecsmoto.Account
	for _, r := range []struct {
		name                     string
		by                       string
		cluster, task, container string
		runbook                  bool
		reason                   string
		command, as              string
	}{
		{"the operators' role", operator, "prod-main", w.ops, "ops", false, "INC-7", "opsh --reason 'INC-7'", "opsh-operator=hanako@example.com"},
		{"a runbook", operator, "prod-main", w.ops, "ops", true, "INC-7", "opsh -s --reason 'INC-7'", "opsh-operator=hanako@example.com"},
		{"a reason with everything", operator, "prod-main", w.ops, "ops", false, `it's "なぜ" \ $(id) ; sh --reason -c`, `opsh --reason "it's \"なぜ\" \\ $(id) ; sh --reason -c"`, "opsh-operator=hanako@example.com"},
		{"a user of the group", users + "people/jiro", "prod-main", w.dba, "dba", false, "x", "opsh --reason 'x'", "jiro"},
		{"a role with the tag", sts + ":assumed-role/payments/x@y", "prod-main", w.pay, "pay", false, "x", "opsh --reason 'x'", "payments=x@y"},
		{"a user with the tag", users + "people/kenji", "prod-main", w.pay, "pay", false, "x", "opsh --reason 'x'", "kenji"},
		{"a user by name, elsewhere", users + "alice", "dev", w.dev, "ops", false, "x", "opsh --reason 'x'", "alice"},
	} {
		t.Run(r.name, func(t *testing.T) {
			before := len(w.aws.Asked())
			q := w.request()
			q.by(r.by)
			q.body["cluster"], q.body["task"], q.body["container"], q.body["runbook"], q.body["reason"] = r.cluster, r.task, r.container, r.runbook, r.reason
			o := q.make(t)
			asked := w.aws.Asked()
			if o.status != 200 || len(asked) != before+1 {
				t.Fatalf("%d %v, %d sessions", o.status, o.answer, len(asked)-before)
			}
			where := "arn:aws:ecs:" + ecsmoto.Region + ":" + ecsmoto.Account + ":"
			want := ecsmoto.Asked{Cluster: where + "cluster/" + r.cluster, Task: where + "task/" + r.cluster + "/" + r.task, Container: r.container, Command: r.command}
			if got := asked[before]; got != want {
				t.Errorf("ExecuteCommand %+v", got)
			}
			if token, _ := o.answer["tokenValue"].(string); !strings.HasPrefix(token, "token-") || o.answer["sessionId"] == "" || o.answer["streamUrl"] == "" || len(o.answer) != 3 {
				t.Errorf("%v", o.answer)
			}
			for key, want := range map[string]any{"decision": "allowed", "caller": r.by, "as": r.as, "cluster": r.cluster, "task": r.task, "container": r.container, "reason": r.reason,
				"runbook": r.runbook, "session": o.answer["sessionId"], "source_ip": "203.0.113.7", "access_key": "ASIAEXAMPLE"} {
				if o.line[key] != want {
					t.Errorf("the line's %s is %v: %s", key, o.line[key], o.text)
				}
			}
			assumed := w.sent.assumed[len(w.sent.assumed)-1]
			if assumed.Get("RoleArn") != sessionRole || assumed.Get("RoleSessionName") != r.as || assumed.Get("SourceIdentity") != r.as || assumed.Get("DurationSeconds") != "900" {
				t.Errorf("AssumeRole %v", assumed)
			}
			var only struct {
				Statement []struct {
					Action    string
					Resource  any
					Condition map[string]map[string]string
				}
			}
			must(t, json.Unmarshal([]byte(assumed.Get("Policy")), &only))
			if s := only.Statement[0]; s.Action != "ecs:ExecuteCommand" || s.Resource.([]any)[0] != want.Cluster || s.Resource.([]any)[1] != want.Task || s.Condition["StringEquals"]["ecs:container-name"] != r.container {
				t.Errorf("the session policy is %s", assumed.Get("Policy"))
			}
			if signed := w.sent.signed[len(w.sent.signed)-1]; w.sent.given == "" || !strings.Contains(signed, "Credential="+w.sent.given+"/") {
				t.Errorf("ExecuteCommand is signed %s, and STS gave %s", signed, w.sent.given)
			}
		})
	}
	if n := len(w.sent.assumed); n != len(w.aws.Asked()) {
		t.Errorf("%d sessions of the role for %d of ECS Exec", n, len(w.aws.Asked()))
	}
}

// TestServiceLies: what ECS says of the task is held against what was asked for.
func TestServiceLies(t *testing.T) {
	w := newWorld(t)
	arn := "arn:aws:ecs:" + ecsmoto.Region + ":" + ecsmoto.Account + ":"
	for name, edit := range map[string]func(map[string]any){
		"another account's": func(task map[string]any) {
			task["taskArn"] = strings.Replace(arn, ecsmoto.Account, "999999999999", 1) + "task/prod-main/" + w.ops
		},
		"another region's": func(task map[string]any) {
			task["clusterArn"] = strings.Replace(arn, ecsmoto.Region, "eu-west-1", 1) + "cluster/prod-main"
		},
		"another task":      func(task map[string]any) { task["taskArn"] = arn + "task/prod-main/" + w.web },
		"no group":          func(task map[string]any) { delete(task, "group") },
		"a nameless group":  func(task map[string]any) { task["group"] = "service:" },
		"no such container": func(task map[string]any) { task["containers"] = []any{map[string]any{"name": "app"}} },
	} {
		w.aws.Edit(edit)
		if o := w.request().make(t); o.status != 403 || o.line["decision"] != "denied" || len(w.aws.Asked()) != 0 {
			t.Errorf("%s: %d %v", name, o.status, o.answer)
		}
	}
}

// TestFails: where AWS fails the caller learns that, the line has all of it, and nothing is opened twice.
func TestFails(t *testing.T) {
	w := newWorld(t)
	for _, r := range []struct {
		call, code string
		says       string
		caller     string
	}{
		{"DescribeTasks", "AccessDeniedException", "failed", operator},
		{"AssumeRole", "AccessDenied", "failed", operator},
		{"ExecuteCommand", "AccessDeniedException", "failed", operator},
		{"ExecuteCommand", "RequestTimeoutException", "failed", operator}, // which the client would try again
		{"ExecuteCommand", "TargetNotConnectedException", "not_connected", operator},
		{"ListGroupsForUser", "AccessDenied", "failed", users + "people/jiro"},
		{"GetUser", "AccessDenied", "failed", users + "people/jiro"},
		{"GetRole", "AccessDenied", "failed", strings.Replace(operator, "opsh-operator", "payments", 1)},
	} {
		w.aws.Fail(r.call, r.code, "a secret of AWS's", -1)
		q := w.request()
		if q.by(r.caller); r.caller != operator {
			q.body["task"], q.body["container"] = w.dba, "dba"
		}
		if r.call == "GetRole" {
			q.body["task"], q.body["container"] = w.pay, "pay"
		}
		before := w.aws.Requests("ExecuteCommand")
		o := q.make(t)
		why, _ := o.line["why"].(string)
		if o.answer["code"] != r.says || o.line["decision"] != "failed" || !strings.Contains(why, r.code) || strings.Contains(o.answer["error"].(string), "secret") {
			t.Errorf("%s %s: %d %v, %s", r.call, r.code, o.status, o.answer, o.text)
		}
		if n := w.aws.Requests("ExecuteCommand") - before; n > 1 || n == 1 != (r.call == "ExecuteCommand") {
			t.Errorf("%s %s: %d times ExecuteCommand", r.call, r.code, n)
		}
		w.aws.Fail(r.call, "", "", 0)
	}
}

// TestLimits: one caller can't use up the others' share, and everybody's is bounded too.
func TestLimits(t *testing.T) {
	w := newWorld(t)
	w.Broker = w.broker(t, strings.NewReplacer("per_caller = 600", "per_caller = 3", "total = 600", "total = 5").Replace(configuration))
	ask := func(by string) int { q := w.request(); q.by(by); return q.make(t).status }
	other := strings.Replace(operator, "hanako", "taro", 1)
	for i, want := range []int{200, 200, 200, 429, 429, 429, 429} {
		if got := ask(operator); got != want {
			t.Errorf("request %d: %d", i+1, got)
		}
	}
	for i, want := range []int{200, 200, 429} {
		if got := ask(other); got != want {
			t.Errorf("the other's request %d: %d", i+1, got)
		}
	}
	w.now = w.now.Add(20 * time.Second) // one third of a minute: one of three, one of five
	for i, want := range []int{200, 429} {
		if got := ask(operator); got != want {
			t.Errorf("later, request %d: %d", i+1, got)
		}
	}
	if n := len(w.aws.Asked()); n != 6 {
		t.Errorf("%d sessions", n)
	}
}

// full is a disk, or a log, that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestNoLine: what can't be recorded isn't given out.
func TestNoLine(t *testing.T) {
	w := newWorld(t)
	q := w.request()
	text, err := json.Marshal(q.body)
	must(t, err)
	q.event.Body, w.Log = string(text), full{}
	if got, err := w.Handle(context.Background(), q.event); err == nil || got.Body != "" {
		t.Errorf("%+v, %v", got, err)
	}
}
