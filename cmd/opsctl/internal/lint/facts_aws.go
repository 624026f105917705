package lint

const (
	awsFiles   = "https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html"
	awsOptions = "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html"
	awsCommand = "https://docs.aws.amazon.com/cli/latest/reference/"

	// awsHarmless only reads, by the names that AWS gives its calls. What shows credentials nevertheless stands below.
	awsHarmless = "s3 ls, * describe-*, * list-*, * get-*, * head-*, * batch-get-*, * lookup-*, * filter-*, * search-*, * count-*, * check-*, * validate-*, * estimate-*, * wait, * help, logs tail, dynamodb query, dynamodb scan, help"
)

func awsFacts() []fact {
	const both = `write a match for S3 on both sides: { match = 's3://my-bucket/[a-z0-9/._-]+' }`
	const leave = "leave it out"
	const notS3 = `[^s-].*|s([^3].*)?|s3([^:].*)?` // a file's name
	copies := func(verb, what string, e effect) danger {
		return danger{verb: verb, operand: anyOperand, probes: []string{"/etc/passwd"}, words: notS3, effect: e, text: "aws " + verb + " " + what + " of this container, both ways", instead: both, see: awsCommand + "s3/" + verb[3:] + ".html"}
	}
	secret := func(verb, what string) danger {
		return danger{verb: verb, effect: showsSecret, text: "it prints " + what, instead: leave, see: awsCommand + slashed(verb) + ".html"}
	}
	elsewhere := func(verb, what string) danger {
		return danger{verb: verb, effect: runsElsewhere, text: what, instead: leave, see: awsCommand + slashed(verb) + ".html"}
	}
	writes := func(verb string) danger {
		return danger{verb: verb, operand: anyOperand, probes: []string{"/tmp/x"}, words: ".+", effect: writesFiles, text: "aws writes the answer there", instead: "write - for the terminal, or /dev/stdout", see: awsCommand + slashed(verb) + ".html"}
	}
	return []fact{{
		names: "aws", escape: "its help opens a pager", see: gtfobins("aws"), shortens: true,
		values:   "--region --profile --output --query --endpoint-url --ca-bundle --cli-read-timeout --cli-connect-timeout --color --cli-binary-format --cli-input-json --cli-input-yaml --max-items --page-size --starting-token",
		flags:    "--no-paginate --no-cli-pager --no-sign-request --debug --no-verify-ssl --cli-auto-prompt --no-cli-auto-prompt --version",
		commands: &commands{harmless: awsHarmless, effect: runsCode, example: "iam", text: "every call may be typed, of iam and sts among them", instead: "write one usage line for each call, or a list", see: awsCommand},
		dangers: []danger{
			{options: "--endpoint-url", probes: []string{"https://evil.example"}, words: anyURL, effect: otherServer, text: "signed requests, and what they carry, go there", instead: leave, see: awsOptions},
			{options: "--no-verify-ssl", effect: otherServer, text: "whoever stands between can answer for AWS", instead: leave, see: awsOptions},
			{options: "--ca-bundle", effect: otherServer, text: "whoever holds that certificate can answer for AWS", instead: leave, see: awsOptions},
			{options: "--profile", effect: otherServer, text: "a profile may name a program that gives the credentials (credential_process)", instead: "list the profiles", see: "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html"},
			{options: "--debug", effect: showsSecret, text: "it prints the requests with what signs them", instead: leave, see: awsOptions},
			{options: "--with-decryption", effect: showsSecret, text: "it prints secrets", instead: leave, see: awsCommand + "ssm/get-parameter.html"},
			{options: "--cli-input-json --cli-input-yaml", effect: readsFiles, text: "behind file:// the value is read from a file, and may hold every parameter", instead: leave, see: awsFiles},
			copies("s3 cp", "copies files", readsFiles),
			copies("s3 mv", "moves files", writesFiles),
			copies("s3 sync", "copies directories", readsFiles),
			writes("s3api get-object"), writes("lambda invoke"), writes("apigateway get-export"), writes("glacier get-job-output"), writes("iot-data get-thing-shadow"),
			elsewhere("lambda invoke", "it runs a function with the operator's words"),
			secret("s3 presign", "an address that gives the object to whoever has it"),
			secret("sts get-session-token", "credentials"), secret("sts get-federation-token", "credentials"), secret("sts assume-role", "credentials of another role"),
			secret("sts assume-role-with-web-identity", "credentials of another role"), secret("sts assume-role-with-saml", "credentials of another role"),
			secret("ecr get-login-password", "the registry's password"), secret("ecr get-authorization-token", "the registry's password"),
			secret("ecr-public get-login-password", "the registry's password"), secret("codeartifact get-authorization-token", "a token"), secret("eks get-token", "a token of the cluster"),
			secret("rds generate-db-auth-token", "a password of the database"), secret("secretsmanager get-secret-value", "a secret"), secret("secretsmanager batch-get-secret-value", "secrets"),
			secret("iam create-access-key", "a new key"), secret("sso get-role-credentials", "credentials"), secret("cognito-identity get-credentials-for-identity", "credentials"),
			secret("redshift get-cluster-credentials", "a password of the database"), secret("lightsail get-instance-access-details", "a key"), secret("ec2 get-password-data", "a password"),
			{verb: "ecr get-login", effect: showsSecret, text: "it prints the registry's password", instead: leave, see: "https://docs.aws.amazon.com/cli/latest/userguide/cliv2-migration-changes.html"},
			{verb: "configure", effect: showsSecret, text: "it shows and changes the credentials in use", instead: leave, see: awsOptions},
			elsewhere("ssm start-session", "it opens a shell on another machine"),
			elsewhere("ssm send-command", "it runs programs on other machines"),
			elsewhere("ecs execute-command", "it runs programs in other containers, past their opsh"),
			elsewhere("ecs run-task", "it starts containers, with words and roles of the operator's choice"),
			{options: "*", probes: []string{"file:///etc/passwd"}, words: "fileb?://.*", effect: readsFiles, text: "behind file:// the value is read from a file of this container", instead: "write a match that admits no : or /, or a list", see: awsFiles},
		},
	}}
}
