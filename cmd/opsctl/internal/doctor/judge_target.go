package doctor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"opsh/shell/line"
)

func (j *judge) cluster() {
	if !j.needs([]fact{j.f.Cluster}, "cluster.active") {
		return
	}
	if s := j.f.Cluster.Value.Status; s != "ACTIVE" {
		j.say(Error, "cluster.active", fmt.Sprintf("the cluster %s is %s", j.f.ClusterName, orNothing(s, "not there")), "look at --cluster, --region and --profile")
		return
	}
	j.ok("cluster.active", "the cluster %s in %s, account %s, is ACTIVE", j.f.ClusterName, j.f.Region, j.f.Account)
}

// What ECS Exec needs.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
const (
	fargateNeeds = "1.4.0"
	agentNeeds   = "1.50.2"
)

func (j *judge) task() {
	ids := []string{"task.running", "task.platform", "task.exec", "container.running", "container.agent"}
	if j.f.NoTask != "" {
		j.say(Error, ids[0], j.f.NoTask, "opsctl tasks lists those that run; aws ecs describe-services says why a service starts none")
		ids = ids[1:]
	}
	if !j.needs([]fact{j.f.Task}, ids...) {
		return
	}
	t := j.f.Task.Value
	switch {
	case t.Status != "RUNNING" || t.Desired == "STOPPED":
		j.say(Error, "task.running", fmt.Sprintf("the task %s is %s%s", t.ID, orNothing(t.Status, "gone"), because(t.Stopped)), "opsctl tasks lists those that run")
	default:
		j.ok("task.running", "the task %s is RUNNING", t.ID)
	}
	j.platform(t)
	j.exec(t)
	if t.ContainerStatus != "RUNNING" {
		j.say(Error, "container.running", fmt.Sprintf("the container %s is %s%s", j.f.ContainerName, orNothing(t.ContainerStatus, "not in the task"), because(t.ContainerReason)), "look at the container's own log")
	} else {
		j.ok("container.running", "the container %s is RUNNING", j.f.ContainerName)
	}
	const mend = "its task role needs ssmmessages, and it a way there and a file system that it may write (below); mend that, then start the task again"
	switch a := t.Agent; {
	case a == nil:
		j.say(Error, "container.agent", "the container has no ECS Exec agent", "start the task again with ECS Exec enabled")
	case a.Status == "PENDING":
		j.say(Error, "container.agent", "the ECS Exec agent is still starting"+because(a.Reason), "wait some seconds; "+mend)
	case a.Status != "RUNNING":
		j.say(Error, "container.agent", "the ECS Exec agent is "+orNothing(a.Status, "in no known state")+because(a.Reason), mend)
	default:
		j.ok("container.agent", "the ECS Exec agent is RUNNING")
	}
}

func (j *judge) platform(t Task) {
	const id = "task.platform"
	switch {
	case strings.HasPrefix(strings.ToLower(t.Family), "windows"):
		j.say(Error, id, "the task runs Windows", "opsh runs on Linux")
	case t.LaunchType == "FARGATE" && !atLeast(t.Platform, fargateNeeds):
		j.say(Error, id, fmt.Sprintf("Fargate's platform version is %s; ECS Exec needs %s", orNothing(t.Platform, "unknown"), fargateNeeds), "deploy on platform version LATEST")
	case t.LaunchType == "FARGATE":
		j.ok(id, "Fargate %s", t.Platform)
	case !j.needs([]fact{j.f.Instance}, id):
	case !atLeast(j.f.Instance.Value.AgentVersion, agentNeeds):
		j.say(Error, id, fmt.Sprintf("the ECS agent of the instance is %s; ECS Exec needs %s", orNothing(j.f.Instance.Value.AgentVersion, "unknown"), agentNeeds), "update the ECS agent")
	default:
		j.ok(id, "%s, ECS agent %s", t.LaunchType, j.f.Instance.Value.AgentVersion)
	}
}

// exec is about the task, and about its service: what is set there counts for the next task.
func (j *judge) exec(t Task) {
	const id = "task.exec"
	s := j.f.Service.Value
	enable := "start it again with --enable-execute-command"
	if s.Name != "" {
		enable = "aws ecs update-service --cluster " + line.QuoteWord(j.f.ClusterName) + " --service " + line.QuoteWord(s.Name) + " --enable-execute-command --force-new-deployment"
	}
	switch {
	case !t.Exec:
		j.say(Error, id, "the task was started without ECS Exec", enable)
	case !j.f.Service.Known:
		j.ok(id, "ECS Exec is enabled for the task")
		j.needs([]fact{j.f.Service}, "service.exec")
	case s.Name != "" && !s.Exec:
		j.ok(id, "ECS Exec is enabled for the task")
		j.say(Warning, "service.exec", "ECS Exec is off in the service "+s.Name+": the next task won't have it", strings.TrimSuffix(enable, " --force-new-deployment"))
	default:
		j.ok(id, "ECS Exec is enabled")
	}
}

// atLeast compares versions like 1.4.0. LATEST is the newest; what can't be read is too old.
func atLeast(version, wanted string) bool {
	if version == "LATEST" {
		return true
	}
	number := func(text string) (all []int) {
		for _, part := range strings.Split(strings.TrimPrefix(text, "v"), ".") {
			n, err := strconv.Atoi(part)
			if err != nil {
				return nil
			}
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(number(version), number(wanted)) >= 0
}

func because(reason string) string {
	if reason = strings.TrimSuffix(strings.TrimSpace(reason), "."); reason != "" {
		return ": " + reason
	}
	return ""
}

func orNothing(text, nothing string) string {
	if text == "" {
		return nothing
	}
	return text
}
