// Package cloudwatch ships a session's trail to CloudWatch Logs: each record is one event of the stream named like the session.
//
// What is shipped is read from the trail's file and from nowhere else, so that nothing is in the stream that isn't on disk, and what a
// process that died left unshipped is found by the next one. How far the service has acknowledged the file is kept beside it
// (acked.go). Between an answer and that note a process may die: then records are sent again. A stream therefore holds every record at
// least once, and a repeated one is the same byte for byte; its seq tells. Order is the trail's: one request is on its way
// at a time, and none is left behind for a later one.
//
// The client is built from the Target alone, as packages taskrole and sdk make clients.
package cloudwatch

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"opsh/shell/ship"
	"opsh/shell/taskrole"
	"opsh/shell/taskrole/sdk"
)

// Target is where trails go, and as whom.
type Target struct{ ship.Logs }

// logs is a client without retries: what is sent again, and when, is decided in one place, which can say so.
func (t Target) logs() *cloudwatchlogs.Client {
	h := taskrole.HTTPClient()
	return cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: t.Region, BaseEndpoint: sdk.Base(t.Role), Credentials: sdk.Credentials(t.Role, h), HTTPClient: h, Retryer: aws.NopRetryer{},
	})
}
