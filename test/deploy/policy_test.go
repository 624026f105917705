package deploy

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

const (
	ecsARN = "arn:aws:ecs:ap-northeast-1:" + account
	group  = "arn:aws:logs:ap-northeast-1:" + account + ":log-group:"
	keyARN = "arn-of:aws_kms_key.opsh"
	topic  = "arn:aws:sns:ap-northeast-1:" + account + ":opsh-alerts"
	bucket = "arn:aws:s3:::prod-exec-logs"

	ourCluster = ecsARN + ":cluster/prod-main"
	ourTask    = ecsARN + ":task/prod-main/0a1b2c"
	ourTarget  = "ecs:prod-main_0a1b2c_0a1b2c-123"
)

// row is one call, and what IAM must say to it.
type row struct {
	name   string
	policy string
	allow  bool
	request
}

func call(action string, resources ...string) request {
	return request{action: action, resources: resources}
}

// when adds keys of the call, as NAME VALUE pairs.
func (r request) when(pairs ...string) request {
	r.context = maps.Clone(r.context)
	if r.context == nil {
		r.context = map[string]string{}
	}
	for i := 0; i < len(pairs); i += 2 {
		r.context[pairs[i]] = pairs[i+1]
	}
	return r
}

func (r request) by(who string) request {
	r.who = who
	return r
}

// full is the module with everything that is optional.
func full() map[string]cty.Value {
	return with(map[string]cty.Value{
		"session_bucket_name": cty.StringVal("prod-exec-logs"),
		"github": object("repository", "example/ops", "environment", "production-ops",
			"provider_arn", "arn:aws:iam::"+account+":oidc-provider/token.actions.githubusercontent.com"),
	})
}

func check(t *testing.T, p plan, rows []row) {
	t.Helper()
	for _, r := range rows {
		made, ok := p.policies[r.policy]
		if !ok {
			t.Fatalf("there is no policy %s", r.policy)
		}
		if got := made.allows(r.request); got != r.allow {
			t.Errorf("%s: %s: allows %v", r.policy, r.name, got)
		}
	}
}

