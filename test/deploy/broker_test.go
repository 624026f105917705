package deploy

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

const (
	brokerARN   = "arn:aws:lambda:ap-northeast-1:" + account + ":function:opsh-broker"
	sessionRole = "arn:aws:iam::" + account + ":role/opsh-session"
)

// brokered is the module with everything that is optional, the broker among it.
func brokered() map[string]cty.Value {
	given := full()
	given["broker"] = object("package", "broker.zip", "service", "ops", "rules", "[[allow]]\nusers = [\"hanako\"]\ncluster = \"prod-main\"\nservice = \"dba\"\ncontainer = \"dba\"\n")
	return given
}

// TestBrokerAlone: with the broker nobody but its session role starts anything, and nobody asks it but by its URL.
func TestBrokerAlone(t *testing.T) {
	p := evaluate(t, japan, brokered())
	enter := call("ecs:ExecuteCommand", ourCluster, ourTask).when("ecs:container-name", "ops")
	byURL := call("lambda:InvokeFunctionUrl", brokerARN).when("lambda:FunctionUrlAuthType", "AWS_IAM")
	invoke := call("lambda:InvokeFunction", brokerARN)
	through := "lambda:InvokedViaFunctionUrl"
	channel := "kms:EncryptionContext:aws:ssm:TargetId"
	lambdas := request{action: "sts:AssumeRole", resources: []string{"role"}, who: "Service lambda.amazonaws.com"}
	session := request{action: "sts:AssumeRole", resources: []string{"role"}, who: "AWS arn-of:aws_iam_role.broker"}
	named := []string{"sts:SourceIdentity", "opsh-operator=hanako"}
	rows := []row{
		{"the session enters the ops container", "session", true, enter},
		{"the session enters another container", "session", false, enter.when("ecs:container-name", "app")},
		{"the session enters another cluster", "session", false, call("ecs:ExecuteCommand", ecsARN+":cluster/dev", ecsARN+":task/dev/1").when("ecs:container-name", "ops")},
		{"the session takes a data key", "session", true, call("kms:GenerateDataKey", keyARN).when(channel, ourTarget)},
		{"the session past ECS Exec", "session", false, call("ssm:StartSession", ourTask)},
		{"the broker enters itself", "broker", false, enter},
		{"the broker looks at a task", "broker", true, call("ecs:DescribeTasks", ourTask).when("ecs:cluster", ourCluster)},
		{"the broker looks at another cluster's", "broker", false, call("ecs:DescribeTasks", ecsARN+":task/dev/1").when("ecs:cluster", ecsARN+":cluster/dev")},
		{"the broker takes the session role", "broker", true, call("sts:AssumeRole", sessionRole)},
		{"the broker names the caller", "broker", true, call("sts:SetSourceIdentity", sessionRole)},
		{"the broker takes another role", "broker", false, call("sts:AssumeRole", "arn:aws:iam::"+account+":role/opsh-operator")},
		{"the broker looks up a role", "broker", true, call("iam:GetRole", "arn:aws:iam::"+account+":role/people/x")},
		{"the broker looks up a user's groups", "broker", true, call("iam:ListGroupsForUser", "arn:aws:iam::"+account+":user/x")},
		{"the broker changes a role", "broker", false, call("iam:TagRole", "arn:aws:iam::"+account+":role/x")},
		{"the broker writes its log", "broker", true, call("logs:PutLogEvents", group+"/ecs/prod-main/broker:log-stream:s")},
		{"the broker reads its log", "broker", false, call("logs:GetLogEvents", group+"/ecs/prod-main/broker:log-stream:s")},
		{"the broker writes the trail", "broker", false, call("logs:PutLogEvents", group+"/ecs/prod-main/opsh:log-stream:s")},
		{"Lambda takes the broker's role", "broker_trust", true, lambdas},
		{"ECS takes the broker's role", "broker_trust", false, lambdas.by("Service ecs-tasks.amazonaws.com")},
		{"the session role for the broker", "session_trust", true, session.when(named...)},
		{"the session role without a name", "session_trust", false, session},
		{"the session role for an empty name", "session_trust", false, session.when("sts:SourceIdentity", "")},
		{"the session role for an operator", "session_trust", false, session.when(named...).by("AWS arn-of:aws_iam_role.operator")},
		{"the session role for the account", "session_trust", false, session.when(named...).by("AWS arn:aws:iam::" + account + ":root")},
	}
	for _, who := range []string{"operator", "ci"} {
		rows = append(rows, []row{
			{"ECS Exec past the broker", who, false, enter},
			{"ask the broker", who, true, byURL},
			{"ask the broker, the second permission", who, true, invoke.when(through, "true")},
			{"call the function past its URL", who, false, invoke},
			{"call the function past its URL, said", who, false, invoke.when(through, "false")},
			{"ask another function", who, false, call("lambda:InvokeFunctionUrl", brokerARN+"2").when("lambda:FunctionUrlAuthType", "AWS_IAM")},
			{"a URL that asks for no signature", who, false, call("lambda:InvokeFunctionUrl", brokerARN).when("lambda:FunctionUrlAuthType", "NONE")},
			{"change the function", who, false, call("lambda:UpdateFunctionCode", brokerARN)},
			{"change the broker's configuration", who, false, call("lambda:UpdateFunctionConfiguration", brokerARN)},
			{"take the session role", who, false, call("sts:AssumeRole", sessionRole)},
			{"find the task", who, true, call("ecs:DescribeTasks", ourTask).when("ecs:cluster", ourCluster)},
			{"a data key for the session", who, true, call("kms:GenerateDataKey", keyARN).when(channel, ourTarget)},
			{"past ECS Exec", who, false, call("ssm:StartSession", ourTask)},
		}...)
	}
	check(t, p, rows)

	// The two denials hold whatever else the role is given.
	generous := policy{Statement: append(slices.Clone(p.policies["operator"].Statement), statement{Effect: "Allow", Action: []string{"*"}, Resource: []string{"*"}})}
	for name, r := range map[string]request{"enters": enter, "calls the function": invoke, "calls a version of it": call("lambda:InvokeFunction", brokerARN+":1")} {
		if generous.allows(r) {
			t.Errorf("an administrator's policy beside it: the operator %s", name)
		}
	}
	if !generous.allows(invoke.when(through, "true")) || !generous.allows(call("lambda:InvokeFunction", "arn:aws:lambda:x:1:function:other")) {
		t.Error("the denials are wider than they should be")
	}

	// Without the broker nobody has anything of it.
	for _, s := range evaluate(t, japan, full()).policies["operator"].Statement {
		for _, a := range s.Action {
			if strings.HasPrefix(a, "lambda:") || s.Effect == "Deny" && a == "ecs:ExecuteCommand" {
				t.Errorf("without a broker: %s %s", s.Effect, a)
			}
		}
	}
}

