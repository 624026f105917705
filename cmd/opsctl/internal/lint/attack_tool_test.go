package lint

import (
	"slices"
	"testing"
)

func TestB6CodeByPattern(t *testing.T) {
	var table []attack
	for _, pattern := range []string{`User\..*`, `[A-Z][a-z]+\.[a-z_]+`, `.*`, `/app/script/[a-z]+\.rb`} {
		table = append(table, attack{"rails runner " + pattern, "/app/bin/rails", []string{"t runner X", "t r X", "t runner X Y..."}, "where.X = { match = '" + pattern + "' }", "runs-code"})
	}
	table = append(table,
		attack{"python", "/usr/bin/python3", []string{"t X"}, "insert = [\"-c\"]\nwhere.X = { match = 'print.*' }", "runs-code"},
		attack{"reviewed scripts", "/app/bin/rails", []string{"t runner X"}, "where.X = { path = \"/app/script\", ext = \".rb\" }", ""},
		attack{"a list of statements", "/app/bin/rails", []string{"t runner X"}, `where.X = ["Order.count"]`, ""})
	hold(t, table)
}

func TestB9Programs(t *testing.T) {
	const any = "exec = \"any\"\nunsafe_exec = true\n"
	hold(t, []attack{
		{"rails", "/app/bin/rails", []string{"t secrets:show", "t secrets:edit", "t encrypted:show X"}, "", "shows-secret"},
		{"rails writes", "/app/bin/rails", []string{"t g X", "t d X", "t new X", "t destroy X"}, "", "writes-files"},
		{"rails templates", "/app/bin/rails", []string{"t app:template"}, "", "runs-code"},
		{"rails and the database's client", "/app/bin/rails", []string{"t dbconsole", "t db"}, `exec = ["/usr/bin/ruby"]`, "runs-program"},
		{"bundle", "/usr/bin/bundle", []string{"t exec X...", "t exec rails runner X", "t exec rails console", "t exec ruby -e X", "t exec rake X"}, "", "runs-code"},
		{"bundle, a harmless command", "/usr/bin/bundle", []string{"t exec rails about", "t list"}, "", ""},
		{"python from the terminal", "/usr/bin/python3", []string{"t -"}, "", "runs-code"},
		{"ruby from the terminal", "/usr/bin/ruby", []string{"t -"}, "", "runs-code"},
		{"node from the terminal", "/usr/bin/node", []string{"t -"}, "", "runs-code"},
		{"perl from the terminal", "/usr/bin/perl", []string{"t -"}, "", "runs-code"},
		{"python from a reviewed file", "/usr/bin/python3", []string{"t - < F"}, "where.F = { path = \"/app\" }", ""},
		{"aws secrets", "/usr/local/bin/aws", []string{"t sts get-session-token", "t ecr get-login-password", "t s3 presign X", "t secretsmanager get-secret-value --secret-id a"}, "", "shows-secret"},
		{"aws lambda", "/usr/local/bin/aws", []string{"t lambda invoke --function-name f X"}, "", "writes-files runs-elsewhere"},
		{"kubectl", "/usr/local/bin/kubectl", []string{"t create token X"}, "", "shows-secret"},
		{"kubectl writes", "/usr/local/bin/kubectl", []string{"t cluster-info dump --output-directory=X", "t get pods --profile-output=X"}, "", "writes-files"},
		{"kubectl reads", "/usr/local/bin/kubectl", []string{"t kustomize X"}, "", "reads-files"},
		{"kubectl changes", "/usr/local/bin/kubectl", []string{"t drain X", "t delete pod X", "t scale --replicas=3 X"}, "", "unjudged-command"},
		{"sed", "/usr/bin/sed", []string{"t X app.log", "t -e X app.log", "t -ne X app.log"}, "", "writes-files"},
		{"find", "/usr/bin/find", []string{"t X"}, "", "reads-files"},
		{"interpreters without facts", "/usr/bin/lua5.4", []string{"t -e X", "t X"}, "", "runs-code"},
		{"tclsh", "/usr/bin/tclsh8.6", []string{"t X"}, "", "runs-code"},
		{"pry", "/usr/bin/pry", []string{"t -e X", "t X"}, "", "runs-code"},
		{"guile", "/usr/bin/guile", []string{"t -c X"}, "", "runs-code"},
		{"deno", "/usr/bin/deno", []string{"t run X", "t eval X"}, "", "runs-code"},
		{"bun", "/usr/bin/bun", []string{"t X", "t -e X"}, "", "runs-code"},
		{"java", "/usr/bin/java", []string{"t -jar X", "t -cp X main"}, "", "runs-code"},
		{"jshell", "/usr/bin/jshell", []string{"t"}, "", "bare-prompt"},
		{"gdb", "/usr/bin/gdb", []string{"t -p X", "t -ex X"}, "", "runs-code"},
		{"openssl", "/usr/bin/openssl", []string{"t enc -in X", "t x509 -in X", "t x509 -noout -in X"}, "", "reads-files"},
		{"dd", "/usr/bin/dd", []string{"t X"}, "", "reads-files writes-files"},
		{"tee", "/usr/bin/tee", []string{"t X"}, "", "writes-files"},
		{"cp", "/usr/bin/cp", []string{"t X Y"}, "", "writes-files"},
		{"the loader", "/lib64/ld-linux-x86-64.so.2", []string{"t X"}, "", "runs-code"},
		{"sed with exec", "/usr/bin/sed", []string{"t X app.log"}, any, "runs-program"},
	})
}

