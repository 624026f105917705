package awserr

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"

	"opsh/shell/line"
)

// said explains what a service answered. The codes are those of the services' API references and of
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html.
func (a About) said(e smithy.APIError, op string) (why, hint string) {
	message := strings.TrimSuffix(strings.Join(strings.Fields(e.ErrorMessage()), " "), ".")
	doctor := strings.TrimSpace("opsctl doctor " + a.Target)
	switch code := e.ErrorCode(); code {
	case "TargetNotConnectedException":
		return "the container's ECS Exec agent isn't connected to the Session Manager",
			"try again in some seconds if the task has just started; otherwise its task role lacks ssmmessages, or it has no way there: " + doctor + " says which"
	case "InvalidParameterException":
		lower := strings.ToLower(message)
		switch {
		case strings.Contains(lower, "execute command was not enabled"), strings.Contains(lower, "execute command agent"):
			return "ECS Exec is not enabled for the task, or its agent doesn't run", doctor + " says which; what is enabled counts for tasks that start afterwards"
		case strings.Contains(lower, "task") && strings.Contains(lower, "not found"):
			return "there is no such task" + in(a.Cluster), "it may just have been replaced: " + a.tasks() + " lists those that run"
		}
		return op + message, ""
	case "ClusterNotFoundException":
		return fmt.Sprintf("there is no cluster %s in %s", orSome(a.Cluster), a.region()), "opsctl tasks" + a.profile() + " lists what there is; look at the region and the profile too"
	case "ServiceNotFoundException", "ServiceNotActiveException":
		return fmt.Sprintf("there is no service %s%s", orSome(a.Service), in(a.Cluster)), a.tasks() + " lists what there is"
	case "AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "UnauthorizedException":
		return a.denied(message, op)
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired":
		return "the AWS credentials have expired", "sign in again: " + a.login() + ", a new aws-vault exec, or whatever gave them"
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "AuthFailure", "IncompleteSignature":
		return "AWS doesn't know these credentials", "are they of this account, and complete? Sign in again: " + a.login()
	case "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed":
		return "AWS doesn't accept the request's signature", "set this machine's clock; if it is right, the secret key is wrong"
	case "ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException":
		return op + "AWS asks to slow down, also after several tries", "wait a minute; somebody or something in this account asks very often"
	case "ServerException", "InternalFailure", "InternalServerError", "InternalError", "ServiceUnavailable", "ServiceUnavailableException":
		return op + "AWS has a fault of its own: " + message, "try again; https://health.aws.amazon.com says whether it is known"
	case "OptInRequired", "InvalidIdentityToken":
		return op + message, ""
	default:
		return op + code + ": " + message, ""
	}
}

// tasks is the command that lists the cluster's tasks.
func (a About) tasks() string {
	if a.Cluster == "" {
		return "opsctl tasks" + a.profile()
	}
	return "opsctl tasks --cluster " + line.QuoteWord(a.Cluster) + a.profile()
}

func in(cluster string) string {
	if cluster == "" {
		return ""
	}
	return " in cluster " + cluster
}

// orSome is a name, or "of this name" where it isn't known.
func orSome(name string) string {
	if name == "" {
		return "of this name"
	}
	return name
}

// denial is how IAM words it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
var denial = regexp.MustCompile(`(?i)^User: (\S+) is not authorized to perform: (\S+?)(?: on resource: (\S+))?(?: with an explicit deny.*| because .*)?$`)

func (a About) denied(message, op string) (why, hint string) {
	if strings.Contains(message, "MultiFactorAuthentication failed") {
		return "AWS refused the MFA code", "each code counts once: wait for the next one, and look at the device's clock"
	}
	m := denial.FindStringSubmatch(message)
	if m == nil {
		return op + "access denied: " + message, "have it allowed, or name another profile with --profile"
	}
	why = m[1] + " may not " + m[2]
	if m[3] != "" {
		why += " on " + m[3]
	}
	if strings.Contains(message, "explicit deny") {
		return why + ": a policy denies it explicitly", "deny statements often ask for MFA: sign in with it; or name another profile with --profile"
	}
	return why, "have it allowed for this cluster, or name another profile with --profile"
}
