package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const plainPolicy = `version = 1
[audit]
when_down = "spool"
[tool.t]
path  = "/bin/t"
user  = "ops"
allow = ["t [-a] DB"]
where.DB = ["x"]
`

// diffFiles are policies in a new directory, which becomes the working directory.
func diffFiles(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPolicyDiff(t *testing.T) {
	wider := strings.Replace(plainPolicy, "[-a]", "[-a] [-b]", 1)
	diffFiles(t, map[string]string{
		"small": plainPolicy, "comment": "# more\n" + plainPolicy, "wider": wider, "empty": "", "broken": "version = 2\n",
		"longer": strings.Replace(plainPolicy, `user  = "ops"`, "user  = \"ops\"\ntimeout = \"1h30m\"", 1),
	})
	for _, c := range []struct {
		args   string
		status int
		out    []string // parts of what is printed
		err    string
	}{
		{"small small", 0, []string{"The policies permit the same.\n"}, ""},
		{"small comment", 0, []string{"The policies permit the same.\n"}, ""},
		{"small wider", 1, []string{"tool t\n  WIDER     wider:7: t [-a] [-b] DB\n              t -b x\n              was refused: word 2, -b: ", "\n1 wider: the security team must look at this.\n"}, ""},
		{"wider small", 0, []string{"  narrower  wider:7: t [-a] [-b] DB\n              t -b x\n              is refused now: word 2, -b: ", "\nNothing is wider, 1 narrower.\n"}, ""},
		{"small longer", 1, []string{"  WIDER     timeout: was 10m, is 1h30m\n"}, ""},
		{"empty small", 1, []string{"  REVIEW    session: there was no policy before", "a new tool: it runs /bin/t as ops (small:4)\n", "t x\n              was refused: "}, "empty doesn't load, so that all of small counts as new. It has 1 mistake,"},
		{"broken small", 1, []string{"a new tool"}, "broken doesn't load"},
		{"small broken", 125, nil, "this opsh reads version 1"},
		{"small missing", 125, nil, "cannot read the policy missing: no such file"},
		{"missing small", 125, nil, "to compare with nothing, give an empty file"},
		{"small -x:policy.toml", 2, nil, "flag provided but not defined"},
		{"-- small -x:policy.toml", 125, nil, "no revision before the colon"},
		{"small", 2, nil, "cannot compare 1 policy:"},
		{"--git HEAD", 2, nil, "--git takes one"},
		{"--git A...B small", 2, nil, "two dots"},
		{"--git HEAD /small", 2, nil, "below this directory"},
	} {
		status, out, err := opsctl(append([]string{"policy", "diff"}, strings.Fields(c.args)...)...)
		if status != c.status || !strings.Contains(err, c.err) || c.err == "" && err != "" {
			t.Errorf("%s: status %d, %s", c.args, status, err)
		}
		for _, part := range c.out {
			if !strings.Contains(out, part) {
				t.Errorf("%s: no %q in\n%s", c.args, part, out)
			}
		}
		if c.out == nil && out != "" {
			t.Errorf("%s: %s", c.args, out)
		}
	}
}

func TestPolicyDiffJSON(t *testing.T) {
	diffFiles(t, map[string]string{"old": plainPolicy, "new": strings.Replace(plainPolicy, `["x"]`, `["x", "y z"]`, 1)})
	for args, want := range map[string]bool{"old new": true, "old old": false, "new old": false} {
		status, out, _ := opsctl(append([]string{"policy", "diff", "--json"}, strings.Fields(args)...)...)
		var answer struct {
			Widened *bool
			Changes []struct {
				Subject, Setting, Effect, At, Usage string
				Example                             *struct {
					Line, Otherwise string
					Words           []string
				}
			}
		}
		if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.Widened == nil || answer.Changes == nil {
			t.Fatalf("%s: %v\n%s", args, err, out)
		}
		if *answer.Widened != want || (status == 1) != want {
			t.Errorf("%s: status %d\n%s", args, status, out)
		}
		if !want {
			continue
		}
		c := answer.Changes[len(answer.Changes)-1]
		if c.Subject != "tool t" || c.Setting != "allow" || c.Effect != "wider" || c.At != "new:7" || c.Example == nil || c.Example.Line != "t 'y z'" || len(c.Example.Words) != 2 {
			t.Errorf("%s", out)
		}
	}
}

func TestPolicyDiffInGit(t *testing.T) {
	diffFiles(t, map[string]string{"ops/policy.toml": plainPolicy})
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile("ops/policy.toml", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "first")
	git("tag", "first")
	write(strings.Replace(plainPolicy, `["x"]`, `["x", "y"]`, 1))
	git("commit", "-qam", "second")
	write(strings.Replace(plainPolicy, `["x"]`, `["x", "y", "z"]`, 1))
	t.Chdir("ops")
	for args, want := range map[string]string{
		"first:ops/policy.toml policy.toml":           "t y\n",
		"first:ops/policy.toml HEAD:ops/policy.toml":  "HEAD:ops/policy.toml:7",
		"HEAD:ops/policy.toml policy.toml":            "t z\n",
		"HEAD:./policy.toml first:ops/policy.toml":    "Nothing is wider",
		"--git first policy.toml":                     "t y\n",
		"--git HEAD policy.toml":                      "t z\n",
		"--git first..HEAD policy.toml":               "t y\n",
		"--git first.. policy.toml":                   "HEAD:./policy.toml:7",
		"--git HEAD..first policy.toml":               "Nothing is wider",
		"nosuch:ops/policy.toml policy.toml":          "",
		"first:nosuch.toml policy.toml":               "",
		"policy.toml first:nosuch.toml":               "",
		"--git nosuch policy.toml":                    "",
		"first:ops/policy.toml --upload-pack=x:y/z":   "",
		"--json --git first..HEAD policy.toml":        `"old": "first:./policy.toml"`,
		"--json first:ops/policy.toml policy.toml --": `"line": "t y"`,
	} {
		status, out, err := opsctl(append([]string{"policy", "diff"}, strings.Fields(args)...)...)
		if want == "" {
			if status != statusBroken && status != statusUsage || err == "" || out != "" {
				t.Errorf("%s: status %d, %s%s", args, status, out, err)
			}
			continue
		}
		if !strings.Contains(out, want) || err != "" {
			t.Errorf("%s: status %d: no %q in\n%s%s", args, status, want, out, err)
		}
		if wide := !strings.Contains(out, "Nothing is wider"); wide != (status == 1) {
			t.Errorf("%s: status %d with\n%s", args, status, out)
		}
	}
	// What a change brings along must not take the place of what it is compared with.
	evil := strings.Replace(plainPolicy, `["x"]`, "\"any\"", 1)
	for name, text := range map[string]string{"policy.toml": evil, "first:./policy.toml": evil, "first:policy.toml": evil} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if status, out, _ := opsctl("policy", "diff", "--git", "first", "policy.toml"); status != 1 {
		t.Errorf("a file named like the revision: status %d\n%s", status, out)
	}
	if status, out, err := opsctl("policy", "diff", "first:policy.toml", "policy.toml"); status != statusBroken || !strings.Contains(err, "cannot tell what") {
		t.Errorf("a file and a revision of one name: status %d\n%s%s", status, out, err)
	}
	git("branch", "base", "first")
	git("commit", "-qam", "evil")
	git("tag", "base")
	if status, out, err := opsctl("policy", "diff", "--git", "base", "policy.toml"); status != statusBroken || !strings.Contains(err, "ambiguous") {
		t.Errorf("a tag named like the branch: status %d\n%s%s", status, out, err)
	}
	if status, out, err := opsctl("policy", "diff", "--git", "refs/heads/base", "policy.toml"); status != 1 || err != "" {
		t.Errorf("the branch by its whole name: status %d\n%s%s", status, out, err)
	}
}

// TestOutputLost: who can't be told the answer must not take it for a yes.
func TestOutputLost(t *testing.T) {
	diffFiles(t, map[string]string{"small": plainPolicy})
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	var said strings.Builder
	p := &person{out: full, err: &said}
	if status := p.dispatch([]string{"policy", "diff", "small", "small"}); status != statusBroken || !strings.Contains(said.String(), "cannot write the answer") {
		t.Errorf("status %d: %s", status, said.String())
	}
}
