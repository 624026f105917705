package ecsmoto

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// Endpoints are VPC endpoints in moto's default network, for services by the names that AWS has for them: "ssmmessages".
func (a *AWS) Endpoints(t testing.TB, services ...string) {
	t.Helper()
	c := ec2.NewFromConfig(Config(a.URL))
	subnets, err := c.DescribeSubnets(context.Background(), &ec2.DescribeSubnetsInput{})
	must(t, err)
	for _, s := range services {
		_, err := c.CreateVpcEndpoint(context.Background(), &ec2.CreateVpcEndpointInput{VpcId: subnets.Subnets[0].VpcId, ServiceName: aws.String("com.amazonaws." + Region + "." + s),
			VpcEndpointType: types.VpcEndpointTypeInterface, PrivateDnsEnabled: aws.Bool(true), SubnetIds: []string{*subnets.Subnets[0].SubnetId}})
		must(t, err)
	}
}

// Instance is a machine with a role, which it makes, registered in a cluster: its ARN there.
func (a *AWS) Instance(t testing.TB, cluster, role string) string {
	t.Helper()
	ctx, c := context.Background(), iam.NewFromConfig(Config(a.URL))
	_, err := c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &role, AssumeRolePolicyDocument: aws.String(`{"Version": "2012-10-17", "Statement": []}`)})
	must(t, err)
	_, err = c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: &role})
	must(t, err)
	_, err = c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &role, RoleName: &role})
	must(t, err)
	images, err := ec2.NewFromConfig(Config(a.URL)).DescribeImages(ctx, &ec2.DescribeImagesInput{})
	must(t, err)
	run, err := ec2.NewFromConfig(Config(a.URL)).RunInstances(ctx, &ec2.RunInstancesInput{ImageId: images.Images[0].ImageId, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		IamInstanceProfile: &types.IamInstanceProfileSpecification{Name: &role}})
	must(t, err)
	out, err := ecs.NewFromConfig(Config(a.URL)).RegisterContainerInstance(ctx, &ecs.RegisterContainerInstanceInput{Cluster: &cluster,
		InstanceIdentityDocument: aws.String(`{"instanceId": "` + *run.Instances[0].InstanceId + `"}`)})
	must(t, err)
	return *out.ContainerInstance.ContainerInstanceArn
}

// network is a subnet of moto's default network, and a security group.
func (a *AWS) network(t testing.TB) (subnet string, groups []string) {
	t.Helper()
	c := ec2.NewFromConfig(Config(a.URL))
	subnets, err := c.DescribeSubnets(context.Background(), &ec2.DescribeSubnetsInput{})
	must(t, err)
	security, err := c.DescribeSecurityGroups(context.Background(), &ec2.DescribeSecurityGroupsInput{})
	must(t, err)
	if len(subnets.Subnets) == 0 || len(security.SecurityGroups) == 0 {
		t.Fatal("moto has no network")
	}
	return *subnets.Subnets[0].SubnetId, []string{*security.SecurityGroups[0].GroupId}
}
