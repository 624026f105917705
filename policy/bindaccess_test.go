//go:build linux

package policy

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func idOf(t *testing.T, name string) FileID {
	t.Helper()
	var st unix.Stat_t
	must(t, unix.Stat(name, &st))
	return FileID{Path: name, Dev: st.Dev, Ino: st.Ino}
}

// What is written and what every command needs, each once and without links.
func TestBindAccess(t *testing.T) {
	dir := designTree(t)
	must(t, os.MkdirAll(dir+"/var/theirs", 0o755))
	must(t, os.Chown(dir+"/var/theirs", testUID, testUID))
	must(t, os.Symlink("../var/theirs", dir+"/app/tmp"))
	must(t, unix.Mkfifo(dir+"/var/pipe", 0o666))
	p := load(t, dir, strings.Replace(designPolicy, `timeout = "1h"`, `timeout = "1h"
files  = { read = ["DIR/app", "/", "DIR/usr/bin/ruby", "DIR/var/pipe"], write = ["DIR/app/tmp", "/tmp", "DIR/var/theirs"] }
limits = { processes = 7 }`, 1))
	ids := func(names ...string) (all []FileID) {
		for _, name := range names {
			all = append(all, idOf(t, name))
		}
		return all
	}
	for range 2 { // and nothing of one command in the next
		g := mustBind(t, p, "rails runner fix/unlock.rb 1 2", seat())
		equal(t, "reads", g.Reads(), ids(dir+"/app", "/", dir+"/usr/bin/ruby3.1", dir+"/var/pipe", dir+"/app/bin/rails", dir+"/app/script/ops/fix/unlock.rb"))
		equal(t, "writes", g.Writes(), ids(dir+"/var/theirs", "/tmp"))
		if g.Limits().Processes != 7 || g.Limits().OpenFiles != 1024 {
			t.Errorf("%+v", g.Limits())
		}
	}
	g := mustBind(t, p, "mysql app_replica < report.sql", seat())
	if g.Reads() != nil || g.Writes() != nil {
		t.Errorf("files was left out: %v, %v", g.Reads(), g.Writes())
	}
	// The file behind < is a copy in memory: its name isn't needed.
	p = load(t, dir, strings.Replace(designPolicy, "where.SQL ", "files = {}\nwhere.SQL ", 1))
	g = mustBind(t, p, "mysql app_replica < report.sql", seat())
	equal(t, "reads", g.Reads(), ids(dir+"/usr/bin/mariadb"))
	if g.Writes() != nil {
		t.Errorf("%v", g.Writes())
	}
}

