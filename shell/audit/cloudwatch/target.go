// Package cloudwatch ships a session's trail to CloudWatch Logs: each record is one event of the stream named like the session.
//
// What is shipped is read from the trail's file and from nowhere else, so that nothing is in the stream that isn't on disk, and what a
// process that died left unshipped is found by the next one. How far the service has acknowledged the file is kept beside it
// (acked.go). Between an answer and that note a process may die: then records are sent again. A stream therefore holds every record at
// least once, and a repeated one is the same byte for byte; its seq tells. Order is the trail's: one request is on its way
// at a time, and none is left behind for a later one.
//
// The client is built from the Target alone. It reads no environment and no configuration file, has no proxy, follows no
// redirect, and takes its credentials from the task's endpoint.
package cloudwatch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// Target is where trails go, and as whom.
type Target struct {
	Region   string
	LogGroup string
	Endpoint string // of all services; empty: AWS's own of the region

	CredentialsHost string // http://169.254.170.2 on ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
	CredentialsURI  string // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, a path on CredentialsHost
}

// Check says why nothing could be shipped to the target, as far as its text tells.
func (t Target) Check() error {
	if t.CredentialsURI == "" {
		return errors.New("the task has no role, so there are no credentials to ship with (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set)")
	}
	// The path may not choose another host: http://169.254.170.2 + .example.org/ would.
	u, err := url.Parse(t.CredentialsHost + t.CredentialsURI)
	if err != nil || !strings.HasPrefix(t.CredentialsURI, "/") || strings.TrimSuffix(t.CredentialsHost, "/") != u.Scheme+"://"+u.Host {
		return fmt.Errorf("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path: %q", t.CredentialsURI)
	}
	return nil
}

// requestTime bounds one request, from the connection to the last byte of the answer.
const requestTime = 10 * time.Second

func (t Target) httpClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               nil, // whoever sets HTTPS_PROXY doesn't choose where records go
			DialContext:         (&net.Dialer{Timeout: requestTime / 2}).DialContext,
			TLSHandshakeTimeout: requestTime / 2,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
			IdleConnTimeout:     time.Minute,
		},
		Timeout:       requestTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// credentials are the task role's. Each client keeps them until they expire.
func (t Target) credentials(h *http.Client) aws.CredentialsProvider {
	endpoint := endpointcreds.New(t.CredentialsHost+t.CredentialsURI, func(o *endpointcreds.Options) {
		o.HTTPClient, o.Retryer = h, aws.NopRetryer{}
	})
	return aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		c, err := endpoint.Retrieve(ctx)
		if err != nil {
			return c, &credentialsError{err}
		}
		return c, nil
	}))
}

// logs is a client without retries: what is sent again, and when, is decided in one place, which can say so.
func (t Target) logs() *cloudwatchlogs.Client {
	h := t.httpClient()
	return cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: t.Region, BaseEndpoint: t.base(), Credentials: t.credentials(h), HTTPClient: h, Retryer: aws.NopRetryer{},
	})
}

func (t Target) base() *string {
	if t.Endpoint == "" {
		return nil
	}
	return &t.Endpoint
}