func TestOperator(t *testing.T) {
	p := evaluate(t, japan, full())
	enter := call("ecs:ExecuteCommand", ourCluster, ourTask)
	ops := []string{"ecs:container-name", "ops"}
	in := []string{"ecs:cluster", ourCluster}
	channel := "kms:EncryptionContext:aws:ssm:TargetId"
	rows := []row{
		{"the ops container", "operator", true, enter.when(ops...)},
		{"another container", "operator", false, enter.when("ecs:container-name", "app")},
		{"a container whose name begins like it", "operator", false, enter.when("ecs:container-name", "ops2")},
		{"no container named", "operator", false, enter},
		{"another cluster", "operator", false, call("ecs:ExecuteCommand", ecsARN+":cluster/dev", ecsARN+":task/dev/0a1b2c").when(ops...)},
		{"a task of another cluster", "operator", false, call("ecs:ExecuteCommand", ourCluster, ecsARN+":task/dev/0a1b2c").when(ops...)},
		{"a cluster whose name begins like it", "operator", false, call("ecs:ExecuteCommand", ourCluster+"2", ecsARN+":task/prod-main2/0a").when(ops...)},
		{"the cluster in another region", "operator", false, call("ecs:ExecuteCommand", strings.ReplaceAll(ourCluster, "ap-northeast-1", "eu-west-1"),
			strings.ReplaceAll(ourTask, "ap-northeast-1", "eu-west-1")).when(ops...)},
		{"a session past ECS Exec", "operator", false, call("ssm:StartSession", ourTask)},
		{"a session past ECS Exec, by the cluster", "operator", false, call("ssm:StartSession", ourCluster)},
		{"a session on an instance", "operator", false, call("ssm:StartSession", "arn:aws:ec2:ap-northeast-1:"+account+":instance/i-1")},
		{"resume somebody's session", "operator", false, call("ssm:ResumeSession", "arn:aws:ssm:ap-northeast-1:"+account+":session/ecs-execute-command-1")},
		{"look at a task", "operator", true, call("ecs:DescribeTasks", ourTask).when(in...)},
		{"look at a task of another cluster", "operator", false, call("ecs:DescribeTasks", ecsARN+":task/dev/1").when("ecs:cluster", ecsARN+":cluster/dev")},
		{"list the tasks", "operator", true, call("ecs:ListTasks", ecsARN+":container-instance/prod-main/*").when(in...)},
		{"list another cluster's tasks", "operator", false, call("ecs:ListTasks", "*").when("ecs:cluster", ecsARN+":cluster/dev")},
		{"list tasks, no cluster named", "operator", false, call("ecs:ListTasks", "*")},
		{"list the services", "operator", true, call("ecs:ListServices", "*").when(in...)},
		{"look at a service", "operator", true, call("ecs:DescribeServices", ecsARN+":service/prod-main/ops").when(in...)},
		{"look at another cluster's service", "operator", false, call("ecs:DescribeServices", ecsARN+":service/dev/ops").when("ecs:cluster", ecsARN+":cluster/dev")},
		{"look at the cluster", "operator", true, call("ecs:DescribeClusters", ourCluster)},
		{"look at another cluster", "operator", false, call("ecs:DescribeClusters", ecsARN+":cluster/dev")},
		{"list the clusters", "operator", true, call("ecs:ListClusters", "*")},
		{"look at a task definition", "operator", true, call("ecs:DescribeTaskDefinition", "*")},
		{"start a task", "operator", false, call("ecs:RunTask", ecsARN+":task-definition/ops:1").when(in...)},
		{"stop a task", "operator", false, call("ecs:StopTask", ourTask).when(in...)},
		{"write a task definition", "operator", false, call("ecs:RegisterTaskDefinition", "*")},
		{"change the cluster", "operator", false, call("ecs:UpdateCluster", ourCluster)},
		{"a data key for a session", "operator", true, call("kms:GenerateDataKey", keyARN).when(channel, ourTarget)},
		{"a data key for another cluster's session", "operator", false, call("kms:GenerateDataKey", keyARN).when(channel, "ecs:dev_1_1-1")},
		{"a data key for a cluster whose name begins like it", "operator", false, call("kms:GenerateDataKey", keyARN).when(channel, "ecs:prod-main2_1_1-1")},
		{"a data key of another key", "operator", false, call("kms:GenerateDataKey", "arn:aws:kms:x:1:key/2").when(channel, ourTarget)},
		{"decrypt", "operator", false, call("kms:Decrypt", keyARN).when(channel, ourTarget)},
		{"delete the trail", "operator", false, call("logs:DeleteLogGroup", group+"/ecs/prod-main/opsh:*")},
		{"write to the trail", "operator", false, call("logs:PutLogEvents", group+"/ecs/prod-main/opsh:log-stream:s")},
		{"the workflow enters", "ci", true, enter.when(ops...)},
		{"the workflow enters another container", "ci", false, enter.when("ecs:container-name", "app")},
		{"the workflow past ECS Exec", "ci", false, call("ssm:StartSession", ourTask)},
		{"the workflow reads the trail", "ci", true, call("logs:GetLogEvents", group+"/ecs/prod-main/opsh:log-stream:s")},
		{"the workflow reads the session logs", "ci", false, call("logs:GetLogEvents", group+"/ecs/prod-main/session:log-stream:s")},
		{"the workflow writes to the trail", "ci", false, call("logs:PutLogEvents", group+"/ecs/prod-main/opsh:log-stream:s")},
	}
	check(t, p, rows)

	// The deny holds whatever else the role is given.
	generous := policy{Statement: append(slices.Clone(p.policies["operator"].Statement), statement{Effect: "Allow", Action: []string{"*"}, Resource: []string{"*"}})}
	for _, resource := range []string{ourTask, ourCluster, "arn:aws:ecs:us-west-2:999999999999:task/x/1", "arn:aws:ecs:us-west-2:999999999999:task/1"} {
		if generous.allows(call("ssm:StartSession", resource)) {
			t.Errorf("an administrator's policy beside it opens ssm:StartSession on %s", resource)
		}
	}
	if !generous.allows(call("ssm:StartSession", "arn:aws:ec2:ap-northeast-1:"+account+":instance/i-1")) {
		t.Error("the deny is wider than tasks")
	}
}

