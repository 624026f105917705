package ecsmoto

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

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
