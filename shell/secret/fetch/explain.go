package fetch

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"

	"opsh/policy"
	"opsh/shell/secret"
	"opsh/shell/taskrole/sdk"
)

const needsRole = "the task needs a role: set taskRoleArn in the task definition"

// explain says what went wrong, and which permission or name is to be mended.
func explain(s policy.Source, err error) *secret.Error {
	var known *secret.Error
	if errors.As(err, &known) {
		return known
	}
	return &secret.Error{Text: sdk.Reason(err), Hint: hint(s, err)}
}

func hint(s policy.Source, err error) string {
	var credentials *sdk.CredentialsError
	var said smithy.APIError
	var network *net.OpError
	switch {
	case errors.As(err, &credentials):
		return needsRole
	case errors.As(err, &said):
		return saidHint(s, said)
	case errors.As(err, &network), sdk.TimedOut(err):
		return fmt.Sprintf("the task must reach %s.%s.amazonaws.com: by a VPC endpoint for %s, or by a NAT gateway", s.Kind, s.Region, s.Kind)
	}
	return ""
}

func saidHint(s policy.Source, said smithy.APIError) string {
	action, resource := "secretsmanager:GetSecretValue", fmt.Sprintf("arn:aws:secretsmanager:%s:*:secret:%s-??????", s.Region, s.Name)
	if s.Kind == policy.SourceSSM {
		name, _, _ := strings.Cut(s.Name, ":")
		action, resource = "ssm:GetParameter", fmt.Sprintf("arn:aws:ssm:%s:*:parameter/%s", s.Region, strings.TrimPrefix(name, "/"))
	}
	if strings.HasPrefix(s.Name, "arn:") {
		resource = s.Name
	}
	switch said.ErrorCode() {
	case "AccessDeniedException", "AccessDenied":
		if strings.Contains(strings.ToLower(said.ErrorMessage()), "kms") {
			return fmt.Sprintf("allow the task role kms:Decrypt on the key that encrypts it, beside %s on %s; the key's policy must not forbid it", action, resource)
		}
		return fmt.Sprintf("allow the task role %s on %s; and kms:Decrypt on its key, where that isn't AWS's own", action, resource)
	case "ResourceNotFoundException", "ParameterNotFound", "ParameterVersionNotFound":
		return fmt.Sprintf("correct from or region in the policy, or create it in %s", s.Region)
	case "DecryptionFailure", "InvalidKeyId":
		return "the KMS key that encrypts it must be enabled, and the task role needs kms:Decrypt on it"
	case "UnrecognizedClientException", "InvalidClientTokenId", "ExpiredTokenException", "InvalidSignatureException":
		return "the task's credentials are not accepted: look at its role, and at this machine's clock"
	}
	return ""
}
