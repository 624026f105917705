//go:build linux

package policy

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestCheckMachineFinds(t *testing.T) {
	dir := designTree(t)
	if errs := load(t, dir, designPolicy).CheckMachine(); len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	writeFile(t, dir+"/file", "")
	must(t, os.Chmod(writeProgram(t, dir+"/bin/private"), 0o700))
	must(t, os.Chmod(writeScript(t, dir+"/bin/unread", "#!/usr/bin/sleep\n"), 0o711))
	must(t, os.MkdirAll(dir+"/shared", 0o755))
	must(t, os.Chmod(dir+"/shared", 0o775))
	p := load(t, dir, head+`[tool.b]
path = "DIR/no"
user = "nosuchuser"
dir = "DIR/file"
exec = ["/usr/bin/sleep", "DIR/helper", "DIR/no"]
allow = ["b FILE", "b OTHER OTHER"]
where.FILE = { path = "DIR/none" }
where.OTHER = { path = "DIR/shared" }
[tool.a]
path = "DIR/bin/private"
user = "daemon"
allow = ["a"]
[tool.c]
path = "DIR/bin/unread"
user = "daemon"
allow = ["c"]
`)
	must(t, os.Symlink("/bin/bash", dir+"/helper"))
	want := `policy.toml:3:1: cannot run b: DIR/no: no such file or directory
policy.toml:3:1: cannot run b: there is no user nosuchuser in /etc/passwd
policy.toml:3:1: cannot run b: its dir DIR/file is not a directory
policy.toml:3:1: cannot run b: exec lists DIR/helper, which leads to /usr/bin/bash: bash does what any program does
policy.toml:3:1: cannot run b: exec lists DIR/no: DIR/no: no such file or directory
policy.toml:9:7: cannot run b: where.FILE: DIR/none: no such file or directory
policy.toml:10:7: cannot run b: where.OTHER: DIR/shared can be written by its group or by others (mode 0775)
policy.toml:11:1: cannot run a: the user daemon may not execute DIR/bin/private (mode 0700)
policy.toml:15:1: cannot run c: the user daemon may not read DIR/bin/unread (mode 0711)`
	var got []string
	for _, err := range p.CheckMachine() {
		got = append(got, err.Error())
	}
	equal(t, "problems", got, strings.Split(strings.ReplaceAll(want, "DIR", dir), "\n"))
}

func TestListFiles(t *testing.T) {
	dir := rootDir(t)
	ops := dir + "/ops/"
	for _, name := range []string{"b.sql", "a/z.sql", "a/b/c.sql", "a.sql", "a-b.sql", "c.txt", ".sql", "-x.sql", "日本.sql", "x\x1b[2J.sql", "x\xff.sql", "theirs.sql", "shared/x.sql", ".git/x.sql"} {
		writeFile(t, ops+name, "")
	}
	must(t, os.Chown(ops+"theirs.sql", 1000, 0))
	must(t, os.Chmod(ops+"shared", 0o777))
	must(t, unix.Mkfifo(ops+"pipe.sql", 0o644))
	writeFile(t, dir+"/outside.sql", "")
	for from, to := range map[string]string{"l.sql": "a/z.sql", "out.sql": "../outside.sql", "none.sql": "no", "loop": ".", "dir.sql": "a", "txt.sql": "c.txt"} {
		must(t, os.Symlink(to, ops+from))
	}
	w := &Where{Name: "FILE", Kind: WherePath, Dir: dir + "/ops", Ext: ".sql"}
	all := []string{".git/x.sql", "a-b.sql", "a.sql", "a/b/c.sql", "a/z.sql", "b.sql", "l.sql", "日本.sql"}
	equal(t, "files", ListFiles(w, 100), all)
	equal(t, "files", ListFiles(w, 3), all[:3])
	equal(t, "files", ListFiles(w, 0), nil)
	equal(t, "files", ListFiles(nil, 5), nil)
	equal(t, "files", ListFiles(anyWord(), 5), nil)
	equal(t, "files", ListFiles(&Where{Kind: WherePath, Dir: dir + "/no"}, 5), nil)
	equal(t, "files", ListFiles(&Where{Kind: WherePath, Dir: dir + "/ops/b.sql"}, 5), nil)

	// What is listed may be named.
	writeProgram(t, dir+"/t")
	p := load(t, dir, head+"[tool.t]\npath = \"DIR/t\"\nuser = \"daemon\"\nallow = [\"t FILE\"]\nwhere.FILE = { path = \"DIR/ops\", ext = \".sql\" }\n")
	for _, name := range all {
		mustBind(t, p, "t "+name, seat())
	}
}

