package test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// arrows are our packages that each of ours may depend on, directly or not. What isn't named may depend on none.
var arrows = map[string][]string{
	"opsh/policy":                 nil,
	"opsh/shell/line":             nil,
	"opsh/shell/audit":            nil,
	"opsh/shell/audit/cloudwatch": {"opsh/shell/audit", "opsh/shell/keypolicy", "opsh/shell/ship", "opsh/shell/taskrole", "opsh/shell/taskrole/sdk"},
	"opsh/shell/recording":        {"opsh/shell/audit"},
	"opsh/shell/recording/bucket": {"opsh/shell/ship", "opsh/shell/taskrole", "opsh/shell/taskrole/sdk"},
	"opsh/shell/keypolicy":        nil,
	"opsh/shell/redact":           nil,
	"opsh/shell/taskrole":         nil,
	"opsh/shell/taskrole/sdk":     {"opsh/shell/taskrole"},
	"opsh/shell/ship":             {"opsh/shell/taskrole"},
	"opsh/shell/secret":           {"opsh/policy", "opsh/shell/ship", "opsh/shell/taskrole"},
	"opsh/shell/secret/fetch":     {"opsh/policy", "opsh/shell/secret", "opsh/shell/ship", "opsh/shell/taskrole", "opsh/shell/taskrole/sdk"},
	"opsh/shell/contain":          nil,
	"opsh/shell/guard":            {"opsh/shell/late", "opsh/shell/line"},
	"opsh/shell/prompt":           nil,
	"opsh/shell/answer":           {"opsh/policy", "opsh/shell/line"},
	"opsh/shell/runbook":          {"opsh/shell/line"},
	"opsh/shell/launch":           {"opsh/policy", "opsh/shell/contain", "opsh/shell/redact"},
	"opsh/shell/transcript":       {"opsh/shell/audit", "opsh/shell/line"},
	"opsh/shell/approval":         {"opsh/shell/late"},
	"opsh/shell/late":             nil,
	"opsh/shell": {"opsh/policy", "opsh/shell/answer", "opsh/shell/approval", "opsh/shell/audit", "opsh/shell/contain", "opsh/shell/guard", "opsh/shell/late", "opsh/shell/launch",
		"opsh/shell/line", "opsh/shell/prompt", "opsh/shell/recording", "opsh/shell/redact", "opsh/shell/runbook", "opsh/shell/secret", "opsh/shell/ship", "opsh/shell/taskrole", "opsh/shell/transcript"},
	"opsh/cmd/opsh": {"opsh/shell", "opsh/policy", "opsh/shell/answer", "opsh/shell/approval", "opsh/shell/audit", "opsh/shell/contain", "opsh/shell/guard", "opsh/shell/late", "opsh/shell/launch",
		"opsh/shell/line", "opsh/shell/prompt", "opsh/shell/recording", "opsh/shell/redact", "opsh/shell/runbook", "opsh/shell/secret", "opsh/shell/ship", "opsh/shell/taskrole", "opsh/shell/transcript"},
	// What speaks to AWS is in a program of its own.
	"opsh/shell/watch": {"opsh/policy", "opsh/shell/audit", "opsh/shell/audit/cloudwatch", "opsh/shell/contain", "opsh/shell/keypolicy", "opsh/shell/launch", "opsh/shell/line", "opsh/shell/recording", "opsh/shell/recording/bucket", "opsh/shell/redact",
		"opsh/shell/secret", "opsh/shell/secret/fetch", "opsh/shell/ship", "opsh/shell/taskrole", "opsh/shell/taskrole/sdk", "opsh/shell/transcript"},
	"opsh/cmd/opsh-watch": {"opsh/shell/watch", "opsh/policy", "opsh/shell/audit", "opsh/shell/audit/cloudwatch", "opsh/shell/contain", "opsh/shell/keypolicy", "opsh/shell/launch", "opsh/shell/line", "opsh/shell/recording", "opsh/shell/recording/bucket", "opsh/shell/redact",
		"opsh/shell/secret", "opsh/shell/secret/fetch", "opsh/shell/ship", "opsh/shell/taskrole", "opsh/shell/taskrole/sdk", "opsh/shell/transcript"},
	"opsh/cmd/opsh-exec": {"opsh/shell/contain"},
	"opsh/cmd/opshd":     {"opsh/shell/guard", "opsh/shell/late", "opsh/shell/line"},
	// opsctl runs on laptops: of what runs in the container it has only what reads policies, lines and trails, and what
	// speaks to who types.
	"opsh/cmd/opsctl": {"opsh/cmd/internal/entry", "opsh/policy", "opsh/shell/answer", "opsh/shell/approval", "opsh/shell/audit", "opsh/shell/keypolicy", "opsh/shell/late", "opsh/shell/line", "opsh/shell/prompt", "opsh/shell/recording", "opsh/shell/runbook", "opsh/shell/transcript"},
	// The broker runs in AWS Lambda: of what runs in the container it has nothing but the characters that a line may hold.
	"opsh/cmd/opsh-broker":    {"opsh/cmd/internal/entry", "opsh/shell/line"},
	"opsh/cmd/internal/entry": {"opsh/shell/line"},
}

