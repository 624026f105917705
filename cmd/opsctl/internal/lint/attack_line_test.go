package lint

import (
	"slices"
	"testing"

	"opsh/shell/answer"
)

func TestB2ValuesBeforeTheCommand(t *testing.T) {
	hold(t, []attack{
		{"kubectl exec", "/usr/local/bin/kubectl", []string{"t -n prod exec X -- Y...", "t --namespace prod exec X -- Y...", "t -n=prod exec X -- Y...", "t --context prod -n X exec Y"}, "", "runs-elsewhere"},
		{"kubectl get", "/usr/local/bin/kubectl", []string{"t -n prod get X Y", "t get X -n prod", "t -n prod get secret X", "t -n prod get pods,secrets"}, "", "shows-secret"},
		{"an option that nobody knows", "/usr/local/bin/kubectl", []string{"t --no-such prod exec X"}, "", "runs-elsewhere"},
		{"aws", "/usr/local/bin/aws", []string{"t --region eu-west-1 s3 cp X Y", "t --output json s3 cp X Y", "t s3 --region eu-west-1 cp X Y"}, "", "reads-files"},
		{"rails", "/app/bin/rails", []string{"t -e production runner X", "t runner -e production X"}, "", "runs-code"},
		{"redis", "/usr/bin/redis-cli", []string{"t -h cache eval X", "t -n 0 config set X Y", "t -p 1 -n 0 eval X 0"}, "", "runs-code"},
		{"kubectl logs -f is no file", "/usr/local/bin/kubectl", []string{"t logs -f X", "t -n prod logs -f deployment/web", "t -n prod get pods", "t -n prod rollout status X", "t describe pod X"}, "", ""},
	})
}

func TestB3Clusters(t *testing.T) {
	hold(t, []attack{
		{"curl writes", "/usr/bin/curl", []string{"t -sSo X https://a.example/", "t -sO https://a.example/", "t -fsSLo X https://a.example/"}, "", "writes-files"},
		{"curl reads", "/usr/bin/curl", []string{"t -sT X https://a.example/", "t -sd X https://a.example/"}, "", "reads-files"},
		{"curl takes options from a file", "/usr/bin/curl", []string{"t -sK X"}, "", "writes-files"},
		{"tar", "/usr/bin/tar", []string{"t -czf X app", "t -cf X a", "t czf X app", "t xvf X", "t -xC X"}, "", "writes-files"},
		{"tar packs", "/usr/bin/tar", []string{"t czf app.tar X", "t -czf app.tar X"}, "", "reads-files"},
		{"mysql", "/usr/bin/mysql", []string{"t -Ne X", "t -tNe X"}, "", "reads-files"},
		{"psql", "/usr/bin/psql", []string{"t -Atc X", "t -qf X"}, "", "reads-files"},
		{"interpreters", "/usr/bin/perl", []string{"t -ne X", "t -lane X"}, "", "runs-code"},
		{"ruby", "/usr/bin/ruby", []string{"t -ne X"}, "", "runs-code"},
		{"python", "/usr/bin/python3", []string{"t -Ic X", "t -Bm X"}, "", "runs-code"},
		{"harmless clusters", "/usr/bin/curl", []string{"t -sSfL https://a.example/", "t -sSm 10 https://a.example/", "t -so- https://a.example/"}, "", ""},
	})
	for _, a := range []attack{
		{"", "/usr/bin/mysql", []string{"t -Ne X"}, "", ""}, {"", "/usr/bin/psql", []string{"t -Atc X", "t -qf X"}, "", ""}, {"", "/usr/bin/perl", []string{"t -ne X"}, "", ""}, {"", "/usr/bin/python3", []string{"t -Ic X"}, "", ""},
	} {
		for _, rules := range told(t, a) {
			if slices.Contains(rules, "bare-prompt") {
				t.Errorf("%s %q is said to open a prompt", a.path, a.lines)
			}
		}
	}
}

// TestB5Comments: what a comment allows on one usage line, it allows on no other.
func TestB5Comments(t *testing.T) {
	const head = "version = 1\naudit.when_down = \"spool\"\n[tool.t]\npath = \"/usr/bin/mysql\"\nuser = \"ops\"\ninsert = [\"--skip-local-infile\", \"--commands=0\"]\nwhere.X = \"any\"\n"
	const comment = "# opsctl: allow other-server: hosts of the staging realm only\n"
	for _, c := range []struct {
		name            string
		allow           string
		line            int // of the warning that is left, 0 for none
		warned, allowed int
	}{
		{"a line each", "allow = [\n" + comment + "\"t -e a -h X staging\",\n\"t -e a -h X production\",\n]\n", 11, 1, 1},
		{"the other way", "allow = [\n\"t -e a -h X staging\",\n" + comment + "\"t -e a -h X production\",\n]\n", 9, 1, 1},
		{"one comment for two usage lines", comment + "allow = [\"t -e a -h X staging\", \"t -e a -h X production\"]\n", 9, 1, 1},
		{"a comment for each", comment + "allow = [\"t -e a -h X staging\", \"t -e a -h X production\"] " + comment, 0, 0, 2},
		{"one line, two dangers", "allow = [\n" + comment + "\"t -e a -h X -P X staging\",\n]\n", 0, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Check("p", []byte(head+c.allow), answer.Split)
			warned, allowed := 0, 0
			for _, f := range r.Findings {
				switch {
				case f.Error():
					t.Fatal(f.Text)
				case f.Rule != "other-server":
				case f.Reason != "":
					allowed++
				default:
					if warned++; f.At.Line != c.line {
						t.Errorf("line %d, want %d: %s", f.At.Line, c.line, f.Text)
					}
				}
			}
			if warned != c.warned || allowed != c.allowed {
				t.Errorf("%d warned, %d allowed", warned, allowed)
			}
		})
	}
	// A prompt is one on each line that opens it.
	got := told(t, attack{"", "/usr/bin/mysql", []string{"t -t", "t -N"}, "", ""})
	if !slices.Contains(got[1], "bare-prompt") || !slices.Contains(got[2], "bare-prompt") {
		t.Errorf("prompts: %v", got)
	}
}

