package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"opsh/cmd/opsctl/internal/lint"
)

func TestPolicyCheck(t *testing.T) {
	good := policyFile(t, smallPolicy+"[[test]]\nrun = \"t x y\"\nwant = \"allow\"\n[[test]]\nrun = \"t\"\nwant = \"refuse\"\n")
	broken := policyFile(t, strings.Replace(smallPolicy, "path = ", "pth = ", 1)+failingTest)
	loose := policyFile(t, strings.Replace(smallPolicy, `user = "ops"`, "user = \"ops\"\nexec = \"any\"\nunsafe_exec = true", 1))
	for _, c := range []struct {
		args     []string
		status   int
		out, err string
	}{
		{[]string{loose}, 0, " [exec-any]\n  exec = \"any\"\n  ^\n  hint: ", ""},
		{[]string{loose, "--strict"}, 1, "warnings\n", ""},
		{[]string{"../../policy.example.toml", "--strict"}, 0, "policy.example.toml: 2 tools, 3 usage lines, 28 tests\n", ""},
		{[]string{broken}, 1, "p.toml:5:1: error: cannot use the key pth", ""},
		{[]string{broken, loose, broken}, 1, "[exec-any]", ""},
		{[]string{"no-such.toml", loose}, 125, "[exec-any]", "opsctl: error: cannot read the policy no-such.toml: "},
		{[]string{"no-such.toml", broken}, 125, "pth", "cannot read the policy no-such.toml: "},
		{[]string{t.TempDir()}, 125, "", "cannot read the policy"},
		{nil, 2, "", "no policy is named"},
		{[]string{"--json", "--sarif", good}, 2, "", "at once"},
		{[]string{"--quick", good}, 2, "", "quick"},
	} {
		status, out, errs := opsctl(append([]string{"policy", "check"}, c.args...)...)
		if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(errs, c.err) || c.err == "" && errs != "" {
			t.Errorf("%v: status %d\n%s%s", c.args, status, out, errs)
		}
	}
}

func TestPolicyCheckForPrograms(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p.toml")
	src := strings.Replace(smallPolicy, `user = "ops"`, "about = \"日本\"\nuser = \"ops\"\nshare_uid = true # opsctl: allow share-uid: 承認\u200d済み", 1)
	if err := os.WriteFile(name, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	status, out, errs := opsctl("policy", "check", "--json", name, "no-such.toml")
	var answer struct{ Policies []lint.JSON }
	if err := json.Unmarshal([]byte(out), &answer); err != nil || status != 125 || !strings.Contains(errs, "no-such.toml") {
		t.Fatalf("status %d, %v\n%s%s", status, err, out, errs)
	}
	if len(answer.Policies) != 1 || answer.Policies[0].File != name || !answer.Policies[0].Loads || answer.Policies[0].Findings[0].Rule == "" {
		t.Errorf("%+v", answer)
	}
	allowed := 0
	for _, f := range answer.Policies[0].Findings {
		if f.Level == "allowed" && f.Rule == "share-uid" && f.Allowed == "承認\u200d済み" {
			allowed++
		}
	}
	if allowed != 1 || strings.Contains(out, "\u200d") {
		t.Errorf("%d allowed\n%s", allowed, out)
	}
	status, out, _ = opsctl("policy", "check", "--sarif", name, "no-such.toml")
	var log lint.SARIF
	if err := json.Unmarshal([]byte(out), &log); err != nil || status != 125 || log.Version != "2.1.0" || len(log.Runs[0].Results) != len(answer.Policies[0].Findings) || log.Runs[0].Invocations[0].Successful {
		t.Errorf("status %d, %v\n%s", status, err, out)
	}
}

// TestC9JSONUnread: a file that can't be read isn't left out of what programs get.
func TestC9JSONUnread(t *testing.T) {
	status, out, errs := opsctl("policy", "check", "--json", "no\x1b[2J-such.toml")
	var answer struct {
		Policies []lint.JSON
		Unread   []string
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || status != 125 || answer.Policies == nil || len(answer.Unread) != 1 ||
		!strings.Contains(answer.Unread[0], "cannot read the policy") || plain(out+errs) != out+errs {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	if _, out, _ = opsctl("policy", "check", "--json", policyFile(t, smallPolicy)); strings.Contains(out, "unread") {
		t.Error(out)
	}
}

// TestPolicyCheckIsPlain: a policy that a terminal would obey is shown as text.
func TestPolicyCheckIsPlain(t *testing.T) {
	name := policyFile(t, "version = 1\n# \x1b[2J\x07\nab\u202e = \"\u200b\"\n")
	for _, form := range []string{"--strict", "--json", "--sarif"} {
		status, out, errs := opsctl("policy", "check", form, name)
		if text := out + errs; status != 1 || plain(text) != text {
			t.Errorf("%s: status %d, %q", form, status, text)
		}
	}
}
