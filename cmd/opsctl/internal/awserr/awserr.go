// Package awserr says what AWS's failures mean: why it didn't work, and what to do, each in one line.
package awserr

import (
	"context"
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/shell/line"
)

// About is what was being done, as far as hints need it.
type About struct {
	Profile, Region string
	Cluster         string
	Service         string
	Target          string // the options that name the target again: "--cluster prod --task 0a1b"
}

// Explain is an error of the AWS client as a reason ("there is no cluster prod in eu-west-1") and a hint, which may be empty. An error that
// it doesn't know is told without the client's layers, never hidden. Both can hold what a service said: print them through line.Plain.
func Explain(err error, a About) (why, hint string) {
	if why, hint := a.credentials(err); why != "" {
		return why, hint
	}
	var said smithy.APIError
	if errors.As(err, &said) {
		return a.said(said, operation(err))
	}
	if why, hint := a.network(err); why != "" {
		return why, hint
	}
	if errors.Is(err, context.Canceled) {
		return "interrupted", ""
	}
	return bare(err), ""
}

// profile is the option that repeats the person's choice, with a blank in front.
func (a About) profile() string {
	if a.Profile == "" {
		return ""
	}
	return " --profile " + line.QuoteWord(a.Profile)
}

// login says how to sign in again.
func (a About) login() string { return "aws sso login" + a.profile() }

// credentials explains what went wrong before any service was asked.
func (a About) credentials(err error) (why, hint string) {
	var noProfile config.SharedConfigProfileNotExistError
	var noCode config.AssumeRoleTokenProviderNotSetError
	var token *ssocreds.InvalidTokenError
	var process *processcreds.ProviderError
	text := err.Error()
	switch {
	case errors.Is(err, awsconf.ErrNoRegion):
		return err.Error(), awsconf.NoRegionHint
	case errors.As(err, &noProfile):
		return "the AWS configuration has no profile " + noProfile.Profile, "aws configure list-profiles lists those there are"
	case errors.As(err, &noCode):
		return "the profile's role wants an MFA code, and there is no terminal to ask for it",
			"start it in a terminal, or under credentials that have MFA already (aws-vault exec PROFILE -- opsctl ...); in CI assume a role by OIDC"
	case errors.As(err, &token), strings.Contains(text, "SSO token"), innermost(err).Service() == "SSO", innermost(err).Service() == "SSO OIDC":
		return "the AWS sign-in (SSO) has expired, or there was none", a.login()
	case errors.As(err, &process):
		return "the profile's credential_process failed: " + bare(process), ""
	case innermost(err).Service() == "ec2imds", strings.Contains(text, "static credentials are empty"):
		return "there are no AWS credentials", "sign in (" + a.login() + "), name a profile with --profile, or run under aws-vault exec PROFILE -- opsctl ..."
	}
	return "", ""
}

// innermost is the request that failed: fetching credentials is a request within another one.
func innermost(err error) *smithy.OperationError {
	found := &smithy.OperationError{}
	for errors.As(err, &found) {
		err = found.Err
	}
	return found
}

func operation(err error) string {
	op := innermost(err)
	if op.OperationName == "" {
		return ""
	}
	return op.OperationName + ": "
}

// network explains what never reached a service.
func (a About) network(err error) (why, hint string) {
	var dns *net.DNSError
	var request *url.Error
	var timeout interface{ Timeout() bool }
	host := "AWS"
	if errors.As(err, &request) {
		if u, parsed := url.Parse(request.URL); parsed == nil {
			host = u.Host
		}
	}
	const look = "look at the network, the VPN and HTTPS_PROXY"
	switch {
	case errors.As(err, &dns):
		return dns.Name + " can't be reached: " + dns.Err, look + "; a region that doesn't exist has no such host either (it is " + a.region() + ")"
	case errors.Is(err, context.Canceled):
		return "", ""
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return host + " doesn't answer in time", look
	case request != nil:
		return host + " can't be reached: " + bare(request.Err), look
	}
	return "", ""
}

func (a About) region() string {
	if a.Region == "" {
		return "the region"
	}
	return a.Region
}

var requestID = regexp.MustCompile(`,? ?(https response error )?StatusCode: \d+, RequestID: [^,]*,?( HostID: [^,]*,)? ?`)

// bare is an error's text without what the client's layers add in front.
func bare(err error) string {
	if op := innermost(err); op.Err != nil {
		err = op.Err
	}
	text := requestID.ReplaceAllString(err.Error(), "")
	for _, layer := range []string{"get identity: ", "get credentials: ", "failed to refresh cached credentials, ", "request send failed, "} {
		text = strings.Replace(text, layer, "", 1)
	}
	return strings.Join(strings.Fields(text), " ")
}