// Help and Tab stay quick whatever lies there.
func TestListFilesBounded(t *testing.T) {
	dir := rootDir(t)
	deep := dir + strings.Repeat("/d", maxDepth+5)
	writeFile(t, deep+"/x", "")
	for i := range 50 {
		writeFile(t, fmt.Sprintf("%s/f%02d", dir, i), "")
	}
	w := &Where{Kind: WherePath, Dir: dir}
	if got := ListFiles(w, 1000); len(got) != 50 || got[0] != "f00" || got[49] != "f49" {
		t.Errorf("%q", got)
	}
}

func TestEnvSecret(t *testing.T) {
	dir := rootDir(t)
	file := func(name, text string, mode os.FileMode, uid int) string {
		writeFile(t, dir+name, text)
		must(t, os.Chmod(dir+name, mode))
		must(t, os.Chown(dir+name, uid, 0))
		return "file:" + dir + name
	}
	file("/real", "linked-secret", 0o400, 0)
	must(t, os.Symlink("real", dir+"/link"))
	must(t, os.MkdirAll(dir+"/open", 0o755))
	must(t, os.Chmod(dir+"/open", 0o777))
	for _, c := range []struct{ from, want, why string }{
		{"env:A", "value=with=signs", ""},
		{"env:EMPTY", "", ""},
		{"env:TWICE", "first", ""},
		{"env:B", "", "the variable B is not set"},
		{"env:", "", "the variable  is not set"},
		{file("/one", "12345678\n", 0o400, 0), "12345678", ""},
		{file("/none", "12345678", 0o600, 0), "12345678", ""},
		{file("/two", "12345678\n\n", 0o400, 0), "12345678\n", ""},
		{"file:" + dir + "/link", "linked-secret", ""},
		{file("/group", "12345678", 0o440, 0), "", "DIR/group can be read by its group or by others (mode 0440)"},
		{file("/others", "12345678", 0o404, 0), "", "DIR/others can be read by its group or by others (mode 0404)"},
		{file("/theirs", "12345678", 0o400, 1000), "", "DIR/theirs belongs to uid 1000, not to root"},
		{file("/open/x", "12345678", 0o400, 0), "", "DIR/open can be written by its group or by others (mode 0777)"},
		{file("/large", strings.Repeat("x", maxSecret+1), 0o400, 0), "", "DIR/large has more than 65536 bytes"},
		{"file:" + dir + "/no", "", "DIR/no: no such file or directory"},
		{"file:" + dir, "", "DIR is a directory, not a file"},
		{"secretsmanager:prod/db", "", "only env: and file: are read here"},
		{"ssm:db", "", "only env: and file: are read here"},
		{"", "", "only env: and file: are read here"},
	} {
		v, err := EnvSecret([]string{"AA=x", "A=value=with=signs", "EMPTY=", "TWICE=first", "TWICE=second"})(Secret{Name: "db", From: c.from})
		why := strings.ReplaceAll(c.why, "DIR", dir)
		if v != c.want || (err == nil) != (why == "") || err != nil && err.Error() != "cannot fetch the secret db: "+why {
			t.Errorf("%s: %q, %v", c.from, v, err)
		}
	}
}
