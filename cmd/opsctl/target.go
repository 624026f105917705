package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/cmd/opsctl/internal/session"
)

// target is the container that a session is wanted in.
type target struct{ cluster, task, container string }

func targetOptions(f *flag.FlagSet, t *target) {
	f.StringVar(&t.cluster, "cluster", "", "")
	f.StringVar(&t.task, "task", "", "")
	f.StringVar(&t.container, "container", "", "")
}

// String names the target for people.
func (t target) String() string {
	return fmt.Sprintf("container %s of task %s in cluster %s", quote(t.container), quote(t.task), quote(t.cluster))
}

// place is where a session was opened.
type place struct {
	opened  session.Opened
	environ []string // the child's, with credentials that need no question
	task    <-chan session.Event
}

// openSession opens a session in the target and starts command there.
func (p *person) openSession(ctx context.Context, o awsconf.Options, t target, command string) (place, error) {
	if t.cluster == "" || t.task == "" || t.container == "" {
		return place{}, errors.New("cannot open a session: name --cluster, --task and --container")
	}
	cfg, err := awsconf.Load(ctx, o)
	if err != nil {
		return place{}, err
	}
	environ, err := awsconf.Environ(ctx, cfg, p.environ)
	if err != nil {
		return place{}, err
	}
	api := ecs.NewFromConfig(cfg)
	found, err := api.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &t.cluster, Tasks: []string{t.task}})
	if err != nil {
		return place{}, fmt.Errorf("cannot look at the task: %w", err)
	}
	runtime := ""
	for _, task := range found.Tasks {
		for _, c := range task.Containers {
			if c.Name != nil && *c.Name == t.container && c.RuntimeId != nil {
				runtime = *c.RuntimeId
			}
		}
	}
	out, err := api.ExecuteCommand(ctx, &ecs.ExecuteCommandInput{Cluster: &t.cluster, Task: &t.task, Container: &t.container, Command: &command, Interactive: true})
	if err != nil {
		return place{}, fmt.Errorf("cannot open a session: %w", err)
	}
	s := out.Session
	opened := session.Opened{ID: *s.SessionId, StreamURL: *s.StreamUrl, Token: *s.TokenValue, Region: cfg.Region, Target: "ecs:" + t.cluster + "_" + t.task + "_" + runtime}
	events := make(chan session.Event, 1)
	go func() {
		for ctx.Err() == nil {
			time.Sleep(2 * time.Second)
			found, err := api.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &t.cluster, Tasks: []string{t.task}})
			if err == nil && (len(found.Tasks) == 0 || found.Tasks[0].LastStatus != nil && *found.Tasks[0].LastStatus == "STOPPED") {
				events <- session.Event{Text: "the task has stopped", Stopped: true}
				return
			}
		}
	}()
	return place{opened, environ, events}, nil
}
