// Package session drives the built opsctl against a stand-in for AWS that speaks the real protocol to AWS's own client library, and has
// the built opsh behind it, started as ECS Exec starts it.
package session

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"opsh/test/fixture"
	"opsh/test/standin"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

var world struct {
	place fixture.Place
	dir   string
}

func TestMain(m *testing.M) {
	status, err := inDir(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func inDir(m *testing.M) (status int, err error) {
	dir, remove, err := fixture.Dir("session")
	if err != nil {
		return 1, err
	}
	defer remove()
	world.dir = dir
	if world.place, err = fixture.Install(dir); err != nil {
		return 1, err
	}
	if err := world.place.Link("opsctl", "loopback=permitted"); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// policyText permits perl and cat. session is TOML for [session].
func policyText(session string) string {
	return `version = 1
[session]
guard = "off"
uids = "` + fixture.SessionUIDs + `"
` + session + `
[audit]
when_down = "spool"
[tool.perl]
path = "/usr/bin/perl"
user = "` + fixture.User + `"
allow = ["perl -e CODE [WORD...]"]
where.CODE = "any"
where.WORD = "any"
[tool.cat]
path = "/usr/bin/cat"
user = "` + fixture.User + `"
allow = ["cat FILE"]
where.FILE = "any"
`
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// service starts a stand-in under the usual policy.
func service(t testing.TB, with func(*standin.Options)) *standin.Service {
	t.Helper()
	must(t, world.place.WritePolicy(policyText("")))
	o := standin.Options{Worker: world.place.Worker, Program: world.place.Opsh, Dir: t.TempDir(), Fast: true, Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}}
	if with != nil {
		with(&o)
	}
	s := standin.Start(o)
	t.Cleanup(s.Stop)
	return s
}

// client is an opsctl that runs.
type client struct {
	t        testing.TB
	cmd      *exec.Cmd
	out, err fixture.Buffer
	done     chan error
}

// opsctl starts opsctl run in the stand-in's container. set may change how.
func opsctl(t testing.TB, s *standin.Service, set func(*exec.Cmd), args ...string) *client {
	t.Helper()
	words := append([]string{"run", "--cluster", standin.Cluster, "--task", standin.Task, "--container", standin.Container}, args...)
	c := &client{t: t, cmd: exec.Command(world.place.Opsctl, words...), done: make(chan error, 1)}
	c.cmd.Env = s.Environ(os.Environ())
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.err
	if set != nil {
		set(c.cmd)
	}
	must(t, c.cmd.Start())
	go func() { c.done <- c.cmd.Wait() }()
	t.Cleanup(func() { c.cmd.Process.Kill() }) //nolint:errcheck // it has ended
	return c
}

// ended waits for the end of opsctl, and holds it to its status.
func (c *client) ended(status int) {
	c.t.Helper()
	select {
	case err := <-c.done:
		var exited *exec.ExitError
		if err != nil && !errors.As(err, &exited) {
			c.t.Fatal(err)
		}
		if got := c.cmd.ProcessState.ExitCode(); got != status {
			c.t.Fatalf("status %d instead of %d\nout: %.2000q\nerr: %.4000s", got, status, c.out.String(), c.err.String())
		}
	case <-time.After(patience):
		c.t.Fatalf("opsctl goes on\nout: %.2000q\nerr: %.4000s", c.out.String(), c.err.String())
	}
}

// sees waits until standard output or standard error holds text.
func (c *client) sees(text string) {
	c.t.Helper()
	for give := time.Now().Add(patience); time.Now().Before(give); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(c.out.String(), text) || strings.Contains(c.err.String(), text) {
			return
		}
	}
	c.t.Fatalf("no %q\nout: %.2000q\nerr: %.4000s", text, c.out.String(), c.err.String())
}

func (c *client) says(texts ...string) {
	c.t.Helper()
	for _, text := range texts {
		if !strings.Contains(c.err.String(), text) {
			c.t.Errorf("standard error has no %q:\n%.4000s", text, c.err.String())
		}
	}
}

func (c *client) prints(text string) {
	c.t.Helper()
	if got := c.out.String(); got != text {
		c.t.Errorf("standard output is %.2000q instead of %.2000q\n%.3000s", got, text, c.err.String())
	}
}

// file makes a file that tools may read.
func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(world.dir, name)
	must(t, os.WriteFile(path, content, 0o644))
	return path
}
