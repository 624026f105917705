//go:build linux

package policy

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestShebang(t *testing.T) {
	for _, c := range []struct {
		head   string
		name   string
		search bool
		args   []string
		why    string
	}{
		{"#!/usr/bin/ruby\nx", "/usr/bin/ruby", false, nil, ""},
		{"#!/usr/bin/ruby", "/usr/bin/ruby", false, nil, ""},
		{"#! \t/usr/bin/ruby \t\nx", "/usr/bin/ruby", false, nil, ""},
		{"#!/usr/bin/ruby -W0 -x\n", "/usr/bin/ruby", false, []string{"-W0 -x"}, ""}, // one argument, as the kernel has it
		{"#!/usr/bin/ruby\t-W0\t \n", "/usr/bin/ruby", false, []string{"-W0"}, ""},
		{"#!/usr/bin/env ruby\n", "ruby", true, nil, ""},
		{"#!/bin/env  ruby3.1 \n", "ruby3.1", true, nil, ""},
		{"#!/usr/bin/env /opt/ruby/bin/ruby\n", "/opt/ruby/bin/ruby", false, nil, ""},
		{"#!/usr/local/bin/env ruby\n", "/usr/local/bin/env", false, []string{"ruby"}, ""},

		{"", "", false, nil, "is neither a program nor a script with a #! line"},
		{"echo x\n", "", false, nil, "is neither a program nor a script with a #! line"},
		{" #!/bin/sh\n", "", false, nil, "is neither a program nor a script with a #! line"},
		{"\ufeff#!/bin/sh\n", "", false, nil, "is neither a program nor a script with a #! line"},
		{"#!\n", "", false, nil, "has no absolute path in its #! line"},
		{"#!ruby\n", "", false, nil, "has no absolute path in its #! line"},
		{"#!bin/ruby\n", "", false, nil, "has no absolute path in its #! line"},
		{"#!/usr/bin/ruby\r\n", "", false, nil, "has the byte 0x0D in its #! line"},
		{"#!/usr/bin/ruby\x00\n", "", false, nil, "has the byte 0x00 in its #! line"},
		{"#!/usr/bin/env\n", "", false, nil, "names no interpreter behind env in its #! line"},
		{"#!/usr/bin/env -S ruby -W0\n", "", false, nil, "has more than one name behind env in its #! line; write the interpreter's path and one argument at most"},
		{"#!/usr/bin/env -i\n", "", false, nil, "has more than one name behind env"},
		{"#!/usr/bin/env ruby -W0\n", "", false, nil, "has more than one name behind env"},
		{"#!/usr/bin/env A=b\n", "", false, nil, "has more than one name behind env"},
		{"#!/usr/bin/env ../ruby\n", "", false, nil, "has more than one name behind env"},
		{"#!/" + strings.Repeat("a", headSize-3), "", false, nil, "has a #! line of more than 256 bytes"},
	} {
		l, err := shebang([]byte(c.head))
		if c.why != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.why) {
				t.Errorf("%q: %v", c.head, err)
			}
			continue
		}
		if err != nil || l.interpreter != c.name || l.search != c.search || strings.Join(l.args, "|") != strings.Join(c.args, "|") {
			t.Errorf("%q: %+v, %v", c.head, l, err)
		}
	}
}