// Nobody but root chooses what a path of files leads to. Bind and opsh -t say the same.
func TestAccessRefused(t *testing.T) {
	mkdir := func(t *testing.T, name string, uid int, mode uint32) {
		must(t, os.MkdirAll(name, 0o755))
		must(t, os.Chown(name, uid, 0))
		must(t, unix.Chmod(name, mode))
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string)
		want string // behind "files.KEY: ", "" when it is taken
	}{
		{"missing", nil, "DIR/x: no such file or directory"},
		{"missing above", func(t *testing.T, dir string) { must(t, os.Symlink("no/y", dir+"/x")) }, "DIR/no: no such file or directory"},
		{"file", func(t *testing.T, dir string) { writeFile(t, dir+"/x", "") }, ""},
		{"the tool's own", func(t *testing.T, dir string) { mkdir(t, dir+"/x", testUID, 0o700) }, ""},
		{"everybody's", func(t *testing.T, dir string) { mkdir(t, dir+"/x", 0, 0o1777) }, ""},
		{"link", func(t *testing.T, dir string) {
			mkdir(t, dir+"/y", testUID, 0o777)
			must(t, os.Symlink("y", dir+"/x"))
		}, ""},
		{"link into everybody's", func(t *testing.T, dir string) {
			mkdir(t, dir+"/tmp", 0, 0o1777)
			mkdir(t, dir+"/tmp/y", testUID, 0o700)
			must(t, os.Symlink("tmp/y", dir+"/x"))
		}, "DIR/tmp can be written by its group or by others (mode 1777)"},
		{"link in everybody's", func(t *testing.T, dir string) {
			mkdir(t, dir+"/tmp", 0, 0o1777)
			must(t, os.Symlink("/etc", dir+"/tmp/y"))
			must(t, os.Symlink("tmp/y", dir+"/x"))
		}, "DIR/tmp can be written by its group or by others (mode 1777)"},
		{"below the tool's", func(t *testing.T, dir string) {
			mkdir(t, dir+"/own", testUID, 0o755)
			mkdir(t, dir+"/own/y", 0, 0o755)
			must(t, os.Symlink("own/y", dir+"/x"))
		}, "DIR/own belongs to uid 61999, not to root"},
		{"below the group's", func(t *testing.T, dir string) {
			mkdir(t, dir+"/own", 0, 0o775)
			mkdir(t, dir+"/own/y", 0, 0o755)
			must(t, os.Symlink("own/y", dir+"/x"))
		}, "DIR/own can be written by its group or by others (mode 0775)"},
		{"loop", func(t *testing.T, dir string) { must(t, os.Symlink("x", dir+"/x")) }, "DIR/x: too many levels of symbolic links"},
	} {
		for _, key := range []string{"read", "write"} {
			t.Run(c.name+"/"+key, func(t *testing.T) {
				dir := rootDir(t)
				must(t, os.Chmod(dir, 0o755))
				if c.make != nil {
					c.make(t, dir)
				}
				p := load(t, dir, head+"[tool.t]\npath = \"/usr/bin/sleep\"\nuser = \"daemon\"\nallow = [\"t\"]\nfiles = { "+key+" = [\"/etc\", \"DIR/x\"] }\n")
				g, err := p.Bind(decide(t, p, "t"), seat())
				machine := p.CheckMachine()
				if c.want == "" {
					if err != nil || len(machine) > 0 {
						t.Fatal(err, errors.Join(machine...))
					}
					defer g.Close()
					list := g.Writes()
					if key == "read" {
						list = g.Reads()
					}
					var st unix.Stat_t
					must(t, unix.Stat(dir+"/x", &st))
					if f := list[1]; f.Dev != st.Dev || f.Ino != st.Ino || strings.Contains(c.name, "link") != strings.HasSuffix(f.Path, "/y") {
						t.Errorf("%+v", list)
					}
					return
				}
				want := "cannot run t: files." + key + ": " + strings.ReplaceAll(c.want, "DIR", dir)
				if r := (*Refusal)(nil); g != nil || err == nil || errors.As(err, &r) || err.Error() != want {
					t.Errorf("got  %v\nwant %s", err, want)
				}
				column := map[string]string{"read": "27", "write": "28"}[key]
				if got := errors.Join(machine...); got == nil || got.Error() != "policy.toml:7:"+column+": "+want {
					t.Errorf("got  %v\nwant %s", got, want)
				}
			})
		}
	}
}

// The machine's own /tmp is a place to write; what lies in it may have been put there by anybody.
func TestAccessTmp(t *testing.T) {
	name, err := os.MkdirTemp("/tmp", "opsh-policy-test-")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(name) })
	for place, want := range map[string]string{"/tmp": "", name: "cannot run t: files.write: /tmp can be written by its group or by others (mode 1777)"} {
		p := load(t, "", head+"[tool.t]\npath = \"/usr/bin/sleep\"\nuser = \"daemon\"\nallow = [\"t\"]\nfiles.write = [\""+place+"\"]\n")
		g, err := p.Bind(decide(t, p, "t"), seat())
		if err == nil {
			equal(t, "writes", g.Writes(), []FileID{idOf(t, place)})
			g.Close()
		}
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v", place, err)
		}
	}
}
