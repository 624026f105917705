package ecsmoto

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
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