func TestSessionControl(t *testing.T) {
	p := evaluate(t, japan, with(map[string]cty.Value{"allow_session_control": cty.True}))
	check(t, p, []row{
		{"resume", "operator", true, call("ssm:ResumeSession", "arn:aws:ssm:ap-northeast-1:"+account+":session/ecs-execute-command-1")},
		{"end", "operator", true, call("ssm:TerminateSession", "arn:aws:ssm:ap-northeast-1:"+account+":session/ecs-execute-command-1")},
		{"resume a session on an instance", "operator", false, call("ssm:ResumeSession", "arn:aws:ssm:ap-northeast-1:"+account+":session/alice-1")},
		{"past ECS Exec", "operator", false, call("ssm:StartSession", ourTask)},
	})
}

// TestDoctor: what opsctl doctor asks, and nothing that shows a log or changes anything.
func TestDoctor(t *testing.T) {
	const task, operator = "arn-of:aws_iam_role.task", "arn-of:aws_iam_role.operator"
	p := evaluate(t, japan, full())
	check(t, p, []row{
		{"its own rights", "doctor", true, call("iam:SimulatePrincipalPolicy", operator)},
		{"the task role's rights", "doctor", true, call("iam:SimulatePrincipalPolicy", task)},
		{"somebody else's rights", "doctor", false, call("iam:SimulatePrincipalPolicy", "arn:aws:iam::"+account+":role/admin")},
		{"its own role's path", "doctor", true, call("iam:GetRole", operator)},
		{"its own role's policies", "doctor", false, call("iam:PutRolePolicy", operator)},
		{"the key", "doctor", true, call("kms:DescribeKey", keyARN)},
		{"the key's policy", "doctor", true, call("kms:GetKeyPolicy", keyARN)},
		{"change the key's policy", "doctor", false, call("kms:PutKeyPolicy", keyARN)},
		{"use the key", "doctor", false, call("kms:Decrypt", keyARN)},
		{"the bucket's encryption", "doctor", true, call("s3:GetEncryptionConfiguration", bucket)},
		{"a session log", "doctor", false, call("s3:GetObject", bucket+"/session/s.log")},
		{"the groups", "doctor", true, call("logs:DescribeLogGroups", "*")},
		{"a log", "doctor", false, call("logs:GetLogEvents", group+"/ecs/prod-main/opsh:log-stream:s")},
		{"the endpoints", "doctor", true, call("ec2:DescribeVpcEndpoints", "*")},
		{"the routes", "doctor", true, call("ec2:DescribeRouteTables", "*")},
		{"pass the role", "doctor", false, call("iam:PassRole", task)},
	})
	for _, s := range p.policies["doctor"].Statement {
		for _, a := range s.Action {
			_, verb, _ := strings.Cut(a, ":")
			if !strings.HasPrefix(verb, "Describe") && !strings.HasPrefix(verb, "List") && !strings.HasPrefix(verb, "Simulate") && verb != "GetRole" && verb != "GetKeyPolicy" && verb != "GetEncryptionConfiguration" {
				t.Errorf("%s is more than looking", a)
			}
		}
	}
	if m := readModule(t, moduleDir); m.of("resource")["aws_iam_role_policy.operator_doctor"].Attributes["count"] == nil {
		t.Error("it is given without being asked for")
	}
}

