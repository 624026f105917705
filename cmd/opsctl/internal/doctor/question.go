package doctor

import (
	"fmt"
	"strings"

	"opsh/shell/keypolicy"
)

// Question is what IAM's simulator is asked: whether somebody may do something to all of the resources.
type Question struct {
	Key       string // of the answer in Facts.Answers
	Principal string // whose policies count: the ARN of a user or role
	Action    string
	Resources []string
	Context   map[string]string // condition keys of this call; those that every call has are added by who asks
}

// The caller's questions.
const (
	mayEnter    = "caller ecs:ExecuteCommand"
	mayAnywhere = "caller ecs:ExecuteCommand in any container"
	mayStart    = "caller ssm:StartSession"
	mayStartAll = "caller ssm:StartSession by cluster"
	mayResume   = "caller ssm:ResumeSession"
	mayDataKey  = "caller kms:GenerateDataKey"
	mayPass     = "caller iam:PassRole"
	mayRun      = "caller ecs:RunTask"
	mayRegister = "caller ecs:RegisterTaskDefinition"
	mayUpdate   = "caller ecs:UpdateService"
	mayCreate   = "caller ecs:CreateService"
)

// noContainer is a name that no container has: a role that is pinned to the ops container may not enter it.
const noContainer = "opsctl-doctor-no-such-container"

// Questions are those that the facts so far lead to.
func Questions(f Facts) []Question {
	var all []Question
	if f.Role.Value.ARN != "" {
		all = f.roleQuestions()
	}
	if f.Caller.Value.Principal != "" && !f.Caller.Value.Root {
		all = append(all, f.callerQuestions()...)
	}
	return all
}

func (f *Facts) ecsARN(resource string) string {
	return "arn:" + f.Partition + ":ecs:" + f.Region + ":" + f.Account + ":" + resource
}

// channel is the encryption context of a session's data channel.
func (f *Facts) channel() map[string]string {
	return map[string]string{"kms:EncryptionContext:aws:ssm:TargetId": f.Target(), "kms:EncryptionContextKeys": "aws:ssm:TargetId"}
}

func roleKey(action string) string { return "role " + action }

// agentActions are what the ECS Exec agent can't do without.
var agentActions = [...]string{"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"}

// logActions are what it uploads the session log with.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
var logActions = [...]string{"logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:CreateLogStream", "logs:PutLogEvents"}

func (f *Facts) roleQuestions() []Question {
	var all []Question
	ask := func(action string, context map[string]string, resources ...string) {
		all = append(all, Question{roleKey(action), f.Role.Value.ARN, action, resources, context})
	}
	for _, a := range agentActions {
		ask(a, nil, "*")
	}
	if group, region := f.SessionGroup(); group != "" {
		arn := keypolicy.GroupARN(region, f.Account, group)
		ask(logActions[0], nil, keypolicy.GroupARN(region, f.Account, "*"))
		ask(logActions[1], nil, arn+":log-stream:")
		ask(logActions[2], nil, arn+":log-stream:ecs-execute-command-0")
		ask(logActions[3], nil, arn+":log-stream:ecs-execute-command-0")
	}
	if c := f.Cluster.Value; c.Logging == "OVERRIDE" && c.Bucket != "" {
		arn := "arn:" + f.Partition + ":s3:::" + c.Bucket
		key := "ecs-execute-command-0.log"
		if c.Prefix != "" {
			key = strings.TrimSuffix(c.Prefix, "/") + "/" + key
		}
		ask("s3:PutObject", nil, arn+"/"+key)
		ask("s3:GetEncryptionConfiguration", nil, arn)
	}
	if f.SessionKey.Known {
		ask("kms:Decrypt", f.channel(), f.SessionKey.Value.ARN)
	}
	return all
}

func (f *Facts) callerQuestions() []Question {
	who := f.Caller.Value.Principal
	var all []Question
	ask := func(key, action string, context map[string]string, resources ...string) {
		all = append(all, Question{key, who, action, resources, context})
	}
	cluster := f.ecsARN("cluster/" + f.ClusterName)
	in := map[string]string{"ecs:cluster": cluster}
	if f.Task.Known {
		t := f.ecsARN("task/" + f.ClusterName + "/" + f.Task.Value.ID)
		enter := func(name string) map[string]string {
			return map[string]string{"ecs:cluster": cluster, "ecs:task": t, "ecs:container-name": name}
		}
		ask(mayEnter, "ecs:ExecuteCommand", enter(f.ContainerName), cluster, t)
		ask(mayAnywhere, "ecs:ExecuteCommand", enter(noContainer), cluster, t)
		ask(mayStart, "ssm:StartSession", nil, t)
		ask(mayStartAll, "ssm:StartSession", nil, cluster)
		ask(mayResume, "ssm:ResumeSession", nil, fmt.Sprintf("arn:%s:ssm:%s:%s:session/ecs-execute-command-0", f.Partition, f.Region, f.Account))
		if f.SessionKey.Known {
			ask(mayDataKey, "kms:GenerateDataKey", f.channel(), f.SessionKey.Value.ARN)
		}
	}
	if !f.Definition.Known {
		return all
	}
	d := f.Definition.Value
	ask(mayRun, "ecs:RunTask", in, f.ecsARN(fmt.Sprintf("task-definition/%s:%d", d.Family, d.Revision)))
	ask(mayRegister, "ecs:RegisterTaskDefinition", nil, f.ecsARN(fmt.Sprintf("task-definition/%s:%d", d.Family, d.Revision+1)))
	if r := f.Role.Value; r.ARN != "" && !r.Instance {
		ask(mayPass, "iam:PassRole", map[string]string{"iam:PassedToService": "ecs-tasks.amazonaws.com"}, f.Role.Value.ARN)
	}
	if s := f.Service.Value.Name; s != "" {
		ask(mayUpdate, "ecs:UpdateService", in, f.ecsARN("service/"+f.ClusterName+"/"+s))
	}
	ask(mayCreate, "ecs:CreateService", in, f.ecsARN("service/"+f.ClusterName+"/opsctl-doctor"))
	return all
}

// answer is how a question came out, in three values.
type answer struct {
	action  string
	allowed Fact[Decision]
}

func (f *Facts) answer(key string) answer { return answer{strings.Fields(key)[1], f.Answers[key]} }

// no says that it is denied for sure: not for want of a condition key.
func (a answer) no() bool {
	return a.allowed.Known && !a.allowed.Value.Allowed && len(a.allowed.Value.Missing) == 0
}

// yes says that it is allowed as far as can be known; a missing key might still deny it.
func (a answer) yes() bool { return a.allowed.Known && a.allowed.Value.Allowed }

// sure is yes without a doubt.
func (a answer) sure() bool { return a.yes() && len(a.allowed.Value.Missing) == 0 }

// why says why it isn't known.
func (a answer) why() (why, fix string) {
	if unknown, why, fix := a.allowed.missing(); unknown {
		return why, fix
	}
	keys := strings.Join(a.allowed.Value.Missing, ", ")
	return "IAM's policies make " + a.action + " depend on " + keys, "say what it is: --given " + a.allowed.Value.Missing[0] + "=VALUE"
}

// unless is the doubt behind a yes.
func (a answer) unless() string {
	if a.sure() {
		return ""
	}
	return " (unless its policies deny it by " + strings.Join(a.allowed.Value.Missing, ", ") + ")"
}
