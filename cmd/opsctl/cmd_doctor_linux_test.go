package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"opsh/cmd/opsctl/internal/doctor"
	"opsh/test/ecsmoto"
	"opsh/test/fault"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// setting is a whole one in moto: cluster, key, log group, bucket, task.
type setting struct {
	cloud *ecsmoto.AWS
	key   string
	task  string
}

// newSetting makes it. change may change the container before its task starts.
func newSetting(t *testing.T, change func(*types.ContainerDefinition)) *setting {
	t.Helper()
	ctx := t.Context()
	moto := fault.Shared(t)
	must(t, moto.Reset())
	cloud := ecsmoto.New(t, moto.URL)
	c := ecsmoto.Config(cloud.URL)
	s := &setting{cloud: cloud}

	made, err := kms.NewFromConfig(c).CreateKey(ctx, &kms.CreateKeyInput{Policy: aws.String(`{"Statement": [
		{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::` + ecsmoto.Account + `:root"}, "Action": "kms:*", "Resource": "*"},
		{"Effect": "Allow", "Principal": {"Service": "logs.` + ecsmoto.Region + `.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}]}`)})
	must(t, err)
	s.key = *made.KeyMetadata.Arn
	group, bucket := aws.String("/ecs/prod/session"), aws.String("prod-logs")
	_, err = cloudwatchlogs.NewFromConfig(c).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group, KmsKeyId: &s.key})
	must(t, err)
	objects := s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true })
	_, err = objects.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: ecsmoto.Region}})
	must(t, err)
	_, err = objects.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: bucket, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
		Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAes256}}}}})
	must(t, err)

	containers := ecs.NewFromConfig(c)
	_, err = containers.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("prod"), Configuration: &types.ClusterConfiguration{
		ExecuteCommandConfiguration: &types.ExecuteCommandConfiguration{KmsKeyId: &s.key, Logging: types.ExecuteCommandLoggingOverride,
			LogConfiguration: &types.ExecuteCommandLogConfiguration{CloudWatchLogGroupName: group, CloudWatchEncryptionEnabled: true, S3BucketName: bucket, S3EncryptionEnabled: true}}}})
	must(t, err)
	container := types.ContainerDefinition{Name: aws.String("ops"), Image: aws.String("ops"), Memory: aws.Int32(128), EntryPoint: []string{"/usr/local/bin/opshd"},
		LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{"mode": "blocking", "awslogs-group": "/ecs/prod/container"}}}
	if change != nil {
		change(&container)
	}
	_, err = containers.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: aws.String("ops"), ContainerDefinitions: []types.ContainerDefinition{container},
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate}, NetworkMode: types.NetworkModeAwsvpc, Cpu: aws.String("256"), Memory: aws.String("512"),
		TaskRoleArn: aws.String("arn:aws:iam::" + ecsmoto.Account + ":role/svc/task")})
	must(t, err)
	s.task = cloud.Run(t, "prod", "ops", "", 1, "ops")[0]

	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	for _, kv := range cloud.Assumed(t, "/ops/", "operator") {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	return s
}

// operator is what deploy/terraform gives its two roles.
func operator(q ecsmoto.Question) string {
	resource := q.Resources[0]
	const at = "arn:aws:ecs:" + ecsmoto.Region + ":" + ecsmoto.Account
	switch {
	case q.Principal == "arn:aws:iam::"+ecsmoto.Account+":role/svc/task":
		logs := strings.HasPrefix(resource, "arn:aws:logs:"+ecsmoto.Region+":"+ecsmoto.Account+":log-group:/ecs/prod/session:log-stream:")
		switch q.Action {
		case "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel":
			return "allowed"
		case "logs:DescribeLogGroups":
			return "allowed"
		case "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents":
			if logs {
				return "allowed"
			}
		case "s3:PutObject", "s3:GetEncryptionConfiguration":
			if strings.HasPrefix(resource, "arn:aws:s3:::prod-logs") {
				return "allowed"
			}
		case "kms:Decrypt":
			if strings.HasPrefix(q.Context["kms:EncryptionContext:aws:ssm:TargetId"], "ecs:prod_") {
				return "allowed"
			}
		}
	case q.Principal != "arn:aws:iam::"+ecsmoto.Account+":role/ops/operator":
		return "explicitDeny" // the role's path was lost
	case q.Action == "ecs:ExecuteCommand" && q.Context["ecs:container-name"] == "ops" && (resource == at+":cluster/prod" || strings.HasPrefix(resource, at+":task/prod/")):
		return "allowed"
	case q.Action == "kms:GenerateDataKey" && strings.HasPrefix(q.Context["kms:EncryptionContext:aws:ssm:TargetId"], "ecs:prod_"):
		return "allowed"
	case q.Action == "ssm:StartSession" && strings.HasPrefix(resource, at):
		return "explicitDeny"
	}
	return "implicitDeny"
}