func TestTask(t *testing.T) {
	p := evaluate(t, japan, full())
	trail, session := group+"/ecs/prod-main/opsh", group+"/ecs/prod-main/session"
	viaS3 := []string{"kms:ViaService", "s3.ap-northeast-1.amazonaws.com", "kms:EncryptionContext:aws:s3:arn", bucket}
	rows := []row{
		{"the agent's channels", "task", true, call("ssmmessages:OpenDataChannel", "*")},
		{"open the trail's stream", "task", true, call("logs:CreateLogStream", trail+":log-stream:s")},
		{"write the trail", "task", true, call("logs:PutLogEvents", trail+":log-stream:s")},
		{"read the trail back", "task", true, call("logs:GetLogEvents", trail+":log-stream:s")},
		{"a group whose name begins like it", "task", false, call("logs:PutLogEvents", trail+"2:log-stream:s")},
		{"another group", "task", false, call("logs:PutLogEvents", group+"/ecs/dev/opsh:log-stream:s")},
		{"read another group", "task", false, call("logs:GetLogEvents", group+"/app:log-stream:s")},
		{"write the session log", "task", true, call("logs:PutLogEvents", session+":log-stream:s")},
		{"look at the session log's streams", "task", true, call("logs:DescribeLogStreams", session+":log-stream:")},
		{"read session logs", "task", false, call("logs:GetLogEvents", session+":log-stream:s")},
		{"delete a stream", "task", false, call("logs:DeleteLogStream", trail+":log-stream:s")},
		{"delete the group", "task", false, call("logs:DeleteLogGroup", trail+":*")},
		{"shorten the retention", "task", false, call("logs:PutRetentionPolicy", trail+":*")},
		{"make a group", "task", false, call("logs:CreateLogGroup", group+"/x:*")},
		{"the container's log", "task", false, call("logs:PutLogEvents", group+"/ecs/prod-main/container:log-stream:s")},
		{"find the group", "task", true, call("logs:DescribeLogGroups", group+":*")},
		{"look at the key", "task", true, call("kms:DescribeKey", keyARN)},
		{"look at the key's policy", "task", true, call("kms:GetKeyPolicy", keyARN)},
		{"change the key's policy", "task", false, call("kms:PutKeyPolicy", keyARN)},
		{"a session's data key", "task", true, call("kms:Decrypt", keyARN).when("kms:EncryptionContext:aws:ssm:TargetId", ourTarget)},
		{"decrypt anything", "task", false, call("kms:Decrypt", keyARN)},
		{"decrypt the logs", "task", false, call("kms:Decrypt", keyARN).when("kms:EncryptionContext:aws:logs:arn", session)},
		{"decrypt the alerts", "task", false, call("kms:Decrypt", keyARN).when("kms:EncryptionContext:aws:sns:topicArn", topic)},
		{"put a session log", "task", true, call("s3:PutObject", bucket+"/session/s.log")},
		{"put elsewhere in the bucket", "task", false, call("s3:PutObject", bucket+"/other")},
		{"read a session log", "task", false, call("s3:GetObject", bucket+"/session/s.log")},
		{"delete a session log", "task", false, call("s3:DeleteObject", bucket+"/session/s.log")},
		{"lift the lock", "task", false, call("s3:BypassGovernanceRetention", bucket+"/session/s.log")},
		{"look at the bucket's encryption", "task", true, call("s3:GetEncryptionConfiguration", bucket)},
		{"a data key for the bucket", "task", true, call("kms:GenerateDataKey", keyARN).when(viaS3...)},
		{"a data key, not through S3", "task", false, call("kms:GenerateDataKey", keyARN).when(viaS3[2:]...)},
		{"enter a container", "task", false, call("ecs:ExecuteCommand", ourCluster, ourTask).when("ecs:container-name", "ops")},
		{"ECS takes the role", "task_trust", true, request{who: "Service ecs-tasks.amazonaws.com", action: "sts:AssumeRole", resources: []string{"role"}}.
			when("aws:SourceAccount", account, "aws:SourceArn", ecsARN+":task/prod-main/1")},
		{"ECS for another account", "task_trust", false, request{who: "Service ecs-tasks.amazonaws.com", action: "sts:AssumeRole", resources: []string{"role"}}.
			when("aws:SourceAccount", "999999999999", "aws:SourceArn", ecsARN+":task/prod-main/1")},
		{"EC2 takes the role", "task_trust", false, request{who: "Service ec2.amazonaws.com", action: "sts:AssumeRole", resources: []string{"role"}}.
			when("aws:SourceAccount", account, "aws:SourceArn", ecsARN+":task/prod-main/1")},
	}
	check(t, p, rows)

	// What opsh's policy needs beside that, on request.
	list := func(arns ...string) cty.Value {
		var all []cty.Value
		for _, a := range arns {
			all = append(all, cty.StringVal(a))
		}
		return cty.ListVal(all)
	}
	const (
		here      = ":ap-northeast-1:" + account + ":"
		secret    = "arn:aws:secretsmanager" + here + "secret:prod/db"
		parameter = "arn:aws:ssm" + here + "parameter/prod/db/password"
		theirKey  = "arn:aws:kms" + here + "key/2222"
		dbUser    = "arn:aws:rds-db" + here + "dbuser:db-ABC/ops"
		films     = "arn:aws:s3:::prod-recordings/opsh"
	)
	asked := evaluate(t, japan, with(map[string]cty.Value{"secret_arns": list(secret + "-??????"), "parameter_arns": list(parameter), "secret_key_arns": list(theirKey),
		"rds_user_arns": list(dbUser), "recordings_arn": cty.StringVal(films)}))
	needs := []row{
		{"fetch a secret", "task", true, call("secretsmanager:GetSecretValue", secret+"-a1B2c3")},
		{"fetch another secret", "task", false, call("secretsmanager:GetSecretValue", secret+"2-a1B2c3")},
		{"change a secret", "task", false, call("secretsmanager:PutSecretValue", secret+"-a1B2c3")},
		{"fetch a parameter", "task", true, call("ssm:GetParameter", parameter)},
		{"fetch another parameter", "task", false, call("ssm:GetParameter", parameter+"2")},
		{"decrypt them", "task", true, call("kms:Decrypt", theirKey)},
		{"decrypt with opsh's key", "task", false, call("kms:Decrypt", keyARN)},
		{"log in to the database", "task", true, call("rds-db:connect", dbUser)},
		{"log in as somebody else", "task", false, call("rds-db:connect", dbUser+"2")},
		{"put a recording", "task", true, call("s3:PutObject", films+"/ecs-execute-command-1/000001.cast.gz")},
		{"put beside them", "task", false, call("s3:PutObject", films+"2/x")},
		{"read a recording", "task", false, call("s3:GetObject", films+"/ecs-execute-command-1/000001.cast.gz")},
		{"delete a recording", "task", false, call("s3:DeleteObject", films+"/ecs-execute-command-1/000001.cast.gz")},
	}
	check(t, asked, needs)
	for i := range needs {
		needs[i].name, needs[i].allow = "without asking: "+needs[i].name, false
	}
	check(t, evaluate(t, japan, sample()), needs)

	// Without a bucket the role has nothing of S3 and no data keys.
	for _, s := range evaluate(t, japan, sample()).policies["task"].Statement {
		for _, a := range s.Action {
			if strings.HasPrefix(a, "s3:") || a == "kms:GenerateDataKey" {
				t.Errorf("without a bucket the task may %s", a)
			}
		}
	}
}

