package doctor

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const (
	region  = "eu-west-1"
	account = "123456789012"
	roleARN = "arn:aws:iam::123456789012:role/svc/task"
	keyARN  = "arn:aws:kms:eu-west-1:123456789012:key/1"
)

var keyPolicy = `{"Statement": [
	{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
	{"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}, "Action": "kms:*", "Resource": "*",
	 "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:123456789012:log-group:/prod/session"}}}]}`

// healthy is a setting with nothing to say about.
func healthy() *Facts {
	key := Known(Key{ARN: keyARN, State: "Enabled", Policy: Known(keyPolicy)})
	f := &Facts{
		Region: region, Partition: "aws", Account: account, ClusterName: "prod", ContainerName: "ops",
		Cluster: Known(Cluster{Status: "ACTIVE", Logging: "OVERRIDE", KeyID: keyARN, Group: "/prod/session", GroupEncrypted: true, Bucket: "logs", Prefix: "s/", BucketEncrypts: true}),
		Task: Known(Task{ID: "0a1b", Status: "RUNNING", Desired: "RUNNING", LaunchType: "FARGATE", Family: "Linux", Platform: "1.4.0", Exec: true, Containers: 1,
			ContainerStatus: "RUNNING", RuntimeID: "0a1b-1", Agent: &Agent{Status: "RUNNING"}}),
		Service: Known(Service{Name: "ops", Exec: true}),
		Definition: Known(Definition{ARN: "arn:aws:ecs:eu-west-1:123456789012:task-definition/ops:7", Family: "ops", Revision: 7, Container: true, EntryPoint: []string{"/usr/local/bin/opshd"},
			Environment: map[string]string{"RAILS_ENV": "production"}, LogDriver: "awslogs", LogOptions: map[string]string{"mode": "blocking"}}),
		SessionKey: key, LogKey: key,
		LogGroup: Known(Group{Exists: true, KeyID: keyARN}),
		Bucket:   Known(Bucket{Exists: true, Encrypted: true}),
		LogMode:  Known("non-blocking"),
		Role:     Known(Role{ARN: roleARN}),
		Network:  Known(Network{Subnet: "subnet-1", Default: "nat-1"}),
		Caller:   Known(Caller{ARN: "arn:aws:sts::123456789012:assumed-role/operator/hanako", Principal: "arn:aws:iam::123456789012:role/operator"}),
		Answers:  map[string]Fact[Decision]{},
	}
	for _, q := range Questions(*f) {
		allowed := strings.HasPrefix(q.Key, "role ") || q.Key == mayEnter || q.Key == mayDataKey
		f.Answers[q.Key] = Known(Decision{Allowed: allowed})
	}
	return f
}

func (f *Facts) decide(d Decision, keys ...string) {
	for _, k := range keys {
		f.Answers[k] = Known(d)
	}
}

var yes, no = Decision{Allowed: true}, Decision{}

func TestHealthy(t *testing.T) {
	var ids []string
	for _, f := range Judge(*healthy()) {
		ids = append(ids, f.ID)
		if f.Level != OK || f.Fix != "" || f.Text == "" {
			t.Errorf("%+v", f)
		}
	}
	// The ids are a promise to programs.
	want := "cluster.active task.running task.platform task.exec container.running container.agent container.root container.pid container.environment container.shell " +
		"container.capabilities container.log container.guard container.init log.kept log.group log.group-key log.bucket cluster.key role.channels role.log role.bucket role.key " +
		"network.way caller.who caller.enter caller.key caller.container caller.start-session caller.resume-session caller.command caller.other-task"
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("%s", got)
	}
	for _, id := range ids {
		if areas[Finding{ID: id}.Area()] == "" {
			t.Errorf("%s has no area", id)
		}
	}
}

