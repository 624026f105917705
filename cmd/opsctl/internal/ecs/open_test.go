package ecs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// fake is a service that says one thing after the other about a task; the last again and again.
type fake struct {
	API
	mu    sync.Mutex
	tasks []func(*types.Task) error
	looks int
	exec  []error
	asked []ecs.ExecuteCommandInput
}

func (f *fake) DescribeTasks(ctx context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.tasks[min(f.looks, len(f.tasks)-1)]
	f.looks++
	task := ready()
	if err := next(&task); errors.Is(err, errGone) {
		return &ecs.DescribeTasksOutput{Failures: []types.Failure{{Arn: task.TaskArn, Reason: aws.String("MISSING")}}}, nil
	} else if err != nil {
		return nil, err
	}
	return &ecs.DescribeTasksOutput{Tasks: []types.Task{task}}, ctx.Err()
}

func (f *fake) ExecuteCommand(_ context.Context, in *ecs.ExecuteCommandInput, _ ...func(*ecs.Options)) (*ecs.ExecuteCommandOutput, error) {
	f.asked = append(f.asked, *in)
	if n := len(f.asked); n <= len(f.exec) && f.exec[n-1] != nil {
		return nil, f.exec[n-1]
	}
	return &ecs.ExecuteCommandOutput{Session: &types.Session{SessionId: aws.String("ecs-execute-command-1"), StreamUrl: aws.String("wss://x"), TokenValue: aws.String("t")}}, nil
}

var errGone = errors.New("the task is gone")

func is(status string) func(*types.Task) error {
	return func(t *types.Task) error { t.LastStatus = aws.String(status); return nil }
}

func agentIs(status string) func(*types.Task) error {
	return func(t *types.Task) error {
		t.Containers[0].ManagedAgents[0].LastStatus = aws.String(status)
		return nil
	}
}

func stopping(t *types.Task) error {
	t.DesiredStatus, t.StoppedReason = aws.String("STOPPED"), aws.String("Scaling in")
	return nil
}

func gone(*types.Task) error    { return errGone }
func failing(*types.Task) error { return errors.New("throttled") }

func client(f *fake) *Client {
	return &Client{API: f, Region: "eu-west-1", Poll: time.Millisecond, Patience: 10 * time.Second, Now: time.Now}
}

func TestAwait(t *testing.T) {
	for name, test := range map[string]struct {
		tasks    []func(*types.Task) error
		patience time.Duration
		wrong    string
	}{
		"it becomes ready":   {[]func(*types.Task) error{is("PENDING"), agentIs("PENDING"), agentIs("RUNNING")}, 0, ""},
		"it stops":           {[]func(*types.Task) error{is("PENDING"), stopping}, 0, "the task is being stopped: Scaling in"},
		"it is gone":         {[]func(*types.Task) error{gone}, 0, "the task has stopped"},
		"its agent fails":    {[]func(*types.Task) error{agentIs("PENDING"), agentIs("STOPPED")}, 0, "agent is STOPPED"},
		"it takes too long":  {[]func(*types.Task) error{agentIs("PENDING")}, 30 * time.Millisecond, "the container's ECS Exec agent is still starting, after 30ms"},
		"it can't be looked": {[]func(*types.Task) error{failing}, 0, "throttled"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{tasks: test.tasks}
			c := client(f)
			if test.patience > 0 {
				c.Patience = test.patience
			}
			var said []string
			task := ready()
			task.LastStatus = aws.String("PENDING")
			one, err := c.Await(context.Background(), candidates(task)[0], func(s string) { said = append(said, s) })
			if len(said) != 1 || !strings.HasPrefix(said[0], "the task is still PENDING; waiting for it, ") {
				t.Errorf("%q", said)
			}
			if test.wrong == "" && (err != nil || one.Problem != "" || f.looks != 3) || test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)) {
				t.Errorf("%+v, %v after %d looks", one, err, f.looks)
			}
		})
	}
	f := &fake{}
	if _, err := client(f).Await(context.Background(), candidates(ready())[0], func(s string) { t.Error(s) }); err != nil || f.looks != 0 {
		t.Errorf("what is ready is waited for: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := client(f).Await(ctx, Candidate{Starting: true}, func(string) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestOpen(t *testing.T) {
	away := fmt.Errorf("operation error: %w", &types.TargetNotConnectedException{})
	for name, test := range map[string]struct {
		errs []error
		age  time.Duration // of the agent
		n    int           // requests
		good bool
	}{
		"at once":             {nil, time.Hour, 1, true},
		"a new agent":         {[]error{away, away}, time.Second, 3, true},
		"an old agent":        {[]error{away}, time.Hour, 1, false},
		"denied":              {[]error{errors.New("AccessDenied")}, time.Second, 1, false},
		"denied on the retry": {[]error{away, errors.New("AccessDenied")}, time.Second, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{exec: test.errs}
			one := candidates(ready())[0]
			one.agentStarted = time.Now().Add(-test.age)
			said := 0
			got, err := client(f).Open(context.Background(), one, client(f).Direct("opsh"), func(string) { said++ })
			if (err == nil) != test.good || len(f.asked) != test.n || said != min(1, test.n-1) {
				t.Fatalf("%+v, %v, %d requests, said %d", got, err, len(f.asked), said)
			}
			if want := (Opened{"ecs-execute-command-1", "wss://x", "t", "eu-west-1", "ecs:main_0a1b_0a1b-1"}); test.good && got != want {
				t.Errorf("%+v", got)
			}
			if in := f.asked[0]; *in.Cluster != "main" || *in.Task != "0a1b" || *in.Container != "app" || *in.Command != "opsh" || !in.Interactive {
				t.Errorf("%+v", in)
			}
		})
	}
	t.Run("it settles too slowly", func(t *testing.T) {
		now := time.Now()
		f := &fake{exec: []error{away, away, away, away, away}}
		c := client(f)
		c.Now = func() time.Time { now = now.Add(8 * time.Second); return now }
		one := candidates(ready())[0]
		one.agentStarted = now
		if _, err := c.Open(context.Background(), one, c.Direct("opsh"), func(string) {}); err == nil || len(f.asked) != 3 {
			t.Errorf("%v after %d requests", err, len(f.asked))
		}
	})
}

func TestWatch(t *testing.T) {
	run := is("RUNNING")
	for name, test := range map[string]struct {
		tasks []func(*types.Task) error
		want  []Event
	}{
		"it is scaled in": {[]func(*types.Task) error{run, stopping, stopping, is("DEPROVISIONING")}, []Event{{"the task is being stopped: Scaling in", false}, {"the task has stopped", true}}},
		"it is gone":      {[]func(*types.Task) error{run, failing, gone}, []Event{{"the task has stopped", true}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []Event
			for e := range client(&fake{tasks: test.tasks}).Watch(context.Background(), candidates(ready())[0]) {
				got = append(got, e)
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("%+v", got)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	events := client(&fake{tasks: []func(*types.Task) error{run}}).Watch(ctx, candidates(ready())[0])
	cancel()
	if e, more := <-events; more {
		t.Errorf("%+v", e)
	}
}