func TestKeyTopicAndBucket(t *testing.T) {
	p := evaluate(t, japan, full())
	logs, events, root := "Service logs.ap-northeast-1.amazonaws.com", "Service events.amazonaws.com", "AWS arn:aws:iam::"+account+":root"
	about := func(arn string) []string { return []string{"kms:EncryptionContext:aws:logs:arn", arn} }
	rule := "arn:aws:events:ap-northeast-1:" + account + ":rule/"
	rows := []row{
		{"logs encrypt the trail", "key", true, call("kms:Encrypt", "*").by(logs).when(about(group + "/ecs/prod-main/opsh")...)},
		{"logs make a data key", "key", true, call("kms:GenerateDataKeyWithoutPlaintext", "*").by(logs).when(about(group + "/ecs/prod-main/session")...)},
		{"logs re-encrypt", "key", true, call("kms:ReEncryptFrom", "*").by(logs).when(about(group + "/ecs/prod-main/container")...)},
		{"logs decrypt", "key", true, call("kms:Decrypt", "*").by(logs).when(about(group + "/ecs/prod-main/opsh")...)},
		{"logs for another group", "key", false, call("kms:Encrypt", "*").by(logs).when(about(group + "/app")...)},
		{"logs for a group whose name begins like it", "key", false, call("kms:Encrypt", "*").by(logs).when(about(group + "/ecs/prod-main/opsh2")...)},
		{"logs for another account", "key", false, call("kms:Decrypt", "*").by(logs).when(about(strings.ReplaceAll(group, account, "999999999999") + "/ecs/prod-main/opsh")...)},
		{"logs without a group", "key", false, call("kms:Decrypt", "*").by(logs)},
		{"logs of another region", "key", false, call("kms:Encrypt", "*").by("Service logs.eu-west-1.amazonaws.com").when(about(group + "/ecs/prod-main/opsh")...)},
		{"logs delete the key", "key", false, call("kms:ScheduleKeyDeletion", "*").by(logs).when(about(group + "/ecs/prod-main/opsh")...)},
		{"alerts", "key", true, call("kms:GenerateDataKey", "*").by(events).when("kms:EncryptionContext:aws:sns:topicArn", topic)},
		{"another topic's alerts", "key", false, call("kms:GenerateDataKey", "*").by(events).when("kms:EncryptionContext:aws:sns:topicArn", topic+"2")},
		{"events on the logs", "key", false, call("kms:Decrypt", "*").by(events).when(about(group + "/ecs/prod-main/opsh")...)},
		{"the account", "key", true, call("kms:PutKeyPolicy", "*").by(root)},
		{"another account", "key", false, call("kms:Decrypt", "*").by("AWS arn:aws:iam::999999999999:root")},
		{"the first rule publishes", "topic", true, call("sns:Publish", topic).by(events).when("aws:SourceArn", rule+"opsh-command")},
		{"the second rule publishes", "topic", true, call("sns:Publish", topic).by(events).when("aws:SourceArn", rule+"opsh-door")},
		{"another rule publishes", "topic", false, call("sns:Publish", topic).by(events).when("aws:SourceArn", rule+"other")},
		{"another service publishes", "topic", false, call("sns:Publish", topic).by("Service s3.amazonaws.com").when("aws:SourceArn", rule+"opsh-door")},
		{"a rule subscribes", "topic", false, call("sns:Subscribe", topic).by(events).when("aws:SourceArn", rule+"opsh-door")},
	}
	check(t, p, rows)

	open := policy{Statement: append(slices.Clone(p.policies["bucket"].Statement),
		statement{Effect: "Allow", Action: []string{"*"}, Resource: []string{"*"}, Principal: []principal{{"AWS", []string{"*"}}}})}
	for secure, want := range map[string]bool{"true": true, "false": false} {
		if got := open.allows(call("s3:GetObject", bucket+"/session/s.log").by("AWS anyone").when("aws:SecureTransport", secure)); got != want {
			t.Errorf("the bucket with aws:SecureTransport %s: %v", secure, got)
		}
	}
}

