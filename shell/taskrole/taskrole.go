// Package taskrole is whom opsh is to AWS: its clients are built from a Role alone. They read no environment and no configuration file, have no proxy, follow
// no redirect, and take their credentials from the task's endpoint.
package taskrole

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
	"github.com/aws/smithy-go"
)

// Role is the task's.
type Role struct {
	Endpoint string // of all services; empty: AWS's own

	CredentialsHost string // http://169.254.170.2 on ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
	CredentialsURI  string // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, a path on CredentialsHost
}

// Check says why there can be no credentials, as far as the Role's text tells.
func (r Role) Check() error {
	if r.CredentialsURI == "" {
		return errors.New("the task has no role, so there are no credentials to ship with (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set)")
	}
	// The path may not choose another host: http://169.254.170.2 + .example.org/ would.
	u, err := url.Parse(r.CredentialsHost + r.CredentialsURI)
	if err != nil || !strings.HasPrefix(r.CredentialsURI, "/") || strings.TrimSuffix(r.CredentialsHost, "/") != u.Scheme+"://"+u.Host {
		return fmt.Errorf("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path: %q", r.CredentialsURI)
	}
	return nil
}

// requestTime bounds one request, from the connection to the last byte of the answer.
const requestTime = 10 * time.Second

// HTTPClient is what a client speaks through.
func (r Role) HTTPClient() *http.Client {
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

// Credentials are the task role's. Each client keeps them until they expire.
func (r Role) Credentials(h *http.Client) aws.CredentialsProvider {
	endpoint := endpointcreds.New(r.CredentialsHost+r.CredentialsURI, func(o *endpointcreds.Options) {
		o.HTTPClient, o.Retryer = h, aws.NopRetryer{}
	})
	return aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		c, err := endpoint.Retrieve(ctx)
		if err != nil {
			return c, &CredentialsError{err}
		}
		return c, nil
	}))
}

// Base is the Endpoint as clients take it.
func (r Role) Base() *string {
	if r.Endpoint == "" {
		return nil
	}
	return &r.Endpoint
}

// CredentialsError says that the task's credentials could not be had.
type CredentialsError struct{ err error }

func (e *CredentialsError) Error() string {
	return "cannot get the task's credentials: " + e.err.Error()
}

// Unwrap is why.
func (e *CredentialsError) Unwrap() error { return e.err }

// Reason is a client's error as one line for a person: what was asked for and what the service said, without the client's own
// layers.
func Reason(err error) string {
	var op *smithy.OperationError
	what := ""
	if errors.As(err, &op) {
		what = op.Operation() + ": "
	}
	var said smithy.APIError
	var network *net.OpError
	var credentials *CredentialsError
	text := err.Error()
	switch {
	case errors.As(err, &credentials):
		text = credentials.Error()
	case errors.As(err, &said):
		text = what + said.ErrorCode() + ": " + said.ErrorMessage()
	case errors.Is(err, context.DeadlineExceeded), TimedOut(err):
		text = fmt.Sprintf("%sno answer within %s", what, requestTime)
	case errors.As(err, &network):
		text = what + network.Error()
	}
	return Plain(text)
}

// Plain is somebody else's text without what a terminal would obey.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// TimedOut says that no answer came in time.
func TimedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
