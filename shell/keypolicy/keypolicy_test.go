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

// documented is the policy of AWS's documentation, in our own words.
func documented(service, arn string) string {
	return `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
		{"Effect": "Allow", "Principal": {"Service": "` + service + `"}, "Resource": "*",
		 "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
		 "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": "` + arn + `"}}}]}`
}
