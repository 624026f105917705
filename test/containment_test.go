package test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"opsh/shell/audit"
	"opsh/test/fixture"
	"opsh/test/rig"
)

// anyShell is a policy whose tool is a shell, which tries whatever a test has it try. session and tool are TOML.
func anyShell(session, tool string) string {
	return `version = 1
[session]
guard = "off"
uids = "` + fixture.TrivialUIDs + `"
` + session + `
[audit]
when_down = "spool"
[tool.sh]
path = "/usr/bin/dash"
user = "` + fixture.User + `"
allow = ["sh -c SCRIPT"]
where.SCRIPT = "any"
` + tool
}

// shellSession runs a script by the tool of anyShell.
func shellSession(t *testing.T, session, tool, script string) *rig.Session {
	t.Helper()
	must(t, world.place.WritePolicy(anyShell(session, tool)))
	dir, err := os.MkdirTemp(world.place.Dir, "agent-")
	must(t, err)
	s, err := rig.Start(rig.Options{Worker: world.place.Worker, Program: world.place.Opsh, Dir: dir,
		Command: fmt.Sprintf(`opsh -c "sh -c '%s'"`, script), Env: append(fixture.Env(world.db), "CANARY=a secret canary")})
	must(t, err)
	t.Cleanup(s.Stop)
	return s
}

// events are a trail's, as "exec /usr/bin/ls ls -d /".
func events(t *testing.T, id string) (all []string) {
	t.Helper()
	for _, r := range trail(t, id) {
		if r.Event == audit.Exec || r.Event == audit.Denied {
			all = append(all, strings.Join(append([]string{string(r.Event), r.Call, r.Path}, r.Argv...), " "))
		}
	}
	return all
}

// TestEvents: what a tool tries to start is a line and a record, under each kind of exec.
func TestEvents(t *testing.T) {
	for _, test := range []struct {
		exec, script string
		status       int
		log          []string
		events       []string
	}{
		{`exec = "none"`, "echo before; /bin/ls -d /; echo $?", 0,
			[]string{`before\r*\n`, `opsh: #1 ` + stamp + ` denied exec /bin/ls by sh \[[0-9a-f]{8}\]\r*\n`, `Permission denied`, `126\r*\n`, `exit 0`},
			[]string{"denied exec /bin/ls /bin/ls -d /"}},
		{`exec = ["/usr/bin/ls"]`, "printf half; /usr/bin/ls -d /; /usr/bin/id", 126,
			[]string{`half\r*\nopsh: #1 ` + stamp + ` exec /usr/bin/ls by sh \[`, `\n/\r*\n`, `opsh: #1 ` + stamp + ` denied exec /usr/bin/id by sh \[`, `exit 126`},
			[]string{"exec exec /usr/bin/ls /usr/bin/ls -d /", "denied exec /usr/bin/id /usr/bin/id"}},
		{"exec = \"any\"\nunsafe_exec = true", "/bin/ls -d /", 0,
			[]string{`opsh: #1 ` + stamp + ` exec /usr/bin/ls by sh \[`, `\n/\r*\n`, `exit 0`},
			[]string{"exec exec /usr/bin/ls /bin/ls -d /"}},
		{"exec = \"none\"\nenv = { S = \"{secret.s}\" }\n[secret.s]\nfrom = \"env:CANARY\"", `exec /bin/echo "it is $S" "x$S"`, 126,
			[]string{`denied exec /bin/echo by sh`}, []string{"denied exec /bin/echo /bin/echo it is [secret s] x[secret s]"}},
	} {
		t.Run(test.exec, func(t *testing.T) {
			script := strings.ReplaceAll(test.script, `"`, `\"`)
			s := shellSession(t, "", test.exec, script)
			log := ended(t, s, test.status)
			has(t, log, test.log...)
			if got := events(t, s.ID); !slices.Equal(got, test.events) {
				t.Errorf("%q, want %q", got, test.events)
			}
			content, err := os.ReadFile(filepath.Join(world.place.State, "trail", s.ID+".jsonl"))
			must(t, err)
			if strings.Contains(string(content)+log, "a secret canary") {
				t.Errorf("the secret is in\n%s\n%s", content, log)
			}
		})
	}
}

// TestManyDenied: who tries without end gets one record for each of the first, and a count.
func TestManyDenied(t *testing.T) {
	s := shellSession(t, "", "", "i=0; while [ $i -lt 300 ]; do /bin/x 2>&-; i=$((i+1)); done; exit 0")
	has(t, ended(t, s, 0), `denied exec /bin/x by sh`, `exit 0`, `  denied 300 calls; the first 200 have a record each`)
	if got := events(t, s.ID); len(got) != 200 {
		t.Errorf("%d records", len(got))
	}
	if r := trail(t, s.ID); r[len(r)-2].Denials != 300 {
		t.Errorf("%+v", r[len(r)-2])
	}
}

