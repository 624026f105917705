package policy

import (
	"strings"
	"testing"
)

func TestParseSource(t *testing.T) {
	const arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:prod/db-a1b2c3"
	for from, want := range map[string]Source{
		"env:DB_PASSWORD":                  {Kind: SourceEnv, Name: "DB_PASSWORD"},
		"file:/run/secrets/db":             {Kind: SourceFile, Name: "/run/secrets/db"},
		"secretsmanager:prod/db":           {Kind: SourceSecretsManager, Name: "prod/db"},
		"secretsmanager:prod/db#password":  {Kind: SourceSecretsManager, Name: "prod/db", Key: "password"},
		"secretsmanager:rds!db-1#pass#x 日": {Kind: SourceSecretsManager, Name: "rds!db-1", Key: "pass#x 日"},
		"secretsmanager:" + arn + "#a":     {Kind: SourceSecretsManager, Name: arn, Key: "a", Region: "ap-northeast-1"},
		"ssm:/prod/db/password":            {Kind: SourceSSM, Name: "/prod/db/password"},
		"ssm:password:3":                   {Kind: SourceSSM, Name: "password:3"},
		"ssm:arn:aws-cn:ssm:cn-north-1:123456789012:parameter/prod/db": {Kind: SourceSSM, Name: "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/prod/db", Region: "cn-north-1"},
		"rds-iam:ops@db.c1.ap-northeast-1.rds.amazonaws.com:3306":      {Kind: SourceRDS, Name: "db.c1.ap-northeast-1.rds.amazonaws.com:3306", User: "ops", Region: "ap-northeast-1"},
		"rds-iam:ops@db.internal:5432":                                 {Kind: SourceRDS, Name: "db.internal:5432", User: "ops"},
	} {
		if got, ok := parseSource(from); !ok || got != want {
			t.Errorf("%s: %+v, %v", from, got, ok)
		}
	}
	for _, from := range []string{
		"", "env", "env:", "env:A-B", "file:x", "file:/a/../b", "file:/", "vault:x",
		"secretsmanager:", "secretsmanager:a b", "secretsmanager:a#", "secretsmanager:" + arn + ":key::", "secretsmanager:arn:aws:ssm:ap-northeast-1:123456789012:parameter/x",
		"secretsmanager:arn:aws:secretsmanager:evil.example/x:123456789012:secret:db", "secretsmanager:" + strings.Repeat("x", 513),
		"ssm:", "ssm:/", "ssm:/a//b", "ssm:/a/", "ssm:/a:1:2", "ssm:a b",
		"rds-iam:ops", "rds-iam:ops@db", "rds-iam:@db:1", "rds-iam:ops@db:0", "rds-iam:ops@db:65536", "rds-iam:ops@DB:1", "rds-iam:ops@db/x:1", "rds-iam:ops@db:1?x", "rds-iam:o ps@db:1",
	} {
		if got, ok := parseSource(from); ok {
			t.Errorf("%q: %+v", from, got)
		}
	}
}

// TestRegion: where a secret of AWS's is asked for.
func TestRegion(t *testing.T) {
	const trail = "cloudwatch = { region = \"eu-west-1\", log_group = \"/x\" }"
	for _, c := range []struct{ audit, secret, want string }{
		{trail, `from = "ssm:/db"`, "eu-west-1"},
		{trail, "from = \"ssm:/db\"\nregion = \"us-east-1\"", "us-east-1"},
		{`when_down = "spool"`, "from = \"ssm:/db\"\nregion = \"us-east-1\"", "us-east-1"},
		{trail, `from = "rds-iam:ops@db.c1.ap-northeast-1.rds.amazonaws.com:3306"`, "ap-northeast-1"},
		{trail, "from = \"rds-iam:ops@db.c1.ap-northeast-1.rds.amazonaws.com:3306\"\nregion = \"ap-northeast-1\"", "ap-northeast-1"},
		{trail, `from = "env:DB_PASSWORD"`, ""},
	} {
		text := strings.Replace(goodPolicy, `when_down = "spool"`, c.audit, 1) + "env.P = \"{secret.db}\"\n[secret.db]\n" + c.secret + "\n"
		p, err := Parse("policy.toml", []byte(text), split)
		if err != nil {
			t.Errorf("%s: %v", c.secret, err)
			continue
		}
		if got := p.Secrets["db"].Source; got.Region != c.want || got.AWS() != (c.want != "") {
			t.Errorf("%s: %+v, want %q", c.secret, got, c.want)
		}
	}
}

func TestForms(t *testing.T) {
	const v = `p:a\b"c d/日`
	for kind, want := range map[PieceKind]string{
		PieceSecret: v, PieceSecretQuoted: `"p:a\\b\"c d/日"`, PieceSecretPgpass: `p\:a\\b"c d/日`, PieceSecretURL: "p%3Aa%5Cb%22c%20d%2F%E6%97%A5",
	} {
		if got := kind.form(v); got != want {
			t.Errorf("%d: %s, want %s", kind, got, want)
		}
		reference := Piece{kind, "db"}.Reference()
		if tpl, errs := parseTemplate(reference); len(errs) > 0 || len(tpl) != 1 || tpl[0].Kind != kind || !tpl[0].IsSecret() {
			t.Errorf("%s: %v %v", reference, tpl, errs)
		}
	}
}