// TestJudge: each thing that is wrong, alone, is found under its id, with its level and what to do.
func TestJudge(t *testing.T) {
	type set func(f *Facts, c *Cluster, k *Task, d *Definition)
	for name, test := range map[string]struct {
		set   set
		id    string
		level Level
		text  string
	}{
		"no cluster":          {func(f *Facts, c *Cluster, k *Task, d *Definition) { *c = Cluster{} }, "cluster.active", Error, "not there"},
		"cluster inactive":    {func(f *Facts, c *Cluster, k *Task, d *Definition) { c.Status = "INACTIVE" }, "cluster.active", Error, "INACTIVE"},
		"no key of sessions":  {func(f *Facts, c *Cluster, k *Task, d *Definition) { c.KeyID = "" }, "cluster.key", Warning, "TLS alone"},
		"key of sessions off": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.SessionKey.Value.State = "Disabled" }, "cluster.key", Error, "Disabled"},
		"task stops":          {func(f *Facts, c *Cluster, k *Task, d *Definition) { k.Desired, k.Stopped = "STOPPED", "Scaling in." }, "task.running", Error, "RUNNING: Scaling in"},
		"task starts":         {func(f *Facts, c *Cluster, k *Task, d *Definition) { k.Status = "PENDING" }, "task.running", Error, "PENDING"},
		"old platform":        {func(f *Facts, c *Cluster, k *Task, d *Definition) { k.Platform = "1.3.0" }, "task.platform", Error, "1.3.0"},
		"Windows":             {func(f *Facts, c *Cluster, k *Task, d *Definition) { k.Family = "WINDOWS_SERVER_2022_CORE" }, "task.platform", Error, "Windows"},
		"EC2, old agent": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			k.LaunchType, f.Instance = "EC2", Known(Instance{"1.50.1"})
		}, "task.platform", Error, "1.50.1"},
		"EC2, good agent": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			k.LaunchType, f.Instance = "EC2", Known(Instance{"1.86.0"})
		}, "task.platform", OK, "1.86.0"},
		"EC2, agent not known":    {func(f *Facts, c *Cluster, k *Task, d *Definition) { k.LaunchType = "EC2" }, "task.platform", NotChecked, ""},
		"exec off":                {func(f *Facts, c *Cluster, k *Task, d *Definition) { k.Exec = false }, "task.exec", Error, "without ECS Exec"},
		"exec off in the service": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.Service.Value.Exec = false }, "service.exec", Warning, "the next task"},
		"container stopped": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			k.ContainerStatus, k.ContainerReason = "STOPPED", "OOM"
		}, "container.running", Error, "STOPPED: OOM"},
		"no agent":      {func(f *Facts, c *Cluster, k *Task, d *Definition) { k.Agent = nil }, "container.agent", Error, "no ECS Exec agent"},
		"agent stopped": {func(f *Facts, c *Cluster, k *Task, d *Definition) { k.Agent = &Agent{"STOPPED", "no route"} }, "container.agent", Error, "STOPPED: no route"},
		"agent starts":  {func(f *Facts, c *Cluster, k *Task, d *Definition) { k.Agent = &Agent{"PENDING", ""} }, "container.agent", Error, "starting"},
		"read-only":     {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.ReadOnly = true }, "container.root", Error, "/var/lib/amazon, /var/log/amazon, /var/lib/opsh"},
		"read-only, one volume": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			d.ReadOnly, d.Writable = true, []string{"/var/lib", "/var/log2"}
		}, "container.root", Error, "no volume at /var/log/amazon:"},
		"read-only, volumes": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			d.ReadOnly, d.Writable = true, []string{"/var/lib/", "/var/log/amazon"}
		}, "container.root", OK, "Fargate"},
		"pid of the host":        {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.PidMode = "host" }, "container.pid", Error, "host"},
		"pid of the task":        {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.PidMode = "task" }, "container.pid", Warning, "PID 1"},
		"pid of the task of two": {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.PidMode, k.Containers = "task", 2 }, "container.pid", Error, "share"},
		"a key in the environment": {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Environment["AWS_ACCESS_KEY_ID"] = "AKIASECRET" }, "container.environment", Error,
			"has AWS_ACCESS_KEY_ID:"},
		"a key as a secret":         {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Secrets = []string{"AWS_SECRET_ACCESS_KEY"} }, "container.environment", Error, "AWS_SECRET_ACCESS_KEY"},
		"environment files":         {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.EnvironmentFiles = 1 }, "container.environment", NotChecked, "environmentFiles"},
		"SHELL is opsh":             {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Environment["SHELL"] = "/usr/local/bin/opsh" }, "container.shell", Error, "empty one"},
		"SHELL is sh":               {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Environment["SHELL"] = "/bin/bash" }, "container.shell", OK, "opsh -T"},
		"SHELL is a secret":         {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Secrets = []string{"SHELL"} }, "container.shell", NotChecked, "secret"},
		"all dropped":               {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Dropped = []string{"ALL"} }, "container.capabilities", Error, "SETUID, SETGID, SETPCAP, KILL"},
		"one dropped":               {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Dropped = []string{"NET_RAW", "CAP_KILL"} }, "container.capabilities", Error, "capabilities KILL:"},
		"another dropped":           {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Dropped = []string{"NET_RAW"} }, "container.capabilities", OK, ""},
		"privileged":                {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Privileged = true }, "container.capabilities", Warning, "privileged"},
		"no container log":          {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.LogDriver, d.LogOptions = "", nil }, "container.log", Warning, "no log"},
		"non-blocking":              {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.LogOptions["mode"] = "non-blocking" }, "container.log", Warning, "non-blocking"},
		"the account's mode":        {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.LogOptions = nil }, "container.log", Warning, "account's default is non-blocking"},
		"the account's, good":       {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.LogOptions, f.LogMode = nil, Known("blocking") }, "container.log", OK, "account's default"},
		"ECS's mode":                {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.LogOptions, f.LogMode = nil, Fact[string]{} }, "container.log", Warning, "June 2025"},
		"no guard":                  {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.EntryPoint = nil }, "container.guard", Warning, "opsh -T says it there"},
		"something like the guard":  {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.EntryPoint = []string{"/bin/not-opshd"} }, "container.guard", Warning, "entryPoint is /bin/not-opshd, not opshd"},
		"the guard, shared pids":    {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.PidMode = "task" }, "container.guard", Warning, "pidMode makes another program PID 1"},
		"any command under an init": {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Init = true }, "caller.command", Warning, "IAM has no condition"},
		"the guard by a shell": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			d.EntryPoint = []string{"sh", "-c", "exec /usr/bin/opshd"}
		}, "container.guard", OK, "PID 1"},
		"the guard as a command": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			d.EntryPoint, d.Command = nil, []string{"opshd", "sleep"}
		}, "container.guard", OK, ""},
		"the guard isn't root":     {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.User = "1000:0" }, "container.guard", Error, "must be root"},
		"the guard under an init":  {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Init = true }, "container.guard", Warning, "another program PID 1"},
		"neither guard nor init":   {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.EntryPoint = nil }, "container.init", Warning, "nothing collects"},
		"no guard, an init":        {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.EntryPoint, d.Init = nil, true }, "container.init", OK, ""},
		"another container":        {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.Container = false }, "container.guard", NotChecked, "no container ops"},
		"no session log":           {func(f *Facts, c *Cluster, k *Task, d *Definition) { c.Logging = "NONE" }, "log.kept", Error, "NONE"},
		"an override with nothing": {func(f *Facts, c *Cluster, k *Task, d *Definition) { c.Group, c.Bucket = "", "" }, "log.kept", Error, "neither"},
		"a default with awslogs":   {func(f *Facts, c *Cluster, k *Task, d *Definition) { c.Logging = "" }, "log.kept", Warning, "mixed"},
		"a default with another":   {func(f *Facts, c *Cluster, k *Task, d *Definition) { c.Logging, d.LogDriver = "DEFAULT", "awsfirelens" }, "log.kept", Error, "awsfirelens, not awslogs"},
		"no log group":             {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.LogGroup = Known(Group{}) }, "log.group", Error, "lost without a word"},
		"group without the key":    {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.LogGroup.Value.KeyID = "" }, "log.group", Error, "no session starts"},
		"group without any key": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.LogGroup.Value.KeyID, c.GroupEncrypted = "", false
		}, "log.group", Warning, "no KMS key of yours"},
		"group's key off":      {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.LogKey.Value.State = "PendingDeletion" }, "log.group-key", Error, "PendingDeletion"},
		"group's key's policy": {func(f *Facts, c *Cluster, k *Task, d *Definition) { c.Group = "/prod/other" }, "log.group-key", Error, "not for arn:aws:logs:eu-west-1:123456789012:log-group:/prod/other"},
		"group's key's policy dark": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.LogKey.Value.Policy = Unknown[string]("denied", "")
		}, "log.group-key", NotChecked, "denied"},
		"no bucket":           {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.Bucket = Known(Bucket{}) }, "log.bucket", Error, "no bucket logs"},
		"bucket in the clear": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.Bucket.Value.Encrypted = false }, "log.bucket", Error, "no session starts"},
		"bucket in the clear, meant": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.Bucket.Value.Encrypted, c.BucketEncrypts = false, false
		}, "log.bucket", Warning,
			"no default encryption"},
		"no role":                {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.Role = Known(Role{}) }, "role.channels", Error, "no role"},
		"role without a channel": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(no, roleKey(agentActions[2])) }, "role.channels", Error, "task may not ssmmessages:OpenControlChannel: "},
		"role under a condition": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.decide(Decision{Missing: []string{"a:b"}}, roleKey(agentActions[2]))
		}, "role.channels", NotChecked, "depend on a:b"},
		"role without the log":    {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(no, roleKey("logs:PutLogEvents")) }, "role.log", Error, "doesn't reach /prod/session"},
		"role without the bucket": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(no, roleKey("s3:PutObject")) }, "role.bucket", Error, "doesn't reach the bucket"},
		"role without the key":    {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(no, roleKey("kms:Decrypt")) }, "role.key", Error, "may not kms:Decrypt"},
		"role denied the key": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.decide(Decision{Explicit: true}, roleKey("kms:Decrypt"))
		}, "role.key", Error, "a policy denies it"},
		"role by the key's policy": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.decide(no, roleKey("kms:Decrypt"))
			f.SessionKey.Value.Policy.Value = strings.Replace(keyPolicy, "arn:aws:iam::123456789012:root", roleARN, 1)
		}, "role.key", OK, "by the key's policy"},
		"role, key's policy dark": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.decide(no, roleKey("kms:Decrypt"))
			f.SessionKey.Value.Policy = Unknown[string]("denied", "")
		}, "role.key", NotChecked, "denied"},
		"IAM doesn't count": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.SessionKey.Value.Policy.Value = `{"Statement": []}`
		}, "role.key", Warning, "doesn't leave that to IAM"},
		"nowhere":               {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.Network.Value.Default = "" }, "network.way", Error, "leads nowhere outside, and its VPC has no endpoint for ssmmessages, logs, kms, s3"},
		"a gateway, no address": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.Network.Value.Default = "igw-1" }, "network.way", Error, "no public address"},
		"a gateway, an address": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.Network.Value.Default, f.Network.Value.PublicIP = "igw-1", "192.0.2.1"
		}, "network.way", OK, "igw-1"},
		"another network": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.Network.Value.Default = "tgw-1" }, "network.way", NotChecked, "tgw-1"},
		"endpoints": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.Network = Known(endpoints("ssmmessages", "logs", "kms", "s3"))
		}, "network.way", OK, "ssmmessages, logs, kms, s3"},
		"endpoints but one": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.Network = Known(endpoints("ssmmessages", "kms", "s3"))
		}, "network.way", Error, "no endpoint for logs"},
		"an endpoint being made": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.Network = Known(endpoints("ssmmessages", "logs", "kms", "s3"))
			f.Network.Value.Endpoints[0].Available = false
		}, "network.way", Error, "no endpoint for ssmmessages"},
		"an endpoint without a name": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.Network = Known(endpoints("ssmmessages", "logs", "kms", "s3"))
			f.Network.Value.Endpoints[1].PrivateDNS = false
		}, "network.way", Warning, "for logs have no private DNS"},
		"a machine elsewhere":        {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.Network = Known(Network{}) }, "network.way", NotChecked, "isn't EC2's"},
		"root":                       {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.Caller.Value.Root = true }, "caller.who", Error, "root user"},
		"can't enter":                {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(no, mayEnter) }, "caller.enter", Error, "can open no session"},
		"can't enter, so no command": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(no, mayEnter); d.EntryPoint = nil }, "caller.command", OK, ""},
		"enters with MFA": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.decide(Decision{Missing: []string{"aws:MultiFactorAuthPresent"}}, mayEnter)
		}, "caller.enter", NotChecked, "depend on aws:MultiFactorAuthPresent"},
		"may enter all":           {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(yes, mayAnywhere) }, "caller.container", Error, "any container"},
		"StartSession":            {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(yes, mayStart) }, "caller.start-session", Error, "a shell as root, without opsh and without a log"},
		"StartSession by cluster": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(yes, mayStartAll) }, "caller.start-session", Error, ""},
		"StartSession, if": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.decide(Decision{Allowed: true, Missing: []string{"a:b"}}, mayStart)
		}, "caller.start-session", Error, "unless its policies deny it by a:b"},
		"StartSession, may be": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.decide(Decision{Missing: []string{"a:b"}}, mayStart)
		}, "caller.start-session", NotChecked, "a:b"},
		"StartSession by tag, may be": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.decide(Decision{Missing: []string{"a:b"}}, mayStartAll)
		}, "caller.start-session", NotChecked, "a:b"},
		"ResumeSession":               {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(yes, mayResume) }, "caller.resume-session", Warning, "other people's"},
		"any command":                 {func(f *Facts, c *Cluster, k *Task, d *Definition) { d.EntryPoint = nil }, "caller.command", Warning, "IAM has no condition for the command"},
		"no key for the caller":       {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(no, mayDataKey) }, "caller.key", Error, "may not kms:GenerateDataKey"},
		"RunTask":                     {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(yes, mayRun, mayPass) }, "caller.other-task", Error, "by ecs:RunTask"},
		"RunTask without the role":    {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(yes, mayRun) }, "caller.other-task", OK, ""},
		"RunTask where there is none": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(yes, mayRun); f.Role = Known(Role{}) }, "caller.other-task", Error, "ecs:RunTask"},
		"RunTask on an instance": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.decide(yes, mayRun)
			f.Role.Value.Instance = true
		}, "caller.other-task", Error, "ecs:RunTask"},
		"a new definition":  {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(yes, mayRegister, mayPass, mayUpdate) }, "caller.other-task", Error, "by ecs:RegisterTaskDefinition and ecs:UpdateService"},
		"a new service":     {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(yes, mayRegister, mayPass, mayCreate) }, "caller.other-task", Error, "and ecs:CreateService"},
		"registering alone": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.decide(yes, mayRegister, mayPass) }, "caller.other-task", OK, ""},
		"PassRole by tag": {func(f *Facts, c *Cluster, k *Task, d *Definition) {
			f.decide(yes, mayRun)
			f.decide(Decision{Missing: []string{"a:b"}}, mayPass)
		}, "caller.other-task", NotChecked, "a:b"},
		"the service dark": {func(f *Facts, c *Cluster, k *Task, d *Definition) { f.Service = Unknown[Service]("denied", "") }, "service.exec", NotChecked, "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			f := healthy()
			test.set(f, &f.Cluster.Value, &f.Task.Value, &f.Definition.Value)
			all := Judge(*f)
			i := slices.IndexFunc(all, func(one Finding) bool { return one.ID == test.id })
			if i < 0 {
				t.Fatalf("no %s in %+v", test.id, all)
			}
			one := all[i]
			if one.Level != test.level || !strings.Contains(one.Text, test.text) || strings.Contains(one.Text, "AKIASECRET") {
				t.Errorf("%+v", one)
			}
			if one.Level != OK && one.Level != NotChecked && one.Fix == "" {
				t.Errorf("nobody knows what to do: %+v", one)
			}
		})
	}
}

