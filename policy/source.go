package policy

import (
	"path"
	"strconv"
	"strings"
)

// SourceKind is the scheme of a secret's from.
type SourceKind string

// The sources of secrets.
const (
	SourceEnv            SourceKind = "env"
	SourceFile           SourceKind = "file"
	SourceSecretsManager SourceKind = "secretsmanager"
	SourceSSM            SourceKind = "ssm"
	SourceRDS            SourceKind = "rds-iam"
)

// Source is a secret's from, taken apart.
type Source struct {
	Kind   SourceKind
	Name   string // the variable; the file's path; the name or ARN in AWS; for rds-iam HOST:PORT
	Key    string // secretsmanager: the member of the JSON object that is the secret, "" where all of it is
	User   string // rds-iam: the database user
	Region string // of what AWS gives; "" for env: and file:
}

// AWS says that the secret is AWS's to give.
func (s Source) AWS() bool { return s.Region != "" }

const regionForm = `[a-z]{2}(?:-[a-z]+){1,3}-[0-9]{1,2}`

var (
	// Names that RDS gives its own secrets hold a !. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
	secretID = upTo(512, `^[A-Za-z0-9/_+=.@!-]+$`)
	// Behind the : stands a version or a label. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
	parameter    = upTo(1100, `^/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*(:[A-Za-z0-9_.-]+)?$`)
	arn          = upTo(1200, `^arn:aws[a-z-]*:(secretsmanager|ssm):(`+regionForm+`):[0-9]{12}:(secret:|parameter/)([A-Za-z0-9/_+=.@!-]+)$`)
	databaseUser = upTo(63, `^[A-Za-z0-9_.$-]+$`)
	rdsHost      = late(`\.(` + regionForm + `)\.rds\.amazonaws\.com(\.cn)?$`)
)

// parseSource takes a from apart. The region is what the text itself tells, "" where it doesn't.
func parseSource(from string) (s Source, ok bool) {
	scheme, rest, _ := strings.Cut(from, ":")
	s = Source{Kind: SourceKind(scheme), Name: rest}
	switch s.Kind {
	case SourceEnv:
		return s, envName.MatchString(rest)
	case SourceFile:
		return s, strings.HasPrefix(rest, "/") && rest != "/" && path.Clean(rest) == rest
	case SourceSecretsManager:
		keyed := false
		s.Name, s.Key, keyed = strings.Cut(rest, "#")
		s.Region = regionOf(s.Kind, s.Name)
		return s, (s.Region != "" || secretID.MatchString(s.Name)) && keyed == (s.Key != "")
	case SourceSSM:
		s.Region = regionOf(s.Kind, rest)
		return s, s.Region != "" || parameter.MatchString(rest)
	case SourceRDS:
		s.User, s.Name, _ = strings.Cut(rest, "@")
		host, port, _ := strings.Cut(s.Name, ":")
		if m := rdsHost.FindStringSubmatch(host); m != nil {
			s.Region = m[1]
		}
		_, err := strconv.ParseUint(port, 10, 16)
		return s, databaseUser.MatchString(s.User) && hostName.MatchString(host) && portText.MatchString(port) && err == nil
	}
	return s, false
}

// regionOf is the region of an ARN of such a secret, "" where it isn't one.
func regionOf(kind SourceKind, s string) string {
	m := arn.find(s)
	if m == nil || m[1] != string(kind) || (m[3] == "secret:") != (kind == SourceSecretsManager) {
		return ""
	}
	return m[2]
}
