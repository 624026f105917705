package ecs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// candidates are the containers of a task, by name.
func candidates(t types.Task) []Candidate {
	at, _ := arn.Parse(aws.ToString(t.TaskArn)) // AWS's own; where it can't be read, region and account stay empty
	service, ofService := strings.CutPrefix(aws.ToString(t.Group), "service:")
	if !ofService {
		service = ""
	}
	var all []Candidate
	for _, c := range t.Containers {
		if strings.HasPrefix(aws.ToString(c.Name), "~internal~") { // what ECS adds: the network's pause container
			continue
		}
		one := Candidate{
			Region: at.Region, Account: at.AccountID, Cluster: last(aws.ToString(t.ClusterArn)), ClusterARN: aws.ToString(t.ClusterArn), Service: service, Task: last(aws.ToString(t.TaskArn)),
			Container: aws.ToString(c.Name), RuntimeID: aws.ToString(c.RuntimeId), Started: aws.ToTime(t.StartedAt),
		}
		one.Problem, one.Hint, one.Starting = problem(t, c, service)
		if a := agent(c); a != nil {
			one.agentStarted = aws.ToTime(a.LastStartedAt)
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Candidate) int { return cmp.Compare(a.Container, b.Container) })
	return all
}

// agent is the container's ECS Exec agent.
func agent(c types.Container) *types.ManagedAgent {
	for i, a := range c.ManagedAgents {
		if a.Name == types.ManagedAgentNameExecuteCommandAgent {
			return &c.ManagedAgents[i]
		}
	}
	return nil
}

// problem says why no session can be opened in a container, what to do, and whether that is because the task is starting. What can't
// change while the task lives is said first.
func problem(t types.Task, c types.Container, service string) (why, hint string, starting bool) {
	status, desired := aws.ToString(t.LastStatus), aws.ToString(t.DesiredStatus)
	ends := desired == "STOPPED" || slices.Contains([]string{"DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED", "DELETED"}, status)
	switch {
	case ends:
		return "the task is being stopped" + because(t.StoppedReason), "", false
	case !t.EnableExecuteCommand:
		if service != "" {
			return "the task was started without ECS Exec", fmt.Sprintf("aws ecs update-service --cluster %s --service %s --enable-execute-command --force-new-deployment",
				last(aws.ToString(t.ClusterArn)), service), false
		}
		return "the task was started without ECS Exec", "start it again with --enable-execute-command", false
	case strings.HasPrefix(strings.ToLower(aws.ToString(t.PlatformFamily)), "windows"):
		return "the task runs Windows, opsh Linux", "", false
	case t.LaunchType == types.LaunchTypeFargate && olderThan(aws.ToString(t.PlatformVersion), 1, 4):
		return fmt.Sprintf("Fargate's platform version %s has no ECS Exec", aws.ToString(t.PlatformVersion)), "deploy it on platform version LATEST", false
	case status != "RUNNING":
		return "the task is still " + status, "", true
	}
	switch cs := aws.ToString(c.LastStatus); cs {
	case "RUNNING":
	case "STOPPED":
		return "the container has stopped" + because(c.Reason), "", false
	default:
		return "the container is still " + cs, "", true
	}
	a := agent(c)
	if a == nil {
		return "the container has no ECS Exec agent", "start the task again: it was not started with one", false
	}
	switch as := aws.ToString(a.LastStatus); {
	case as == "PENDING":
		return "the container's ECS Exec agent is still starting" + because(a.Reason), "", true
	case as != "RUNNING":
		return "the container's ECS Exec agent is " + as + because(a.Reason), "its task role needs ssmmessages, and it a way there and a file system that it may write; mend that, then start the task again", false
	case aws.ToString(c.RuntimeId) == "":
		return "the container has no runtime id yet", "", true
	}
	return "", "", false
}

func because(reason *string) string {
	if r := strings.TrimSpace(aws.ToString(reason)); r != "" {
		return ": " + strings.TrimSuffix(r, ".")
	}
	return ""
}

// olderThan compares a platform version like 1.3.0. What isn't one (LATEST) is not older.
func olderThan(version string, major, minor int) bool {
	part := strings.Split(version, ".")
	if len(part) < 2 {
		return false
	}
	a, err := strconv.Atoi(part[0])
	b, err2 := strconv.Atoi(part[1])
	return err == nil && err2 == nil && (a < major || a == major && b < minor)
}

// eventOf is what has happened to the task of a session in a container; no text: nothing.
func eventOf(t types.Task, container string) Event {
	if slices.Contains([]string{"DEPROVISIONING", "STOPPED", "DELETED"}, aws.ToString(t.LastStatus)) {
		return Event{"the task has stopped" + because(t.StoppedReason), true}
	}
	for _, c := range t.Containers {
		if aws.ToString(c.Name) == container && aws.ToString(c.LastStatus) == "STOPPED" {
			return Event{"the container has stopped" + because(c.Reason), true}
		}
	}
	if aws.ToString(t.DesiredStatus) == "STOPPED" {
		return Event{"the task is being stopped" + because(t.StoppedReason), false}
	}
	return Event{}
}
