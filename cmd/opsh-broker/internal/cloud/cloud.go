// Package cloud is the broker's AWS.
package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"opsh/cmd/internal/entry"
	"opsh/cmd/opsh-broker/internal/broker"
)

// Cloud asks AWS, as the function's own role but for Start.
type Cloud struct {
	config aws.Config
	role   string // the session role's ARN
}

// New is a Cloud of a configuration's region and credentials.
func New(c aws.Config, sessionRole string) *Cloud { return &Cloud{c, sessionRole} }

// Identity looks up what IAM knows of a caller.
func (c *Cloud) Identity(ctx context.Context, who broker.Caller) (broker.Identity, error) {
	api, id := iam.NewFromConfig(c.config), broker.Identity{}
	if who.Role != "" {
		out, err := api.GetRole(ctx, &iam.GetRoleInput{RoleName: &who.Role})
		if err != nil {
			return id, err
		}
		id.Tags = tagsOf(out.Role.Tags)
		return id, nil
	}
	out, err := api.GetUser(ctx, &iam.GetUserInput{UserName: &who.User})
	if err != nil {
		return id, err
	}
	id.Tags = tagsOf(out.User.Tags)
	for p := iam.NewListGroupsForUserPaginator(api, &iam.ListGroupsForUserInput{UserName: &who.User}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return id, err
		}
		for _, g := range page.Groups {
			id.Groups = append(id.Groups, aws.ToString(g.GroupName))
		}
	}
	return id, nil
}

func tagsOf(all []iamtypes.Tag) map[string]string {
	found := map[string]string{}
	for _, t := range all {
		found[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return found
}

// Task describes a task.
func (c *Cloud) Task(ctx context.Context, cluster, id string) (broker.Task, error) {
	out, err := ecs.NewFromConfig(c.config).DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &cluster, Tasks: []string{id}})
	var none *types.ClusterNotFoundException
	switch {
	case errors.As(err, &none):
		return broker.Task{}, broker.ErrNoTask
	case err != nil:
		return broker.Task{}, err
	case len(out.Tasks) != 1:
		for _, f := range out.Failures {
			if reason := aws.ToString(f.Reason); reason != "MISSING" {
				return broker.Task{}, fmt.Errorf("DescribeTasks: %s %s", reason, aws.ToString(f.Detail))
			}
		}
		return broker.Task{}, broker.ErrNoTask
	}
	t := out.Tasks[0]
	task := broker.Task{ARN: aws.ToString(t.TaskArn), ClusterARN: aws.ToString(t.ClusterArn), Group: aws.ToString(t.Group)}
	for _, one := range t.Containers {
		task.Containers = append(task.Containers, aws.ToString(one.Name))
	}
	return task, nil
}

// Start starts a command as a session of the session role that is the caller's own, and may start something in this container only.
func (c *Cloud) Start(ctx context.Context, s broker.Start) (entry.Answer, error) {
	only, err := narrow(s)
	if err != nil {
		return entry.Answer{}, err
	}
	shortest := int32(15 * time.Minute / time.Second)
	out, err := sts.NewFromConfig(c.config).AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: &c.role, RoleSessionName: &s.As, SourceIdentity: &s.As, DurationSeconds: &shortest, Policy: &only,
	})
	if err != nil {
		return entry.Answer{}, err
	}
	as := c.config.Copy()
	as.Credentials = credentials.NewStaticCredentialsProvider(aws.ToString(out.Credentials.AccessKeyId), aws.ToString(out.Credentials.SecretAccessKey), aws.ToString(out.Credentials.SessionToken))
	opened, err := ecs.NewFromConfig(as).ExecuteCommand(ctx, &ecs.ExecuteCommandInput{
		Cluster: &s.ClusterARN, Task: &s.TaskARN, Container: &s.Container, Command: &s.Command, Interactive: true,
	}, onlyThrottled)
	var away *types.TargetNotConnectedException
	if errors.As(err, &away) {
		return entry.Answer{}, fmt.Errorf("%w: %w", broker.ErrNotConnected, err)
	}
	if err != nil || opened.Session == nil {
		return entry.Answer{}, err
	}
	return entry.Answer{SessionID: aws.ToString(opened.Session.SessionId), StreamURL: aws.ToString(opened.Session.StreamUrl), Token: aws.ToString(opened.Session.TokenValue)}, nil
}

// narrow is a session policy: of what the role may do, the one thing that is done with these credentials, and the data keys that it may take.
func narrow(s broker.Start) (string, error) {
	type object = map[string]any
	text, err := json.Marshal(object{"Version": "2012-10-17", "Statement": []object{
		{"Effect": "Allow", "Action": "ecs:ExecuteCommand", "Resource": []string{s.ClusterARN, s.TaskARN},
			"Condition": object{"StringEquals": object{"ecs:container-name": s.Container}}},
		{"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": "*"},
	}})
	return string(text), err
}

// onlyThrottled retries what the service did not begin: a second try after a lost answer would be a second session.
func onlyThrottled(o *ecs.Options) {
	o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
		s.MaxAttempts, s.MaxBackoff = 3, 2*time.Second
		s.Retryables = []retry.IsErrorRetryable{retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes}}
	})
}
