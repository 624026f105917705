package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"opsh/shell/keypolicy"
	"opsh/shell/ship"
	"opsh/shell/taskrole"
	"opsh/shell/taskrole/sdk"
)

// readBack is how long a record may take to be readable.
const readBack = 15 * time.Second

// Prove sends one record into the stream, reads it back, and looks at the log group's key. No finding: recording works.
func (t Target) Prove(ctx context.Context, stream, record string, now time.Time) []ship.Finding {
	if err := t.Check(); err != nil {
		return []ship.Finding{{Text: "cannot ship records: " + err.Error(), Hint: "the task needs a role: set taskRoleArn in the task definition"}}
	}
	logs := t.logs()
	caller := t.caller(ctx)
	var all []ship.Finding
	if err := roundTrip(ctx, logs, t.LogGroup, stream, record, now); err != nil {
		all = append(all, ship.Finding{Text: sdk.Reason(err), Hint: t.Hint(err, caller)})
	}
	// Also where the record arrived: the service keeps a group's data key for a while after it may no longer use it.
	if text := t.checkKey(ctx, logs, caller); text != "" {
		all = append(all, ship.Finding{Text: text,
			Hint: fmt.Sprintf("let %s use the key where kms:EncryptionContext:aws:logs:arn is %s", keypolicy.LogsService(t.Region), t.groupARN(caller))})
	}
	return all
}

// caller asks who the task is. It needs no permission; when it fails, so will what is to be explained.
func (t Target) caller(ctx context.Context) Caller {
	h := taskrole.HTTPClient()
	out, err := sts.New(sts.Options{Region: t.Region, BaseEndpoint: sdk.Base(t.Role), Credentials: sdk.Credentials(t.Role, h), HTTPClient: h, Retryer: aws.NopRetryer{}}).
		GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Caller{}
	}
	// arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
	c := Caller{Account: aws.ToString(out.Account)}
	if parts := strings.Split(aws.ToString(out.Arn), "/"); len(parts) == 3 {
		c.Role = parts[1]
	}
	return c
}

func roundTrip(ctx context.Context, logs *cloudwatchlogs.Client, group, stream, record string, now time.Time) error {
	_, err := logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream})
	if err != nil {
		return err
	}
	at := now.UnixMilli()
	out, err := logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: &stream,
		LogEvents: []types.InputLogEvent{{Message: &record, Timestamp: &at}}})
	if err != nil {
		return err
	}
	if out.RejectedLogEventsInfo != nil {
		return errors.New("PutLogEvents: the record's time was rejected: set this machine's clock")
	}
	ctx, cancel := context.WithTimeout(ctx, readBack)
	defer cancel()
	for {
		got, err := logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &stream, StartFromHead: aws.Bool(true)})
		switch {
		case err != nil:
			return err
		case len(got.Events) == 1 && aws.ToString(got.Events[0].Message) == record:
			return nil
		case len(got.Events) > 0:
			return errors.New("GetLogEvents: what was read back is not the record that was sent")
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("GetLogEvents: the record that was sent can't be read %s later", readBack)
		}
	}
}

// checkKey looks at the policy of the log group's key: a mistake there loses records without a word. It says nothing when it may not look.
func (t Target) checkKey(ctx context.Context, logs *cloudwatchlogs.Client, c Caller) string {
	groups, err := logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &t.LogGroup})
	if err != nil {
		return ""
	}
	for _, g := range groups.LogGroups {
		if aws.ToString(g.LogGroupName) != t.LogGroup || g.KmsKeyId == nil {
			continue
		}
		h := taskrole.HTTPClient()
		keys := kms.New(kms.Options{Region: t.Region, BaseEndpoint: sdk.Base(t.Role), Credentials: sdk.Credentials(t.Role, h), HTTPClient: h, Retryer: aws.NopRetryer{}})
		key, err := keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: g.KmsKeyId})
		if err == nil && !key.KeyMetadata.Enabled {
			return fmt.Sprintf("the log group's KMS key %s is not enabled but %s", *g.KmsKeyId, key.KeyMetadata.KeyState)
		}
		policy, err := keys.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: g.KmsKeyId, PolicyName: aws.String("default")})
		if err != nil {
			continue
		}
		if why := keypolicy.Refuses(aws.ToString(policy.Policy), t.Region, t.groupARN(c)); why != "" {
			return fmt.Sprintf("the policy of the log group's KMS key %s %s", *g.KmsKeyId, why)
		}
	}
	return ""
}
