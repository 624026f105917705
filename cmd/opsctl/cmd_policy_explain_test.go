package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const smallPolicy = `version = 1
[audit]
when_down = "spool"
[tool.t]
path = "/usr/bin/t"
user = "ops"
allow = ["t [-a] X", "t < SCRIPT"]
where.X = ["one", "two words"]
where.SCRIPT = { path = "/d" }
env = { TOKEN = "{secret.token}" }
[secret.token]
from = "env:TOKEN"
[[test]]
run = "t one"
want = "allow"
`

const failingTest = "[[test]]\nrun = \"t three\"\nwant = \"allow\"\n"

// policyFile writes a policy as it lies on a laptop: anybody's, writable by anybody.
func policyFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "p.toml")
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestPolicyExplain(t *testing.T) {
	good, failing := policyFile(t, smallPolicy), policyFile(t, smallPolicy+failingTest)
	broken := policyFile(t, "version = 1\n\x1b[31m = 2\n")
	for _, c := range []struct {
		args      []string
		status    int
		out, errs string // what stands in them
	}{
		{[]string{good, "t one"}, 0, "allowed by " + good + ":7:11\n", ""},
		{[]string{good, "--", "t", "two words"}, 0, "t 'two words'", ""},
		{[]string{good, "t < x"}, 0, "SCRIPT: /d/x exists", ""},
		{[]string{good, "--", "t", "<", "x"}, 1, "refused: word 2, '<'", ""},
		{[]string{good, "t two words"}, 1, "refused: word 2, two", ""},
		{[]string{good, "t one; ls"}, 1, "refused: column 6", ""},
		{[]string{good, "t \x1b[2J"}, 1, "t <U+001B>[2J", ""},
		{[]string{good, ""}, 1, "refused: a line names a command first", ""},
		{[]string{good, "--"}, 1, "refused: a line names a command first", ""},
		{[]string{good, "--", "-a"}, 1, "refused: word 1, -a", ""},
		{[]string{failing, "t one"}, 125, "allowed by ", "cannot load the policy in opsh: 1 test fails\nopsctl: hint: opsctl policy test "},
		{[]string{failing, "t three"}, 125, "refused: word 2", "1 test fails"},
		{[]string{broken, "t one"}, 125, "", "cannot"},
		{[]string{good + ".no", "t one"}, 125, "", "cannot read the policy "},
		{[]string{t.TempDir(), "t one"}, 125, "", "cannot read the policy "},
		{[]string{good}, 2, "", "a policy file and a line are needed\nopsctl: hint: usage: opsctl policy explain"},
		{[]string{}, 2, "", "are needed"},
		{[]string{"--", good, "t one"}, 2, "", "are needed"},
		{[]string{good, "t one", "--", "x"}, 2, "", "are needed"},
		{[]string{good, "t", "one"}, 2, "", "quote the line"},
		{[]string{"--yaml", good, "t one"}, 2, "", "yaml"},
		{[]string{"--help"}, 0, "usage: opsctl policy explain", ""},
	} {
		status, out, errs := opsctl(append([]string{"policy", "explain"}, c.args...)...)
		if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) || (c.out == "") != (out == "") || (c.errs == "") != (errs == "") {
			t.Errorf("%q: %d, want %d\n%s%s", c.args, status, c.status, out, errs)
		}
		if strings.Contains(out+errs, "\x1b") {
			t.Errorf("%q: prints an escape: %q", c.args, out+errs)
		}
	}
}

func TestPolicyExplainJSON(t *testing.T) {
	good := policyFile(t, smallPolicy)
	var a struct {
		Verdict, Rule, Reason, Try string
		Word                       int
		Words                      []struct{ Text string }
		Usage                      []struct {
			Fits bool
			Stop *struct{ Place, Part string }
		} `json:"usage_lines"`
		Run *struct {
			Argv, Secrets []string
			Set           []string `json:"env_set"`
			Later         []string `json:"not_checked"`
		}
	}
	status, out, errs := opsctl("policy", "explain", "--json", good, "t -a 'two words'")
	if err := json.Unmarshal([]byte(out), &a); err != nil || status != 0 || errs != "" {
		t.Fatal(status, out, errs, err)
	}
	if a.Verdict != "allow" || a.Rule != good+":7:11" || len(a.Words) != 3 || a.Words[2].Text != "two words" || len(a.Usage) != 2 || !a.Usage[0].Fits || a.Usage[1].Stop.Part != "< SCRIPT" {
		t.Errorf("%+v", a)
	}
	if !slices.Equal(a.Run.Argv, []string{"/usr/bin/t", "-a", "two words"}) || !slices.Equal(a.Run.Secrets, []string{"token"}) || !slices.Equal(a.Run.Set, []string{"TOKEN"}) || len(a.Run.Later) == 0 {
		t.Errorf("%+v", a.Run)
	}
	a.Run = nil
	status, out, _ = opsctl("policy", "explain", "--json", good, "t one -a")
	if err := json.Unmarshal([]byte(out), &a); err != nil || status != 1 {
		t.Fatal(status, out, err)
	}
	if a.Verdict != "refuse" || a.Word != 3 || a.Reason != "options stand before X" || a.Try != "t -a one" || a.Run != nil {
		t.Errorf("%+v", a)
	}
}

