package ecs

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ready is a task whose only container takes sessions.
func ready() types.Task {
	return types.Task{
		TaskArn: aws.String("arn:aws:ecs:eu-west-1:1:task/main/0a1b"), ClusterArn: aws.String("arn:aws:ecs:eu-west-1:1:cluster/main"), Group: aws.String("service:web"),
		LastStatus: aws.String("RUNNING"), DesiredStatus: aws.String("RUNNING"), EnableExecuteCommand: true, LaunchType: types.LaunchTypeFargate, PlatformVersion: aws.String("1.4.0"),
		Containers: []types.Container{{Name: aws.String("app"), LastStatus: aws.String("RUNNING"), RuntimeId: aws.String("0a1b-1"),
			ManagedAgents: []types.ManagedAgent{{Name: types.ManagedAgentNameExecuteCommandAgent, LastStatus: aws.String("RUNNING")}}}},
	}
}

func TestCandidate(t *testing.T) {
	for name, test := range map[string]struct {
		harm     func(*types.Task)
		problem  string // all of it; empty: none
		hint     string // some of it
		starting bool
	}{
		"ready":              {func(*types.Task) {}, "", "", false},
		"exec is off":        {func(t *types.Task) { t.EnableExecuteCommand = false }, "the task was started without ECS Exec", "update-service --cluster main --service web --enable-execute-command", false},
		"exec is off, alone": {func(t *types.Task) { t.EnableExecuteCommand, t.Group = false, aws.String("family:x") }, "the task was started without ECS Exec", "start it again", false},
		"exec is off, starting": {func(t *types.Task) { t.EnableExecuteCommand, t.LastStatus = false, aws.String("PENDING") },
			"the task was started without ECS Exec", "update-service", false}, // waiting would not help
		"starting": {func(t *types.Task) { t.LastStatus = aws.String("PROVISIONING") }, "the task is still PROVISIONING", "", true},
		"stopping": {func(t *types.Task) {
			t.DesiredStatus, t.StoppedReason = aws.String("STOPPED"), aws.String("Scaling in.")
		}, "the task is being stopped: Scaling in", "", false},
		"stopped":             {func(t *types.Task) { t.LastStatus = aws.String("STOPPED") }, "the task is being stopped", "", false},
		"an old platform":     {func(t *types.Task) { t.PlatformVersion = aws.String("1.3.0") }, "Fargate's platform version 1.3.0 has no ECS Exec", "LATEST", false},
		"a platform to come":  {func(t *types.Task) { t.PlatformVersion = aws.String("1.10.0") }, "", "", false},
		"EC2 has none":        {func(t *types.Task) { t.LaunchType, t.PlatformVersion = types.LaunchTypeEc2, nil }, "", "", false},
		"Windows":             {func(t *types.Task) { t.PlatformFamily = aws.String("WINDOWS_SERVER_2022_CORE") }, "the task runs Windows, opsh Linux", "", false},
		"a container pending": {func(t *types.Task) { t.Containers[0].LastStatus = aws.String("PENDING") }, "the container is still PENDING", "", true},
		"a container stopped": {func(t *types.Task) {
			t.Containers[0].LastStatus, t.Containers[0].Reason = aws.String("STOPPED"), aws.String("OutOfMemoryError")
		}, "the container has stopped: OutOfMemoryError", "", false},
		"no agent":         {func(t *types.Task) { t.Containers[0].ManagedAgents = nil }, "the container has no ECS Exec agent", "start the task again", false},
		"an agent pending": {func(t *types.Task) { t.Containers[0].ManagedAgents[0].LastStatus = aws.String("PENDING") }, "the container's ECS Exec agent is still starting", "", true},
		"an agent stopped": {func(t *types.Task) {
			t.Containers[0].ManagedAgents[0] = types.ManagedAgent{Name: types.ManagedAgentNameExecuteCommandAgent, LastStatus: aws.String("STOPPED"), Reason: aws.String("Received Container Stopped event")}
		}, "the container's ECS Exec agent is STOPPED: Received Container Stopped event", "ssmmessages", false},
		"no runtime id":      {func(t *types.Task) { t.Containers[0].RuntimeId = nil }, "the container has no runtime id yet", "", true},
		"nothing set at all": {func(t *types.Task) { *t = types.Task{Containers: t.Containers} }, "the task was started without ECS Exec", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			task := ready()
			test.harm(&task)
			all := candidates(task)
			if len(all) != 1 || all[0].Problem != test.problem || !strings.Contains(all[0].Hint, test.hint) || all[0].Starting != test.starting {
				t.Errorf("%+v", all)
			}
		})
	}
	task := ready()
	task.Containers = append(task.Containers, types.Container{Name: aws.String("~internal~ecs~pause")}, types.Container{Name: aws.String("a")})
	all := candidates(task)
	if len(all) != 2 || all[0].Container != "a" || all[1].Target() != "ecs:main_0a1b_0a1b-1" || all[1].Service != "web" || all[1].Account != "1" || all[1].Region != "eu-west-1" {
		t.Errorf("%+v", all)
	}
}

