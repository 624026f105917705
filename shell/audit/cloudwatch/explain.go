package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"

	"opsh/shell/keypolicy"
)

// Reason is an error of this package as one line for a person: what was asked for and what the service said, without the client's own
// layers.
func Reason(err error) string {
	var op *smithy.OperationError
	what := ""
	if errors.As(err, &op) {
		what = op.Operation() + ": "
	}
	var said smithy.APIError
	var network *net.OpError
	var credentials *credentialsError
	text := err.Error()
	switch {
	case errors.As(err, &credentials):
		text = credentials.Error()
	case errors.As(err, &said):
		text = what + said.ErrorCode() + ": " + said.ErrorMessage()
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
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

// credentialsError says that the task's credentials could not be had.
type credentialsError struct{ err error }

func (e *credentialsError) Error() string {
	return "cannot get the task's credentials: " + e.err.Error()
}
func (e *credentialsError) Unwrap() error { return e.err }

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// Caller is who asks, as far as it is known; empty members become placeholders in hints.
type Caller struct {
	Account string
	Role    string // its name
}

// groupARN is the log group's, as policies name it.
func (t Target) groupARN(c Caller) string {
	account := c.Account
	if account == "" {
		account = "ACCOUNT"
	}
	return keypolicy.GroupARN(t.Region, account, t.LogGroup)
}

// Hint says what to change so that an error doesn't come again; empty where waiting is all there is to do.
func (t Target) Hint(err error, c Caller) string {
	role := "the task role"
	if c.Role != "" {
		role = "the task role " + c.Role
	}
	var said smithy.APIError
	var dns *net.DNSError
	var network *net.OpError
	var credentials *credentialsError
	switch {
	case errors.As(err, &credentials):
		return "the task needs a role: set taskRoleArn in the task definition"
	case errors.As(err, &said):
		return t.apiHint(said, role, c)
	case errors.As(err, &dns), errors.As(err, &network), isTimeout(err):
		return fmt.Sprintf("the task must reach %s: by a VPC endpoint for logs, or by a NAT gateway", keypolicy.LogsService(t.Region))
	}
	return ""
}

func (t Target) apiHint(said smithy.APIError, role string, c Caller) string {
	if strings.Contains(strings.ToLower(said.ErrorMessage()), "kms") {
		return fmt.Sprintf("the log group's KMS key must be enabled, and its policy let %s use it where kms:EncryptionContext:aws:logs:arn is %s",
			keypolicy.LogsService(t.Region), t.groupARN(c))
	}
	switch said.ErrorCode() {
	case "AccessDeniedException", "AccessDenied":
		action := "logs:CreateLogStream and logs:PutLogEvents"
		for _, a := range []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:GetLogEvents", "logs:DescribeLogGroups"} {
			if strings.Contains(said.ErrorMessage(), a) {
				action = a
			}
		}
		return fmt.Sprintf("allow %s to %s on %s:*", role, action, t.groupARN(c))
	case "ResourceNotFoundException":
		return fmt.Sprintf("create the log group %s in %s (opsh never does: it would lack your key and retention), or correct audit.cloudwatch in the policy", t.LogGroup, t.Region)
	case "UnrecognizedClientException", "InvalidClientTokenId", "ExpiredTokenException", "InvalidSignatureException":
		return "the task's credentials are not accepted: look at its role, and at this machine's clock"
	}
	return ""
}