func dependencies(t *testing.T, of string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", of).Output()
	must(t, err)
	return strings.Fields(string(out))
}

func TestArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "opsh/...").Output()
	must(t, err)
	for _, of := range strings.Fields(string(out)) {
		if strings.HasPrefix(of, "opsh/test") {
			continue
		}
		may, listed := arrows[of]
		internal := "none" // a program's own packages, which may depend on each other and on what the program may
		for _, program := range []string{"opsh/cmd/opsctl", "opsh/cmd/opsh-broker"} {
			if own := program + "/internal/"; of == program || strings.HasPrefix(of, own) {
				internal, may, listed = own, arrows[program], true
			}
		}
		if !listed {
			t.Errorf("%s has no arrows: say in this test what it may import", of)
		}
		for _, d := range dependencies(t, of) {
			if strings.HasPrefix(d, "opsh/") && d != of && !slices.Contains(may, d) && !strings.HasPrefix(d, internal) {
				t.Errorf("%s must not depend on %s", of, d)
			}
			if d == "github.com/chzyer/readline" && !strings.HasPrefix(of, "opsh/cmd") && of != "opsh/shell" && of != "opsh/shell/prompt" {
				t.Errorf("%s must not depend on %s", of, d)
			}
		}
	}
	for program, foreign := range map[string][]string{"opsh": {"github.com/aws"}, "opsh-exec": {"github.com/aws", "toml", "readline", "net/http"}} {
		for _, d := range dependencies(t, "opsh/cmd/"+program) {
			for _, f := range foreign {
				if strings.Contains(d, f) {
					t.Errorf("%s must not link %s", program, d)
				}
			}
		}
	}
}

// TestHouse holds what can be held of the house's rules.
func TestHouse(t *testing.T) {
	root := ".."
	top, err := os.ReadDir(root)
	must(t, err)
	known := []string{"cmd", "shell", "policy", "Dockerfile", "go.mod", "go.sum", "policy.example.toml", "test", "README.md", "deploy", ".ci", ".github", ".gitignore", ".git", "bin"}
	for _, e := range top {
		if !slices.Contains(known, e.Name()) {
			t.Errorf("%s doesn't belong at the top", e.Name())
		}
	}
	skip := regexp.MustCompile(`\b[tbf]\.Skip(f|Now)?\(`)
	initFunc := regexp.MustCompile(`(?m)^func init\(\)`)
	hidden := regexp.MustCompile(`\bos\.(Std(in|out|err)|Getenv|Environ|Exit)\b`)
	must(t, filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		must(t, err)
		lines := bytes.Count(text, []byte("\n"))
		if lines > 400 {
			t.Errorf("%s has %d lines", path, lines)
		}
		if e.Name() == "main.go" && strings.HasPrefix(path, "../cmd") && lines > 60 {
			t.Errorf("%s has %d lines; a main is read on one screen", path, lines)
		}
		if initFunc.Match(text) {
			t.Errorf("%s has an init", path)
		}
		isTest := strings.HasSuffix(path, "_test.go")
		if isTest && skip.Match(text) {
			t.Errorf("%s skips a test", path)
		}
		if m := hidden.Find(text); m != nil && !isTest && !strings.HasPrefix(path, "../cmd") && !strings.HasPrefix(path, "../test") {
			t.Errorf("%s uses %s: it comes in through a struct", path, m)
		}
		return nil
	}))
}
