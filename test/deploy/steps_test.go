package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestCheck(t *testing.T) {
	// It allows what begins with "ok", can't decide on "broken", and would eat the rest of the runbook.
	const opsctl = `cat >/dev/null
printf '%s\n' "$*" >>asked
printf '\033[2J::add-mask::secret\n%s\n' "$4"
case $4 in ok*) exit 0;; broken*) exit 125;; esac
exit 1`
	for _, r := range []struct {
		name, runbook string
		status        int
		asked         []string
	}{
		{"allowed", "ok 1\nok 2\n", 0, []string{"ok 1", "ok 2"}},
		{"the last line without its end", "ok 1\nok 2", 0, []string{"ok 1", "ok 2"}},
		{"comments and blanks", "# x\n\n \t# y\n  \nok 1\n", 0, []string{"ok 1"}},
		{"a blank that isn't opsh's", "ok\n\u3000# rm\n", 1, []string{"ok", "\u3000# rm"}},
		{"one refused", "ok 1\nno\nok 2\n", 1, []string{"ok 1", "no", "ok 2"}},
		{"the last one refused, without its end", "ok 1\nno", 1, []string{"ok 1", "no"}},
		{"backslashes and blanks stay", "ok \\n  'x' \n", 0, []string{`ok \n  'x' `}},
		{"an option of opsctl's", "--help\n", 1, nil},
		{"the same behind blanks", "ok\n \t-h\n", 1, []string{"ok"}},
		{"a policy that doesn't load", "broken\nok\n", 125, []string{"broken"}},
		{"nothing to run", "# x\n", 1, nil},
		{"empty", "", 1, nil},
	} {
		run := newRunner(t)
		run.program("opsctl", opsctl)
		run.write("runbook", r.runbook)
		status, log := run.run("check.sh")
		quiet(t, log)
		want := ""
		for _, line := range r.asked {
			want += "policy explain base/policy.toml " + line + "\n"
		}
		if got := run.read("asked"); status != r.status || got != want {
			t.Errorf("%s: status %d, asked %q\n%s", r.name, status, got, log)
		}
	}
}

// TestCheckWithOpsctl: the same with opsctl itself and the example policy.
func TestCheckWithOpsctl(t *testing.T) {
	r := newRunner(t)
	cmd := exec.Command("go", "build", "-o", filepath.Join(r.dir, "bin/opsctl"), "opsh/cmd/opsctl")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		runbook string
		status  int
	}{
		{"# look\nmysql -t -e 'SELECT 1' app_production\n", 0},
		{"mysql -t -e 'SELECT 1' app_production\nmysql --pager=sh\n", 1},
		{"mysql -t -e 'SELECT 1' app_production; sh\n", 1},
		{"--help\n", 1},
	} {
		r.write("base/policy.toml", readFile(t, "../../policy.example.toml"))
		r.write("runbook", c.runbook)
		if status, log := r.run("check.sh"); status != c.status {
			t.Errorf("%q: status %d\n%s", c.runbook, status, log)
		}
	}
	r.write("base/policy.toml", "version = 7\n")
	r.write("runbook", "mysql\n")
	if status, log := r.run("check.sh"); status != 125 {
		t.Errorf("a bad policy: status %d\n%s", status, log)
	}
}

func verdict(session, why, state string) string {
	return `[{"trail": "x", "verdict": {"state": "` + state + `", "session": "` + session + `", "reason": "` + why + `", "last_hash": "` + strings.Repeat("7a", 32) + `"}}]`
}

