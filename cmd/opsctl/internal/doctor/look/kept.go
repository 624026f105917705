package look

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"opsh/cmd/opsctl/internal/doctor"
)

// log looks at where session logs are kept, and at the keys.
func (l *Looker) log(ctx context.Context, f *doctor.Facts) {
	c := f.Cluster.Value
	if c.KeyID != "" {
		f.SessionKey = l.key(ctx, f.Region, c.KeyID)
	}
	if group, region := f.SessionGroup(); group != "" {
		f.LogGroup = l.group(ctx, region, group)
		if id := f.LogGroup.Value.KeyID; id != "" {
			f.LogKey = l.key(ctx, region, id)
		}
	}
	if c.Bucket != "" {
		f.Bucket = l.bucket(ctx, c.Bucket)
	}
}

func (l *Looker) group(ctx context.Context, region, name string) doctor.Fact[doctor.Group] {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(l.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, func(o *cloudwatchlogs.Options) { o.Region = region })
		if err != nil {
			return unknown[doctor.Group](l, err)
		}
		for _, g := range page.LogGroups {
			if aws.ToString(g.LogGroupName) == name {
				return doctor.Known(doctor.Group{Exists: true, KeyID: aws.ToString(g.KmsKeyId)})
			}
		}
	}
	return doctor.Known(doctor.Group{})
}

// key is a KMS key, with its policy where that may be read.
func (l *Looker) key(ctx context.Context, region, id string) doctor.Fact[doctor.Key] {
	there := func(o *kms.Options) { o.Region = region }
	out, err := l.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id}, there)
	var none interface{ ErrorCode() string }
	switch {
	case errors.As(err, &none) && none.ErrorCode() == "NotFoundException":
		return doctor.Known(doctor.Key{ARN: id, State: "not there"})
	case err != nil:
		return unknown[doctor.Key](l, err)
	}
	k := doctor.Key{ARN: aws.ToString(out.KeyMetadata.Arn), State: string(out.KeyMetadata.KeyState)}
	policy, err := l.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &k.ARN, PolicyName: aws.String("default")}, there)
	if err != nil {
		k.Policy = unknown[string](l, err)
	} else {
		k.Policy = doctor.Known(aws.ToString(policy.Policy))
	}
	return doctor.Known(k)
}

func (l *Looker) bucket(ctx context.Context, name string) doctor.Fact[doctor.Bucket] {
	_, err := l.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &name})
	var said smithy.APIError
	switch {
	case err == nil:
		return doctor.Known(doctor.Bucket{Exists: true, Encrypted: true})
	case !errors.As(err, &said):
		return unknown[doctor.Bucket](l, err)
	case said.ErrorCode() == "NoSuchBucket":
		return doctor.Known(doctor.Bucket{})
	case said.ErrorCode() == "ServerSideEncryptionConfigurationNotFoundError":
		return doctor.Known(doctor.Bucket{Exists: true})
	}
	return unknown[doctor.Bucket](l, err)
}
