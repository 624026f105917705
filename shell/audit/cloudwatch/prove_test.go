package cloudwatch

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"opsh/shell/taskrole/sdk"
	"opsh/test/fault"
)

// TestProve: each way in which recording fails is told with what to change.
func TestProve(t *testing.T) {
	for name, test := range map[string]struct {
		harm func(c *cloud)
		text string
		hint string
	}{
		"all is well":         {func(*cloud) {}, "", ""},
		"no role":             {func(c *cloud) { c.target.CredentialsURI = "" }, "no credentials", "taskRoleArn"},
		"a role that is gone": {func(c *cloud) { c.credentials.Fail(404) }, "cannot get the task's credentials", "taskRoleArn"},
		"no group":            {func(c *cloud) { c.target.LogGroup += "x" }, "ResourceNotFoundException", "create the log group /ecs/test"},
		"not allowed to create a stream": {func(c *cloud) { c.proxy.Set(fault.Always(fault.AccessDenied(), "CreateLogStream")) },
			"CreateLogStream: AccessDeniedException", "to logs:CreateLogStream on arn:aws:logs:ap-northeast-1:123456789012:log-group:/ecs/test"},
		"not allowed to write": {func(c *cloud) { c.proxy.Set(fault.Always(fault.AccessDenied(), "PutLogEvents")) },
			"PutLogEvents: AccessDeniedException", "to logs:PutLogEvents on arn:"},
		"not allowed to read": {func(c *cloud) { c.proxy.Set(fault.Always(fault.AccessDenied(), "GetLogEvents")) },
			"GetLogEvents: AccessDeniedException", "to logs:GetLogEvents on arn:"},
		"a key that may not be used": {func(c *cloud) { c.proxy.Set(fault.Always(fault.KMS(), "PutLogEvents")) },
			"KMS", "its policy let logs.ap-northeast-1.amazonaws.com use it where kms:EncryptionContext:aws:logs:arn is arn:aws:logs:ap-northeast-1:123456789012:log-group:/ecs/test"},
		"a clock that is wrong": {func(c *cloud) { c.proxy.Set(fault.Always(fault.TooOld(1), "PutLogEvents")) }, "time was rejected", ""},
		"no way there":          {func(c *cloud) { c.proxy.Down() }, "connection refused", "VPC endpoint"},
		"expired credentials":   {func(c *cloud) { c.proxy.Set(fault.Always(fault.ExpiredToken())) }, "ExpiredTokenException", "credentials are not accepted"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			test.harm(c)
			found := c.target.Prove(context.Background(), "probe", `{"a":"record"}`, time.Now())
			if test.text == "" {
				if len(found) != 0 {
					t.Errorf("found %+v", found)
				}
				return
			}
			if len(found) != 1 || found[0].Warning || !strings.Contains(found[0].Text, test.text) || !strings.Contains(found[0].Hint, test.hint) {
				t.Errorf("found %+v, want %q and %q", found, test.text, test.hint)
			}
		})
	}
}

// TestProveKey: the key policy that AWS documents passes; a typo in it is named, though the record arrives (moto has no such check, AWS a cache).
func TestProveKey(t *testing.T) {
	ctx := context.Background()
	c := newCloud(t)
	keys := kms.New(kms.Options{Region: fault.Region, BaseEndpoint: &c.moto.URL, Credentials: credentials.NewStaticCredentialsProvider("A", "B", "")})
	key, err := keys.CreateKey(ctx, &kms.CreateKeyInput{})
	must(t, err)
	c.target.LogGroup += "-encrypted"
	_, err = fault.Client(c.moto.URL).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &c.target.LogGroup, KmsKeyId: key.KeyMetadata.Arn})
	must(t, err)
	for i, test := range []struct{ group, want string }{
		{c.target.LogGroup, ""},
		{c.target.LogGroup + "x", "use it for arn:aws:logs:ap-northeast-1:123456789012:log-group:" + c.target.LogGroup + "x, not for"},
	} {
		_, err = keys.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: key.KeyMetadata.KeyId, PolicyName: aws.String("default"),
			Policy: aws.String(documented("logs.ap-northeast-1.amazonaws.com", "arn:aws:logs:ap-northeast-1:123456789012:log-group:"+test.group))})
		must(t, err)
		found := c.target.Prove(ctx, fmt.Sprint("probe-", i), "a record", time.Now())
		if (len(found) == 0) != (test.want == "") || len(found) > 0 && !strings.Contains(found[0].Text, test.want) {
			t.Errorf("found %+v, want %q", found, test.want)
		}
	}
	_, err = keys.DisableKey(ctx, &kms.DisableKeyInput{KeyId: key.KeyMetadata.KeyId})
	must(t, err)
	if found := c.target.Prove(ctx, "probe-disabled", "a record", time.Now()); len(found) != 1 || !strings.Contains(found[0].Text, "is not enabled") {
		t.Errorf("found %+v", found)
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

// TestReason: whatever an answer holds, it is one line of plain text.
func TestReason(t *testing.T) {
	if got := sdk.Reason(fmt.Errorf("a\x1b[2J\nb\u009bc\xff")); got != "a[2Jbc\uFFFD" {
		t.Errorf("%q", got)
	}
}