func TestProve(t *testing.T) {
	const begin = "opsh: begin 2026-11-23T18:02:11.004Z 0a1b2c policy 1f0c77aa [9a4410d2]\r\n"
	const ours = "ecs-execute-command-0a1b2c"
	for _, r := range []struct {
		name, lines, opsctl string
		proved              bool
	}{
		{"whole", begin, `echo '` + verdict(ours, reason, "whole") + `'`, true},
		{"a tool says that another session began", begin + strings.ReplaceAll(begin, "0a1b2c", "999999"), `[[ $* == *` + ours + `* ]] && echo '` + verdict(ours, reason, "whole") + `'`, true},
		{"the end is late", begin, `echo x >>tries; (($(wc -l <tries) < 3)) && exit 3; echo '` + verdict(ours, reason, "whole") + `'`, true},
		{"not there at first", begin, `echo x >>tries; (($(wc -l <tries) < 3)) && exit 125; echo '` + verdict(ours, reason, "whole") + `'`, true},
		{"open for ever", begin, `echo '` + verdict(ours, reason, "open") + `'; exit 3`, false},
		{"broken", begin, `echo '` + verdict(ours, reason, "broken") + `'; exit 1`, false},
		{"says broken, status 0", begin, `echo '` + verdict(ours, reason, "broken") + `'`, false},
		{"another session's", begin, `echo '` + verdict("ecs-execute-command-9", reason, "whole") + `'`, false},
		{"another reason", begin, `echo '` + verdict(ours, "INC-1", "whole") + `'`, false},
		{"nothing", begin, `:`, false}, // jq 1.6 calls an empty input a success
		{"no trails", begin, `echo '[]'`, false},
		{"two answers", begin, `echo '` + verdict(ours, reason, "whole") + verdict(ours, reason, "whole") + `'`, false},
		{"a hash that isn't one", begin, `echo '` + strings.ReplaceAll(verdict(ours, reason, "whole"), "7a7a", "zz") + `'`, false},
		{"not JSON", begin, `echo whole`, false},
		{"no session", "opsctl: error: cannot open a session\n", `echo '` + verdict(ours, reason, "whole") + `'`, false},
		{"a name that isn't one", "opsh: begin now ../../x policy y\n", `echo '` + verdict(ours, reason, "whole") + `'`, false},
		{"words without a session", "opsh: begin now\n", `echo '` + verdict(ours, reason, "whole") + `'`, false},
	} {
		run := newRunner(t)
		run.program("opsctl", `printf '%s\n' "$*" >>asked; echo '::warning::x' >&2
`+r.opsctl)
		run.write("result/opsh.txt", r.lines)
		status, log := run.run("prove.sh", "LOG_GROUP=/ecs/prod-main/opsh")
		quiet(t, log)
		if (status == 0) != r.proved || (run.read("result/hash") != "") != r.proved {
			t.Errorf("%s: status %d, hash %q\n%s", r.name, status, run.read("result/hash"), log)
		}
		if asked, _, _ := strings.Cut(run.read("asked"), "\n"); r.proved && asked != "verify --json --policy base/policy.toml logs:/ecs/prod-main/opsh:"+ours {
			t.Errorf("%s: opsctl %s", r.name, asked)
		}
	}
}

const commit40 = "0123456789abcdef0123456789abcdef01234567"

// comment is what comment.sh writes about what lies in the workspace.
func (r *runner) comment(environ ...string) string {
	r.t.Helper()
	r.head = commit40
	r.program("gh", `printf '%s\n' "$*" >gh.args; cat comment.md >posted`)
	status, log := r.run("comment.sh", append([]string{"RUNBOOK=runbooks/a.opsh", "SHA256=" + strings.Repeat("0", 64), "RUN_URL=https://github.com/example/ops/actions/runs/1"}, environ...)...)
	quiet(r.t, log)
	if want := "pr comment 12 --repo example/ops --body-file comment.md\n"; status != 0 || r.read("gh.args") != want {
		r.t.Fatalf("status %d, gh %s\n%s", status, r.read("gh.args"), log)
	}
	return r.read("posted")
}

