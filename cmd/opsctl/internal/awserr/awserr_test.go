package awserr

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"

	"opsh/cmd/opsctl/internal/awsconf"
)

// asked is an error as the client wraps it.
func asked(service, operation string, err error) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: fmt.Errorf("https response error StatusCode: 400, RequestID: 0a1b-2c3d, %w", err)}
}

func api(code, message string) error { return &smithy.GenericAPIError{Code: code, Message: message} }

func p(s string) *string { return &s }

// TestExplain: every failure is one line that says why, and one that says what to do.
func TestExplain(t *testing.T) {
	about := About{Profile: "prod", Region: "eu-west-1", Cluster: "main", Service: "web", Target: "--cluster main --task 0a1b"}
	for name, test := range map[string]struct {
		err       error
		why, hint string // all of why, some of hint
	}{
		"agent not connected": {asked("ECS", "ExecuteCommand", &types.TargetNotConnectedException{Message: p("The execute command failed due to an internal error. Try again later.")}),
			"the container's ECS Exec agent isn't connected to the Session Manager", "opsctl doctor --cluster main --task 0a1b says which"},
		// AWS writes isn't with a typographic apostrophe here.
		"exec disabled": {asked("ECS", "ExecuteCommand", &types.InvalidParameterException{Message: p("The execute command failed because execute command was not enabled when the task was run or the execute command agent isn\u2019t running. Wait and try again or run a new task with execute command enabled and try again.")}),
			"ECS Exec is not enabled for the task, or its agent doesn't run", "opsctl doctor --cluster main --task 0a1b says which"},
		"no such task":        {asked("ECS", "ExecuteCommand", &types.InvalidParameterException{Message: p("The referenced task was not found.")}), "there is no such task in cluster main", "opsctl tasks --cluster main --profile prod"},
		"another parameter":   {asked("ECS", "ExecuteCommand", &types.InvalidParameterException{Message: p("Unable to start command.")}), "ExecuteCommand: Unable to start command", ""},
		"no such cluster":     {asked("ECS", "ListTasks", &types.ClusterNotFoundException{Message: p("Cluster not found.")}), "there is no cluster main in eu-west-1", "opsctl tasks --profile prod"},
		"no such service":     {asked("ECS", "ListTasks", &types.ServiceNotFoundException{Message: p("Service not found.")}), "there is no service web in cluster main", "opsctl tasks --cluster main"},
		"access denied":       {asked("ECS", "ExecuteCommand", &types.AccessDeniedException{Message: p("User: arn:aws:sts::1:assumed-role/ops/hanako is not authorized to perform: ecs:ExecuteCommand on resource: arn:aws:ecs:eu-west-1:1:task/main/0a because no identity-based policy allows the ecs:ExecuteCommand action")}), "arn:aws:sts::1:assumed-role/ops/hanako may not ecs:ExecuteCommand on arn:aws:ecs:eu-west-1:1:task/main/0a", "have it allowed"},
		"access denied, hard": {asked("ECS", "ListTasks", api("AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized to perform: ecs:ListTasks on resource: * with an explicit deny in an identity-based policy")), "arn:aws:iam::1:user/x may not ecs:ListTasks on *: a policy denies it explicitly", "MFA"},
		"access denied, bare": {asked("EC2", "DescribeSubnets", api("UnauthorizedOperation", "You are not authorized to perform this operation.")), "DescribeSubnets: access denied: You are not authorized to perform this operation", "--profile"},
		"expired":             {asked("ECS", "ListTasks", api("ExpiredTokenException", "The security token included in the request is expired")), "the AWS credentials have expired", "aws sso login --profile prod"},
		"unknown key":         {asked("ECS", "ListTasks", api("UnrecognizedClientException", "The security token included in the request is invalid.")), "AWS doesn't know these credentials", "aws sso login"},
		"clock":               {asked("ECS", "ListTasks", api("InvalidSignatureException", "Signature expired: 20261123T1 is now earlier than 20261123T2")), "AWS doesn't accept the request's signature", "clock"},
		"throttled":           {asked("ECS", "ListTasks", api("ThrottlingException", "Rate exceeded")), "ListTasks: AWS asks to slow down, also after several tries", "wait a minute"},
		"AWS's fault":         {asked("ECS", "ListTasks", &types.ServerException{Message: p("Service Unavailable.")}), "ListTasks: AWS has a fault of its own: Service Unavailable", "try again"},
		"MFA wrong": {asked("ECS", "ListTasks", fmt.Errorf("get identity: %w", asked("STS", "AssumeRole", api("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")))),
			"AWS refused the MFA code", "wait for the next one"},
		"role not assumed": {asked("ECS", "ListTasks", asked("STS", "AssumeRole", api("AccessDenied", "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::2:role/ops"))),
			"arn:aws:iam::1:user/x may not sts:AssumeRole on arn:aws:iam::2:role/ops", "--profile"},
		"MFA without a terminal": {asked("ECS", "ListTasks", config.AssumeRoleTokenProviderNotSetError{}), "the profile's role wants an MFA code, and there is no terminal to ask for it", "OIDC"},
		"SSO expired":            {asked("ECS", "ListTasks", fmt.Errorf("failed to refresh cached credentials, %w", &ssocreds.InvalidTokenError{})), "the AWS sign-in (SSO) has expired, or there was none", "aws sso login --profile prod"},
		"SSO never":              {asked("ECS", "ListTasks", errors.New("failed to refresh cached credentials, failed to read cached SSO token file, open /x: no such file or directory")), "the AWS sign-in (SSO) has expired, or there was none", "aws sso login --profile prod"},
		"SSO revoked":            {asked("ECS", "ListTasks", asked("SSO", "GetRoleCredentials", api("UnauthorizedException", "Session token not found or invalid"))), "the AWS sign-in (SSO) has expired, or there was none", "aws sso login --profile prod"},
		"no credentials":         {asked("ECS", "ListTasks", fmt.Errorf("no EC2 IMDS role found, %w", asked("ec2imds", "GetMetadata", errors.New("dial tcp")))), "there are no AWS credentials", "--profile"},
		"no region":              {awsconf.ErrNoRegion, "no region is set", "give --region, or set AWS_REGION"},
		"no profile":             {fmt.Errorf("cannot: %w", config.SharedConfigProfileNotExistError{Profile: "prdo"}), "the AWS configuration has no profile prdo", "list-profiles"},
		"no such host": {asked("ECS", "ListTasks", &url.Error{Op: "Post", URL: "https://ecs.eu-west-9.amazonaws.com/", Err: &net.DNSError{Err: "no such host", Name: "ecs.eu-west-9.amazonaws.com"}}),
			"ecs.eu-west-9.amazonaws.com can't be reached: no such host", "region"},
		"unreachable": {asked("ECS", "ListTasks", &url.Error{Op: "Post", URL: "https://ecs.eu-west-1.amazonaws.com/", Err: errors.New("dial tcp 10.0.0.1:443: connect: network is unreachable")}),
			"ecs.eu-west-1.amazonaws.com can't be reached: dial tcp 10.0.0.1:443: connect: network is unreachable", "VPN"},
		"no answer":   {asked("ECS", "ListTasks", &url.Error{Op: "Post", URL: "https://ecs.eu-west-1.amazonaws.com/", Err: context.DeadlineExceeded}), "ecs.eu-west-1.amazonaws.com doesn't answer in time", "VPN"},
		"interrupted": {asked("ECS", "ListTasks", &url.Error{Op: "Post", URL: "https://x/", Err: context.Canceled}), "interrupted", ""},
		"unknown":     {asked("ECS", "ListTasks", api("BlockedException", "Your account\nhas been blocked.")), "ListTasks: BlockedException: Your account has been blocked", ""},
		"ours":        {errors.New("DescribeTasks: x: y"), "DescribeTasks: x: y", ""},
		"layers":      {asked("ECS", "ListTasks", errors.New("deserialization failed")), "deserialization failed", ""},
	} {
		t.Run(name, func(t *testing.T) {
			why, hint := Explain(test.err, about)
			if why != test.why || !strings.Contains(hint, test.hint) || test.hint == "" && hint != "" || strings.ContainsAny(why+hint, "\n") {
				t.Errorf("%q\n%q", why, hint)
			}
		})
	}
}

// TestExplainUnknown: without names the lines still read.
func TestExplainUnknown(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&types.ClusterNotFoundException{}, "there is no cluster of this name in the region"},
		{&types.ServiceNotFoundException{}, "there is no service of this name"},
	} {
		if why, _ := Explain(test.err, About{}); why != test.want {
			t.Errorf("%q", why)
		}
	}
}
