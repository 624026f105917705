package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/shell/line"
)

// ManyUsage says how places that hold many are written.
const ManyUsage = `a directory, logs:GROUP for all streams of a log group, s3://BUCKET/PREFIX/, or one PLACE as verify takes it`

// listedMost bounds how many places are listed.
const listedMost = 1_000_000

// List finds what lies in a place of many that may be about a time: files whose names end as one of endings, streams of a log group, objects of a
// bucket. Places are in the order of their names. A place of one is that one.
func (o Opener) List(ctx context.Context, text string, endings []string, since, until time.Time) (all []Place, err error) {
	switch group, isGroup := strings.CutPrefix(text, "logs:"); {
	case isGroup && group != "" && !strings.Contains(group, ":"):
		all, err = o.streams(ctx, group, since, until)
	case strings.HasPrefix(text, "s3://") && strings.HasSuffix(text, "/"):
		all, err = o.objects(ctx, text, endings)
	default:
		if st, statErr := os.Stat(text); statErr == nil && st.IsDir() {
			all, err = files(text, endings)
			break
		}
		place, err := Parse(text)
		return []Place{place}, err
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list %s: %w", line.QuoteWord(text), err)
	}
	return all, nil
}

func ends(name string, endings []string) bool {
	for _, e := range endings {
		if strings.HasSuffix(name, e) {
			return true
		}
	}
	return false
}

func files(dir string, endings []string) (all []Place, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Type().IsRegular() && ends(e.Name(), endings) {
			all = append(all, Place{Kind: File, Path: filepath.Join(dir, e.Name())})
		}
	}
	return all, nil
}

// noTrail is the streams of a trail's log group that are none: the numbers of approvals that were used, and what opsh -T wrote to see whether it can.
var noTrail = regexp.MustCompile(`\A(approval-[0-9a-f]{32}|probe-[0-9A-Za-z-]+)\z`)

// streams leaves out those that CloudWatch knows to be of another time. It learns of events with a delay, so an hour is added.
func (o Opener) streams(ctx context.Context, group string, since, until time.Time) (all []Place, err error) {
	config, err := awsconf.Load(ctx, o.AWS)
	if err != nil {
		return nil, err
	}
	pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(cloudwatchlogs.NewFromConfig(config), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range page.LogStreams {
			first, last := aws.ToInt64(s.FirstEventTimestamp), aws.ToInt64(s.LastEventTimestamp)
			if s.LogStreamName == nil || noTrail.MatchString(*s.LogStreamName) || first != 0 && first >= until.UnixMilli() || last != 0 && last < since.Add(-time.Hour).UnixMilli() {
				continue
			}
			all = append(all, Place{Kind: Stream, Group: group, Stream: *s.LogStreamName})
		}
		if len(all) > listedMost {
			return nil, errTooMany
		}
	}
	return all, nil
}

var errTooMany = errors.New("it holds more than a million")

func (o Opener) objects(ctx context.Context, text string, endings []string) (all []Place, err error) {
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(text, "s3://"), "/")
	if bucket == "" {
		return nil, errors.New("it names no bucket")
	}
	client, err := o.s3(ctx)
	if err != nil {
		return nil, err
	}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, object := range page.Contents {
			if key := aws.ToString(object.Key); ends(key, endings) {
				all = append(all, Place{Kind: Object, Bucket: bucket, Key: key})
			}
		}
		if len(all) > listedMost {
			return nil, errTooMany
		}
	}
	return all, nil
}
