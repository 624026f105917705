// Package sdk is what AWS's library has to know of a task's role, and what its errors say.
package sdk

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"

	"opsh/shell/taskrole"
)

// Credentials are the task role's. Each provider keeps them until they expire. An error is a *CredentialsError.
func Credentials(r taskrole.Role, h *http.Client) aws.CredentialsProvider {
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

// Base is the Role's Endpoint as clients want it.
func Base(r taskrole.Role) *string {
	if r.Endpoint == "" {
		return nil
	}
	return &r.Endpoint
}