func TestTrust(t *testing.T) {
	engineers := "AWS arn:aws:iam::" + account + ":role/engineers"
	assume := request{action: "sts:AssumeRole", resources: []string{"role"}, who: engineers}
	mfa := assume.when("aws:MultiFactorAuthPresent", "true")
	check(t, evaluate(t, japan, full()), []row{
		{"with MFA", "operator_trust", true, mfa},
		{"without MFA", "operator_trust", false, assume.when("aws:MultiFactorAuthPresent", "false")},
		{"with a long-lived key", "operator_trust", false, assume},
		{"somebody else with MFA", "operator_trust", false, mfa.by("AWS arn:aws:iam::" + account + ":role/interns")},
	})
	check(t, evaluate(t, japan, with(map[string]cty.Value{"require_mfa": cty.False})), []row{
		{"MFA not asked for", "operator_trust", true, assume},
		{"somebody else", "operator_trust", false, assume.by("AWS arn:aws:iam::" + account + ":role/interns")},
	})
	provider := "Federated arn:aws:iam::" + account + ":oidc-provider/token.actions.githubusercontent.com"
	subject := func(sub string) request {
		return request{action: "sts:AssumeRoleWithWebIdentity", resources: []string{"role"}, who: provider}.
			when("token.actions.githubusercontent.com:aud", "sts.amazonaws.com", "token.actions.githubusercontent.com:sub", sub)
	}
	check(t, evaluate(t, japan, full()), []row{
		{"the protected environment", "ci_trust", true, subject("repo:example/ops:environment:production-ops")},
		{"another environment", "ci_trust", false, subject("repo:example/ops:environment:test")},
		{"a branch, no environment", "ci_trust", false, subject("repo:example/ops:ref:refs/heads/main")},
		{"a pull request, no environment", "ci_trust", false, subject("repo:example/ops:pull_request")},
		{"a fork", "ci_trust", false, subject("repo:mallory/ops:environment:production-ops")},
		{"a token for somebody else", "ci_trust", false, subject("repo:example/ops:environment:production-ops").when("token.actions.githubusercontent.com:aud", "other")},
		{"another provider", "ci_trust", false, subject("repo:example/ops:environment:production-ops").by("Federated arn:aws:iam::1:oidc-provider/evil")},
	})
}

