// Package ecs finds the container that a session is opened in, opens it, and notices when its task stops.
//
// What is chosen is decided by pure functions on plain structs (judge.go, choose.go). Finding and opening need no more than an operator's
// role has: ecs:ListTasks, ecs:DescribeTasks and ecs:ExecuteCommand of one cluster; ecs:ListClusters only where no cluster is named, and the
// services only for the overview that Services gives.
package ecs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// API is what is asked of ECS. *ecs.Client is one.
type API interface {
	ListClusters(context.Context, *ecs.ListClustersInput, ...func(*ecs.Options)) (*ecs.ListClustersOutput, error)
	ListServices(context.Context, *ecs.ListServicesInput, ...func(*ecs.Options)) (*ecs.ListServicesOutput, error)
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
	ExecuteCommand(context.Context, *ecs.ExecuteCommandInput, ...func(*ecs.Options)) (*ecs.ExecuteCommandOutput, error)
}

// Client asks ECS.
type Client struct {
	API      API
	Region   string
	Poll     time.Duration // between two looks at a task
	Patience time.Duration // how long a task may take to become ready for a session
	Now      func() time.Time
}

// New is a client that retries what is worth it: throttling and a service's own trouble, for some ten seconds at most.
func New(c aws.Config, now func() time.Time) *Client {
	api := ecs.NewFromConfig(c, func(o *ecs.Options) {
		o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) { s.MaxAttempts, s.MaxBackoff = 5, 3*time.Second })
	})
	return &Client{API: api, Region: c.Region, Poll: 2 * time.Second, Patience: 2 * time.Minute, Now: now}
}

// Wanted is what a person asked for; what is empty may be anything.
type Wanted struct {
	Cluster   string // name or ARN
	Service   string // name
	Task      string // id, the beginning of one, or ARN
	Container string // name
}

// Plain is w in names and ids: no ARNs. A task's ARN names its cluster too.
func (w Wanted) Plain() (Wanted, error) {
	w.Cluster, w.Service = last(w.Cluster), last(w.Service)
	if strings.HasPrefix(w.Task, "arn:") {
		a, err := arn.Parse(w.Task)
		part := strings.Split(a.Resource, "/") // task/CLUSTER/ID; without the cluster before 2018
		if err != nil || a.Service != "ecs" || part[0] != "task" || len(part) < 2 {
			return w, fmt.Errorf("cannot look for task %s: it is no task's ARN", w.Task)
		}
		if w.Task = last(w.Task); len(part) == 3 {
			if w.Cluster != "" && w.Cluster != part[1] {
				return w, fmt.Errorf("cannot look for task %s in cluster %s: its ARN says that it is in %s", w.Task, w.Cluster, part[1])
			}
			w.Cluster = part[1]
		}
	}
	return w, nil
}

// last is the name or id at an ARN's end.
func last(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// Candidate is a container, and whether a session can be opened in it.
type Candidate struct {
	Region     string    `json:"region"`
	Account    string    `json:"account"`
	Cluster    string    `json:"cluster"`
	Service    string    `json:"service,omitempty"` // empty: the task belongs to none
	Task       string    `json:"task"`              // its id
	Container  string    `json:"container"`
	RuntimeID  string    `json:"runtime_id,omitempty"`
	ClusterARN string    `json:"cluster_arn"`
	Started    time.Time `json:"started,omitzero"`

	Problem  string `json:"problem,omitempty"`  // why there can't be a session; empty: there can
	Hint     string `json:"hint,omitempty"`     // what to do about it
	Starting bool   `json:"starting,omitempty"` // the problem is that the task has only just started

	agentStarted time.Time
}

// Target is what the Session Manager calls the container.
func (c Candidate) Target() string { return "ecs:" + c.Cluster + "_" + c.Task + "_" + c.RuntimeID }

// String names the container for people.
func (c Candidate) String() string {
	in := c.Cluster
	if c.Service != "" {
		in += ", service " + c.Service
	}
	return fmt.Sprintf("container %s of task %s in cluster %s", c.Container, c.Task, in)
}