func endpoints(services ...string) (n Network) {
	n = Network{Subnet: "subnet-1"}
	for _, s := range services {
		n.Endpoints = append(n.Endpoints, Endpoint{Service: "com.amazonaws." + region + "." + s, Interface: s != "s3", Available: true, PrivateDNS: s != "s3"})
	}
	return n
}

// TestChina: names of another partition.
func TestChina(t *testing.T) {
	f := healthy()
	f.Region, f.Partition = "cn-north-1", "aws-cn"
	f.Network = Known(endpoints("ssmmessages", "logs", "kms", "s3"))
	for i, e := range f.Network.Value.Endpoints {
		f.Network.Value.Endpoints[i].Service = strings.Replace("cn."+e.Service, region, f.Region, 1)
	}
	for _, one := range Judge(*f) {
		if one.ID == "network.way" && one.Level != OK {
			t.Errorf("%+v", one)
		}
	}
	for _, q := range Questions(*f) {
		for _, r := range q.Resources {
			if strings.HasPrefix(r, "arn:aws:") && r != keyARN && r != roleARN {
				t.Errorf("%+v", q)
			}
		}
	}
}

func TestText(t *testing.T) {
	got := Text([]Finding{
		{"cluster.active", OK, "the cluster prod is ACTIVE", ""},
		{"task.exec", Error, "the task was started\nwithout it", "start it again"},
		{"role.log", NotChecked, "denied", "have it allowed"},
		{"role.key", NotChecked, "denied", "have it allowed"},
		{"cluster.key", Warning, "TLS alone", "set it"},
	})
	want := `cluster
  ok           the cluster prod is ACTIVE
  warning      TLS alone [cluster.key]
               fix: set it

task and container
  ERROR        the task was started without it [task.exec]
               fix: start it again

task role
  not checked  denied [role.log, role.key]
               fix: have it allowed

1 error, 1 warning, 2 not checked, 1 ok`
	if got != want {
		t.Errorf("%s", got)
	}
}

func TestWorst(t *testing.T) {
	for _, test := range []struct {
		levels []Level
		want   Level
	}{
		{nil, OK}, {[]Level{OK, NotChecked}, NotChecked}, {[]Level{NotChecked, Warning, OK}, Warning}, {[]Level{Warning, Error, NotChecked}, Error},
	} {
		var all []Finding
		for i, l := range test.levels {
			all = append(all, Finding{ID: fmt.Sprint(i), Level: l})
		}
		if got := Worst(all); got != test.want {
			t.Errorf("%v: %s", test.levels, got)
		}
	}
}