// TestImmutableSubject: a repository whose tokens carry numbers is let in by them, and not by a name that somebody else may have by now.
func TestImmutableSubject(t *testing.T) {
	given := full()
	provider := "arn:aws:iam::" + account + ":oidc-provider/token.actions.githubusercontent.com"
	given["github"] = object("repository", "example@12/ops@34", "environment", "production-ops", "provider_arn", provider)
	subject := func(sub string) request {
		return request{action: "sts:AssumeRoleWithWebIdentity", resources: []string{"role"}, who: "Federated " + provider}.
			when("token.actions.githubusercontent.com:aud", "sts.amazonaws.com", "token.actions.githubusercontent.com:sub", sub)
	}
	check(t, evaluate(t, japan, given), []row{
		{"the numbers", "ci_trust", true, subject("repo:example@12/ops@34:environment:production-ops")},
		{"the name alone", "ci_trust", false, subject("repo:example/ops:environment:production-ops")},
		{"the name in other hands", "ci_trust", false, subject("repo:example@13/ops@35:environment:production-ops")},
	})
}

// TestChina: nothing in a policy names a partition, service or account but the sample's own.
func TestChina(t *testing.T) {
	p := evaluate(t, china, with(map[string]cty.Value{
		"operator_principals": cty.TupleVal([]cty.Value{cty.StringVal("arn:aws-cn:iam::" + account + ":role/engineers")}),
		"session_bucket_name": cty.StringVal("prod-exec-logs"),
	}))
	for name, made := range p.policies {
		for _, s := range made.Statement {
			all := append(slices.Clone(s.Resource), s.Action...)
			for _, c := range s.Condition {
				all = append(all, c.Values...)
			}
			for _, of := range s.Principal {
				all = append(all, of.Identifiers...)
			}
			for _, text := range all {
				if strings.HasPrefix(text, "arn:") && !strings.HasPrefix(text, "arn:aws-cn:") || strings.Contains(text, "ap-northeast") {
					t.Errorf("%s, %s: %s", name, s.Sid, text)
				}
			}
		}
	}
	if !p.policies["key"].allows(call("kms:Encrypt", "*").by("Service logs.cn-north-1.amazonaws.com.cn").
		when("kms:EncryptionContext:aws:logs:arn", "arn:aws-cn:logs:cn-north-1:"+account+":log-group:/ecs/prod-main/opsh")) {
		t.Error("CloudWatch Logs in China may not use the key")
	}
}
