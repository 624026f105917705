package fault

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// Region is where everything in these tests is; moto keeps regions apart. Account is moto's.
const (
	Region  = "ap-northeast-1"
	Account = "123456789012"
)

// Client is the real SDK's, for moto or for the proxy before it: fixed credentials, nothing from the environment, and no retries,
// so that each call is one request.
func Client(url string) *cloudwatchlogs.Client {
	return cloudwatchlogs.New(cloudwatchlogs.Options{
		Region:       Region,
		BaseEndpoint: aws.String(url),
		Credentials:  credentials.NewStaticCredentialsProvider("ASIATESTTESTTESTTEST", "secret", "token"),
		Retryer:      aws.NopRetryer{},
	})
}

// CreateStream makes a log stream, and its group where there is none.
func CreateStream(t testing.TB, motoURL, group, stream string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := Client(motoURL)
	_, err := c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group})
	if exists := (*types.ResourceAlreadyExistsException)(nil); err != nil && !errors.As(err, &exists) {
		t.Fatal(err)
	}
	if _, err := c.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream}); err != nil {
		t.Fatal(err)
	}
}

// Events reads a stream whole, from moto itself: the messages by time, and of one millisecond in the order in which they came.
// What was stored twice is there twice. A stream that doesn't exist ends the test.
func Events(t testing.TB, motoURL, group, stream string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	c := Client(motoURL)
	var messages []string
	in := &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &stream, StartFromHead: aws.Bool(true), Limit: aws.Int32(10000)}
	for {
		out, err := c.GetLogEvents(ctx, in)
		if errors.Is(err, net.ErrClosed) {
			continue // seldom, moto being busy, the connection is gone before the answer is read; reading again changes nothing
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			messages = append(messages, aws.ToString(e.Message))
		}
		// The API says that the end is reached when a token comes back unchanged; a page alone may be empty before it.
		if aws.ToString(out.NextForwardToken) == aws.ToString(in.NextToken) {
			return messages
		}
		in.NextToken = out.NextForwardToken
	}
}