// TestBrokerConfiguration: the built broker takes what the module gives it, with further rules and without, and refuses it changed.
func TestBrokerConfiguration(t *testing.T) {
	program := filepath.Join(t.TempDir(), "opsh-broker")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "opsh/cmd/opsh-broker").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	alone := maps.Clone(brokered())
	alone["broker"] = object("package", "broker.zip", "service", "ops", "rules", "")
	text := func(given map[string]cty.Value) string {
		return evaluate(t, japan, given).locals["broker_configuration"].AsString()
	}
	for name, test := range map[string]struct{ text, says string }{
		"alone":              {text(alone), "OPSH_BROKER: 1 rules, account " + account},
		"with another rule":  {text(brokered()), "OPSH_BROKER: 2 rules, account " + account},
		"a rule for nobody":  {strings.Replace(text(alone), "roles", "rolls", 1), "opsh-broker: error: allow 1: cannot use the rule"},
		"no configuration":   {"", "opsh-broker: error: cannot set version"},
		"an unknown setting": {"admit = true\n" + text(alone), `opsh-broker: error: cannot set "admit": there is no such key`},
	} {
		cmd := exec.Command(program, "-t")
		cmd.Env = append(os.Environ(), "OPSH_BROKER="+test.text)
		out, err := cmd.CombinedOutput()
		if !strings.Contains(string(out), test.says) || (err == nil) != strings.HasPrefix(test.says, "OPSH_BROKER") {
			t.Errorf("%s: %v, %s\n%s", name, err, out, test.text)
		}
	}
	if all := text(brokered()); !strings.Contains(all, `roles = ["opsh-operator","opsh-ci"]`) || strings.Contains(text(with(map[string]cty.Value{"broker": alone["broker"]})), "opsh-ci") {
		t.Errorf("the roles are not the operators' and the workflow's:\n%s", all)
	}
}

// TestPastTheBroker: who calls ECS themselves is told, whatever they start.
func TestPastTheBroker(t *testing.T) {
	if patterns(t, full())["past"] != nil {
		t.Error("without a broker its rule is there")
	}
	past := patterns(t, brokered())["past"]
	by := func(event map[string]any, role string) map[string]any {
		who := map[string]any{"type": "AssumedRole", "sessionContext": map[string]any{"sessionIssuer": map[string]any{"arn": role}}}
		if role == "" {
			who = map[string]any{"type": "IAMUser", "arn": "arn:aws:iam::" + account + ":user/root-ish"}
		}
		event["detail"].(map[string]any)["userIdentity"] = who
		return event
	}
	other := cloudTrail("ecs", "ExecuteCommand", map[string]any{"cluster": "dev", "command": "sh"})
	for _, r := range []struct {
		name  string
		event map[string]any
		told  bool
	}{
		{"the broker", by(execute("opsh --reason x"), sessionRole), false},
		{"an operator", by(execute("opsh"), "arn:aws:iam::"+account+":role/opsh-operator"), true},
		{"an administrator", by(execute("opsh"), "arn:aws:iam::"+account+":role/admin"), true},
		{"a role that is called alike", by(execute("opsh"), sessionRole+"2"), true},
		{"a user", by(execute("opsh"), ""), true},
		{"a user, in another cluster", by(other, ""), false},
		{"another call", by(cloudTrail("ecs", "RunTask", map[string]any{"cluster": "prod-main"}), ""), false},
	} {
		got, err := matches(past, r.event)
		must(t, err)
		if got != r.told {
			t.Errorf("%s: told %v", r.name, got)
		}
	}
}
