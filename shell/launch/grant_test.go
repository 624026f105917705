package launch

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"opsh/policy"
)

const grantUID = toolUID + 30

// grants is a policy for programs that every Debian has. Its script directory is filled in.
const grants = `
version = 1
audit.when_down = "spool"

[tool.cat]
path  = "/usr/bin/cat"
user  = "nobody"
allow = ["cat < FILE", "cat"]
where.FILE = { path = "DIR" }

[tool.sleep]
path  = "/usr/bin/sleep"
user  = "nobody"
allow = ["sleep SECONDS"]
where.SECONDS = { int = [0, 100] }
timeout = "1s"

[tool.sh-none]
path  = "/usr/bin/dash"
user  = "nobody"
allow = ["sh-none -c TEXT"]
where.TEXT = "any"
env.SECRET = "{file.one}"
file.one   = "the file's content\n"
insert     = ["-u"]
dir        = "/usr"
timeout    = "20s"

[tool.sh-list]
path  = "/usr/bin/dash"
user  = "nobody"
exec  = ["/usr/bin/sleep", "/usr/bin/setsid"]
allow = ["sh-list -c TEXT"]
where.TEXT = "any"
timeout    = "20s"

[tool.sh-shared]
path  = "/usr/bin/dash"
user  = "nobody"
share_uid = true
exec  = ["/usr/bin/sleep", "/usr/bin/setsid"]
allow = ["sh-shared -c TEXT"]
where.TEXT = "any"
timeout    = "20s"
`

// granted binds words to a Grant, as opsh does.
func granted(t *testing.T, uid uint32, text, input string, words ...string) *policy.Grant {
	t.Helper()
	p, err := policy.Parse("policy.toml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := policy.Command{Words: words}
	if input != "" {
		c.Input = &input
	}
	m, refusal := p.Decide(c)
	if refusal != nil {
		t.Fatal(refusal)
	}
	g, err := p.Bind(m, policy.Seat{UID: uid, Term: "xterm"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

func TestGrant(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/root", "launch") // nobody else may write above it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.WriteFile(filepath.Join(dir, "a.sql"), []byte("select 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(grants, "DIR", dir)
	for _, c := range []struct {
		name, input string
		words       []string
		want        Result
		out         string
	}{
		{"input", "a.sql", []string{"cat"}, Result{}, "select 1\n"},
		{"no input", "", []string{"cat"}, Result{}, ""},
		{"timeout", "", []string{"sleep", "30"}, Result{Exit: 143, Signal: syscall.SIGTERM, Limit: LimitTimeout}, ""},
		{"file, directory, environment", "", []string{"sh-none", "-c", `pwd; read -r x <$SECRET; echo "$x $TERM"`}, Result{}, "/usr\nthe file's content xterm\n"},
		{"status", "", []string{"sh-none", "-c", `exit 9`}, Result{Exit: 9}, ""},
		{"exec none", "", []string{"sh-none", "-c", `/usr/bin/sleep 0`}, Result{Exit: 126}, "*"},
		{"exec list", "", []string{"sh-list", "-c", `/usr/bin/sleep 0; echo $?; /usr/bin/id; exit 4`}, Result{Exit: 4}, "*"},
		{"signal under a supervisor", "", []string{"sh-list", "-c", `kill -SEGV $$`}, Result{Exit: 139, Signal: syscall.SIGSEGV}, ""},
		{"stop under a supervisor", "", []string{"sh-list", "-c", `kill -STOP $$; exit 3`}, Result{Exit: 3}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := newPaper()
			r, err := Run(context.Background(), Job{Grant: granted(t, grantUID, text, c.input, c.words...), Helper: rig.helper, Reaper: reaperUID, Out: out})
			if err != nil {
				t.Fatal(err)
			}
			if r.Exit != c.want.Exit || r.Signal != c.want.Signal || r.Limit != c.want.Limit || c.out != "*" && out.String() != c.out {
				t.Errorf("got %+v and %q", r, out)
			}
			nobodyLeft(t, grantUID)
		})
	}
}

// TestSupervised: a tool that may start some programs runs under opsh-exec's supervisor. Limits, hangups, keys and what is left
// behind are as with any other.
func TestSupervised(t *testing.T) {
	t.Parallel()
	const uid = grantUID + 1
	text := strings.ReplaceAll(grants, "DIR", "/root")
	for _, c := range []struct {
		name, tool, script string
		do                 func(*Job, *keyboard, *paper, context.CancelFunc)
		exit, left         int
		limit              string
	}{
		{name: "left behind", script: "/usr/bin/setsid /usr/bin/sleep 61 & echo ready; exit 0", left: 1},
		{name: "left behind, shared uid", tool: "sh-shared", script: "/usr/bin/setsid /usr/bin/sleep 61 & echo ready; exit 0", left: 1},
		{name: "Ctrl-C", script: "echo ready; /usr/bin/sleep 61", exit: 130,
			do: func(_ *Job, k *keyboard, _ *paper, _ context.CancelFunc) { k.typing("\x03") }},
		{name: "hangup", script: "echo ready; /usr/bin/sleep 61", exit: 129, limit: LimitLost,
			do: func(_ *Job, k *keyboard, _ *paper, _ context.CancelFunc) { k.hangUp() }},
		{name: "hangup ignored", script: "trap '' HUP TERM; echo ready; /usr/bin/sleep 61", exit: 137, limit: LimitLost,
			do: func(_ *Job, k *keyboard, _ *paper, _ context.CancelFunc) { k.hangUp() }},
		{name: "cancelled", script: "echo ready; /usr/bin/sleep 61", exit: 137,
			do: func(_ *Job, _ *keyboard, _ *paper, cancel context.CancelFunc) { cancel() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.tool == "" {
				c.tool = "sh-list"
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			keys, out := newKeyboard(), newPaper()
			j := Job{Grant: granted(t, uid, text, "", c.tool, "-c", c.script), Helper: rig.helper, Reaper: reaperUID, Keys: keys, Out: out}
			if c.do != nil {
				go func() {
					out.until(t, "ready")
					running(t, uid, "sleep", 1)
					c.do(&j, keys, out, cancel)
				}()
			}
			start := time.Now()
			r, err := Run(ctx, j)
			if err != nil || r.Exit != c.exit || r.Limit != c.limit || len(r.Left) < c.left || time.Since(start) > 15*time.Second {
				t.Errorf("got %+v and %q, %v", r, out, err)
			}
			if c.tool == "sh-list" {
				nobodyLeft(t, uid)
			}
		})
	}
}
