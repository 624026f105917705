// Package look gathers the facts that package doctor judges. It asks AWS, changes nothing and opens no session. What it may not see
// becomes a fact that isn't known, with the reason; it goes on with the others.
package look

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"opsh/cmd/opsctl/internal/awserr"
	"opsh/cmd/opsctl/internal/doctor"
)

// Wanted is what to look at.
type Wanted struct {
	Cluster   string // a name
	Service   string // a name; used where there is no task
	Task      string // an id; "": there is none
	NoTask    string // why there is none
	Container string
	As        string            // the ARN of a user or role to ask about in place of the caller
	Given     map[string]string // condition keys of IAM and what they are to be
}

// Looker asks AWS.
type Looker struct {
	About awserr.About // for hints
	Now   func() time.Time

	config aws.Config
	ecs    *ecs.Client
	ec2    *ec2.Client
	iam    *iam.Client
	logs   *cloudwatchlogs.Client
	kms    *kms.Client
	s3     *s3.Client
	sts    *sts.Client
}

// New is a Looker that retries what is worth it.
func New(c aws.Config, about awserr.About, now func() time.Time) *Looker {
	c.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(s *retry.StandardOptions) { s.MaxAttempts, s.MaxBackoff = 5, 3*time.Second })
	}
	return &Looker{About: about, Now: now, config: c,
		ecs: ecs.NewFromConfig(c), ec2: ec2.NewFromConfig(c), iam: iam.NewFromConfig(c), logs: cloudwatchlogs.NewFromConfig(c), kms: kms.NewFromConfig(c), sts: sts.NewFromConfig(c),
		// Path style where an endpoint was set: what isn't AWS's own has no name for each bucket.
		s3: s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = c.BaseEndpoint != nil })}
}

// Look gathers all facts. The error says that AWS can't be asked at all.
func (l *Looker) Look(ctx context.Context, w Wanted) (doctor.Facts, error) {
	f := doctor.Facts{Region: l.config.Region, ClusterName: w.Cluster, ContainerName: w.Container, NoTask: w.NoTask}
	who, err := l.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return f, err
	}
	f.Account = aws.ToString(who.Account)
	if parsed, err := arn.Parse(aws.ToString(who.Arn)); err == nil {
		f.Partition = parsed.Partition
	}
	f.Caller = l.caller(ctx, cmp.Or(w.As, aws.ToString(who.Arn)))
	f.Cluster = l.cluster(ctx, w.Cluster)
	t := l.target(ctx, &f, w)
	l.log(ctx, &f)
	f.Role = l.role(ctx, t)
	f.Network = l.network(ctx, t)
	f.Answers = l.answers(ctx, f, w.Given)
	return f, ctx.Err()
}

// unknown is a fact that AWS doesn't tell.
func unknown[T any](l *Looker, err error) doctor.Fact[T] {
	why, hint := awserr.Explain(err, l.About)
	return doctor.Unknown[T](why, hint)
}

// last is the name or id at an ARN's end.
func last(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
