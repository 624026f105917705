package lint

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"opsh/policy"
)

var (
	// secretName is how variables and options that hold secrets are named; those that end so name a file.
	secretName = regexp.MustCompile(`(?i)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)|(^|_)(PWD|PASS|AUTH)$`)
	fileName   = regexp.MustCompile(`(?i)_(FILE|PATH|DIR)$`)
	// urlName is how variables are named whose addresses hold a password, more often than not.
	urlName = regexp.MustCompile(`^(DATABASE|REDIS|MYSQL|POSTGRES|POSTGRESQL|MONGO|MONGODB|AMQP|RABBITMQ|CLOUDAMQP|BROKER|ELASTICSEARCH|SENTRY)_(URL|URI|DSN)$`)
	// urlPassword is an address with a password in it.
	urlPassword = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[^/@:\s]*:[^/@\s]+@`)
	// assigned is a line of a file that sets a password; a name alone, or an empty value, sets none.
	assigned = regexp.MustCompile(`(?im)^[ \t]*[a-z_.-]*(password|passwd|secret|token|api_?key)[ \t]*[:=][ \t]*\S`)
)

func namesSecret(name string) bool {
	return secretName.MatchString(name) && !fileName.MatchString(name)
}

// literal is a template's text, false where something is put into it.
func literal(tpl policy.Template) (string, bool) {
	if len(tpl) != 1 || tpl[0].Kind != policy.PieceText {
		return "", false
	}
	return tpl[0].Text, true
}

// secrets warns of secrets that stand in the policy, and of those that the operator may print.
func (t *tool) secrets() {
	plain := func(at policy.Pos, what string) {
		if !t.whole {
			return // a reference that couldn't be read looks like a text
		}
		t.warn(Finding{Rule: "secret-in-policy", At: at, Text: what + " seems to hold a secret: whoever reads the policy or the image has it, and opsh doesn't hide it in output",
			Hint: `write [secret.NAME] with from = "env:VARIABLE", and {secret.NAME} here`})
	}
	for _, name := range slices.Sorted(maps.Keys(t.Env)) {
		tpl := t.Env[name]
		text, is := literal(tpl)
		switch {
		case is && (namesSecret(name) && !strings.HasPrefix(text, "/") || urlPassword.MatchString(text)):
			plain(t.key("env", name), "env."+name)
		case !is && t.shows != "" && slices.ContainsFunc(tpl, policy.Piece.IsSecret):
			t.warn(Finding{Rule: "secret-printable", At: t.key("env", name),
				Text: fmt.Sprintf("the operator may print env.%s (%s): opsh hides a secret in output, also as base64 or in a URL, but not in every spelling: backwards, say", name, t.shows),
				Hint: "hold the usage line to less, or hand the secret over in a file that the program reads before it takes commands"})
		}
	}
	for i, tpl := range t.Insert {
		text, is := literal(tpl)
		if name, value, ok := strings.Cut(strings.TrimLeft(text, "-"), "="); is && (ok && value != "" && namesSecret(strings.ReplaceAll(name, "-", "_")) || urlPassword.MatchString(text)) {
			plain(t.key("insert", fmt.Sprint(i)), "a word of insert")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Files)) {
		for n, p := range t.Files[name] {
			at := assigned.FindStringIndex(p.Text)
			if p.Kind == policy.PieceText && at != nil && !(n+1 < len(t.Files[name]) && at[1] == len(p.Text) && strings.HasSuffix(p.Text, `"`)) {
				plain(t.key("file", name), "file."+name)
				break
			}
		}
	}
}

// risky says why a variable leads a tool elsewhere, "" where it isn't known to. What names code or programs that any tool starts, opsh
// refuses to pass.
func risky(name string) string {
	for _, r := range []struct{ why, names string }{
		{"it sends requests through a server of its own", "HTTP_PROXY HTTPS_PROXY ALL_PROXY FTP_PROXY"},
		{"it says whose certificates are believed", "SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED GIT_SSL_NO_VERIFY PYTHONHTTPSVERIFY"},
		{"it names a file that gets the keys of TLS connections", "SSLKEYLOGFILE"},
		{"it names libraries that are loaded", "OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES"},
		{"it names the server that the tool logs in to", "PGHOST PGHOSTADDR PGSERVICE PGSERVICEFILE PGSYSCONFDIR MYSQL_HOST MYSQL_TCP_PORT REDIS_HOST DOCKER_HOST"},
		{"it names a configuration, which may name programs", "KUBECONFIG GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS XDG_CONFIG_HOME CURL_HOME WGETRC"},
		{"it names a program that is run", "GIT_EXTERNAL_DIFF GIT_PAGER GIT_EDITOR GIT_ASKPASS GIT_PROXY_COMMAND GIT_EXEC_PATH MANPAGER SSH_ASKPASS PSQL_EDITOR PSQL_PAGER PERL5SHELL"},
		{"it names code that is run", "PYTHONBREAKPOINT PYTHONWARNINGS RUBYGEMS_GEMDEPS NODE_REPL_EXTERNAL_MODULE"},
		{"it holds options and commands of less, which start programs", "LESS LESSKEY LESSKEYIN"},
	} {
		if slices.Contains(strings.Fields(r.names), strings.ToUpper(name)) {
			return r.why
		}
	}
	return ""
}

// passed warns of variables that are handed through as the container has them. Whoever edits the task definition chooses their values.
func (t *tool) passed() {
	for i, name := range t.Pass {
		at := t.key("pass", fmt.Sprint(i))
		why := risky(name)
		switch {
		case strings.HasPrefix(name, "AWS_"): // pass_aws says so
		case namesSecret(name) || urlName.MatchString(name):
			t.warn(Finding{Rule: "pass-secret", At: at, Text: name + " seems to hold a secret: passed as it is, opsh neither hides it in output nor in records",
				Hint: fmt.Sprintf(`write [secret.NAME] with from = "env:%s", and env.%s = "{secret.NAME}" in this tool`, name, name)})
		case why != "":
			t.warn(Finding{Rule: "pass-risky", At: at, Text: name + " is passed as the container has it: " + why, Hint: "write it in env, with the value it shall have"})
		}
	}
}