// JSON is shown in terminals, too.
func TestPolicyExplainJSONIsPlain(t *testing.T) {
	raw := "t \u202eone\u009b2J\U000e0041\x7f 日本"
	_, out, _ := opsctl("policy", "explain", "--json", policyFile(t, smallPolicy), raw)
	var a struct{ Line string }
	if err := json.Unmarshal([]byte(out), &a); err != nil || a.Line != raw || plain(out) != out || !strings.Contains(out, `t \u202eone\u009b2J\udb40\udc41\u007f 日本`) {
		t.Errorf("%v: %q in %q", err, a.Line, out)
	}
}

func TestPolicyTest(t *testing.T) {
	good, failing := policyFile(t, smallPolicy), policyFile(t, smallPolicy+failingTest+"[[test]]\nrun = \"t one\\u001b\"\nwant = \"refuse\"\n")
	none := policyFile(t, smallPolicy[:strings.Index(smallPolicy, "[[test]]")])
	for _, c := range []struct {
		args      []string
		status    int
		out, errs string
	}{
		{[]string{good}, 0, "1 test, all ok\ncoverage 33%: 3 of 9\n\nnot covered:\n  " + good + ":7:13: no test gives [-a] in: t [-a] X\n", ""},
		{[]string{good}, 0, "\n[[test]]\nrun  = \"t 'two words'\"\nwant = \"allow\"\n", ""},
		{[]string{"-v", good}, 0, "ok    " + good + ":14:7: t one\n      allowed by line 7: t [-a] X\n", ""},
		{[]string{good, "--coverage-min", "33"}, 0, "coverage 33%", ""},
		{[]string{good, "--coverage-min", "34"}, 1, "coverage 33%", "cannot pass: the tests cover 33% of the policy, at least 34% is wanted"},
		{[]string{failing}, 1, "FAIL  " + failing + ":17:7: t three\n      it wants allow, but the policy refuses word 2, \"three\": X is one of one, \"two words\"\n      usage: t [-a] X\n", ""},
		{[]string{failing}, 1, "3 tests: 2 ok, 1 FAIL", ""},
		{[]string{"-v", failing}, 1, "ok    " + failing + ":20:7: $'t one\\x1b'\n      refused: column 6: cannot take U+001B", ""},
		{[]string{none}, 0, "no tests: ", ""},
		{[]string{"-v", policyFile(t, smallPolicy+"[[test]]\nrun = \"t < /etc/passwd\"\nwant = \"refuse\"\n")}, 0, "refused: behind <, /etc/passwd: SCRIPT lies below /d", ""},
		{[]string{good + ".no"}, 125, "", "cannot read the policy"},
		{[]string{}, 2, "", "one policy file is needed"},
		{[]string{good, good}, 2, "", "one policy file is needed"},
		{[]string{"--coverage-min", "101", good}, 2, "", "percentage"},
		{[]string{"-h"}, 0, "usage: opsctl policy test", ""},
	} {
		status, out, errs := opsctl(append([]string{"policy", "test"}, c.args...)...)
		if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) || (c.out == "") != (out == "") || (c.errs == "") != (errs == "") {
			t.Errorf("%q: %d, want %d\n%s%s", c.args, status, c.status, out, errs)
		}
	}

	var a jsonTests
	status, out, _ := opsctl("policy", "test", "--json", failing)
	if err := json.Unmarshal([]byte(out), &a); err != nil || status != 1 {
		t.Fatal(status, out, err)
	}
	if a.Failed != 1 || len(a.Tests) != 3 || a.Tests[1].OK || a.Tests[1].Want != "allow" || a.Tests[1].Got != "refuse" || a.Coverage != 33 || len(a.Gaps) == 0 || a.Gaps[0].Run != "t -a one" {
		t.Errorf("%+v", a)
	}
}

// What policy test proposes can be pasted into the file as it is printed.
func TestPolicyTestPaste(t *testing.T) {
	text := smallPolicy
	for range 4 {
		status, out, _ := opsctl("policy", "test", "-v", policyFile(t, text))
		if status != 0 {
			t.Fatal(out)
		}
		_, tests, more := strings.Cut(out, "\n[[test]]")
		if !more {
			break
		}
		text += "[[test]]" + tests
	}
	if status, out, _ := opsctl("policy", "test", "--coverage-min", "100", policyFile(t, text)); status != 0 {
		t.Errorf("%d\n%s", status, out)
	}
}
