package policy

import (
	"path"
	"regexp"
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
	secretID  = upTo(512, `^[A-Za-z0-9/_+=.@!-]+$`)
	secretARN = upTo(700, `^arn:aws[a-z-]*:secretsmanager:(`+regionForm+`):[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+$`)
	// Behind the : stands a version or a label. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
	parameter    = upTo(1100, `^/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*(:[A-Za-z0-9_.-]+)?$`)
	parameterARN = upTo(1200, `^arn:aws[a-z-]*:ssm:(`+regionForm+`):[0-9]{12}:parameter/[A-Za-z0-9_./-]+$`)
	database     = upTo(400, `^([A-Za-z0-9_.$-]{1,63})@([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*:`+
		`([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))$`)
	rdsHost = regexp.MustCompile(`\.(` + regionForm + `)\.rds\.amazonaws\.com(\.cn)?:`)
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
		s.Region = regionOf(secretARN, s.Name)
		return s, (s.Region != "" || secretID.MatchString(s.Name)) && keyed == (s.Key != "")
	case SourceSSM:
		s.Region = regionOf(parameterARN, rest)
		return s, s.Region != "" || parameter.MatchString(rest)
	case SourceRDS:
		m := database.find(rest)
		if m == nil {
			return s, false
		}
		s.User, s.Name = m[1], m[2]
		if host := rdsHost.FindStringSubmatch(s.Name); host != nil {
			s.Region = host[1]
		}
		return s, true
	}
	return s, false
}

// regionOf is the region of an ARN, "" where it isn't one.
func regionOf(arn nameRule, s string) string {
	if m := arn.find(s); m != nil {
		return m[1]
	}
	return ""
}