// outside is a comment without what stands in fences, by CommonMark's rule: a fence ends at a line of at least as many backticks.
func outside(comment string) string {
	var kept []string
	fence := ""
	for _, l := range strings.Split(comment, "\n") {
		ticks := l[:len(l)-len(strings.TrimLeft(l, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence == "":
			kept = append(kept, l)
		case strings.Trim(l, "` ") == "" && len(strings.TrimSpace(l)) >= len(fence):
			fence = ""
		}
	}
	return strings.Join(kept, "\n")
}

func TestComment(t *testing.T) {
	const evil = "```\n@everybody <img src=x> [click](http://evil.example)\n`````````\n# heading\n\x1b[31m\r\u202eevil\xff\n"
	r := newRunner(t)
	r.write("check/check.txt", "line 1\n")
	r.write("result/opsh.txt", "opsh: begin\r\n"+evil)
	r.write("result/output.txt", evil+strings.Repeat("x", 50000))
	r.write("result/status", "3\n")
	r.write("result/hash", strings.Repeat("7a", 32)+"\n")
	for _, show := range []string{"false", "true"} {
		got := r.comment("CHECKED=success", "SHOW_OUTPUT="+show)
		if strings.ContainsAny(got, "\x1b\r\u202e") || strings.Contains(got, "\xff") || len(got) > 65000 {
			t.Errorf("the comment of %d bytes has control characters, or is too long", len(got))
		}
		for _, bad := range []string{"@everybody", "<img", "evil", "# heading", "opsh: begin"} {
			if strings.Contains(outside(got), bad) {
				t.Errorf("%s is out of the fence:\n%s", bad, outside(got))
			}
		}
		for _, want := range []string{"ran.", "| exit status | `3` |", strings.Repeat("7a", 32), "| output, bytes | `5", "actions/runs/1"} {
			if !strings.Contains(outside(got), want) {
				t.Errorf("%s isn't there:\n%s", want, outside(got))
			}
		}
		if strings.Contains(got, "xxxx") != (show == "true") {
			t.Errorf("show-output %s is not heeded", show)
		}
	}

	// What the files hold counts only if it is what it should be.
	r.write("result/status", "0` | forged |\n")
	r.write("result/hash", "all is well\n")
	if got := r.comment("CHECKED=success"); strings.Count(got, "`not known`") != 2 || strings.Contains(got, "forged") {
		t.Error(got)
	}

	r = newRunner(t)
	r.write("check/check.txt", "line 1\n"+evil)
	if got := outside(r.comment("CHECKED=failure")); !strings.Contains(got, "refused by the check and did not run.") || strings.Contains(got, "@everybody") || strings.Contains(got, "exit status") {
		t.Error(got)
	}
	if got := r.comment("CHECKED=success"); !strings.Contains(got, " did not run.") {
		t.Error(got) // not approved, or no credentials
	}
}

func TestNewest(t *testing.T) {
	r := newRunner(t)
	r.head = commit40
	r.program("gh", `[[ $* == "api repos/example/ops/pulls/12 --jq .head.sha" ]] && echo "$NEWEST"`)
	for newest, want := range map[string]int{commit40: 0, strings.Repeat("f", 40): 1, "": 1} {
		if status, log := r.run("newest.sh", "NEWEST="+newest); status != want {
			t.Errorf("%q: status %d\n%s", newest, status, log)
		}
	}
}

func TestInstall(t *testing.T) {
	r := newRunner(t)
	r.write("download", "the program\n")
	sum := sha256.Sum256([]byte("the program\n"))
	for name, c := range map[string]struct {
		sum string
		ok  bool
	}{
		"the right one":    {hex.EncodeToString(sum[:]), true},
		"another one":      {strings.Repeat("0", 64), false},
		"no sum":           {"0", false},
		"a second sum":     {strings.Repeat("0", 64) + "\n" + hex.EncodeToString(sum[:]), false},
		"only its letters": {strings.ToUpper(hex.EncodeToString(sum[:])), false},
	} {
		must(t, os.RemoveAll(r.dir+"/path"))
		status, log := r.run("install.sh", "OPSCTL_URL=file://"+r.dir+"/download", "OPSCTL_SHA256="+c.sum)
		if (status == 0) != c.ok || (r.read("path") == r.dir+"/temp/opsctl\n") != c.ok {
			t.Errorf("%s: status %d, path %q\n%s", name, status, r.read("path"), log)
		}
	}
}
