// Package cloudwatch ships a session's trail to CloudWatch Logs: each record is one event of the stream named like the session.
//
// What is shipped is read from the trail's file and from nowhere else, so that nothing is in the stream that isn't on disk, and what a
// process that died left unshipped is found by the next one. How far the service has acknowledged the file is kept beside it
// (acked.go). Between an answer and that note a process may die: then records are sent again. A stream therefore holds every record at
// least once, and a repeated one is the same byte for byte; its seq tells. Order is the trail's: one request is on its way
// at a time, and none is left behind for a later one.
//
// The client is built from the Target alone, as package taskrole makes clients.
package cloudwatch

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"opsh/shell/taskrole"
)

// Target is where trails go, and as whom.
type Target struct {
	Region   string
	LogGroup string
	Endpoint string // of all services; empty: AWS's own of the region

	CredentialsHost string // http://169.254.170.2 on ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
	CredentialsURI  string // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, a path on CredentialsHost
}

func (t Target) role() taskrole.Role {
	return taskrole.Role{Endpoint: t.Endpoint, CredentialsHost: t.CredentialsHost, CredentialsURI: t.CredentialsURI}
}

// Check says why nothing could be shipped to the target, as far as its text tells.
func (t Target) Check() error { return t.role().Check() }

func (t Target) httpClient() *http.Client { return taskrole.HTTPClient() }

func (t Target) credentials(h *http.Client) aws.CredentialsProvider { return t.role().Credentials(h) }

// logs is a client without retries: what is sent again, and when, is decided in one place, which can say so.
func (t Target) logs() *cloudwatchlogs.Client {
	h := t.httpClient()
	return cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: t.Region, BaseEndpoint: t.base(), Credentials: t.credentials(h), HTTPClient: h, Retryer: aws.NopRetryer{},
	})
}

func (t Target) base() *string { return t.role().Base() }