func TestB9Curl(t *testing.T) {
	one := func(name, line, pattern, want string) attack {
		return attack{name, "/usr/bin/curl", []string{line}, "where.X = { match = '" + pattern + "' }", want}
	}
	hold(t, []attack{
		one("a directory", "t -o X https://a.example/", `/home/.*`, "writes-files"),
		one("a name", "t -o X https://a.example/", `[a-z]+\.json`, "writes-files"),
		one("a form", "t -F X https://a.example/", `file=.*`, "reads-files"),
		one("a form without files", "t -F X https://a.example/", `file=[a-z0-9]*`, ""),
		one("a name and a file", "t --data-urlencode X https://a.example/", `q@.*`, "reads-files"),
		one("a beginning that is no host", "t X", `https://api.*`, "other-server"),
		one("letters", "t X", `[a-z./]+`, "other-server"),
		one("a host", "t X", `https://api\.example\.com/[a-z0-9/_-]*`, ""),
		one("hosts of one domain", "t X", `https://[a-z]+\.example\.com/.*`, ""),
		one("a host's beginning", "t X", `https://api\.example\.com.*`, "other-server"),
		one("the beginning of an option", "t --outpu=X https://a.example/", `[a-z]+`, "writes-files"),
		{"no other schemes", "/usr/bin/curl", []string{"t X"}, "insert = [\"--proto\", \"=https\"]\nwhere.X = { match = 'file:/etc/[a-z]*' }", ""},
		{"schemes beside all others", "/usr/bin/curl", []string{"t X"}, "insert = [\"--proto\", \"https\"]\nwhere.X = { match = 'file:/etc/[a-z]*' }", "reads-files"},
		{"credentials", "/usr/bin/curl", []string{"t --netrc-file X https://a.example/", "t --key X https://a.example/", "t --cert X https://a.example/", "t -E X https://a.example/"}, "", "reads-files"},
	})
}

// TestB9OptionsAmongOperands: an operand that admits options.
func TestB9OptionsAmongOperands(t *testing.T) {
	dash := func(pattern string) string {
		return "where.X = { match = '" + pattern + "', dash = true }\nwhere.Y = [\"a\"]"
	}
	hold(t, []attack{
		{"mysql", "/usr/bin/mysql", []string{"t -e a X Y", "t -e a X"}, dash("-.*"), "operand-options"},
		{"curl", "/usr/bin/curl", []string{"t X Y"}, dash("-[a-zA-Z]"), "operand-options"},
		{"any", "/app/bin/job", []string{"t X", "t run X..."}, "where.X = { any = true, dash = true }", "operand-options"},
		{"options of a list are read", "/usr/bin/curl", []string{"t X https://a.example/"}, `where.X = { list = ["-s", "-O"], dash = true }`, "writes-files"},
		{"harmless options of a list", "/usr/bin/curl", []string{"t X https://a.example/"}, `where.X = { list = ["-s", "-S"], dash = true }`, ""},
		{"tar's first word", "/usr/bin/tar", []string{"t X", "t X app"}, "", "operand-options"},
		{"tar's second word", "/usr/bin/tar", []string{"t -x X", "t x X"}, "where.X = [\"app\"]", ""},
		{"behind --", "/app/bin/job", []string{"t -- X"}, "where.X = { any = true, dash = true }", ""},
		{"a pattern that has no dash in front", "/app/bin/job", []string{"t X"}, "where.X = { match = '[a-z][a-z-]*', dash = true }", ""},
		{"numbers", "/app/bin/job", []string{"t X"}, "where.X = { int = [-5, 5], dash = true }", ""},
		{"words of a reviewed script", "/usr/bin/ruby", []string{"t F X..."}, "where.F = { path = \"/app\" }\nwhere.X = { any = true, dash = true }", ""},
		{"a value", "/usr/bin/grep", []string{"t -e X"}, "where.X = { any = true, dash = true }", ""},
	})
	got := told(t, attack{"", "/usr/bin/mysql", []string{"t -e a X"}, "where.X = { any = true, dash = true }", ""})
	if !slices.Contains(got[1], "operand-options") || len(got[1]) != 1 {
		t.Errorf("%v", got)
	}
}
