package look

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"opsh/cmd/opsctl/internal/doctor"
)

// role is whose rights the container has: its task's role, or without one on EC2 the instance's.
func (l *Looker) role(ctx context.Context, t target) doctor.Fact[doctor.Role] {
	if t.definition == nil {
		return doctor.Unknown[doctor.Role](cmp.Or(t.why, "no task definition is known"), t.fix)
	}
	role := aws.ToString(t.definition.TaskRoleArn)
	if t.task != nil && t.task.Overrides != nil {
		role = cmp.Or(aws.ToString(t.task.Overrides.TaskRoleArn), role)
	}
	if role != "" {
		return doctor.Known(doctor.Role{ARN: role})
	}
	m, err := l.machine(ctx, t)
	if err != nil {
		return unknown[doctor.Role](l, err)
	}
	if m.IamInstanceProfile == nil {
		return doctor.Known(doctor.Role{})
	}
	profile := last(aws.ToString(m.IamInstanceProfile.Arn))
	out, err := l.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &profile})
	if err != nil {
		return unknown[doctor.Role](l, err)
	}
	for _, r := range out.InstanceProfile.Roles { // one at most
		return doctor.Known(doctor.Role{ARN: aws.ToString(r.Arn), Instance: true})
	}
	return doctor.Known(doctor.Role{})
}

// machine is the EC2 instance that the task runs on, empty where it runs on none: on Fargate, or on a machine that isn't AWS's.
func (l *Looker) machine(ctx context.Context, t target) (types.Instance, error) {
	if t.blind != nil {
		return types.Instance{}, t.blind
	}
	if t.instance == nil || !strings.HasPrefix(aws.ToString(t.instance.Ec2InstanceId), "i-") {
		return types.Instance{}, nil
	}
	found, err := l.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{*t.instance.Ec2InstanceId}})
	if err != nil {
		return types.Instance{}, err
	}
	for _, r := range found.Reservations {
		for _, i := range r.Instances {
			return i, nil
		}
	}
	return types.Instance{}, fmt.Errorf("the instance %s is gone", *t.instance.Ec2InstanceId)
}

// caller is who asks, by the ARN that AWS knows them under: of a user, of a role, or of a role that was assumed. The latter lacks the role's
// path, which IAM tells; where it may not be asked, the role is taken to have none, as most do.
func (l *Looker) caller(ctx context.Context, who string) doctor.Fact[doctor.Caller] {
	a, err := arn.Parse(who)
	if err != nil {
		return doctor.Unknown[doctor.Caller](fmt.Sprintf("%s is no ARN of a user or role", who), "name one with --as")
	}
	c := doctor.Caller{ARN: who, Principal: who}
	kind, rest, _ := strings.Cut(a.Resource, "/")
	switch {
	case a.Service == "iam" && a.Resource == "root":
		c.Root = true
	case a.Service == "iam" && (kind == "user" || kind == "role"):
	case a.Service == "sts" && kind == "assumed-role":
		name, _, _ := strings.Cut(rest, "/")
		c.Principal = "arn:" + a.Partition + ":iam::" + a.AccountID + ":role/" + name
		out, err := l.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err == nil {
			c.Principal = aws.ToString(out.Role.Arn)
		} else if strings.HasPrefix(name, "AWSReservedSSO_") { // their path names a region
			f := unknown[doctor.Caller](l, err)
			return doctor.Unknown[doctor.Caller]("the path of the caller's role isn't known: "+f.Why, "name the role with --as: its ARN is in the IAM console")
		}
	default: // a federated user has no policies of its own
		return doctor.Unknown[doctor.Caller](fmt.Sprintf("IAM's simulator can't be asked about %s", who), "name a user or role with --as")
	}
	return doctor.Known(c)
}
