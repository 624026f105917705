package look

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"opsh/cmd/opsctl/internal/doctor"
)

// network is the way out of a task's interface, or of its instance's: by its subnet's routes, or by endpoints in its VPC.
func (l *Looker) network(ctx context.Context, t target) doctor.Fact[doctor.Network] {
	if t.task == nil {
		return doctor.Unknown[doctor.Network](cmp.Or(t.why, "there is no task"), t.fix)
	}
	n, device := doctor.Network{}, ""
	for _, a := range t.task.Attachments {
		for _, d := range a.Details {
			switch aws.ToString(d.Name) {
			case "subnetId":
				n.Subnet = aws.ToString(d.Value)
			case "networkInterfaceId":
				device = aws.ToString(d.Value)
			}
		}
	}
	if n.Subnet == "" { // it uses its machine's network
		m, err := l.machine(ctx, t)
		if err != nil {
			return unknown[doctor.Network](l, err)
		}
		n.Subnet, n.PublicIP = aws.ToString(m.SubnetId), aws.ToString(m.PublicIpAddress)
	}
	if n.Subnet == "" {
		return doctor.Known(n)
	}
	if err := l.ways(ctx, &n, device); err != nil {
		return unknown[doctor.Network](l, err)
	}
	return doctor.Known(n)
}

func (l *Looker) ways(ctx context.Context, n *doctor.Network, device string) error {
	subnets, err := l.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{n.Subnet}})
	if err != nil {
		return err
	}
	if len(subnets.Subnets) == 0 {
		return fmt.Errorf("there is no subnet %s", n.Subnet)
	}
	vpc := aws.ToString(subnets.Subnets[0].VpcId)
	if n.Default, err = l.defaultRoute(ctx, vpc, n.Subnet); err != nil {
		return err
	}
	if device != "" {
		out, err := l.ec2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{device}})
		if err != nil {
			return err
		}
		for _, i := range out.NetworkInterfaces {
			if i.Association != nil {
				n.PublicIP = aws.ToString(i.Association.PublicIp)
			}
		}
	}
	for p := ec2.NewDescribeVpcEndpointsPaginator(l.ec2, &ec2.DescribeVpcEndpointsInput{Filters: only("vpc-id", vpc)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, e := range page.VpcEndpoints {
			n.Endpoints = append(n.Endpoints, doctor.Endpoint{Service: aws.ToString(e.ServiceName), Interface: e.VpcEndpointType == types.VpcEndpointTypeInterface,
				Available: e.State == "available" || e.State == types.StateAvailable, PrivateDNS: aws.ToBool(e.PrivateDnsEnabled)})
		}
	}
	return nil
}

func only(name, value string) []types.Filter {
	return []types.Filter{{Name: &name, Values: []string{value}}}
}

// defaultRoute is where 0.0.0.0/0 leads from a subnet, by its own route table or the VPC's main one; "": nowhere.
func (l *Looker) defaultRoute(ctx context.Context, vpc, subnet string) (string, error) {
	own, err := l.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: only("association.subnet-id", subnet)})
	if err == nil && len(own.RouteTables) == 0 {
		own, err = l.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: append(only("vpc-id", vpc), only("association.main", "true")...)})
	}
	if err != nil {
		return "", err
	}
	for _, table := range own.RouteTables {
		for _, r := range table.Routes {
			if aws.ToString(r.DestinationCidrBlock) == "0.0.0.0/0" && r.State != types.RouteStateBlackhole {
				return cmp.Or(aws.ToString(r.NatGatewayId), aws.ToString(r.GatewayId), aws.ToString(r.TransitGatewayId), aws.ToString(r.NetworkInterfaceId), aws.ToString(r.InstanceId), "another network"), nil
			}
		}
	}
	return "", nil
}
