// Package taskrole is how opsh's processes act as the task that they run in: its credentials, and HTTP clients that nobody else has a say in.
//
// A client is built from the Role alone. It reads no environment and no configuration file, has no proxy, follows no redirect, and takes its
// credentials from the task's endpoint. What needs AWS's own library for that is in package sdk, which the opsh that a session talks to doesn't link.
package taskrole

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Role is where the task's credentials are, and where AWS is.
type Role struct {
	Endpoint string // of all services; empty: AWS's own of the region

	CredentialsHost string // http://169.254.170.2 on ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
	CredentialsURI  string // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, a path on CredentialsHost
}

// Check says why nothing could be done as the task, as far as the Role's text tells. It doesn't say what for.
func (r Role) Check() error {
	if r.CredentialsURI == "" {
		return errors.New("the task has no role, so there are no credentials (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set)")
	}
	// The path may not choose another host: http://169.254.170.2 + .example.org/ would.
	u, err := url.Parse(r.CredentialsHost + r.CredentialsURI)
	if err != nil || !strings.HasPrefix(r.CredentialsURI, "/") || strings.TrimSuffix(r.CredentialsHost, "/") != u.Scheme+"://"+u.Host {
		return fmt.Errorf("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path: %q", r.CredentialsURI)
	}
	return nil
}

// RequestTime bounds one request, from the connection to the last byte of the answer.
const RequestTime = 10 * time.Second

// HTTPClient is a client of its own.
func HTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               nil, // whoever sets HTTPS_PROXY doesn't choose where requests go
			DialContext:         (&net.Dialer{Timeout: RequestTime / 2}).DialContext,
			TLSHandshakeTimeout: RequestTime / 2,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
			IdleConnTimeout:     time.Minute,
		},
		Timeout:       RequestTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
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
