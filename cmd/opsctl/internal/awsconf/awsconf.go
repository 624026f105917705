// Package awsconf is whom opsctl is to AWS: what the AWS command line would be, from the same files and variables.
package awsconf

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
)

// Config is whom to ask, and as whom.
type Config = aws.Config

// Options are what a person may choose on the command line; empty: as the environment and the AWS configuration say.
type Options struct {
	Profile string
	Region  string
	// Code asks for the code of an MFA device, for a profile that wants one; nil: there is nobody to ask.
	Code func() (string, error)
}

// ErrNoRegion says that nothing names a region; NoRegionHint what can.
var ErrNoRegion = errors.New("no region is set")

// NoRegionHint is what to do about ErrNoRegion.
const NoRegionHint = "give --region, or set AWS_REGION, region in opsctl.toml, or the AWS profile's region"

// Load reads the configuration: profile, region, single sign-on, assumed roles. Credentials are fetched when they are first needed.
func Load(ctx context.Context, o Options) (Config, error) {
	var with []func(*config.LoadOptions) error
	if o.Profile != "" {
		with = append(with, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		with = append(with, config.WithRegion(o.Region))
	}
	if o.Code != nil {
		with = append(with, config.WithAssumeRoleCredentialOptions(func(a *stscreds.AssumeRoleOptions) { a.TokenProvider = o.Code }))
	}
	c, err := config.LoadDefaultConfig(ctx, with...)
	if err != nil {
		return c, fmt.Errorf("cannot read the AWS configuration: %w", err)
	}
	if c.Region == "" {
		return c, ErrNoRegion
	}
	return c, nil
}

// Environ is environ for a process that can ask nobody: the credentials of c in place of what they were found by. They may be short-lived;
// such a process can't renew them.
func Environ(ctx context.Context, c Config, environ []string) ([]string, error) {
	who, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot get AWS credentials: %w", err)
	}
	set := map[string]string{
		"AWS_REGION": c.Region, "AWS_ACCESS_KEY_ID": who.AccessKeyID, "AWS_SECRET_ACCESS_KEY": who.SecretAccessKey, "AWS_SESSION_TOKEN": who.SessionToken,
		"AWS_PROFILE": "", "AWS_DEFAULT_PROFILE": "", "AWS_ROLE_ARN": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
	}
	var out []string
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if _, ours := set[strings.ToUpper(name)]; !ours {
			out = append(out, kv)
		}
	}
	for name, value := range set {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	return out, nil
}