// diagnosed is what opsctl doctor --json found.
func diagnosed(t *testing.T, status int, words ...string) map[string]doctor.Finding {
	t.Helper()
	got, out, complaints := opsctl(append([]string{"doctor", "--json", "--cluster", "prod"}, words...)...)
	if got != status {
		t.Errorf("status %d instead of %d: %s", got, status, complaints)
	}
	var answer examined
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("%v: %s%s", err, out, complaints)
	}
	all := map[string]doctor.Finding{}
	for _, f := range answer.Findings {
		all[f.ID] = f
	}
	return all
}

// TestDoctorHealthy: the setting that deploy/terraform makes, with the guard, has nothing wrong in it.
func TestDoctorHealthy(t *testing.T) {
	s := newSetting(t, nil)
	s.cloud.Decide = operator
	s.cloud.Endpoints(t, "ssmmessages", "logs", "kms", "s3")
	all := diagnosed(t, 0, "--strict", "--container", "ops")
	if len(all) < 30 {
		t.Errorf("only %d findings", len(all))
	}
	for _, f := range all {
		if f.Level != doctor.OK {
			t.Errorf("%+v", f)
		}
	}
	status, out, complaints := opsctl("doctor", "--cluster", "prod")
	if status != 0 || !strings.HasSuffix(out, "\n0 errors, 0 warnings, 0 not checked, "+strconv.Itoa(len(all))+" ok\n") {
		t.Errorf("%d: %s%s", status, out, complaints)
	}
	if n := s.cloud.Requests("ExecuteCommand"); n != 0 {
		t.Errorf("%d sessions were opened", n)
	}

	t.Run("who may ask nobody", func(t *testing.T) {
		s.cloud.Decide = nil
		all := diagnosed(t, 0, "--container", "ops")
		for _, id := range []string{"role.channels", "role.log", "role.bucket", "role.key", "caller.enter", "caller.key", "caller.container", "caller.start-session", "caller.command", "caller.other-task"} {
			if f := all[id]; f.Level != doctor.NotChecked || !strings.Contains(f.Text, "iam:SimulatePrincipalPolicy") || !strings.Contains(f.Fix, "--as arn:aws:iam::") && id != "role.key" {
				t.Errorf("%+v", f)
			}
		}
		diagnosed(t, 1, "--container", "ops", "--strict")
		s.cloud.Decide = operator
	})
	t.Run("facts that can't be read", func(t *testing.T) {
		for call, ids := range map[string][]string{
			"DescribeClusters":       {"cluster.active", "log.kept", "cluster.key"},
			"DescribeTaskDefinition": {"container.guard", "container.shell", "role.channels"},
			"DescribeLogGroups":      {"log.group", "log.group-key"},
			"GetKeyPolicy":           {"log.group-key"},
			"DescribeKey":            {"cluster.key", "role.key", "caller.key"},
			"DescribeRouteTables":    {"network.way"},
		} {
			s.cloud.Fail(call, "AccessDeniedException", "User: arn:aws:sts::1:assumed-role/operator/hanako is not authorized to perform: x:"+call, -1)
			all := diagnosed(t, 0)
			for _, id := range ids {
				if f := all[id]; f.Level != doctor.NotChecked || !strings.Contains(f.Text, "may not x:"+call) {
					t.Errorf("%s: %s: %+v", call, id, f)
				}
			}
			s.cloud.Fail(call, "", "", 0)
		}
	})
}

