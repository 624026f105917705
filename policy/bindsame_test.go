//go:build linux

package policy

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

const sameUserPolicy = "version = 1\naudit.when_down = \"spool\"\nsession.same_user = true\n[tool.t]\npath = \"/usr/bin/sleep\"\nuser = \"daemon\"\nallow = [\"t\"]\n" +
	"insert = [\"{file.f}\"]\nfile.f = \"{secret.db}\"\nfiles.write = [\"/tmp\"]\n"

const sameUserSecret = "[secret.db]\nfrom = \"env:DB_PASSWORD\"\n"

func TestBindSameUser(t *testing.T) {
	const plain = head + "[tool.t]\npath = \"/usr/bin/sleep\"\nuser = \"daemon\"\nallow = [\"t\"]\n"
	same := strings.Replace(plain, head, head+"session.same_user = true\n", 1)
	shared := func(p string) string { return p + "share_uid = true\n" }
	root := strings.Replace(same, "daemon", "root", 1) // refused by the loader, but as a number it may be named otherwise
	for _, c := range []struct {
		name, policy string
		seat         Seat
		want         Identity
		why          string
	}{
		{"with root", same, Seat{UID: testUID, GID: 7}, Identity{UID: testUID, GID: 1}, ""},
		{"without root", same, Seat{UID: testUID, GID: 7, SameUser: true}, Identity{UID: testUID, GID: 7}, ""},
		{"without root, share_uid", shared(same), Seat{UID: testUID, GID: 7, SameUser: true}, Identity{UID: testUID, GID: 7}, ""},
		{"with root, share_uid", shared(same), Seat{UID: testUID, GID: 7}, Identity{UID: 1, GID: 1}, ""},
		{"not permitted", plain, Seat{UID: testUID, GID: 7, SameUser: true}, Identity{}, "opsh isn't root, and the policy doesn't say same_user = true"},
		{"not permitted, share_uid", shared(plain), Seat{UID: testUID, GID: 7, SameUser: true}, Identity{}, "opsh isn't root, and the policy doesn't say same_user = true"},
		{"as root", same, Seat{GID: 7, SameUser: true}, Identity{}, "the session's uid is 0"},
		{"as -1", same, Seat{UID: noID, GID: 7, SameUser: true}, Identity{}, "the session's uid is 4294967295"},
		{"in root's group", same, Seat{UID: testUID, SameUser: true}, Identity{}, "the session's gid is 0"},
		{"in group -1", same, Seat{UID: testUID, GID: noID, SameUser: true}, Identity{}, "the session's gid is 4294967295"},
	} {
		p := load(t, "", c.policy)
		g, err := p.Bind(decide(t, p, "t"), c.seat)
		if c.why != "" {
			if g != nil || err == nil || err.Error() != "cannot run t: "+c.why {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if id := g.Identity(); id.UID != c.want.UID || id.GID != c.want.GID || len(id.Groups) != 0 {
			t.Errorf("%s: %+v", c.name, id)
		}
		g.Close()
	}
	if _, err := Parse("p", []byte(root), nil); err == nil {
		t.Error("a tool runs as root")
	}
}

// Bind does all of its work without root, too: the sealed files above all.
func TestBindWithoutRoot(t *testing.T) {
	const marker = "OPSH_TEST_WITHOUT_ROOT=yes"
	if uid := uint32(os.Getuid()); uid != 0 && os.Getenv("OPSH_TEST_WITHOUT_ROOT") == "yes" {
		p := load(t, "", sameUserPolicy+sameUserSecret)
		s := seat()
		s.UID, s.GID, s.SameUser = uid, uint32(os.Getgid()), true
		g := mustBind(t, p, "t", s)
		text, err := io.ReadAll(g.Files()[0].File)
		if err != nil || string(text) != `s3cret\pass"word` || len(g.Reads()) != 1 || len(g.Writes()) != 1 {
			t.Errorf("%v %q %v %v", err, text, g.Reads(), g.Writes())
		}
		if id := g.Identity(); id.UID != testUID || id.GID != testUID {
			t.Errorf("%+v", id)
		}
		return
	}
	dir := rootDir(t)
	must(t, os.Chmod(dir, 0o755))
	self, err := os.ReadFile("/proc/self/exe") // where it lies, only root may go
	must(t, err)
	must(t, os.WriteFile(dir+"/test", self, 0o755))
	cmd := exec.Command(dir+"/test", "-test.run=^TestBindWithoutRoot$", "-test.v")
	cmd.Dir = dir
	cmd.Env = []string{marker}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: testUID, Gid: testUID}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestBindWithoutRoot") {
		t.Errorf("%v\n%s", err, out)
	}
}