// The tool, what it leads through and what interprets it: root's, all of it, or nothing runs.
func TestBindProgram(t *testing.T) {
	const sh = "#!DIR/bin/interpreter -x y\n"
	script := func(text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			writeScript(t, dir+"/app/tool", strings.ReplaceAll(text, "DIR", dir))
		}
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string)
		argv string // joined with |
		want string // or the error behind "cannot run t: "
	}{
		{"program", func(t *testing.T, dir string) { writeProgram(t, dir+"/app/tool") }, "DIR/app/tool", ""},
		{"link", func(t *testing.T, dir string) { must(t, os.Symlink("../bin/interpreter", dir+"/app/tool")) }, "DIR/app/tool", ""},
		{"script", script(sh), "DIR/bin/interpreter|-x y|DIR/app/tool", ""},
		{"link to a script", func(t *testing.T, dir string) {
			writeScript(t, dir+"/bin/script", strings.ReplaceAll(sh, "DIR", dir))
			must(t, os.Symlink(dir+"/bin/script", dir+"/app/tool"))
		}, "DIR/bin/interpreter|-x y|DIR/app/tool", ""},
		{"env", script("#!/usr/bin/env sleep\n"), "/usr/bin/sleep|DIR/app/tool", ""},

		{"missing", nil, "", "DIR/app/tool: no such file or directory"},
		{"link to nothing", func(t *testing.T, dir string) { must(t, os.Symlink("no", dir+"/app/tool")) }, "", "DIR/app/no: no such file or directory"},
		{"links in a circle", func(t *testing.T, dir string) { must(t, os.Symlink("tool", dir+"/app/tool")) }, "", "DIR/app/tool: too many levels of symbolic links"},
		{"directory", func(t *testing.T, dir string) { must(t, os.Mkdir(dir+"/app/tool", 0o755)) }, "", "DIR/app/tool is a directory, not a file"},
		{"pipe", func(t *testing.T, dir string) { must(t, unix.Mkfifo(dir+"/app/tool", 0o755)) }, "", "DIR/app/tool is not a regular file"},
		{"not executable", func(t *testing.T, dir string) { must(t, os.Chmod(writeProgram(t, dir+"/app/tool"), 0o644)) }, "", "DIR/app/tool is not executable (mode 0644)"},
		{"of another user", func(t *testing.T, dir string) { must(t, os.Chown(writeProgram(t, dir+"/app/tool"), 1000, 0)) }, "", "DIR/app/tool belongs to uid 1000, not to root"},
		{"writable by the group", func(t *testing.T, dir string) { must(t, os.Chmod(writeProgram(t, dir+"/app/tool"), 0o775)) }, "", "DIR/app/tool can be written by its group or by others (mode 0775)"},
		{"directory writable by the group", func(t *testing.T, dir string) {
			writeProgram(t, dir+"/app/tool")
			must(t, os.Chmod(dir+"/app", 0o775))
		}, "", "DIR/app can be written by its group or by others (mode 0775)"},
		{"link through somebody's directory", func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir+"/their", 0o755))
			must(t, os.Symlink("../bin/interpreter", dir+"/their/l"))
			must(t, os.Chown(dir+"/their", 1000, 0))
			must(t, os.Symlink("../their/l", dir+"/app/tool"))
		}, "", "DIR/their belongs to uid 1000, not to root"},
		{"text", script("echo x\n"), "", "DIR/app/tool is neither a program nor a script with a #! line"},
		{"empty", script(""), "", "DIR/app/tool is neither a program nor a script with a #! line"},
		{"interpreter missing", script("#!/no/ruby\n"), "", "DIR/app/tool: its interpreter: /no: no such file or directory"},
		{"interpreter behind env missing", script("#!/usr/bin/env no-such-ruby\n"), "", "DIR/app/tool: its interpreter: there is no no-such-ruby in " + toolPath},
		{"interpreter of another user", func(t *testing.T, dir string) {
			script(sh)(t, dir)
			must(t, os.Chown(dir+"/bin/interpreter", 1000, 0))
		}, "", "DIR/app/tool: its interpreter: DIR/bin/interpreter belongs to uid 1000, not to root"},
		{"interpreter not executable", func(t *testing.T, dir string) {
			script(sh)(t, dir)
			must(t, os.Chmod(dir+"/bin/interpreter", 0o600))
		}, "", "DIR/app/tool: its interpreter: DIR/bin/interpreter is not executable (mode 0600)"},
		{"interpreter that is a script", func(t *testing.T, dir string) {
			script("#!DIR/bin/script\n")(t, dir)
			writeScript(t, dir+"/bin/script", "#!/bin/sh\n")
		}, "", "DIR/app/tool: its interpreter DIR/bin/script is no program but a script, too"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := rootDir(t)
			writeProgram(t, dir+"/bin/interpreter")
			must(t, os.Mkdir(dir+"/app", 0o755))
			if c.make != nil {
				c.make(t, dir)
			}
			p := load(t, dir, head+"[tool.t]\npath = \"DIR/app/tool\"\nuser = \"daemon\"\nallow = [\"t\"]\n")
			g, err := p.Bind(decide(t, p, "t"), seat())
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "argv", g.Argv(), strings.Split(strings.ReplaceAll(c.argv, "DIR", dir), "|"))
				g.Close()
				return
			}
			want := "cannot run t: " + strings.ReplaceAll(c.want, "DIR", dir)
			if r := (*Refusal)(nil); g != nil || err == nil || errors.As(err, &r) || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// No shell gets into a list by another name.
