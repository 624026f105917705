package deploy

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
)

const githubDir = "../../deploy/github"

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	return string(text)
}

func readWorkflow(t *testing.T, name string) *actionlint.Workflow {
	t.Helper()
	w, errs := actionlint.Parse([]byte(readFile(t, filepath.Join(githubDir, name))))
	for _, err := range errs {
		t.Error(err)
	}
	if w == nil {
		t.Fatalf("%s can't be read", name)
	}
	return w
}

func TestActionlint(t *testing.T) {
	for _, name := range []string{"runbook.yml", "pull-request.yml"} {
		linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
		must(t, err)
		errs, err := linter.Lint(name, []byte(readFile(t, filepath.Join(githubDir, name))), nil)
		must(t, err)
		for _, e := range errs {
			t.Error(e)
		}
	}
}

// expressions are what a workflow may fill in: nothing that an author words, such as a title, a branch's name or a file's text.
var expressions = regexp.MustCompile(`^(inputs\.[a-z0-9-]+|github\.(token|sha|repository|run_id|server_url)|github\.event\.pull_request\.(number|head\.sha|base\.sha)|` +
	`steps\.(find\.outputs\.runbook|take\.outputs\.sha256)|needs\.check\.(result|outputs\.(runbook|sha256))|` +
	`inputs\.reason \|\| format\('\{0\}#\{1\} commit \{2\}', github\.repository, github\.event\.pull_request\.number, github\.event\.pull_request\.head\.sha\))$`)

func TestWorkflowRules(t *testing.T) {
	text := readFile(t, githubDir+"/runbook.yml")
	found := regexp.MustCompile(`\$\{\{\s*(.*?)\s*\}\}`).FindAllStringSubmatch(text, -1)
	if len(found) < 20 {
		t.Fatalf("%d expressions found", len(found))
	}
	for _, m := range found {
		if !expressions.MatchString(m[1]) {
			t.Errorf("the workflow fills in %s", m[1])
		}
	}
	w := readWorkflow(t, "runbook.yml")
	if w.Permissions == nil || w.Permissions.All != nil || len(w.Permissions.Scopes) != 0 {
		t.Error("the workflow starts with permissions")
	}
	permissions := map[string]map[string]string{
		"check":   {"contents": "read"},
		"run":     {"contents": "read", "id-token": "write", "pull-requests": "read"},
		"comment": {"contents": "read", "pull-requests": "write"},
	}
	if len(w.Jobs) != len(permissions) {
		t.Errorf("the workflow has %d jobs", len(w.Jobs))
	}
	for name, job := range w.Jobs {
		if job.Permissions == nil || job.Permissions.All != nil || len(job.Permissions.Scopes) != len(permissions[name]) {
			t.Fatalf("job %s: not the permissions it needs", name)
		}
		for scope, p := range job.Permissions.Scopes {
			if p.Value.Value != permissions[name][scope] {
				t.Errorf("job %s has %s: %s", name, scope, p.Value.Value)
			}
		}
		if job.TimeoutMinutes == nil {
			t.Errorf("job %s has no time limit", name)
		}
		if (job.Environment != nil) != (name == "run") {
			t.Errorf("job %s: the environment belongs to run, and to it alone", name)
		}
		for _, step := range job.Steps {
			checkStep(t, name, w, step)
		}
	}
	run := w.Jobs["run"]
	if run.Name == nil || !strings.Contains(run.Name.Value, "${{ needs.check.outputs.sha256 }}") {
		t.Error("the reviewers don't see the runbook's hash")
	}
	if run.Concurrency == nil || run.Concurrency.CancelInProgress.Value {
		t.Error("two runbooks may run at once, or the second cancels the first")
	}
	if !strings.Contains(text, "if: github.event.pull_request.head.repo.full_name == github.repository\n") {
		t.Error("forks are let in")
	}
}

var required = regexp.MustCompile(`\$\{([A-Z_0-9]+):\?\}`)

