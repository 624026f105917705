//go:build linux

package policy

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A file.NAME and the copy behind <: root's text, the tool's to read, nobody's to change.
func TestBindSealed(t *testing.T) {
	dir := designTree(t)
	p := load(t, dir, designPolicy)
	g := mustBind(t, p, "mysql -e x", seat())
	in := mustBind(t, p, "mysql < report.sql", seat())
	for name, f := range map[string]*os.File{"file": g.Files()[0].File, "input": in.Stdin()} {
		var st unix.Stat_t
		must(t, unix.Fstat(int(f.Fd()), &st))
		if st.Uid != testUID || st.Mode != unix.S_IFREG|0o400 {
			t.Errorf("%s: uid %d, mode %o", name, st.Uid, st.Mode)
		}
		seals, err := unix.FcntlInt(f.Fd(), unix.F_GET_SEALS, 0)
		if want := unix.F_SEAL_SEAL | unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK; err != nil || seals&want != want {
			t.Errorf("%s: %v, seals %x", name, err, seals)
		}
		if flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0); err != nil || flags&unix.O_ACCMODE != unix.O_RDONLY {
			t.Errorf("%s: %v, flags %x", name, err, flags)
		}
		if flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFD, 0); err != nil || flags != unix.FD_CLOEXEC {
			t.Errorf("%s: %v, flags %x", name, err, flags)
		}
	}
	run := func(uid uint32, script string) (string, error) {
		cmd := exec.Command("/bin/sh", "-c", script)
		cmd.Env = []string{"PATH=/usr/bin:/bin"}
		cmd.ExtraFiles = append(make([]*os.File, 7), g.Files()[0].File) // descriptor 10
		cmd.Stdin = in.Stdin()
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: 1}}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	const content = "[client]\nhost=db\nuser=ops\npassword=\"s3cret\\\\pass\\\"word\"\n"
	for _, again := range []string{"first", "second"} {
		if out, err := run(testUID, "cat /dev/fd/10"); err != nil || out != content {
			t.Errorf("%s: %v %q", again, err, out)
		}
	}
	if out, err := run(testUID, "cat; cat /dev/stdin"); err != nil || out != "SELECT 1;\nSELECT 1;\n" {
		t.Errorf("%v %q", err, out)
	}
	for _, script := range []string{
		"echo x >>/dev/fd/10", "chmod 600 /dev/fd/10; echo x >>/dev/fd/10", "chmod 600 /dev/fd/10; : >/dev/fd/10", "echo x >&10",
		"chmod 600 /dev/fd/10; truncate -s 0 /dev/fd/10", "chmod 600 /dev/stdin; echo x >>/dev/stdin",
	} {
		if out, err := run(testUID, script); err == nil {
			t.Errorf("%s: %q", script, out)
		}
	}
	if out, err := run(testUID-1, "cat /dev/fd/10"); err == nil || strings.Contains(out, "client") {
		t.Errorf("another uid opens it: %v %q", err, out)
	}
	if out, err := run(testUID, "cat /dev/fd/10"); err != nil || out != content {
		t.Errorf("afterwards: %v %q", err, out)
	}
}

// A file may refer to another file, whichever is named first, and the environment to both.
func TestBindFileReferences(t *testing.T) {
	dir := designTree(t)
	p := load(t, dir, head+`
[tool.t]
path   = "DIR/usr/bin/mysql"
user   = "daemon"
insert = ["{file.b}{{x}", "{file.a}"]
allow  = ["t"]
env    = { A = "{file.a}:{secret.db}", LANG = "C", TERM = "vt100" }
file.a = "include {file.b}\n"
file.b = "see {file.a} {secret.db:quoted}\n"
[secret.db]
from = "env:DB_PASSWORD"
`)
	fetched := 0
	s := seat()
	s.Secret = func(Secret) (string, error) { fetched++; return "12345678", nil }
	g := mustBind(t, p, "t", s)
	equal(t, "argv", g.Argv()[1:], []string{"/dev/fd/11{x}", "/dev/fd/10"})
	equal(t, "env", g.Env(), []string{
		"A=/dev/fd/10:12345678", "HOME=/usr/sbin", "LANG=C", "LOGNAME=daemon", "PATH=" + toolPath, "TERM=vt100", "USER=daemon",
	})
	for i, want := range []string{"include /dev/fd/11\n", "see /dev/fd/10 \"12345678\"\n"} {
		f := g.Files()[i]
		if text, err := io.ReadAll(f.File); err != nil || string(text) != want || f.FD != 10+i {
			t.Errorf("%s: %v %q", strconv.Itoa(f.FD), err, text)
		}
	}
	if fetched != 1 {
		t.Errorf("fetched %d times", fetched)
	}
}

func TestBindTerm(t *testing.T) {
	dir := designTree(t)
	p := load(t, dir, designPolicy)
	for term, want := range map[string]string{
		"": "dumb", "xterm": "xterm", "screen.xterm-256color": "screen.xterm-256color", "../../tmp/x": "dumb", "a b": "dumb",
		"x\n": "dumb", "xterm\x00": "dumb", strings.Repeat("x", 64): strings.Repeat("x", 64), strings.Repeat("x", 65): "dumb",
	} {
		s := seat()
		s.Term = term
		g := mustBind(t, p, "mysql -e x", s)
		if env := strings.Join(g.Env(), "\n"); !strings.Contains(env, "\nTERM="+want+"\n") {
			t.Errorf("%q: %s", term, env)
		}
	}
}