func TestBindExecList(t *testing.T) {
	const same = ", which is the same file as "
	real := func(name string) string {
		t.Helper()
		at, err := filepath.EvalSymlinks(name)
		must(t, err)
		return at
	}
	loader := map[string]string{"amd64": "/lib64/ld-linux-x86-64.so.2", "arm64": "/lib/ld-linux-aarch64.so.1"}[runtime.GOARCH]
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string)
		want string // behind "cannot run t: exec lists DIR/list"
	}{
		{"program", func(t *testing.T, dir string) { writeProgram(t, dir+"/list") }, ""},
		{"link", func(t *testing.T, dir string) { must(t, os.Symlink("/usr/bin/sleep", dir+"/list")) }, ""},
		{"link to sh", func(t *testing.T, dir string) { must(t, os.Symlink("/bin/sh", dir+"/list")) }, ", which leads to /usr/bin/dash: dash does what any program does"},
		{"link to env", func(t *testing.T, dir string) { must(t, os.Symlink("/usr/bin/env", dir+"/list")) }, ", which leads to /usr/bin/env: env does what any program does"},
		{"link to the loader", func(t *testing.T, dir string) {
			must(t, os.Symlink(loader, dir+"/list"))
		}, ", which leads to " + real(loader) + ": the dynamic loader runs any file it is given"},
		{"hard link to bash", func(t *testing.T, dir string) { linkOrBind(t, "/bin/bash", dir+"/list") }, same},
		{"hard link to the loader", func(t *testing.T, dir string) { linkOrBind(t, loader, dir+"/list") }, same},
		{"script", func(t *testing.T, dir string) { writeScript(t, dir+"/list", "#!/bin/sh\n") }, ", which is no program: list a script's interpreter instead"},
		{"missing", nil, ": DIR/list: no such file or directory"},
		{"writable by others", func(t *testing.T, dir string) { must(t, os.Chmod(writeProgram(t, dir+"/list"), 0o777)) }, ": DIR/list can be written by its group or by others (mode 0777)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := rootDir(t)
			if c.make != nil {
				c.make(t, dir)
			}
			p := load(t, dir, head+"[tool.t]\npath = \"/usr/bin/sleep\"\nuser = \"daemon\"\nallow = [\"t\"]\nexec = [\"/usr/bin/sleep\", \"DIR/list\"]\n")
			g, err := p.Bind(decide(t, p, "t"), seat())
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if f := g.ExecFiles(); len(f) != 2 || f[0] != g.Program() || f[1].Ino == 0 {
					t.Errorf("%+v", f)
				}
				g.Close()
				return
			}
			want := "cannot run t: exec lists " + strings.ReplaceAll("DIR/list"+c.want, "DIR", dir)
			if g != nil || err == nil || err.Error() != want && (c.want != same || !strings.HasPrefix(err.Error(), want)) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// linkOrBind gives a file a second name, by a bind mount where it lies on another file system.
func linkOrBind(t *testing.T, file, name string) {
	t.Helper()
	var st unix.Stat_t
	must(t, unix.Stat(file, &st))
	real, err := resolve(file, false)
	must(t, err)
	real.close()
	if os.Link(real.path, name) == nil {
		return
	}
	writeFile(t, name, "")
	must(t, unix.Mount(real.path, name, "", unix.MS_BIND, ""))
	t.Cleanup(func() { must(t, unix.Unmount(name, unix.MNT_DETACH)) })
}

func TestBindDir(t *testing.T) {
	dir := rootDir(t)
	writeFile(t, dir+"/file", "")
	for where, want := range map[string]string{
		"":      "",
		"/no":   "cannot run t: its dir DIR/no: no such file or directory",
		"/file": "cannot run t: its dir DIR/file is not a directory",
	} {
		p := load(t, dir, head+"[tool.t]\npath = \"/usr/bin/sleep\"\nuser = \"daemon\"\nallow = [\"t\"]\ndir = \"DIR"+where+"\"\n")
		g, err := p.Bind(decide(t, p, "t"), seat())
		if err == nil {
			g.Close()
		}
		if want = strings.ReplaceAll(want, "DIR", dir); want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v", where, err)
		}
	}
}
