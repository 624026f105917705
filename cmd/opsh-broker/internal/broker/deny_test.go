package broker_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"opsh/test/ecsmoto"
)

// TestDenied: each of these opens nothing, says why, and leaves its line.
func TestDenied(t *testing.T) {
	w := newWorld(t)
	set := func(key string, value any) func(*try) { return func(q *try) { q.body[key] = value } }
	without := func(key string) func(*try) { return func(q *try) { delete(q.body, key) } }
	raw := func(change func(string) string) func(*try) { return func(q *try) { q.raw = change } }
	insert := func(text string) func(*try) { return raw(func(body string) string { return text + body[1:] }) }
	by := func(arn string) func(*try) { return func(q *try) { q.by(arn) } }
	enters := func(arn, task, container string) func(*try) {
		return func(q *try) { q.by(arn); q.body["task"], q.body["container"] = task, container }
	}
	const sts, iam = "arn:aws:sts::" + ecsmoto.Account, "arn:aws:iam::" + ecsmoto.Account
	other := func(arn string) string { return strings.Replace(arn, ecsmoto.Account, "999999999999", 1) }
	rows := []struct {
		name   string
		change func(*try)
		status int
		code   string
		why    string // a part of what is said, and of the line
	}{
		// Other commands.
		{"a command", insert(`{"command":"/bin/sh",`), 400, "malformed", `no key "command"`},
		{"a command beside all keys", set("command", "opsh"), 400, "malformed", `no key "command"`},
		{"interactive", set("interactive", false), 400, "malformed", `no key "interactive"`},
		{"a command in the reason", set("reason", "x' ; /bin/sh\n"), 400, "malformed", "must be one line of text"},
		{"a command for a runbook", set("runbook", "-c /bin/sh"), 400, "malformed", `the key "runbook" has another kind of value`},
		// Malformed.
		{"no body", func(q *try) { q.body = nil }, 400, "malformed", "no JSON object"},
		{"no JSON", raw(func(string) string { return "cluster=prod-main" }), 400, "malformed", "no JSON object"},
		{"a list", raw(func(body string) string { return "[" + body + "]" }), 400, "malformed", "no JSON object"},
		{"cut off", raw(func(body string) string { return body[:len(body)-1] }), 400, "malformed", "no JSON object"},
		{"two objects", raw(func(body string) string { return body + body }), 400, "malformed", "something follows"},
		{"not UTF-8", raw(func(body string) string { return strings.Replace(body, "orders", "\xff", 1) }), 400, "malformed", "isn't UTF-8"},
		{"half a character", raw(func(body string) string { return strings.Replace(body, "orders", `\ud800`, 1) }), 400, "malformed", "must be one line of text"},
		{"a key twice", insert(`{"container":"app",`), 400, "malformed", `the key "container" is there twice`},
		{"a key twice, in an escape", insert(`{"cont\u0061iner":"app",`), 400, "malformed", `the key "container" is there twice`},
		{"a key in another case", insert(`{"Container":"app",`), 400, "malformed", `no key "Container"`},
		{"a key too few", without("nonce"), 400, "malformed", "a key is missing"},
		{"a text that is null", set("task", nil), 400, "malformed", `the key "task" has another kind of value`},
		{"a text that is an object", set("task", map[string]any{"a": 1}), 400, "malformed", `the key "task" has another kind of value`},
		{"another version", set("version", 2), 400, "malformed", `the key "version" has another kind of value`},
		{"too large", set("reason", strings.Repeat("x", 5000)), 413, "malformed", "more than 4096 bytes"},
		{"a long reason", set("reason", strings.Repeat("x", 600)), 400, "malformed", "more than 512 bytes"},
		{"no reason", set("reason", ""), 400, "malformed", "no reason"},
		{"a blank reason", set("reason", "  "), 400, "malformed", "must be one line of text"},
		{"an escape sequence in the reason", set("reason", "x\x1b[2J"), 400, "malformed", "must be one line of text"},
		{"a line break in the reason", set("reason", "a\nopsh: end 0"), 400, "malformed", "must be one line of text"},
		{"text that runs backwards in the reason", set("reason", "a\u202eb"), 400, "malformed", "must be one line of text"},
		// Not a request at all.
		{"GET", func(q *try) { q.event.RequestContext.HTTP.Method = "GET" }, 405, "malformed", "not POST"},
		{"PUT", func(q *try) { q.event.RequestContext.HTTP.Method = "PUT" }, 405, "malformed", "not POST"},
		{"another path", func(q *try) { q.event.RawPath = "/x" }, 404, "malformed", "nothing but /"},
		{"a query", func(q *try) { q.event.RawQueryString = "command=sh" }, 404, "malformed", "nothing but /"},
		{"a form", func(q *try) { q.event.Headers["content-type"] = "application/x-www-form-urlencoded" }, 415, "malformed", "not application/json"},
		{"no content type", func(q *try) { q.event.Headers = nil }, 415, "malformed", "not application/json"},
		{"in base64", func(q *try) {
			q.raw = func(body string) string { return base64.StdEncoding.EncodeToString([]byte(body)) }
			q.event.IsBase64Encoded = true
		}, 415, "malformed", "not application/json"},
		{"an event of something else", func(q *try) { q.event.Version = "1.0" }, 400, "malformed", "not a function URL's"},
		// Callers.
		{"nobody", func(q *try) { q.event.RequestContext.Authorizer = nil }, 403, "denied", "nobody signed"},
		{"nobody of IAM", func(q *try) { q.event.RequestContext.Authorizer.IAM = nil }, 403, "denied", "nobody signed"},
		{"a caller without a name", by(""), 403, "denied", "nobody signed"},
		{"a role of another account", by(other(operator)), 403, "denied", "not of account"},
		{"an account that disagrees with the ARN", func(q *try) { q.event.RequestContext.Authorizer.IAM.AccountID = "999999999999" }, 403, "denied", "not of account"},
		{"another partition", by(strings.Replace(operator, "arn:aws:", "arn:aws-cn:", 1)), 403, "denied", "not of account"},
		{"another role", by(sts + ":assumed-role/developers/hanako@example.com"), 403, "denied", "may not enter container ops of cluster prod-main"},
		{"a role whose name begins alike", by(sts + ":assumed-role/opsh-operator2/hanako@example.com"), 403, "denied", "may not enter"},
		{"a role in capitals", by(sts + ":assumed-role/OPSH-operator/hanako@example.com"), 403, "denied", "may not enter"},
		{"a session called like the role", by(sts + ":assumed-role/developers/opsh-operator"), 403, "denied", "may not enter"},
		{"a session whose name looks like a path", by(sts + ":assumed-role/developers/assumed-role/opsh-operator/x"), 403, "denied", "neither"},
		{"a session whose name holds a line break", by(operator + "\nx"), 403, "denied", "neither"},
		{"the role itself", by(iam + ":role/opsh-operator"), 403, "denied", "neither"},
		{"a user called like the role", by(users + "opsh-operator"), 403, "denied", "may not enter"},
		{"a federated user", by(sts + ":federated-user/opsh-operator"), 403, "denied", "neither"},
		{"the root user", by(iam + ":root"), 403, "denied", "neither"},
		{"the broker's own session", by(sts + ":assumed-role/opsh-session/opsh-operator=x"), 403, "denied", "may not enter"},
		{"a user of a group that is called alike", enters(users+"people/kenji", w.dba, "dba"), 403, "denied", "may not enter container dba"},
		{"a role without the tag", enters(operator, w.pay, "pay"), 403, "denied", "may not enter container pay"},
		{"another role with the tag", enters(sts+":assumed-role/visitors/x@y", w.pay, "pay"), 403, "denied", "may not enter container pay"},
		{"a tag in another case", enters(sts+":assumed-role/interns/x@y", w.pay, "pay"), 403, "denied", "may not enter container pay"},
		{"a role for a group", enters(sts+":assumed-role/payments/dba", w.dba, "dba"), 403, "denied", "may not enter container dba"},
		// Places.
		{"another container", set("container", "app"), 403, "denied", "may not enter container app"},
		{"a container whose name begins alike", set("container", "ops2"), 403, "denied", "may not enter container ops2"},
		{"any container", set("container", "*"), 400, "malformed", "no container's name"},
		{"another cluster", func(q *try) { q.body["cluster"], q.body["task"] = "dev", w.dev }, 403, "denied", "may not enter container ops of cluster dev"},
		{"a task of another cluster", set("task", w.dev), 403, "denied", "there is no task"},
		{"a task's ARN", set("task", "arn:aws:ecs:"+ecsmoto.Region+":"+ecsmoto.Account+":task/prod-main/"+w.ops), 400, "malformed", "no task's id"},
		{"a task's ARN in another region", set("task", "arn:aws:ecs:eu-west-1:"+ecsmoto.Account+":task/prod-main/"+w.ops), 400, "malformed", "no task's id"},
		{"a cluster's ARN", set("cluster", "arn:aws:ecs:"+ecsmoto.Region+":999999999999:cluster/prod-main"), 400, "malformed", "no cluster's name"},
		{"the beginning of a task's id", set("task", w.ops[:8]), 400, "malformed", "no task's id"},
		{"a task that isn't there", set("task", strings.Repeat("0", 32)), 403, "denied", "there is no task"},
		{"a task of another service", set("task", w.web), 403, "denied", "not of a service"},
		{"a task of no service, its group called like one", set("task", w.alone), 403, "denied", "not of a service"},
		{"another service's container by its own rule", enters(users+"people/jiro", w.ops, "dba"), 403, "denied", "not of a service"},
		// Time.
		{"an old one", func(q *try) { q.body["time"] = stamp(w.now.Add(-3 * time.Minute)) }, 409, "stale", "not made just now"},
		{"one of before the broker's start", func(q *try) { q.body["time"] = stamp(w.now.Add(-time.Hour)) }, 409, "stale", "not made just now"},
		{"one from the future", func(q *try) { q.body["time"] = stamp(w.now.Add(time.Second)) }, 409, "stale", "not made just now"},
		{"a time of another form", set("time", "2026-11-25 09:00:00"), 400, "malformed", "time is not in the form"},
		{"a day that there isn't", set("time", "2026-02-31T09:00:00.000000000Z"), 400, "malformed", "no such time"},
		{"a nonce of another form", set("nonce", "1"), 400, "malformed", "nonce is not 32 hex digits"},
	}
	if len(rows) < 40 {
		t.Fatalf("only %d requests", len(rows))
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			asked, assumed := len(w.aws.Asked()), len(w.sent.assumed)
			q := w.request()
			r.change(q)
			o := q.make(t)
			if o.status != r.status || o.answer["code"] != r.code {
				t.Errorf("%d %v", o.status, o.answer)
			}
			if said, _ := o.answer["error"].(string); !strings.Contains(said, r.why) {
				t.Errorf("it says %q", said)
			}
			if why, _ := o.line["why"].(string); o.line["decision"] != "denied" || o.line["code"] != r.code || !strings.Contains(why, r.why) {
				t.Errorf("the line is %s", o.text)
			}
			if _, session := o.line["session"]; session {
				t.Errorf("the line has a session: %s", o.text)
			}
			if strings.ContainsAny(o.text[:len(o.text)-1], "\x1b\n\u202e") || strings.Contains(o.text, `\u001b`) {
				t.Errorf("the line isn't fit for a terminal: %q", o.text)
			}
			if len(w.aws.Asked()) != asked || len(w.sent.assumed) != assumed {
				t.Error("AWS was asked for a session")
			}
		})
	}
	t.Run("replayed", func(t *testing.T) {
		q := w.request()
		if o := q.make(t); o.status != 200 {
			t.Fatalf("%d %v", o.status, o.answer)
		}
		asked := len(w.aws.Asked())
		for _, later := range []time.Duration{0, time.Second, time.Minute, 2 * time.Minute, 6 * time.Minute} {
			w.now = w.now.Add(later)
			if o := q.make(t); o.status != 409 || o.line["decision"] != "denied" {
				t.Errorf("after %s: %d %v", later, o.status, o.answer)
			}
		}
		if n := len(w.aws.Asked()); n != asked {
			t.Errorf("%d sessions were opened by replays", n-asked)
		}
	})
	t.Run("a refused one, replayed when it would be allowed", func(t *testing.T) {
		q := w.request()
		q.by(users + "opsh-operator")
		if o := q.make(t); o.status != 403 {
			t.Fatalf("%d %v", o.status, o.answer)
		}
		q.by(operator)
		if o := q.make(t); o.status != 409 || o.answer["code"] != "replayed" {
			t.Errorf("%d %v", o.status, o.answer)
		}
	})
	// What one instance has let through, the next one can't know: it takes nothing that is older than itself.
	t.Run("replayed to the next instance", func(t *testing.T) {
		q := w.request()
		if o := q.make(t); o.status != 200 {
			t.Fatalf("%d %v", o.status, o.answer)
		}
		w.now = w.now.Add(time.Millisecond)
		w.Broker = w.broker(t, configuration)
		o := q.make(t)
		if o.status != 409 || o.answer["code"] != "stale" || o.answer["now"] != stamp(w.now) {
			t.Errorf("%d %v", o.status, o.answer)
		}
		if o := w.request().make(t); o.status != 200 {
			t.Errorf("by the broker's clock: %d %v", o.status, o.answer)
		}
	})
}
