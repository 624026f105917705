package deploy

import (
	"encoding/json"
	"testing"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// patterns are the rules' patterns, as JSON.
func patterns(t *testing.T, given map[string]cty.Value) map[string]map[string]any {
	t.Helper()
	v := evaluate(t, japan, given).locals["patterns"]
	text, err := ctyjson.Marshal(v, v.Type())
	must(t, err)
	var found map[string]map[string]any
	must(t, json.Unmarshal(text, &found))
	for name, p := range found {
		text, err := json.Marshal(p)
		must(t, err)
		if len(text) > 2048 { // EventBridge's limit
			t.Errorf("the pattern %s has %d characters", name, len(text))
		}
	}
	return found
}

// cloudTrail is an event as EventBridge gets it from CloudTrail, with parameters null where they are nil.
func cloudTrail(source, name string, parameters map[string]any) map[string]any {
	var given any
	if parameters != nil {
		given = parameters
	}
	return map[string]any{
		"version": "0", "source": "aws." + source, "detail-type": "AWS API Call via CloudTrail", "account": account, "region": "ap-northeast-1",
		"detail": map[string]any{
			"eventVersion": "1.09", "eventSource": source + ".amazonaws.com", "eventName": name, "readOnly": false, "requestParameters": given,
			"userIdentity": map[string]any{"type": "AssumedRole", "arn": "arn:aws:sts::" + account + ":assumed-role/opsh-operator/alice"},
		},
	}
}

func execute(command string) map[string]any {
	return cloudTrail("ecs", "ExecuteCommand", map[string]any{"cluster": "prod-main", "task": "0a1b2c", "container": "ops", "interactive": true, "command": command})
}

func start(target string) map[string]any {
	return cloudTrail("ssm", "StartSession", map[string]any{"target": target})
}

func resume(errorCode string) map[string]any {
	event := cloudTrail("ssm", "ResumeSession", map[string]any{"sessionId": "ecs-execute-command-0a1b2c"})
	if errorCode != "" {
		event["detail"].(map[string]any)["errorCode"] = errorCode
	}
	return event
}

// TestDefaultCluster: a call that names no cluster is about the one named default.
func TestDefaultCluster(t *testing.T) {
	shell := cloudTrail("ecs", "ExecuteCommand", map[string]any{"task": "0a1b2c", "command": "/bin/sh"})
	for name, want := range map[string]bool{"default": true, "prod-main": false} {
		p := patterns(t, with(map[string]cty.Value{"cluster_name": cty.StringVal(name), "watch_every_cluster": cty.False}))
		got, err := matches(p["command"], shell)
		must(t, err)
		if got != want {
			t.Errorf("cluster %s: a shell in a cluster without a name matches: %v", name, got)
		}
	}
}

// TestResumeIsTold: unless operators may do it.
func TestResumeIsTold(t *testing.T) {
	if patterns(t, sample())["resume"] == nil || patterns(t, with(map[string]cty.Value{"allow_session_control": cty.True}))["resume"] != nil {
		t.Error("the rule resume is there when operators may resume sessions, or isn't when they may not")
	}
}

func TestEvents(t *testing.T) {
	all, ours := patterns(t, sample()), patterns(t, with(map[string]cty.Value{"watch_every_cluster": cty.False}))
	in := func(cluster string) map[string]any {
		return cloudTrail("ecs", "ExecuteCommand", map[string]any{"cluster": cluster, "task": "0a1b2c", "command": "/bin/sh"})
	}
	for _, r := range []struct {
		name      string
		event     map[string]any
		all, ours string // the rule that tells: command, door, or none
	}{
		{"opsh", execute("opsh"), "", ""},
		{"opsh with a line", execute("opsh -c 'mysql -e \"SELECT 1\"'"), "", ""},
		{"opsh with a reason", execute("opsh -s --reason 'INC-4711 orders; stuck'"), "", ""},
		{"opsh by its path", execute("/usr/local/bin/opsh"), "", ""},
		{"opsh by its path, with a line", execute("/usr/local/bin/opsh -c 'rails x'"), "", ""},
		{"a shell", execute("/bin/sh"), "command", "command"},
		{"a shell by name", execute("bash"), "command", "command"},
		{"a second command", execute("opsh; sh"), "command", "command"},
		{"a longer name", execute("opshx"), "command", "command"},
		{"a longer name with options", execute("opshx -c x"), "command", "command"},
		{"a name with a hyphen", execute("opsh-exec"), "command", "command"},
		{"a blank in front", execute(" opsh"), "command", "command"},
		{"a tab behind", execute("opsh\tx"), "command", "command"},
		{"a new line behind", execute("opsh\nsh"), "command", "command"},
		{"quoted away", execute("op'sh' -c x"), "command", "command"},
		{"capitals", execute("OPSH"), "command", "command"},
		{"opsh as a word", execute("sh -c opsh"), "command", "command"},
		{"opsh of another directory", execute("/tmp/opsh"), "command", "command"},
		{"a path that goes on", execute("/usr/local/bin/opsh/../sh"), "command", "command"},
		{"nothing", execute(""), "command", "command"},
		{"opsh in front of a path", execute("opsh/../sh"), "command", "command"},
		{"a refused call without parameters", cloudTrail("ecs", "ExecuteCommand", nil), "command", ""},
		{"a call without a command", cloudTrail("ecs", "ExecuteCommand", map[string]any{"cluster": "prod-main"}), "command", "command"},
		{"a shell in another cluster", in("dev"), "command", ""},
		{"a shell in the cluster by its ARN", in(ourCluster), "command", "command"},
		{"another call of ECS", cloudTrail("ecs", "RunTask", map[string]any{"cluster": "prod-main"}), "", ""},
		{"a session in a task", start(ourTarget), "door", "door"},
		{"a session in another cluster's task", start("ecs:dev_1_1-1"), "door", ""},
		{"a session on an instance", start("i-0123456789abcdef0"), "", ""},
		{"a session on a managed node", start("mi-0123456789abcdef0"), "", ""},
		{"a resumed session", resume(""), "resume", "resume"},
		{"a resumption that was refused", resume("AccessDenied"), "", ""},
		{"a resumed session on an instance", cloudTrail("ssm", "ResumeSession", map[string]any{"sessionId": "alice-0a1b2c"}), "", ""},
		{"a session that ends", cloudTrail("ssm", "TerminateSession", map[string]any{"sessionId": "ecs-execute-command-1"}), "", ""},
	} {
		for where, c := range map[string]struct {
			rules map[string]map[string]any
			want  string
		}{"every cluster": {all, r.all}, "this cluster": {ours, r.ours}} {
			for rule, pattern := range c.rules {
				got, err := matches(pattern, r.event)
				must(t, err)
				if got != (rule == c.want) {
					t.Errorf("%s, %s: rule %s matches: %v", r.name, where, rule, got)
				}
			}
		}
	}
}

// TestPatternReader: the reader above refuses what EventBridge refuses, or what it doesn't know itself, and isn't a rubber stamp.
func TestPatternReader(t *testing.T) {
	for _, bad := range []string{
		`{"a": "x"}`, `{"a": []}`, `{"$or": []}`, `{"a": [{"anything-but": {"wildcard": ["a**"]}}]}`, `{"a": [{"anything-but": [{"prefix": "x"}]}]}`,
		`{"a": [{"prefix": "x", "exists": true}]}`, `{"a": [{"exists": "no"}]}`, `{"a": [{"regexp": "x"}]}`, `{"a": [{"prefix": ""}]}`,
	} {
		var p map[string]any
		must(t, json.Unmarshal([]byte(bad), &p))
		if _, err := matches(p, map[string]any{"a": "x"}); err == nil {
			t.Errorf("%s passes", bad)
		}
	}
}
