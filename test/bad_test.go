package test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"opsh/shell/audit"
	"opsh/test/fixture"
)

// trivial is a policy with one tool, for what needs no server. The %s are the tool's path and more of [session].
func trivial(path, session string) string {
	return `version = 1
[session]
origin = "any"
uids = "` + fixture.TrivialUIDs + `"
` + session + `
[audit]
when_down = "spool"
[tool.tool]
path = "` + path + `"
user = "` + fixture.User + `"
allow = ["tool [WORD...]"]
where.WORD = "any"
`
}

// direct runs opsh without a terminal.
func direct(t *testing.T, stdin *os.File, argv ...string) (out string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), world.place.Opsh, argv...)
	cmd.Stdin = stdin
	return output(t, cmd)
}

func output(t *testing.T, cmd *exec.Cmd) (string, int) {
	t.Helper()
	var b bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &b
	}
	cmd.Stderr = &b
	cmd.WaitDelay = patience
	err := cmd.Run()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return b.String(), cmd.ProcessState.ExitCode()
}

// TestBadPolicy: each ends in clear words and status 125, and nothing runs.
func TestBadPolicy(t *testing.T) {
	good := trivial("/usr/bin/touch", "")
	mark := filepath.Join(world.place.Dir, "mark")
	write := func(text string) func(*testing.T) {
		return func(t *testing.T) { must(t, os.WriteFile(world.place.Policy, []byte(text), 0o644)) }
	}
	for name, test := range map[string]struct {
		make func(*testing.T)
		want string
	}{
		"missing": {func(*testing.T) {}, "no such file"},
		"empty":   {write(""), "version"},
		"100 MB": {func(t *testing.T) {
			write("")(t)
			must(t, os.Truncate(world.place.Policy, 100<<20))
		}, "bytes"},
		"not UTF-8": {write(good + "# \xff\n"), "UTF-8"},
		"not TOML":  {write(good + "]["), "policy.toml:"},
		"group-writable": {func(t *testing.T) {
			write(good)(t)
			must(t, os.Chmod(world.place.Policy, 0o664))
		}, "writ"},
		"somebody else's": {func(t *testing.T) {
			write(good)(t)
			must(t, os.Chown(world.place.Policy, 64998, 0))
		}, "root"},
		"a directory": {func(t *testing.T) { must(t, os.Mkdir(world.place.Policy, 0o755)) }, "is a directory"},
		"a link": {func(t *testing.T) {
			other := world.place.Policy + ".other"
			must(t, os.WriteFile(other, []byte(good), 0o644))
			t.Cleanup(func() { os.Remove(other) })
			must(t, os.Symlink(other, world.place.Policy))
		}, "link"},
		"a FIFO":         {func(t *testing.T) { must(t, syscall.Mkfifo(world.place.Policy, 0o644)) }, "regular file"},
		"a failing test": {write(good + "[[test]]\nrun = \"tool x\"\nwant = \"refuse\"\n"), "test"},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, os.RemoveAll(world.place.Policy))
			t.Cleanup(func() { os.RemoveAll(world.place.Policy) })
			test.make(t)
			for _, argv := range [][]string{{"-c", "tool " + mark}, {"-t"}, {"-s"}, {}} {
				out, status := direct(t, nil, argv...)
				if status != 125 || !strings.Contains(out, test.want) || !strings.Contains(out, "opsh: error: ") {
					t.Errorf("%q: status %d, want 125 and %q:\n%s", argv, status, test.want, out)
				}
				if strings.Count(out, "\n") > 12 {
					t.Errorf("%q: too much is said:\n%s", argv, out)
				}
			}
			if _, err := os.Stat(mark); err == nil {
				t.Error("the tool ran")
			}
		})
	}
}

// TestBadTool: the policy is right and the machine isn't.
func TestBadTool(t *testing.T) {
	dir := filepath.Join(world.place.Dir, "tools")
	must(t, os.Mkdir(dir, 0o755))
	t.Cleanup(func() { os.RemoveAll(dir) })
	plain := filepath.Join(dir, "plain")
	must(t, os.WriteFile(plain, []byte("#!/bin/cat\n"), 0o644))
	loose := filepath.Join(dir, "loose")
	must(t, os.WriteFile(loose, []byte("#!/bin/cat\n"), 0o755))
	must(t, os.Chmod(loose, 0o777))
	for name, path := range map[string]string{"missing": dir + "/nothing", "not executable": plain, "a directory": dir, "anybody may write to it": loose} {
		t.Run(name, func(t *testing.T) {
			must(t, world.place.WritePolicy(trivial(path, "")))
			out, status := direct(t, nil, "-c", "tool x")
			if status != 125 || !strings.Contains(out, "refused tool x") || !strings.Contains(out, path) {
				t.Errorf("-c: status %d\n%s", status, out)
			}
			out, status = direct(t, nil, "-t")
			if status != 125 || !strings.Contains(out, path) {
				t.Errorf("-t: status %d\n%s", status, out)
			}
		})
	}
}