// TestDoctorSick: what a real setting has wrong, all at once.
func TestDoctorSick(t *testing.T) {
	s := newSetting(t, func(c *types.ContainerDefinition) {
		c.EntryPoint = nil
		c.ReadonlyRootFilesystem = aws.Bool(true)
		c.MountPoints = []types.MountPoint{{ContainerPath: aws.String("/var/lib/opsh"), SourceVolume: aws.String("v")}}
		c.Environment = []types.KeyValuePair{{Name: aws.String("SHELL"), Value: aws.String("/usr/local/bin/opsh")}, {Name: aws.String("AWS_SECRET_ACCESS_KEY"), Value: aws.String("hunter2hunter2")}}
		c.LogConfiguration.Options["mode"] = "non-blocking"
		c.LinuxParameters = &types.LinuxParameters{Capabilities: &types.KernelCapabilities{Drop: []string{"KILL"}}}
	})
	ctx, c := t.Context(), ecsmoto.Config(s.cloud.URL)
	_, err := kms.NewFromConfig(c).PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &s.key, PolicyName: aws.String("default"),
		Policy: aws.String(`{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::` + ecsmoto.Account + `:root"}, "Action": "kms:*", "Resource": "*"}]}`)})
	must(t, err)
	s.cloud.Decide = func(q ecsmoto.Question) string {
		switch q.Action {
		case "ssmmessages:OpenDataChannel", "ecs:RegisterTaskDefinition":
			return "implicitDeny"
		case "ssm:ResumeSession":
			return "implicitDeny aws:MultiFactorAuthPresent"
		}
		return "allowed"
	}
	s.cloud.Edit(func(task map[string]any) {
		task["platformVersion"] = "1.3.0"
		ecsmoto.SetAgent(ecsmoto.Containers(task)[0], ecsmoto.Agent{Status: "STOPPED", Reason: "no route\x1b[2J"})
	})
	all := diagnosed(t, 1)
	for id, want := range map[string]struct {
		level doctor.Level
		text  string
	}{
		"task.platform":          {doctor.Error, "1.3.0"},
		"container.agent":        {doctor.Error, "STOPPED: no route"},
		"container.root":         {doctor.Error, "/var/lib/amazon, /var/log/amazon:"},
		"container.environment":  {doctor.Error, "AWS_SECRET_ACCESS_KEY"},
		"container.shell":        {doctor.Error, "/usr/local/bin/opsh"},
		"container.log":          {doctor.Warning, "non-blocking"},
		"container.capabilities": {doctor.Error, "KILL"},
		"container.guard":        {doctor.Warning, "isn't known from here"},
		"log.group-key":          {doctor.Error, "doesn't let logs." + ecsmoto.Region + ".amazonaws.com use it"},
		"role.channels":          {doctor.Error, "ssmmessages:OpenDataChannel"},
		"caller.container":       {doctor.Error, "any container"},
		"caller.start-session":   {doctor.Error, "without a log"},
		"caller.resume-session":  {doctor.NotChecked, "aws:MultiFactorAuthPresent"},
		"caller.command":         {doctor.Warning, "IAM has no condition"},
		"caller.other-task":      {doctor.Error, "ecs:RunTask"},
		"network.way":            {doctor.Error, "no endpoint for ssmmessages, logs, kms, s3"},
	} {
		if f := all[id]; f.Level != want.level || !strings.Contains(f.Text, want.text) || f.Fix == "" {
			t.Errorf("%s: %+v", id, f)
		}
	}
	_, out, complaints := opsctl("doctor", "--cluster", "prod", "--task", s.task)
	if strings.ContainsAny(out+complaints, "\x1b") || strings.Contains(out, "hunter2") || !strings.Contains(out, "  ERROR        SHELL is /usr/local/bin/opsh: ") {
		t.Errorf("%s%s", out, complaints)
	}
}

// TestNoRegion: what reads logs says it too, and a file that isn't there is nothing of AWS's.
func TestNoRegion(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
	for _, verb := range [][]string{{"verify"}, {"export", "--ocsf"}} {
		status, _, complaints := opsctl(append(verb, "logs:/ecs/prod/opsh:s")...)
		if status != 125 || complaints != "opsctl: error: cannot open logs:/ecs/prod/opsh:s: no region is set\nopsctl: hint: give --region, or set AWS_REGION, region in opsctl.toml, or the AWS profile's region\n" {
			t.Errorf("%d: %s", status, complaints)
		}
		if status, _, complaints := opsctl(append(verb, "no-such-file")...); status != 125 || strings.Contains(complaints, "hint") {
			t.Errorf("%d: %s", status, complaints)
		}
	}
}

// TestDoctorEC2: a task without a role has its instance's rights there.
func TestDoctorEC2(t *testing.T) {
	s := newSetting(t, nil)
	asked := make(chan ecsmoto.Question, 200)
	s.cloud.Decide = func(q ecsmoto.Question) string { asked <- q; return "allowed" }
	instance := s.cloud.Instance(t, "prod", "instance-role")
	registered, err := ecs.NewFromConfig(ecsmoto.Config(s.cloud.URL)).RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{Family: aws.String("bare"),
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("ops"), Image: aws.String("ops"), Memory: aws.Int32(128)}}})
	must(t, err)
	s.cloud.Edit(func(task map[string]any) {
		task["launchType"], task["containerInstanceArn"], task["attachments"] = "EC2", instance, []any{}
		task["taskDefinitionArn"] = *registered.TaskDefinition.TaskDefinitionArn
	})
	all := diagnosed(t, 1)
	if f := all["task.platform"]; f.Level != doctor.Error || !strings.Contains(f.Text, "the ECS agent of the instance is 1.0.0; ECS Exec needs 1.50.2") {
		t.Errorf("%+v", f)
	}
	if f := all["role.channels"]; f.Level != doctor.OK || !strings.Contains(f.Text, "the role instance-role may ") {
		t.Errorf("%+v", f)
	}
	if f := all["network.way"]; f.Level != doctor.Error || !strings.Contains(f.Text, "the subnet subnet-") {
		t.Errorf("%+v", f)
	}
	s.cloud.Fail("DescribeContainerInstances", "AccessDeniedException", "not for you", -1)
	all = diagnosed(t, 1)
	for _, id := range []string{"task.platform", "role.channels", "network.way", "caller.other-task"} {
		if f := all[id]; f.Level != doctor.NotChecked || !strings.Contains(f.Text, "not for you") {
			t.Errorf("%+v", f)
		}
	}
	close(asked)
	const role = "arn:aws:iam::" + ecsmoto.Account + ":role/instance-role"
	passed := 0
	for q := range asked {
		if strings.HasPrefix(q.Action, "ssmmessages:") && q.Principal != role {
			t.Errorf("%+v", q)
		}
		if q.Action == "iam:PassRole" && q.Resources[0] == role {
			passed++
		}
	}
	if passed != 0 {
		t.Error("an instance's role isn't passed to a task")
	}
}

