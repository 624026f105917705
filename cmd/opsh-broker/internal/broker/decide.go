package broker

import (
	"slices"
	"strings"

	"opsh/cmd/opsh-broker/internal/config"
)

// Identity is what IAM says of a caller: the groups of a user, and the tags of a user or role. Session tags are not in it: a function isn't told
// them. They can be asked for where the function URL is permitted (aws:PrincipalTag).
type Identity struct {
	Groups []string
	Tags   map[string]string
}

// at are the rules about a container of a cluster.
func at(all []config.Rule, cluster, container string) (found []config.Rule) {
	for _, r := range all {
		if r.Cluster == cluster && r.Container == container {
			found = append(found, r)
		}
	}
	return found
}

// asks says that the rules can't be judged without asking IAM.
func asks(rules []config.Rule) bool {
	return slices.ContainsFunc(rules, func(r config.Rule) bool { return len(r.Groups)+len(r.Tags) > 0 })
}

// meant are the rules that let the caller in.
func meant(rules []config.Rule, c Caller, who Identity) (found []config.Rule) {
	for _, r := range rules {
		if isMeant(r, c, who) {
			found = append(found, r)
		}
	}
	return found
}

func isMeant(r config.Rule, c Caller, who Identity) bool {
	for name, value := range r.Tags {
		if got, ok := who.Tags[name]; !ok || got != value {
			return false
		}
	}
	if c.Role != "" && slices.Contains(r.Roles, c.Role) {
		return true
	}
	if c.User != "" && (slices.Contains(r.Users, c.User) || slices.ContainsFunc(r.Groups, func(g string) bool { return slices.Contains(who.Groups, g) })) {
		return true
	}
	return len(r.Roles)+len(r.Users)+len(r.Groups) == 0 && len(r.Tags) > 0
}

// Task is a task as ECS describes it.
type Task struct {
	ARN, ClusterARN string
	Group           string   // "service:NAME" for a service's
	Containers      []string // names
}

// serviceOf is the service that the task belongs to, or "", which no rule names: it belongs to none, or is not the task that was asked for.
func (b *Broker) serviceOf(t Task, cluster, id string) string {
	where := "arn:" + b.Config.Partition + ":ecs:" + b.Region + ":" + b.Config.Account + ":"
	service, ok := strings.CutPrefix(t.Group, "service:")
	if !ok || t.ClusterARN != where+"cluster/"+cluster || t.ARN != where+"task/"+cluster+"/"+id {
		return ""
	}
	return service
}
