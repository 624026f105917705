package cloudwatch

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"

	"opsh/shell/keypolicy"
	"opsh/shell/taskrole/sdk"
)

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
	var credentials *sdk.CredentialsError
	switch {
	case errors.As(err, &credentials):
		return "the task needs a role: set taskRoleArn in the task definition"
	case errors.As(err, &said):
		return t.apiHint(said, role, c)
	case errors.As(err, &dns), errors.As(err, &network), sdk.TimedOut(err):
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
