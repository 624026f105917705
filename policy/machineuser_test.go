//go:build linux

package policy

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// What opsh -t says of a tool's user is what the kernel says when a process of that identity tries.
func TestCheckMachineReach(t *testing.T) {
	chmod := func(name string, mode os.FileMode) func(*testing.T, string) {
		return func(t *testing.T, dir string) { must(t, os.Chmod(dir+name, mode)) }
	}
	both := func(do ...func(*testing.T, string)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, f := range do {
				f(t, dir)
			}
		}
	}
	group := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { must(t, os.Chown(dir+name, 0, 1)) }
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string)
		want string // behind "cannot run t: "
	}{
		{"all", nil, ""},
		{"program below root's", chmod("/opt", 0o700), "the user daemon may not execute DIR/opt/bin/t: it lies below DIR/opt (mode 0700)"},
		{"searchable but not readable", chmod("/opt", 0o711), ""},
		{"program not executable", chmod("/opt/bin/t", 0o744), "the user daemon may not execute DIR/opt/bin/t (mode 0744)"},
		{"executable but not readable", chmod("/opt/bin/t", 0o711), ""},
		{"by its group", both(chmod("/opt", 0o710), group("/opt")), ""},
		{"not by its group", both(chmod("/opt", 0o701), group("/opt")), "the user daemon may not execute DIR/opt/bin/t: it lies below DIR/opt (mode 0701)"},
		{"dir not to be entered", chmod("/work/in", 0o700), "its dir: the user daemon may not enter DIR/work/in (mode 0700)"},
		{"dir below root's", chmod("/work", 0o700), "its dir: the user daemon may not enter DIR/work/in: it lies below DIR/work (mode 0700)"},
		{"dir of a user of the same name", func(t *testing.T, dir string) {
			must(t, os.Chown(dir+"/work/in", 1, 0))
			must(t, os.Chmod(dir+"/work/in", 0o700))
		}, "its dir: the user daemon may not enter DIR/work/in (mode 0700)"}, // the uid is the session's
		{"script", func(t *testing.T, dir string) {
			writeScript(t, dir+"/opt/bin/t", "#!/usr/bin/true\n")
		}, ""},
		{"script not readable", func(t *testing.T, dir string) {
			writeScript(t, dir+"/opt/bin/t", "#!/usr/bin/true\n")
			must(t, os.Chmod(dir+"/opt/bin/t", 0o711))
		}, "the user daemon may not read DIR/opt/bin/t (mode 0711)"},
		{"interpreter below root's", func(t *testing.T, dir string) {
			writeProgram(t, dir+"/home/ruby")
			writeScript(t, dir+"/opt/bin/t", "#!"+dir+"/home/ruby\n")
			must(t, os.Chmod(dir+"/home", 0o700))
		}, "the user daemon may not execute DIR/home/ruby: it lies below DIR/home (mode 0700)"},
		{"link below root's to a script", func(t *testing.T, dir string) {
			writeScript(t, dir+"/scripts/s", "#!/usr/bin/true\n")
			must(t, os.Remove(dir+"/opt/bin/t"))
			must(t, os.Symlink("../../scripts/s", dir+"/opt/bin/t"))
			must(t, os.Chmod(dir+"/opt", 0o700))
		}, "the user daemon may not read DIR/opt/bin/t: it lies below DIR/opt (mode 0700)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := rootDir(t)
			must(t, os.Chmod(dir, 0o755))
			writeProgram(t, dir+"/opt/bin/t")
			must(t, os.MkdirAll(dir+"/work/in", 0o755))
			if c.make != nil {
				c.make(t, dir)
			}
			p := load(t, dir, head+"[tool.t]\npath = \"DIR/opt/bin/t\"\nuser = \"daemon\"\ndir = \"DIR/work/in\"\nallow = [\"t\"]\n")
			errs, want := p.CheckMachine(), ""
			if c.want != "" {
				want = "policy.toml:3:1: cannot run t: " + strings.ReplaceAll(c.want, "DIR", dir)
			}
			if got := errors.Join(errs...); want == "" && got != nil || want != "" && (got == nil || got.Error() != want) {
				t.Errorf("got  %v\nwant %s", got, want)
			}
			g := mustBind(t, p, "t", seat())
			cmd := &exec.Cmd{Path: g.Program().Path, Args: g.Argv(), Env: g.Env(), Dir: g.Dir()}
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: testUID, Gid: 1}}
			err := cmd.Run()
			if strings.Contains(want, "may not read") {
				// It is the interpreter that can't: this one doesn't try.
				cmd = exec.Command("/usr/bin/cat", g.Argv()[1])
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: testUID, Gid: 1}}
				err = cmd.Run()
			}
			if (err == nil) != (want == "") {
				t.Errorf("the kernel says %v", err)
			}
		})
	}
}

// An access list may permit what the mode bits don't show.
func TestMayLeavesAccessListsAlone(t *testing.T) {
	dir := rootDir(t)
	must(t, os.Chmod(dir, 0o700))
	a, tool := account{uid: 1, gid: 1}, &Tool{User: "daemon"}
	if err := a.reach(tool, dir, "enter", mayExecute); err == nil {
		t.Error("mode 0700 is open to daemon")
	}
	// Version 2: owner rwx, user 61999 --x, group ---, mask --x, others ---.
	list := []byte{2, 0, 0, 0,
		1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 1, 0, 0x2f, 0xf2, 0, 0, 4, 0, 0, 0, 255, 255, 255, 255,
		16, 0, 1, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255}
	must(t, unix.Setxattr(dir, "system.posix_acl_access", list, 0))
	if err := a.reach(tool, dir, "enter", mayExecute); err != nil {
		t.Error(err)
	}
}

// The reasons that a list of programs, or share_uid, gives opsh -t.
func TestCheckMachineListAndUID(t *testing.T) {
	dir := rootDir(t)
	must(t, os.Chmod(dir, 0o755))
	must(t, os.Chmod(writeProgram(t, dir+"/helper"), 0o700))
	p := load(t, dir, "version = 1\naudit.when_down = \"spool\"\n[session]\nuids = \"1-9\"\n[tool.t]\npath = \"/usr/bin/sleep\"\nuser = \"daemon\"\nshare_uid = true\n"+
		"exec = [\"DIR/helper\"]\nallow = [\"t\"]\n")
	const shared = "cannot run t: the user daemon has uid 1, which session.uids keeps for sessions: share_uid needs another"
	want := "policy.toml:5:1: " + shared + "\npolicy.toml:5:1: cannot run t: exec lists " + dir + "/helper: the user daemon may not execute " + dir + "/helper (mode 0700)"
	if got := errors.Join(p.CheckMachine()...); got == nil || got.Error() != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
	if g, err := p.Bind(decide(t, p, "t"), seat()); g != nil || err == nil || err.Error() != shared {
		t.Errorf("%v", err)
	}
}