func checkStep(t *testing.T, job string, w *actionlint.Workflow, step *actionlint.Step) {
	t.Helper()
	switch e := step.Exec.(type) {
	case *actionlint.ExecAction:
		if !regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40}$`).MatchString(e.Uses.Value) {
			t.Errorf("job %s uses %s, whose content may change", job, e.Uses.Value)
		}
		if strings.HasPrefix(e.Uses.Value, "actions/checkout@") && (e.Inputs["persist-credentials"] == nil || e.Inputs["persist-credentials"].Value.Value != "false") {
			t.Errorf("job %s leaves a token behind in a checkout", job)
		}
		if path := e.Inputs["path"]; path != nil && path.Value.Value == "base" && e.Inputs["ref"].Value.Value != "${{ github.sha }}" {
			t.Errorf("job %s takes scripts and policy from %s, which can be old", job, e.Inputs["ref"].Value.Value)
		}
	case *actionlint.ExecRun:
		if strings.Contains(e.Run.Value, "${{") {
			t.Errorf("job %s fills in a script: %s", job, e.Run.Value)
		}
		m := regexp.MustCompile(`^(exec )?base/"\$SCRIPTS"/([a-z]+\.sh)$`).FindStringSubmatch(strings.TrimSpace(e.Run.Value))
		if m == nil {
			t.Fatalf("job %s runs %s", job, e.Run.Value)
		}
		for _, need := range required.FindAllStringSubmatch(readFile(t, filepath.Join(githubDir, m[2])), -1) {
			key := strings.ToLower(need[1])
			if strings.HasPrefix(key, "github_") || strings.HasPrefix(key, "runner_") {
				continue
			}
			if w.Env.Vars[key] == nil && (step.Env == nil || step.Env.Vars[key] == nil) {
				t.Errorf("job %s doesn't give %s to %s", job, need[1], m[2])
			}
		}
	}
}

// TestCaller: the caller hands on what the workflow has to have, and nothing that it hasn't.
func TestCaller(t *testing.T) {
	w, caller := readWorkflow(t, "runbook.yml"), readWorkflow(t, "pull-request.yml")
	call := caller.Jobs["runbook"].WorkflowCall
	var event *actionlint.WorkflowCallEvent
	for _, e := range w.On {
		event, _ = e.(*actionlint.WorkflowCallEvent)
	}
	readme := readFile(t, githubDir+"/README.md")
	var known []string
	for _, in := range event.Inputs {
		known = append(known, in.ID)
		if in.IsRequired() && call.Inputs[in.ID] == nil {
			t.Errorf("the caller doesn't give %s", in.ID)
		}
		if in.Description == nil || !strings.Contains(readme, "| `"+in.ID+"` |") {
			t.Errorf("%s isn't described, here or in README.md", in.ID)
		}
	}
	for name := range call.Inputs {
		if !slices.Contains(known, name) {
			t.Errorf("the caller gives %s", name)
		}
	}
	for _, e := range caller.On {
		if e.EventName() != "pull_request_target" {
			t.Errorf("on %s the workflow would be the pull request's own", e.EventName())
		}
	}
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob(githubDir + "/*.sh")
	must(t, err)
	if len(files) < 8 {
		t.Fatalf("only %d scripts", len(files))
	}
	for _, check := range [][]string{{"bash", "-n"}, {"shellcheck"}} {
		for _, name := range files {
			if out, err := exec.Command(check[0], append(check[1:], name)...).CombinedOutput(); err != nil {
				t.Errorf("%s %s: %v\n%s", check[0], name, err, out)
			}
		}
	}
	for _, name := range files {
		info, err := os.Stat(name)
		must(t, err)
		if info.Mode()&0o111 == 0 {
			t.Errorf("%s can't be executed", name)
		}
		if text := readFile(t, name); !strings.HasPrefix(text, "#!/usr/bin/env bash\n") || !strings.Contains(text, "\nset -euo pipefail\n") {
			t.Errorf("%s doesn't stop at an error", name)
		}
	}
}