func TestB7Insert(t *testing.T) {
	hold(t, []attack{
		{"mysql -e", "/usr/bin/mysql", []string{"t X"}, `insert = ["-e"]`, "reads-files"},
		{"mysql --local-infile", "/usr/bin/mysql", []string{"t -e a"}, `insert = ["--local-infile"]`, "reads-files"},
		{"psql -c", "/usr/bin/psql", []string{"t X"}, `insert = ["-c"]`, "reads-files"},
		{"psql -f", "/usr/bin/psql", []string{"t X", "t [-q] X"}, `insert = ["-f"]`, "reads-files"},
		{"rails runner", "/app/bin/rails", []string{"t X"}, "insert = [\"runner\"]\nwhere.X = { match = '[A-Z].*' }", "runs-code"},
		{"rails console", "/app/bin/rails", []string{"t"}, `insert = ["console"]`, "runs-code"},
		{"redis eval", "/usr/bin/redis-cli", []string{"t X 0"}, "insert = [\"eval\"]\nwhere.X = { match = 'return.*' }", "runs-code"},
		{"redis config set", "/usr/bin/redis-cli", []string{"t X Y"}, `insert = ["config", "set"]`, "runs-code"},
		{"kubectl get secret", "/usr/local/bin/kubectl", []string{"t X"}, `insert = ["get", "secret"]`, "shows-secret"},
		{"python -c", "/usr/bin/python3", []string{"t X"}, "insert = [\"-c\"]\nwhere.X = { match = 'print.*' }", "runs-code"},
		{"a file of the policy's", "/usr/bin/mysql", []string{"t -e a"}, "insert = [\"--defaults-extra-file={file.c}\"]\nfile.c = \"x\"", ""},
		{"code of the policy's", "/usr/bin/ruby", []string{"t X"}, `insert = ["-e", "puts ARGV"]`, ""},
	})
	if got := told(t, attack{"", "/usr/bin/psql", []string{"t X"}, `insert = ["-f"]`, ""}); slices.Contains(got[1], "other-server") {
		t.Errorf("psql -f FILE: %v", got)
	}
	if got := told(t, attack{"", "/usr/local/bin/kubectl", []string{"t X"}, `insert = ["get", "secret"]`, ""}); slices.Contains(got[1], "runs-elsewhere") {
		t.Errorf("kubectl get secret X: %v", got)
	}
}

// TestB7InsertOnce: what insert alone does is told once, at its own place.
func TestB7InsertOnce(t *testing.T) {
	got := told(t, attack{"", "/usr/bin/curl", []string{"t https://a.example/", "t https://b.example/"}, `insert = ["-k"]`, ""})
	if len(got) != 1 || len(got[0]) != 1 || got[0][0] != "other-server" {
		t.Error(got)
	}
}

func TestB8CommandsOfAList(t *testing.T) {
	hold(t, []attack{
		{"aws s3", "/usr/local/bin/aws", []string{"t s3 X Y Y"}, `where.X = ["cp", "ls"]`, "reads-files"},
		{"aws, any call", "/usr/local/bin/aws", []string{"t ecs X Y...", "t X Y..."}, "", "runs-code"},
		{"aws, calls of a list", "/usr/local/bin/aws", []string{"t ecs X"}, `where.X = ["execute-command", "list-tasks"]`, "runs-elsewhere"},
		{"redis config", "/usr/bin/redis-cli", []string{"t config X Y"}, "", "runs-code"},
		{"redis config of a list", "/usr/bin/redis-cli", []string{"t config X Y"}, `where.X = ["get", "set"]`, "runs-code"},
		{"kubectl", "/usr/local/bin/kubectl", []string{"t X Y"}, `where.X = ["get", "exec"]`, "runs-elsewhere"},
		{"calls that only read", "/usr/local/bin/aws", []string{"t ecs X --cluster prod", "t --region eu-west-1 ecs X"}, `where.X = ["describe-tasks", "list-tasks"]`, ""},
		{"a pattern of calls that only read", "/usr/local/bin/aws", []string{"t ecs X --cluster prod"}, `where.X = { match = '(describe|list)-[a-z-]+' }`, ""},
		{"a call that does more", "/usr/local/bin/aws", []string{"t ecs update-service", "t iam attach-role-policy"}, "", "unjudged-command"},
	})
}
