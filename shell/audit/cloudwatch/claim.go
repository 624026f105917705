package cloudwatch

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// ErrClaimed says that somebody has the name.
var ErrClaimed = errors.New("it was used already")

// Claim takes a name, once for all tasks that ship to the group: it makes an empty stream, and of all who try one succeeds. It asks once: after a
// request without an answer nobody knows whether the name is taken, and so it counts as taken.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
func (t Target) Claim(ctx context.Context, name string) error {
	if err := t.Check(); err != nil {
		return err
	}
	_, err := t.logs().CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &t.LogGroup, LogStreamName: &name})
	if exists := (*types.ResourceAlreadyExistsException)(nil); errors.As(err, &exists) {
		return ErrClaimed
	}
	return err
}
