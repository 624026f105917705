package broker

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Caller is who signed a request, as Lambda says after it has checked the signature.
type Caller struct {
	ARN     string
	Role    string // the name of the role that was assumed; empty: it is a user
	Session string // the role session's name; whoever assumed the role chose it
	User    string // the name of the IAM user
}

// What a caller's ARN is. A role's path isn't in it, and needn't be: its name is the account's only one. The root user, federated users and
// services are nobody here.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
var (
	assumedRole = regexp.MustCompile(`\Aarn:(aws[a-z-]*):sts::([0-9]{12}):assumed-role/([A-Za-z0-9_+=,.@-]{1,64})/([A-Za-z0-9_+=,.@-]{2,64})\z`)
	iamUser     = regexp.MustCompile(`\Aarn:(aws[a-z-]*):iam::([0-9]{12}):user/(?:[\x21-\x2e\x30-\x7e]+/)*([A-Za-z0-9_+=,.@-]{1,64})\z`)
)

// callerOf reads who called. It refuses whoever isn't a user or an assumed role of the account.
func callerOf(by *events.LambdaFunctionURLRequestContextAuthorizerDescription, partition, account string) (Caller, error) {
	if by == nil || by.IAM == nil || by.IAM.UserARN == "" {
		return Caller{}, errors.New("nobody signed the request")
	}
	c := Caller{ARN: by.IAM.UserARN}
	m := assumedRole.FindStringSubmatch(c.ARN)
	if m != nil {
		c.Role, c.Session = m[3], m[4]
	} else if m = iamUser.FindStringSubmatch(c.ARN); m != nil {
		c.User = m[3]
	} else {
		return c, errors.New("the caller is neither an IAM user nor an assumed role")
	}
	if m[1] != partition || m[2] != account || by.IAM.AccountID != account {
		return c, fmt.Errorf("the caller is not of account %s", account)
	}
	return c, nil
}

// mostName is how long STS lets a role session's name and a source identity be; 2 is how short.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const (
	mostName  = 64
	leastName = 2
)

// Name is the caller as a role session's name and source identity: ROLE=SESSION, or USER. No two callers have the same: where a name has a
// "=" of its own, or is too long or too short, it is cut and ends in "==" and 16 digits of the SHA-256 of the ARN.
func (c Caller) Name() string {
	name, own := c.User, strings.Count(c.User, "=")
	if c.Role != "" {
		name, own = c.Role+"="+c.Session, strings.Count(c.Role+c.Session, "=")
	}
	if own == 0 && len(name) >= leastName && len(name) <= mostName {
		return name
	}
	sum := sha256.Sum256([]byte(c.ARN))
	end := "==" + hex.EncodeToString(sum[:8])
	return strings.ReplaceAll(name[:min(len(name), mostName-len(end))], "=", "-") + end
}