// TestEscapeFromMysql is what every restricted shell fell to: the client's own way to a shell.
func TestEscapeFromMysql(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, "mysql app_production")
	for range 2 {
		expect(t, s, `MariaDB \[app_production\]> `)
		typed(t, s, "\\! id\r")
		expect(t, s, `opsh: #1 `+stamp+` denied exec /bin/sh by mysql \[[0-9a-f]{8}\]\r*\n`)
	}
	expect(t, s, `MariaDB \[app_production\]> `)
	typed(t, s, "select 6*7;\r")
	expect(t, s, `42[^\r]*\r[\s\S]*MariaDB \[app_production\]> `) // before it reads again, a Ctrl-D is nobody's
	typed(t, s, "\x04")
	expect(t, s, `prod> `)
	typed(t, s, "\x04")
	ended(t, s, 0)
	// The C library decides about blanks and "--".
	want := regexp.MustCompile(`^denied exec /bin/sh sh -c (-- )? *id$`)
	if got := events(t, s.ID); len(got) != 2 || !want.MatchString(got[0]) || !want.MatchString(got[1]) {
		t.Errorf("%q", got)
	}
}

// TestKernelIsRecorded: the first record says what holds the tools.
func TestKernelIsRecorded(t *testing.T) {
	s := shellSession(t, "", "", "exit 0")
	ended(t, s, 0)
	if k := trail(t, s.ID)[0].Kernel; !strings.HasPrefix(k, "Linux ") || !strings.Contains(k, "seccomp, ptrace, ") {
		t.Errorf("%q", k)
	}
}

// TestSharedUID: a tool doesn't run under the uid of somebody whose environment it could read.
func TestSharedUID(t *testing.T) {
	application := exec.Command("sleep", "300")
	application.Env = []string{"PRODUCTION=secret"}
	application.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	must(t, application.Start())
	s := shellSession(t, "", "share_uid = true", "echo it ran")
	has(t, ended(t, s, 126), `refused sh -c`, fmt.Sprintf(`process %d runs under its uid\s+65534`, application.Process.Pid), `user\s+of\s+its\s+own`)
	must(t, application.Process.Kill())
	application.Wait() //nolint:errcheck // it was killed
	s = shellSession(t, "", "share_uid = true", "echo it ran")
	has(t, ended(t, s, 0), `it ran`)

	must(t, world.place.WritePolicy(anyShell("", "share_uid = true")))
	out, status := direct(t, nil, "-t")
	if status != 0 || !strings.Contains(out, "opsh: warning: policy.toml:") || !strings.Contains(out, "share_uid") {
		t.Errorf("-t: %d %s", status, out)
	}
}

// TestOutputLimit: a tool that prints without end is ended.
func TestOutputLimit(t *testing.T) {
	s := shellSession(t, "", `limits = { output = "10kB" }`, "while :; do echo 0123456789; done")
	log := ended(t, s, 124)
	has(t, log, `exit 124 timeout`, `printed more than its limits.output`)
	if n := strings.Count(log, "0123456789"); n > 10_000/11+1 || n < 10_000/13 {
		t.Errorf("%d lines", n)
	}
}

// TestWithoutRoot: opsh that isn't root runs nothing, unless the policy is content with what that gives away; then it says so.
func TestWithoutRoot(t *testing.T) {
	const uid = 61998
	dir := filepath.Join(world.place.Dir, "own")
	must(t, os.Mkdir(dir, 0o755))
	place, err := fixture.Install(dir)
	must(t, err)
	must(t, os.Mkdir(place.State, 0o700))
	must(t, os.Chown(place.State, uid, uid))
	as := func(argv ...string) (string, int) {
		cmd := exec.CommandContext(t.Context(), place.Opsh, argv...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		return output(t, cmd)
	}
	const origin = "origin = \"any\"\n"
	must(t, place.WritePolicy(anyShell(origin, "")))
	if out, status := as("-c", "sh -c 'echo it ran'"); status != 126 || strings.Contains(out, "it ran\n") || !strings.Contains(out, "root") {
		t.Errorf("%d %s", status, out)
	}
	for _, mode := range []string{`exec = "none"`, `exec = ["/usr/bin/ls"]`} {
		must(t, place.WritePolicy(anyShell(origin+"same_user = true\n", mode)))
		out, status := as("-c", "sh -c 'echo it ran as $(:) ; /bin/cat /etc/hostname; exit 3'")
		if status != 3 || !strings.Contains(out, "it ran") || !strings.Contains(out, "denied exec /bin/cat by sh") {
			t.Errorf("%s: %d %s", mode, status, out)
		}
	}
	if out, status := as("-T"); status != 0 || !strings.Contains(out, "same_user = true") {
		t.Errorf("-T: %d %s", status, out)
	}
	var begin struct{ UID int }
	trails, err := filepath.Glob(filepath.Join(place.State, "trail", "*.jsonl"))
	if err != nil || len(trails) != 2 {
		t.Fatalf("%v %v", trails, err)
	}
	content, err := os.ReadFile(trails[0])
	must(t, err)
	first, _, _ := strings.Cut(string(content), "\n")
	if must(t, json.Unmarshal([]byte(first), &begin)); begin.UID != uid {
		t.Errorf("%s", first)
	}
}
