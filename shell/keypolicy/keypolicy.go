// Package keypolicy judges whether a KMS key's policy lets CloudWatch Logs encrypt a log group with it. A mistake there loses what is
// logged without a word; opsh looks before it relies on the group, opsctl doctor from outside.
package keypolicy

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// oneOrMany is a string or a list of them, as IAM writes both.
type oneOrMany []string

func (o *oneOrMany) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*o = oneOrMany{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(o))
}

// statement is one of a key's policy. Principal is "*" or a table by kind.
type statement struct {
	Effect    string
	Principal json.RawMessage
	Action    oneOrMany
	Condition map[string]map[string]oneOrMany
}

// services are the AWS services that the statement is about, principals the accounts, roles and users.
func (s statement) services() oneOrMany   { return s.who().Service }
func (s statement) principals() oneOrMany { return s.who().AWS }

func (s statement) who() (kinds struct{ AWS, Service oneOrMany }) {
	var everybody string
	if json.Unmarshal(s.Principal, &everybody) == nil {
		kinds.AWS, kinds.Service = oneOrMany{everybody}, oneOrMany{everybody}
	} else if json.Unmarshal(s.Principal, &kinds) != nil {
		kinds.AWS, kinds.Service = nil, nil
	}
	return kinds
}

// LogsService is how a key's policy names CloudWatch Logs of a region. It is also the host where the service is reached.
func LogsService(region string) string { return "logs." + region + "." + dnsSuffix(region) }

// GroupARN is a log group's, as policies and the encryption context have it.
func GroupARN(region, account, group string) string {
	return "arn:" + partition(region) + ":logs:" + region + ":" + account + ":log-group:" + group
}

// partition and dnsSuffix: the regions of China and of the US government are partitions of their own, and China's has a domain of its own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-arns.html
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func dnsSuffix(region string) string {
	if partition(region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// logsActions are what CloudWatch Logs does with a group's key.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
var logsActions = []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"}

// Refuses says why a key's policy keeps CloudWatch Logs from using the key for a log group; empty when it doesn't. It knows the
// statements that AWS's documentation recommends, and is silent where it meets a condition that it doesn't know.
// The group is its ARN, without the ":*" at its end that some calls return.
func Refuses(policy, region, group string) string {
	var p struct{ Statement []statement }
	if err := json.Unmarshal([]byte(policy), &p); err != nil {
		return "can't be read: " + err.Error()
	}
	service := LogsService(region)
	missing := slices.Clone(logsActions)
	otherGroup, otherService := "", ""
	for _, s := range p.Statement {
		services := s.services()
		if s.Effect != "Allow" {
			continue
		}
		if !slices.Contains(services, service) && !slices.Contains(services, "logs.amazonaws.com") && !slices.Contains(services, "*") {
			for _, other := range services {
				if strings.HasPrefix(other, "logs.") {
					otherService = other
				}
			}
			continue
		}
		if arns := s.groups(); len(arns) > 0 && !slices.ContainsFunc(arns, func(a string) bool { return globs(a, group) }) {
			otherGroup = strings.Join(arns, ", ")
			continue
		}
		missing = slices.DeleteFunc(missing, s.does)
	}
	switch {
	case len(missing) == 0:
		return ""
	case otherGroup != "":
		return fmt.Sprintf("lets %s use it for %s, not for %s", service, otherGroup, group)
	case otherService != "":
		return fmt.Sprintf("names %s, not %s", otherService, service)
	case len(missing) == len(logsActions):
		return fmt.Sprintf("doesn't let %s use it", service)
	}
	return fmt.Sprintf("doesn't let %s do %s", service, strings.Join(missing, ", "))
}

// groups are the log groups that the statement is restricted to by the encryption context.
func (s statement) groups() (all []string) {
	for operator, keys := range s.Condition {
		switch operator {
		case "ArnEquals", "ArnLike", "StringEquals", "StringLike":
			for key, values := range keys {
				if strings.EqualFold(key, "kms:EncryptionContext:aws:logs:arn") {
					all = append(all, values...)
				}
			}
		}
	}
	return all
}

// globs says whether text fits a pattern of * and ?, which stand for any characters, / included.
func globs(pattern, text string) bool {
	const slash = "\x00"
	hide := func(s string) string { return strings.ReplaceAll(s, "/", slash) }
	ok, err := path.Match(strings.NewReplacer(`\`, `\\`, `[`, `\[`).Replace(hide(pattern)), hide(text))
	return err == nil && ok
}
