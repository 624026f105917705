package deploy

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// runner is a runner's workspace: base/ with scripts and policy, change/ with the pull request's commit, and programs that stand for opsctl
// and gh.
type runner struct {
	t    *testing.T
	dir  string
	base string // commits
	head string
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	dir := t.TempDir()
	scripts, err := filepath.Abs(githubDir)
	must(t, err)
	for _, d := range []string{"base/.github", "bin", "temp"} {
		must(t, os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	must(t, os.Symlink(scripts, filepath.Join(dir, "base/.github/opsh")))
	r := &runner{t: t, dir: dir}
	r.write("base/policy.toml", "the policy\n")
	return r
}

func (r *runner) write(name, text string) {
	r.t.Helper()
	must(r.t, os.MkdirAll(filepath.Dir(filepath.Join(r.dir, name)), 0o755))
	must(r.t, os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o644))
}

// program puts a script on the PATH.
func (r *runner) program(name, text string) {
	r.t.Helper()
	must(r.t, os.WriteFile(filepath.Join(r.dir, "bin", name), []byte("#!/usr/bin/env bash\n"+text), 0o755))
}

func (r *runner) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	return string(text)
}

func (r *runner) git(words ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", filepath.Join(r.dir, "change"), "-c", "user.name=a", "-c", "user.email=a@example.com"}, words...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", words, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit makes the base branch, with a runbook that has run, and the pull request's commit, which change makes.
func (r *runner) commit(change func()) {
	r.t.Helper()
	must(r.t, os.Mkdir(filepath.Join(r.dir, "change"), 0o755))
	r.git("init", "--quiet", "--initial-branch=main")
	r.write("change/runbooks/old.opsh", "mysql -e 'SELECT 1'\n")
	r.git("add", "-A")
	r.git("commit", "--quiet", "-m", "base")
	r.base = r.git("rev-parse", "HEAD")
	change()
	r.git("add", "-A")
	r.git("commit", "--quiet", "--allow-empty", "-m", "change")
	r.head = r.git("rev-parse", "HEAD")
}

const reason = "example/ops#12 commit 0a1b2c"

func (r *runner) command(script string, environ ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command("bash", "-e", "-c", `exec base/"$SCRIPTS"/`+script)
	cmd.Dir = r.dir
	cmd.Env = append([]string{
		"PATH=" + r.dir + "/bin:" + os.Getenv("PATH"), "HOME=" + r.dir, "SCRIPTS=.github/opsh", "POLICY=policy.toml", "REASON=" + reason, "REPOSITORY=example/ops", "NUMBER=12",
		"HEAD_SHA=" + r.head, "BASE_SHA=" + r.base, "GITHUB_OUTPUT=" + r.dir + "/outputs", "GITHUB_PATH=" + r.dir + "/path", "RUNNER_TEMP=" + r.dir + "/temp", "WAIT=0.01", "TRIES=5",
	}, environ...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// run runs a script as its step does, and gives its status and what the step's log shows.
func (r *runner) run(script string, environ ...string) (int, string) {
	r.t.Helper()
	cmd, out := r.command(script, environ...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// quiet says that a step's log gives the runner no command but the pair that stops and resumes them.
func quiet(t *testing.T, log string) {
	t.Helper()
	end := ""
	for _, l := range strings.Split(log, "\n") {
		switch {
		case end != "":
			if l == end {
				end = ""
			}
		case strings.HasPrefix(l, "::stop-commands::"):
			end = "::" + strings.TrimPrefix(l, "::stop-commands::") + "::"
			if len(end) < 36 {
				t.Errorf("the word that ends it can be guessed: %q", l)
			}
		case strings.HasPrefix(l, "::"), strings.Contains(l, "##["):
			t.Errorf("the runner obeys %q", l)
		}
	}
	if end != "" {
		t.Error("the runner's commands stay off")
	}
	if strings.ContainsAny(log, "\x1b\r\x07") {
		t.Errorf("the log has control characters: %q", log)
	}
}

func TestFind(t *testing.T) {
	for _, r := range []struct {
		name   string
		change func(*runner)
		want   string // the output, or "refused"
	}{
		{"one added", func(r *runner) { r.write("change/runbooks/INC-4711.opsh", "x\n") }, "runbook=runbooks/INC-4711.opsh\n"},
		{"one added, and files elsewhere", func(r *runner) { r.write("change/runbooks/a.opsh", "x\n"); r.write("change/doc/b", "x") }, "runbook=runbooks/a.opsh\n"},
		{"none", func(r *runner) { r.write("change/doc/b", "x") }, "runbook=\n"},
		{"two added", func(r *runner) { r.write("change/runbooks/a.opsh", "x"); r.write("change/runbooks/b.opsh", "x") }, "refused"},
		{"one changed", func(r *runner) { r.write("change/runbooks/old.opsh", "x") }, "refused"},
		{"one added, one changed", func(r *runner) { r.write("change/runbooks/a.opsh", "x"); r.write("change/runbooks/old.opsh", "x") }, "refused"},
		{"one deleted", func(r *runner) { must(r.t, os.Remove(r.dir+"/change/runbooks/old.opsh")) }, "refused"},
		{"one renamed", func(r *runner) { r.git("mv", "runbooks/old.opsh", "runbooks/new.opsh") }, "refused"},
		{"another ending", func(r *runner) { r.write("change/runbooks/a.sh", "x") }, "refused"},
		{"below a directory", func(r *runner) { r.write("change/runbooks/d/a.opsh", "x") }, "refused"},
		{"an option's name", func(r *runner) { r.write("change/runbooks/-a.opsh", "x") }, "refused"},
		{"a command in the name", func(r *runner) { r.write("change/runbooks/$(id).opsh", "x") }, "refused"},
		{"a second output in the name", func(r *runner) { r.write("change/runbooks/a.opsh\nsha256=0.opsh", "x") }, "refused"},
		{"a command of the runner's in the name", func(r *runner) { r.write("change/runbooks/\n::add-mask::x.opsh", "x") }, "refused"},
	} {
		run := newRunner(t)
		run.commit(func() { r.change(run) })
		status, log := run.run("find.sh", "DIRECTORY=runbooks")
		quiet(t, log)
		got := run.read("outputs")
		if r.want == "refused" {
			if status == 0 || got != "" {
				t.Errorf("%s: status %d, outputs %q", r.name, status, got)
			}
		} else if status != 0 || got != r.want {
			t.Errorf("%s: status %d, outputs %q\n%s", r.name, status, got, log)
		}
	}
}

func TestTake(t *testing.T) {
	const at = "change/runbooks/a.opsh"
	sum := "SHA256=fa3856ac0fab6cd1f1bb16b9b1caf3f8ddae78fbb4a4dd51e11ca0e8c0ea8a05"
	for _, r := range []struct {
		name    string
		change  func(*runner)
		environ string
		want    string // the file's content; empty: refused
	}{
		{"plain", func(r *runner) { r.write(at, "mysql -e 'SELECT 1'\n") }, "", "mysql -e 'SELECT 1'\n"},
		{"Japanese, no end of line", func(r *runner) { r.write(at, "# 注文\n\tx") }, "", "# 注文\n\tx"},
		{"attributes that would change it", func(r *runner) { r.write(at, "a\nb\n"); r.write("change/.gitattributes", "* text eol=crlf ident\n") }, "", "a\nb\n"},
		{"changed in the working tree afterwards", func(r *runner) { r.write(at, "a\n") }, "tree", "a\n"},
		{"another one than was checked", func(r *runner) { r.write(at, "a\n") }, sum, ""},
		{"a link", func(r *runner) { must(r.t, os.Symlink("/etc/passwd", r.dir+"/"+at)) }, "", ""},
		{"a program", func(r *runner) { r.write(at, "a\n"); must(r.t, os.Chmod(r.dir+"/"+at, 0o755)) }, "", ""},
		{"a directory", func(r *runner) { r.write(at+"/b", "a\n") }, "", ""},
		{"not there", func(*runner) {}, "", ""},
		{"a carriage return", func(r *runner) { r.write(at, "# x\rmysql\n") }, "", ""},
		{"an escape sequence", func(r *runner) { r.write(at, "mysql \x1b[8mx\n") }, "", ""},
		{"a NUL", func(r *runner) { r.write(at, "mysql\x00\n") }, "", ""},
		{"too long", func(r *runner) { r.write(at, strings.Repeat("#", 1<<20+1)) }, "", ""},
	} {
		run := newRunner(t)
		run.commit(func() { r.change(run) })
		if r.environ == "tree" {
			run.write(at, "evil\n")
		}
		status, log := run.run("take.sh", "RUNBOOK=runbooks/a.opsh", r.environ)
		quiet(t, log)
		if r.want == "" {
			if status == 0 || run.read("outputs") != "" {
				t.Errorf("%s: status %d, outputs %q", r.name, status, run.read("outputs"))
			}
		} else if got := run.read("runbook"); status != 0 || got != r.want || !strings.HasPrefix(run.read("outputs"), "sha256=") {
			t.Errorf("%s: status %d, %q\n%s", r.name, status, got, log)
		}
	}
	// The right sum is taken.
	run := newRunner(t)
	run.commit(func() { run.write(at, "a\n") })
	run.run("take.sh", "RUNBOOK=runbooks/a.opsh")
	again := strings.ToUpper("sha256") + strings.TrimSpace(strings.TrimPrefix(run.read("outputs"), "sha256"))
	if status, log := run.run("take.sh", "RUNBOOK=runbooks/a.opsh", again); status != 0 {
		t.Errorf("%s: %s", again, log)
	}
}

func TestRun(t *testing.T) {
	for _, status := range []string{"0", "1", "3", "125", "126", "130", "254", "255"} {
		r := newRunner(t)
		r.write("runbook", "mysql\n")
		r.program("opsctl", `printf '%s\n' "$@" >args; cat >stdin; printf '::error::tool\n'; printf 'opsh: begin\r\n::set-output name=x::y\n\033[31m##[error]x\n' >&2; exit `+status)
		const url = "https://abc.lambda-url.ap-northeast-1.on.aws/"
		broker, option := "BROKER=", ""
		if status == "3" {
			broker, option = "BROKER="+url, "--broker\n"+url+"\n"
		}
		got, log := r.run("run.sh", "CLUSTER=prod-main", "SERVICE=ops", "CONTAINER=ops", broker)
		quiet(t, log)
		if want := r.read("result/status"); strings.TrimSpace(want) != status || status != strings.TrimSpace(itoa(got)) {
			t.Errorf("status %s becomes %d, and %q in the file", status, got, want)
		}
		if out := r.read("result/output.txt"); out != "::error::tool\n" {
			t.Errorf("output %q", out)
		}
		want := "run\n--ci\nnone\n--cluster\nprod-main\n--service\nops\n--container\nops\n" + option + "--reason\n" + reason + "\n-f\nrunbook\n"
		if args := r.read("args"); args != want || r.read("stdin") != "" {
			t.Errorf("opsctl gets %q", args)
		}
	}
}

// TestCancelled: a cancelled job's interrupt reaches opsctl, which still has the time to end the command and to say how.
func TestCancelled(t *testing.T) {
	r := newRunner(t)
	r.write("runbook", "mysql\n")
	r.program("opsctl", `trap 'echo ended >ended; exit 250' TERM
touch started
while :; do sleep 0.05; done`)
	cmd, out := r.command("run.sh", "CLUSTER=c", "SERVICE=s", "CONTAINER=o")
	must(t, cmd.Start())
	for end := time.Now().Add(10 * time.Second); r.missing("started"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("opsctl isn't started")
		}
	}
	must(t, cmd.Process.Signal(syscall.SIGINT))
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != 250 || r.read("ended") != "ended\n" || r.read("result/status") != "250\n" {
		t.Errorf("%v, ended %q, status %q\n%s", err, r.read("ended"), r.read("result/status"), out)
	}
}

func (r *runner) missing(name string) bool {
	_, err := os.Stat(filepath.Join(r.dir, name))
	return err != nil
}
