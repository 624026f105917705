package ecs

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// What AWS takes in one request.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html, API_DescribeServices.html
const (
	tasksAtOnce    = 100
	servicesAtOnce = 10
)

// taskID is a whole task's id, of both of AWS's formats: it can be described without listing.
var taskID = regexp.MustCompile(`\A(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\z`)

// Find returns the containers of the running tasks that are wanted, by cluster, service, task and container. It looks in all clusters where none is named.
func (c *Client) Find(ctx context.Context, w Wanted) ([]Candidate, error) {
	clusters, err := c.Clusters(ctx, w)
	if err != nil {
		return nil, err
	}
	var all []Candidate
	for _, cluster := range clusters {
		tasks, err := c.tasks(ctx, cluster, w)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			for _, one := range candidates(t) {
				if w.fits(one) {
					all = append(all, one)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Task, b.Task), cmp.Compare(a.Container, b.Container))
	})
	return all, nil
}

// Clusters are the names of the cluster that is wanted, or of all.
func (c *Client) Clusters(ctx context.Context, w Wanted) ([]string, error) {
	if w.Cluster != "" {
		return []string{w.Cluster}, nil
	}
	var all []string
	for p := ecs.NewListClustersPaginator(c.API, &ecs.ListClustersInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, a := range page.ClusterArns {
			all = append(all, last(a))
		}
	}
	slices.Sort(all)
	return all, nil
}

func (c *Client) tasks(ctx context.Context, cluster string, w Wanted) ([]types.Task, error) {
	if taskID.MatchString(w.Task) {
		return c.describe(ctx, cluster, []string{w.Task})
	}
	in := &ecs.ListTasksInput{Cluster: &cluster}
	if w.Service != "" {
		in.ServiceName = &w.Service
	}
	var ids []string
	for p := ecs.NewListTasksPaginator(c.API, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, a := range page.TaskArns {
			if strings.HasPrefix(last(a), w.Task) {
				ids = append(ids, last(a))
			}
		}
	}
	return c.describe(ctx, cluster, ids)
}

// describe leaves out the tasks that are gone meanwhile.
func (c *Client) describe(ctx context.Context, cluster string, ids []string) ([]types.Task, error) {
	var all []types.Task
	for some := range slices.Chunk(ids, tasksAtOnce) {
		out, err := c.API.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &cluster, Tasks: some})
		if err != nil {
			return nil, err
		}
		for _, f := range out.Failures {
			if reason := aws.ToString(f.Reason); reason != "MISSING" {
				return nil, fmt.Errorf("DescribeTasks: %s: %s", last(aws.ToString(f.Arn)), cmp.Or(aws.ToString(f.Detail), reason))
			}
		}
		all = append(all, out.Tasks...)
	}
	return all, nil
}

// Service is a service as its owner set it.
type Service struct {
	Cluster string `json:"cluster"`
	Name    string `json:"service"`
	Desired int    `json:"desired"`
	Running int    `json:"running"`
	Exec    bool   `json:"exec"` // tasks that it starts from now on have ECS Exec
}

// Services are the active services of a cluster, by name, or the one that is wanted.
func (c *Client) Services(ctx context.Context, cluster string, w Wanted) ([]Service, error) {
	names := []string{w.Service}
	if w.Service == "" {
		names = nil
		for p := ecs.NewListServicesPaginator(c.API, &ecs.ListServicesInput{Cluster: &cluster}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, a := range page.ServiceArns {
				names = append(names, last(a))
			}
		}
	}
	var all []Service
	for some := range slices.Chunk(names, servicesAtOnce) {
		out, err := c.API.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: some})
		if err != nil {
			return nil, err
		}
		for _, s := range out.Services {
			if aws.ToString(s.Status) != "INACTIVE" { // a deleted one is listed for a while
				all = append(all, Service{cluster, aws.ToString(s.ServiceName), int(s.DesiredCount), int(s.RunningCount), s.EnableExecuteCommand})
			}
		}
	}
	slices.SortFunc(all, func(a, b Service) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}