// TestStreams: closed ones, and no terminal.
func TestStreams(t *testing.T) {
	must(t, world.place.WritePolicy(trivial("/usr/bin/printf", "")))
	shell := func(line string) (string, int) {
		return output(t, exec.CommandContext(t.Context(), "sh", "-c", line, "sh", world.place.Opsh))
	}
	for _, test := range []struct {
		line   string
		status int
		want   string
	}{
		{`"$1" -c "tool ran" >&-`, 2, "standard output is closed"},
		{`"$1" -c "tool ran" <&-`, 0, "ran\nopsh: #1"},
		{`"$1" -c "tool ran" <&- 2>&-`, 0, "ran\nopsh: #1"},
		{`"$1" </dev/null`, 2, "not a terminal"},
		{`"$1" <&-`, 2, "not a terminal"},
		{`"$1" -s </dev/null`, 0, "opsh: end 0 exit"},
		{`"$1" -s <&-`, 0, "opsh: end 0 exit"},
		{`echo "tool piped" | "$1" -s`, 0, "piped\nopsh: #1"},
		{`echo input | "$1" -c "tool ran"`, 0, "ran\nopsh: #1"},
		{`"$1" -c`, 2, "opsh: error: "},
		{`"$1" -x`, 2, "opsh: hint: "},
		{`env -i "$1" -c "tool ran"`, 0, "ran\nopsh: #1"},
	} {
		out, status := shell(`set -- "$1"; ` + strings.ReplaceAll(test.line, `\`, `\\`))
		if status != test.status || !strings.Contains(out, test.want) {
			t.Errorf("%s: status %d, want %d and %q:\n%s", test.line, status, test.status, test.want, out)
		}
	}
	if _, status := shell(`"$1" -c "tool ran" >/dev/full`); status == 0 {
		t.Error("output that nobody gets ended with 0")
	}
}

// TestOddTerminals: no TERM, one column, no size.
func TestOddTerminals(t *testing.T) {
	must(t, world.place.WritePolicy(trivial("/usr/bin/echo", "")))
	for name, test := range map[string]struct {
		size pty.Winsize
		env  []string
	}{
		"TERM unset": {pty.Winsize{Cols: 80, Rows: 24}, nil},
		"TERM dumb":  {pty.Winsize{Cols: 80, Rows: 24}, []string{"TERM=dumb"}},
		"1x1":        {pty.Winsize{Cols: 1, Rows: 1}, []string{"TERM=xterm"}},
		"0x0":        {pty.Winsize{}, []string{"TERM=xterm"}},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), world.place.Opsh)
			cmd.Env = test.env
			c := openConsole(t, cmd, test.size)
			c.until("opsh: begin ")
			c.master.WriteString("tool 日本\r")
			c.until("opsh: #1 ")
			c.until(" exit 0 ")
			c.master.WriteString("\x04")
			c.until("opsh: end 0 exit ")
			cmd.Wait()
			if cmd.ProcessState.ExitCode() != 0 {
				t.Errorf("status %d", cmd.ProcessState.ExitCode())
			}
		})
	}
}

// TestHugeLine is refused unsplit, and its record is small.
func TestHugeLine(t *testing.T) {
	must(t, world.place.WritePolicy(trivial("/usr/bin/echo", "")))
	for name, text := range map[string]string{
		"too long": "tool " + strings.Repeat("漢", 30_000), "control bytes": "tool " + strings.Repeat("\x01", 60_000), "not UTF-8": "tool " + strings.Repeat("\xff", 60_000),
	} {
		out, status := direct(t, nil, "-c", text)
		m := regexp.MustCompile(`opsh: begin \S+ (\S+) `).FindStringSubmatch(out)
		if status != 126 || len(out) > 10_000 || m == nil {
			t.Fatalf("%s: status %d, %d bytes: %.300s", name, status, len(out), out)
		}
		refused := trail(t, "opsh-"+m[1])[1]
		if refused.Event != audit.Refused || refused.Raw == nil || refused.Raw.Length != len(text) || refused.Raw.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(text))) {
			t.Errorf("%s: %+v", name, refused)
		}
	}
	// Permitted, as long as a line may be, and of the characters that grow most on the way.
	word := strings.Repeat(`'\'`, 21_000)
	out, status := direct(t, nil, "-c", `tool "`+word[:60_000]+`"`)
	if status != 0 || !strings.Contains(out, "exit 0") {
		t.Errorf("status %d: %.300s", status, out)
	}
}

// TestOrigin: without ECS Exec around it, opsh says how it is opened.
func TestOrigin(t *testing.T) {
	must(t, world.place.WritePolicy(strings.Replace(trivial("/usr/bin/echo", ""), `origin = "any"`, "", 1)))
	out, status := direct(t, nil, "-c", "tool x")
	if status != 126 || !strings.Contains(out, "not started by ECS Exec") {
		t.Errorf("status %d\n%s", status, out)
	}
}

// TestNothingWidens: no variable and no argument turns anything off.
func TestNothingWidens(t *testing.T) {
	must(t, world.place.WritePolicy(trivial("/usr/bin/env", "")))
	cmd := exec.CommandContext(t.Context(), world.place.Opsh, "-c", "tool")
	cmd.Env = []string{"PATH=/tmp", "HOME=/tmp", "LD_PRELOAD=/tmp/x.so", "BASH_ENV=/tmp/x", "ENV=/tmp/x", "GODEBUG=x", "OPSH_POLICY=/tmp/p",
		"AWS_SECRET_ACCESS_KEY=secret", "SHELL=/tmp/x", "IFS=x", "TERM=\x1b[0m", "LANG=x"}
	out, status := output(t, cmd)
	if status != 0 {
		t.Fatalf("status %d\n%s", status, out)
	}
	var got []string
	for _, l := range strings.Split(out, "\n") {
		if l != "" && !strings.HasPrefix(l, "opsh: ") {
			got = append(got, l)
		}
	}
	want := "HOME=/nonexistent LANG=C.UTF-8 LOGNAME=nobody PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb USER=nobody"
	if strings.Join(got, " ") != want {
		t.Errorf("the tool's environment is %q", got)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
