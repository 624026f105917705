package config

import (
	"reflect"
	"strings"
	"testing"
)

const (
	head = "version = 1\nsession_role = 'arn:aws:iam::111122223333:role/opsh/opsh-session'\n"
	rule = "[[allow]]\nroles = ['opsh-operator']\ncluster = 'prod-main'\nservice = 'ops'\ncontainer = 'ops'\n"
)

func TestParse(t *testing.T) {
	c, err := Parse(head + "per_caller = 5\ntotal = 20\n" + rule + `
[[allow]]
users = ["hanako"]
groups = ["ops", "dba"]
tags = { team = "ops", "cost center" = "4711" }
cluster = "prod-main"
service = "dba"
container = "dba"
`)
	want := Config{SessionRole: "arn:aws:iam::111122223333:role/opsh/opsh-session", Partition: "aws", Account: "111122223333", PerCaller: 5, Total: 20, Rules: []Rule{
		{Roles: []string{"opsh-operator"}, Cluster: "prod-main", Service: "ops", Container: "ops"},
		{Users: []string{"hanako"}, Groups: []string{"ops", "dba"}, Tags: map[string]string{"team": "ops", "cost center": "4711"}, Cluster: "prod-main", Service: "dba", Container: "dba"},
	}}
	if err != nil || !reflect.DeepEqual(c, want) {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := Parse(head + rule); err != nil || c.PerCaller != 10 || c.Total != 60 {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestParseWrong: every mistake is reported, and none leaves a configuration behind.
func TestParseWrong(t *testing.T) {
	in := func(old, new string) string { return strings.Replace(head+rule, old, new, 1) }
	for name, test := range map[string]struct {
		text  string
		wrong []string // one for each line of the error
	}{
		"nothing":             {"", []string{"cannot set version: it must be 1", "cannot set session_role: it is missing", "cannot set allow: there must be a table [[allow]]"}},
		"no TOML":             {"version: 1", []string{"cannot read the configuration"}},
		"another version":     {in("version = 1", "version = 2"), []string{"cannot set version"}},
		"a version in quotes": {in("version = 1", "version = '1'"), []string{"cannot set version"}},
		"a key twice":         {in("version = 1", "version = 1\nversion = 1"), []string{"cannot read the configuration"}},
		"an unknown key":      {in("[[allow]]", "deny = 1\n[[allow]]"), []string{`cannot set "deny": there is no such key; the keys are version, `}},
		"another case":        {in("cluster", "Cluster"), []string{"allow 1: cannot set cluster: it is missing", `allow 1: cannot set "Cluster": there is no such key`}},
		"no rule":             {head, []string{"cannot set allow"}},
		"a rule that is none": {head + "allow = 1\n", []string{"cannot set allow"}},
		"nobody":              {in("roles = ['opsh-operator']\n", ""), []string{"allow 1: cannot use the rule: it says of nobody who may enter"}},
		"an empty list":       {in("['opsh-operator']", "[]"), []string{"allow 1: cannot set roles"}},
		"a name":              {in("['opsh-operator']", "'opsh-operator'"), []string{"allow 1: cannot set roles"}},
		"a pattern":           {in("opsh-operator", "opsh-*"), []string{`allow 1: cannot set roles: "opsh-*" is no name`}},
		"an ARN":              {in("opsh-operator", "arn:aws:iam::111122223333:role/x"), []string{"allow 1: cannot set roles"}},
		"a number":            {in("['opsh-operator']", "[1]"), []string{"allow 1: cannot set roles"}},
		"no tags":             {in("roles = ['opsh-operator']", "tags = {}"), []string{"allow 1: cannot set tags"}},
		"a tag that is none":  {in("roles = ['opsh-operator']", "tags = { a = 1, b = '*', c = '' }"), []string{`"a" is no tag`, `"b" is no tag`, `"c" is no tag`}},
		"any cluster":         {in("'prod-main'", "'*'"), []string{"allow 1: cannot set cluster"}},
		"a cluster's ARN":     {in("'prod-main'", "'arn:aws:ecs:eu-west-1:111122223333:cluster/prod-main'"), []string{"allow 1: cannot set cluster"}},
		"no service":          {in("service = 'ops'\n", ""), []string{"allow 1: cannot set service: it is missing"}},
		"an empty container":  {in("container = 'ops'", "container = ''"), []string{"allow 1: cannot set container"}},
		"no role":             {in("role/opsh/opsh-session", "user/x"), []string{"cannot set session_role"}},
		"any role":            {in("role/opsh/opsh-session", "role/*"), []string{"cannot set session_role"}},
		"no limit":            {in("[[allow]]", "total = 0\n[[allow]]"), []string{"cannot set total: it must be a number from 1 to 600"}},
		"all of it":           {in("[[allow]]", "per_caller = 'x'\n[[allow]]\nusers = ['a b']\n[[allow]]"), []string{"cannot set per_caller", "allow 1: cannot set users", "allow 1: cannot set cluster", "allow 1: cannot set service", "allow 1: cannot set container"}},
		"a line break in one": {in("'prod-main'", `"prod-main\n"`), []string{"allow 1: cannot set cluster"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Parse(test.text)
			if err == nil || !reflect.DeepEqual(c, Config{}) {
				t.Fatalf("it is taken: %+v, %v", c, err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(test.wrong) {
				t.Fatalf("%d lines: %v", len(lines), err)
			}
			for i, w := range test.wrong {
				if !strings.Contains(lines[i], w) {
					t.Errorf("%q, want %q", lines[i], w)
				}
			}
		})
	}
}