func TestChoose(t *testing.T) {
	one := func(task, container, problem string, starting bool) Candidate {
		return Candidate{Cluster: "main", Service: "web", Task: task, Container: container, Problem: problem, Starting: starting}
	}
	app, app2, side := one("0a1b", "app", "", false), one("0c2d", "app", "", false), one("0a1b", "side", "", false)
	off, off2, coming, coming2 := one("1a", "app", "off", false), one("1b", "app", "off", false), one("2a", "app", "starts", true), one("2b", "app", "starts", true)
	for name, test := range map[string]struct {
		want  Wanted
		all   []Candidate
		task  string // chosen
		wrong string
	}{
		"the only one":                {Wanted{}, []Candidate{app}, "0a1b", ""},
		"the only one that can":       {Wanted{}, []Candidate{off, app, off2}, "0a1b", ""},
		"one that runs before others": {Wanted{}, []Candidate{coming, app, coming2}, "0a1b", ""},
		"one that starts":             {Wanted{}, []Candidate{off, coming}, "2a", ""},
		"by task":                     {Wanted{Task: "0c"}, []Candidate{app, app2}, "0c2d", ""},
		"by container":                {Wanted{Container: "side"}, []Candidate{app, side}, "0a1b", ""},
		"two tasks":                   {Wanted{}, []Candidate{app, app2}, "", "2 containers would do"},
		"two containers":              {Wanted{Task: "0a1b"}, []Candidate{app, side}, "", "2 containers would do"},
		"two that start":              {Wanted{}, []Candidate{coming, coming2}, "", "2 containers would do"},
		"none":                        {Wanted{}, nil, "", "there is no running task"},
		"none so called":              {Wanted{Cluster: "main", Service: "db", Container: "x"}, []Candidate{app}, "", "there is no running task of service db with a container x in cluster main"},
		"one that can't":              {Wanted{}, []Candidate{off}, "", "container app of task 1a in cluster main, service web: off"},
		"several that can't":          {Wanted{}, []Candidate{off, off2}, "", "a session can be opened in none of 2 containers"},
		"another cluster's":           {Wanted{Cluster: "x"}, []Candidate{app}, "", "there is no running task in cluster x"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Choose(test.want, test.all)
			if c.Task != test.task || (err == nil) != (test.wrong == "") || err != nil && err.Error() != test.wrong {
				t.Errorf("%+v, %v", c, err)
			}
			var several *SeveralError
			if errors.As(err, &several) && len(several.Candidates) != 2 {
				t.Errorf("%+v", several)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	for _, test := range []struct {
		in, want Wanted
		wrong    string
	}{
		{Wanted{Cluster: "arn:aws:ecs:eu-west-1:1:cluster/main", Service: "arn:aws:ecs:eu-west-1:1:service/main/web"}, Wanted{Cluster: "main", Service: "web"}, ""},
		{Wanted{Task: "arn:aws:ecs:eu-west-1:1:task/main/0a"}, Wanted{Cluster: "main", Task: "0a"}, ""},
		{Wanted{Cluster: "main", Task: "arn:aws:ecs:eu-west-1:1:task/main/0a"}, Wanted{Cluster: "main", Task: "0a"}, ""},
		{Wanted{Cluster: "main", Task: "arn:aws:ecs:eu-west-1:1:task/0a"}, Wanted{Cluster: "main", Task: "0a"}, ""},
		{Wanted{Cluster: "x", Task: "arn:aws:ecs:eu-west-1:1:task/main/0a"}, Wanted{}, "its ARN says that it is in main"},
		{Wanted{Task: "arn:aws:ecs:eu-west-1:1:cluster/main"}, Wanted{}, "no task's ARN"},
		{Wanted{Task: "arn:aws:s3:::task/x"}, Wanted{}, "no task's ARN"},
		{Wanted{Task: "arn:"}, Wanted{}, "no task's ARN"},
	} {
		got, err := test.in.Plain()
		if test.wrong == "" && (err != nil || got != test.want) || test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)) {
			t.Errorf("%+v: %+v, %v", test.in, got, err)
		}
	}
}

func TestEvent(t *testing.T) {
	for name, test := range map[string]struct {
		harm func(*types.Task)
		want Event
	}{
		"nothing": {func(*types.Task) {}, Event{}},
		"stopping": {func(t *types.Task) {
			t.DesiredStatus, t.StoppedReason = aws.String("STOPPED"), aws.String("Scaling in")
		}, Event{"the task is being stopped: Scaling in", false}},
		"stopped": {func(t *types.Task) {
			t.LastStatus, t.StoppedReason = aws.String("DEPROVISIONING"), aws.String("Scaling in")
		}, Event{"the task has stopped: Scaling in", true}},
		"container stopped": {func(t *types.Task) { t.Containers[0].LastStatus = aws.String("STOPPED") }, Event{"the container has stopped", true}},
		"another container": {func(t *types.Task) {
			t.Containers = append(t.Containers, types.Container{Name: aws.String("x"), LastStatus: aws.String("STOPPED")})
		}, Event{}},
	} {
		task := ready()
		test.harm(&task)
		if got := eventOf(task, "app"); got != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
