//go:build linux

package policy

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// capsOf is struct vfs_cap_data in its second version.
func capsOf(flags, permitted, inheritable uint32) []byte {
	var b []byte
	for _, w := range []uint32{0x02000000 | flags, permitted, inheritable, 0, 0} {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// Bind refuses a program for its privileges exactly when the kernel would not execute it in containment;
// where it does execute it, it is without them.
func TestBindPrivilegedPrograms(t *testing.T) {
	const netRaw = 1 << 13
	for _, c := range []struct {
		name string
		caps []byte
		mode uint32
	}{
		{"plain", nil, 0o755},
		{"set-uid", nil, 0o4755},
		{"set-gid", nil, 0o2755},
		{"permitted", capsOf(0, netRaw, 0), 0o755},
		{"effective", capsOf(1, netRaw, 0), 0o755},
		{"inheritable", capsOf(1, 0, netRaw), 0o755},
		{"all", capsOf(1, netRaw, netRaw), 0o755},
	} {
		dir := rootDir(t)
		must(t, os.Chmod(dir, 0o755))
		text, err := os.ReadFile("/usr/bin/grep") // it tells its own privileges
		must(t, err)
		must(t, os.WriteFile(dir+"/t", text, 0o755))
		if c.caps != nil {
			must(t, unix.Setxattr(dir+"/t", "security.capability", c.caps, 0))
		}
		must(t, unix.Chmod(dir+"/t", c.mode))

		cmd := exec.Command("setpriv", "--reuid", strconv.Itoa(testUID), "--regid", "1", "--clear-groups",
			"--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", dir+"/t", "-E", "^(Uid|Gid|CapPrm|CapEff):", "/proc/self/status")
		cmd.Env = []string{"PATH=" + toolPath, "LANG=C.UTF-8"}
		out, kernel := cmd.CombinedOutput()
		none := fmt.Sprintf("Uid:%s\nGid:%s\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n",
			strings.Repeat("\t"+strconv.Itoa(testUID), 4), strings.Repeat("\t1", 4))
		if kernel == nil && string(out) != none {
			t.Errorf("%s: it runs with %s", c.name, out)
		}
		p := load(t, dir, head+"[tool.t]\npath = \"DIR/t\"\nuser = \"daemon\"\nallow = [\"t\"]\n")
		g, err := p.Bind(decide(t, p, "t"), seat())
		if (err == nil) != (kernel == nil) {
			t.Errorf("%s: Bind says %v, the kernel %v: %s", c.name, err, kernel, out)
		}
		if err == nil {
			g.Close()
		} else if want := "cannot run t: " + dir + "/t has file capabilities, which no tool gets"; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEffectiveCapabilities(t *testing.T) {
	first := capsOf(1, 1, 0)[:12]
	high := capsOf(1, 0, 0)
	high[12] = 1
	for i, c := range []struct {
		attr []byte
		want bool
	}{
		{nil, false}, {[]byte{1}, false}, {capsOf(1, 1, 0)[:4], false}, {capsOf(1, 0, 0), false}, {capsOf(0, 1, 0), false},
		{capsOf(1, 0, 1), false}, {capsOf(1, 1, 0), true}, {first, true}, {high, true}, {append(high, 0, 0, 0, 0), true},
	} {
		if got := effective(c.attr); got != c.want {
			t.Errorf("%d: %v", i, got)
		}
	}
}
