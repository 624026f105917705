package doctor

import (
	"slices"
	"strings"
)

// network is about the container's way to what it needs of AWS. Without a way out of its VPC each service needs an endpoint there.
func (j *judge) network() {
	const id = "network.way"
	if !j.needs([]fact{j.f.Network}, id) {
		return
	}
	n := j.f.Network.Value
	kind, _, _ := strings.Cut(n.Default, "-")
	switch {
	case n.Subnet == "":
		j.say(NotChecked, id, "the task uses the network of a machine that isn't EC2's", "see that the machine reaches ssmmessages")
		return
	case kind == "nat" || kind == "igw" && n.PublicIP != "":
		j.ok(id, "the subnet %s leads outside by %s", n.Subnet, n.Default)
		return
	}
	if !j.needs(j.kept(), id) {
		return
	}
	var lacking, dark []string
	for _, s := range j.services() {
		e := n.endpoint(j.f.Region, s)
		switch {
		case e == nil:
			lacking = append(lacking, s)
		case e.Interface && !e.PrivateDNS:
			dark = append(dark, s)
		}
	}
	mend := "make VPC endpoints for " + strings.Join(lacking, ", ") + ", with private DNS, or a way out by a NAT gateway"
	switch {
	case len(lacking) > 0 && n.Default != "" && kind != "igw":
		j.say(NotChecked, id, "the subnet "+n.Subnet+" leads outside by "+n.Default+"; whether that reaches "+strings.Join(lacking, ", ")+" isn't known from here", mend)
	case len(lacking) > 0 && kind == "igw":
		j.say(Error, id, "the task has no public address, so the internet gateway doesn't help, and its VPC no endpoint for "+strings.Join(lacking, ", "), mend)
	case len(lacking) > 0:
		j.say(Error, id, "the subnet "+n.Subnet+" leads nowhere outside, and its VPC has no endpoint for "+strings.Join(lacking, ", "), mend)
	case len(dark) > 0:
		j.say(Warning, id, "the VPC endpoints for "+strings.Join(dark, ", ")+" have no private DNS: they aren't found by the services' names", "enable private DNS names for them")
	default:
		j.ok(id, "the VPC has endpoints for %s", strings.Join(j.services(), ", "))
	}
}

// services are what the agent needs of AWS, by the endpoints' names.
func (j *judge) services() []string {
	all := []string{"ssmmessages"}
	c := j.f.Cluster.Value
	if group, _ := j.f.SessionGroup(); group != "" {
		all = append(all, "logs")
	}
	if c.KeyID != "" {
		all = append(all, "kms")
	}
	if c.Logging == "OVERRIDE" && c.Bucket != "" {
		all = append(all, "s3")
	}
	return all
}

// endpoint is a service's, where one is available. China's names have "cn." in front.
func (n Network) endpoint(region, service string) *Endpoint {
	i := slices.IndexFunc(n.Endpoints, func(e Endpoint) bool {
		return e.Available && strings.HasSuffix(e.Service, "."+region+"."+service)
	})
	if i < 0 {
		return nil
	}
	return &n.Endpoints[i]
}