// TestDoctorAsks: what it passes on to IAM's simulator, and about whom.
func TestDoctorAsks(t *testing.T) {
	s := newSetting(t, nil)
	asked := make(chan ecsmoto.Question, 200)
	s.cloud.Decide = func(q ecsmoto.Question) string { asked <- q; return "implicitDeny" }
	const auditor = "arn:aws:iam::" + ecsmoto.Account + ":user/auditor"
	diagnosed(t, 1, "--as", auditor, "--given", "aws:MultiFactorAuthPresent=true", "--given", "aws:SourceIp=192.0.2.1")
	close(asked)
	principals := map[string]int{}
	for q := range asked {
		principals[q.Principal]++
		if q.Context["aws:MultiFactorAuthPresent"] != "true" || q.Context["aws:SourceIp"] != "192.0.2.1" || q.Context["aws:RequestedRegion"] != ecsmoto.Region || q.Context["aws:PrincipalArn"] != q.Principal {
			t.Errorf("%+v", q)
		}
	}
	if len(principals) != 2 || principals[auditor] < 9 || principals["arn:aws:iam::"+ecsmoto.Account+":role/svc/task"] < 10 {
		t.Errorf("%v", principals)
	}
}

// TestDoctorCannotLook: the exit status tells "it is wrong" from "it can't be seen".
func TestDoctorCannotLook(t *testing.T) {
	s := newSetting(t, nil)
	s.cloud.Decide = operator
	for name, test := range map[string]struct {
		set    func(t *testing.T)
		words  []string
		status int
		says   []string
	}{
		"no such cluster":  {nil, []string{"--cluster", "none"}, 125, []string{"there is no cluster none in " + ecsmoto.Region}},
		"no task":          {nil, []string{"--cluster", "prod", "--service", "web"}, 1, nil},
		"no task anywhere": {nil, []string{"--service", "web"}, 125, []string{"there is no running task of service web", "opsctl tasks"}},
		"denied": {func(t *testing.T) {
			s.cloud.Fail("ListTasks", "AccessDeniedException", "User: a is not authorized to perform: ecs:ListTasks on resource: *", 1)
		}, []string{"--cluster", "prod"}, 125, []string{"a may not ecs:ListTasks"}},
		"nobody": {func(t *testing.T) {
			s.cloud.Fail("GetCallerIdentity", "ExpiredToken", "The security token included in the request is expired", 1)
		}, []string{"--cluster", "prod"}, 125, []string{"credentials have expired", "hint: sign in again"}},
		"a word too many": {nil, []string{"prod"}, 2, []string{"cannot use prod"}},
		"given nothing":   {nil, []string{"--given", "a"}, 2, []string{"KEY=VALUE"}},
		"no region":       {func(t *testing.T) { t.Setenv("AWS_REGION", ""); t.Setenv("AWS_DEFAULT_REGION", "") }, []string{"--cluster", "prod"}, 125, []string{"no region is set", "hint: give --region, or set AWS_REGION, region in opsctl.toml, or the AWS profile's region"}},
	} {
		t.Run(name, func(t *testing.T) {
			if test.set != nil {
				test.set(t)
			}
			status, _, complaints := opsctl(append([]string{"doctor"}, test.words...)...)
			if status != test.status {
				t.Errorf("status %d: %s", status, complaints)
			}
			for _, text := range test.says {
				if !strings.Contains(complaints, text) {
					t.Errorf("no %q in %s", text, complaints)
				}
			}
		})
	}
	t.Run("several", func(t *testing.T) {
		s.cloud.Run(t, "prod", "ops", "", 1, "ops")
		status, _, complaints := opsctl("doctor", "--cluster", "prod")
		if status != 2 || !slices.Contains(strings.Split(complaints, "\n"), "opsctl: hint: name one: --task and --container") {
			t.Errorf("%d: %s", status, complaints)
		}
	})
}
