// Package config reads the broker's configuration: who may enter what.
package config

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/BurntSushi/toml"
)

// Config is a configuration. Only Parse makes one: what it leaves out is denied.
type Config struct {
	SessionRole string // the ARN of the role that alone has ecs:ExecuteCommand
	Partition   string // of the ARN
	Account     string // of the ARN; callers of another one are denied
	PerCaller   int    // requests that a caller may make in a minute
	Total       int    // requests in a minute, everybody's
	Rules       []Rule
}

// Rule lets somebody in somewhere. A caller is meant who is one of Roles, one of Users or in one of Groups, and has all of Tags; with no
// Roles, Users and Groups: whoever has all of Tags.
type Rule struct {
	Roles  []string // names of IAM roles of the account
	Users  []string // names of IAM users
	Groups []string // names of IAM groups
	Tags   map[string]string

	Cluster, Service, Container string
}

// What names may be. None may hold a wildcard: nothing here is a pattern.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
var (
	iamName = regexp.MustCompile(`\A[A-Za-z0-9_+=,.@-]{1,128}\z`)
	ecsName = regexp.MustCompile(`\A[A-Za-z0-9_-]{1,255}\z`)
	roleARN = regexp.MustCompile(`\Aarn:(aws[a-z-]*):iam::([0-9]{12}):role/(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}\z`)
	tagText = regexp.MustCompile(`\A[\p{L}\p{Z}\p{N}_.:/=+@-]{1,256}\z`)
)

// mostPerMinute bounds the two limits: more is none.
const mostPerMinute = 600

// Parse reads a configuration in TOML. All that is wrong is reported at once, each mistake with its key.
func Parse(text string) (Config, error) {
	var all map[string]any // by exact name: into a struct the library would take Cluster for cluster
	if _, err := toml.Decode(text, &all); err != nil {
		return Config{}, fmt.Errorf("cannot read the configuration: %w", err)
	}
	top := &table{keys: all, wrong: &[]error{}}
	c := Config{PerCaller: top.number("per_caller", 10), Total: top.number("total", 60)}
	if v, ok := top.take("version"); !ok || v != int64(1) {
		top.fail("version", "it must be 1")
	}
	c.SessionRole = top.text("session_role", roleARN, "the ARN of an IAM role")
	if m := roleARN.FindStringSubmatch(c.SessionRole); m != nil {
		c.Partition, c.Account = m[1], m[2]
	}
	for _, t := range top.tables("allow") {
		c.Rules = append(c.Rules, t.rule())
	}
	top.rest("version, session_role, per_caller, total, allow")
	if err := errors.Join(*top.wrong...); err != nil {
		return Config{}, err
	}
	return c, nil
}

func (t *table) rule() Rule {
	r := Rule{
		Roles: t.names("roles"), Users: t.names("users"), Groups: t.names("groups"), Tags: t.tags("tags"),
		Cluster:   t.text("cluster", ecsName, "a cluster's name, no ARN and no pattern"),
		Service:   t.text("service", ecsName, "a service's name, no ARN and no pattern"),
		Container: t.text("container", ecsName, "a container's name, no pattern"),
	}
	if t.named("roles", "users", "groups", "tags") == 0 {
		t.fail("", "it says of nobody who may enter: roles, users, groups or tags")
	}
	t.rest("roles, users, groups, tags, cluster, service, container")
	return r
}
