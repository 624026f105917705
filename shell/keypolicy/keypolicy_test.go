package keypolicy

import (
	"strings"
	"testing"
)

func TestKeyPolicy(t *testing.T) {
	const region, group, service = "ap-northeast-1", "arn:aws:logs:ap-northeast-1:1:log-group:/a/b", "logs.ap-northeast-1.amazonaws.com"
	for name, test := range map[string]struct{ policy, want string }{
		"as documented":    {documented(service, group), ""},
		"any group":        {documented(service, "arn:aws:logs:ap-northeast-1:1:*"), ""},
		"a prefix":         {documented(service, "arn:aws:logs:ap-northeast-1:1:log-group:/a/*"), ""},
		"another group":    {documented(service, "arn:aws:logs:ap-northeast-1:1:log-group:/a/c"), "not for " + group},
		"another account":  {documented(service, "arn:aws:logs:ap-northeast-1:2:log-group:/a/b"), "not for " + group},
		"a bracket":        {documented(service, "arn:aws:logs:ap-northeast-1:1:log-group:[/]a/b"), "not for"},
		"another region":   {documented("logs.us-east-1.amazonaws.com", group), "names logs.us-east-1.amazonaws.com, not " + service},
		"nobody":           {`{"Statement": []}`, "doesn't let " + service + " use it"},
		"deny":             {strings.ReplaceAll(documented(service, group), "Allow", "Deny"), "doesn't let"},
		"some actions":     {`{"Statement": [{"Effect": "Allow", "Principal": {"Service": ["` + service + `"]}, "Action": ["kms:Encrypt", "kms:Decrypt*"]}]}`, "do kms:ReEncryptFrom, kms:ReEncryptTo, kms:GenerateDataKey"},
		"in two":           {`{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["kms:Enc*", "kms:Decrypt*", "kms:Re*"]}, {"Effect": "Allow", "Principal": "*", "Action": ["kms:G*", "kms:Describe*"]}]}`, ""},
		"not JSON":         {`{`, "can't be read"},
		"unknown operator": {strings.ReplaceAll(documented(service, "x"), "ArnEquals", "ForAnyValue:Fancy"), ""},
	} {
		if got := Refuses(test.policy, region, group); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestKeyPolicyChina: China's services have a domain of its own, and its ARNs a partition.
func TestKeyPolicyChina(t *testing.T) {
	const region = "cn-north-1"
	group := GroupARN(region, "1", "/a/b")
	if group != "arn:aws-cn:logs:cn-north-1:1:log-group:/a/b" {
		t.Error(group)
	}
	for name, test := range map[string]struct{ policy, want string }{
		"as documented":      {documented("logs.cn-north-1.amazonaws.com.cn", group), ""},
		"the world's domain": {documented("logs.cn-north-1.amazonaws.com", group), "names logs.cn-north-1.amazonaws.com, not logs.cn-north-1.amazonaws.com.cn"},
		"the world's ARN":    {documented("logs.cn-north-1.amazonaws.com.cn", strings.Replace(group, "aws-cn", "aws", 1)), "not for " + group},
	} {
		if got := Refuses(test.policy, region, group); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	for region, want := range map[string]string{
		"us-gov-west-1": "arn:aws-us-gov:logs:us-gov-west-1:1:log-group:g", "eu-west-1": "arn:aws:logs:eu-west-1:1:log-group:g",
	} {
		if got := GroupARN(region, "1", "g"); got != want || LogsService(region) != "logs."+region+".amazonaws.com" {
			t.Errorf("%s, %s", got, LogsService(region))
		}
	}
}

func TestGives(t *testing.T) {
	const account, role, other = "123456789012", "arn:aws:iam::123456789012:role/a/task", "arn:aws:iam::123456789012:role/other"
	statement := func(principal, action string) string {
		return `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["` + principal + `"]}, "Action": "` + action + `", "Resource": "*"}]}`
	}
	for name, test := range map[string]struct {
		policy            string
		named, throughIAM bool
	}{
		"to the account":       {documented("x", "y"), false, true},
		"to the account's id":  {statement(account, "kms:*"), false, true},
		"to the role":          {statement(role, "kms:Decrypt"), true, false},
		"another action":       {statement(role, "kms:Encrypt"), false, false},
		"to another role":      {statement(other, "kms:*"), false, false},
		"to another account":   {statement("arn:aws:iam::999999999999:root", "kms:*"), false, false},
		"to everybody":         {statement("*", "kms:*"), true, true},
		"China's root":         {statement("arn:aws-cn:iam::"+account+":root", "kms:*"), false, true},
		"under some condition": {strings.Replace(statement(role, "kms:*"), `"Resource"`, `"Condition": {"StringEquals": {"a": "b"}}, "Resource"`, 1), false, false},
		"deny":                 {strings.Replace(statement(role, "kms:*"), "Allow", "Deny", 1), false, false},
		"not JSON":             {"{", false, false},
	} {
		if named, byIAM := Gives(test.policy, account, role, "kms:Decrypt"); named != test.named || byIAM != test.throughIAM {
			t.Errorf("%s: %v, %v", name, named, byIAM)
		}
	}
}

// documented is the policy of AWS's documentation, in our own words.
func documented(service, arn string) string {
	return `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
		{"Effect": "Allow", "Principal": {"Service": "` + service + `"}, "Resource": "*",
		 "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
		 "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": "` + arn + `"}}}]}`
}
