//go:build linux

package policy

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pathPolicy has one tool that takes a file, as a word and behind <.
const pathPolicy = head + `
[tool.t]
path  = "DIR/bin/t"
user  = "daemon"
allow = ["t FILE", "t < FILE"]
where.FILE = { path = "DIR/app/ops", ext = ".sql" }
`

func pathTree(t *testing.T) (dir string, p *Policy) {
	t.Helper()
	dir = rootDir(t)
	must(t, os.Chmod(dir, 0o755))
	writeProgram(t, dir+"/bin/t")
	writeFile(t, dir+"/app/ops/good.sql", "good")
	writeFile(t, dir+"/app/secret.sql", "outside")
	return dir, load(t, dir, pathPolicy)
}

func TestBindPaths(t *testing.T) {
	const ops = "/app/ops/"
	link := func(from, to string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { must(t, os.Symlink(strings.ReplaceAll(to, "DIR", dir), dir+ops+from)) }
	}
	file := func(name string, mode os.FileMode, uid int) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			writeFile(t, dir+ops+name, "text")
			must(t, os.Chmod(dir+ops+name, mode))
			must(t, os.Chown(dir+ops+name, uid, 0))
		}
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string)
		word string
		file string // what is named, below ops
		why  string // or the refusal
	}{
		{"relative", nil, "good.sql", "good.sql", ""},
		{"absolute", nil, "DIR/app/ops/good.sql", "good.sql", ""},
		{"dots and slashes", nil, ".//./good.sql", "good.sql", ""},
		{"absolute with dots and slashes", nil, "DIR/app/./ops///good.sql", "good.sql", ""},
		{"in a directory", file("a/b/c.sql", 0o644, 0), "a/b/c.sql", "a/b/c.sql", ""},
		{"readable by root alone", file("c.sql", 0o400, 0), "c.sql", "c.sql", ""},
		{"empty", func(t *testing.T, dir string) { writeFile(t, dir+ops+"c.sql", "") }, "c.sql", "c.sql", ""},
		{"name with blanks and newline", file("a b\nc.sql", 0o644, 0), "'a b\nc.sql'", "a b\nc.sql", ""},
		{"link inside", link("l.sql", "good.sql"), "l.sql", "good.sql", ""},
		{"absolute link inside", link("l.sql", "DIR/app/ops/good.sql"), "l.sql", "good.sql", ""},
		{"link out and in again", link("l.sql", "../../app/ops/good.sql"), "l.sql", "good.sql", ""},
		{"link to a directory", func(t *testing.T, dir string) {
			file("a/c.sql", 0o644, 0)(t, dir)
			link("l", "a")(t, dir)
		}, "l/c.sql", "a/c.sql", ""},
		{"a hard link is the file itself", func(t *testing.T, dir string) { must(t, os.Link(dir+ops+"good.sql", dir+ops+"h.sql")) }, "h.sql", "h.sql", ""},

		{"missing", nil, "no.sql", "", "no such file below DIR/app/ops"},
		{"in a missing directory", nil, "no/no.sql", "", "no such file below DIR/app/ops"},
		{"below a file", nil, "good.sql/good.sql", "", "DIR/app/ops/good.sql is not a directory"},
		{"long name", nil, strings.Repeat("a", 300) + ".sql", "", "no such file below DIR/app/ops"},
		{"link outside", link("l.sql", "../secret.sql"), "l.sql", "", "leads outside DIR/app/ops"},
		{"absolute link outside", link("l.sql", "DIR/app/secret.sql"), "l.sql", "", "leads outside DIR/app/ops"},
		{"directory link outside", link("l", ".."), "l/secret.sql", "", "leads outside DIR/app/ops"},
		{"link to a neighbour whose name begins alike", func(t *testing.T, dir string) {
			writeFile(t, dir+"/app/ops2/c.sql", "x")
			link("l.sql", "../ops2/c.sql")(t, dir)
		}, "l.sql", "", "leads outside DIR/app/ops"},
		{"link through a directory of others", link("l.sql", "/tmp/x.sql"), "l.sql", "", "leads outside DIR/app/ops"},
		{"link to standard input", link("l.sql", "/proc/self/fd/0"), "l.sql", "", "leads outside DIR/app/ops"},
		{"link to nothing", link("l.sql", "no.sql"), "l.sql", "", "no such file below DIR/app/ops"},
		{"link to itself", link("l.sql", "l.sql"), "l.sql", "", "leads through too many links"},
		{"link to another ending", func(t *testing.T, dir string) {
			file("c.sh", 0o644, 0)(t, dir)
			link("l.sql", "c.sh")(t, dir)
		}, "l.sql", "", "leads to a file that doesn't end in .sql"},
		{"link to nothing but the ending", func(t *testing.T, dir string) {
			file("a/.sql", 0o644, 0)(t, dir)
			link("l.sql", "a/.sql")(t, dir)
		}, "l.sql", "", "leads to a file that doesn't end in .sql"},
		{"directory", func(t *testing.T, dir string) { must(t, os.Mkdir(dir+ops+"d.sql", 0o755)) }, "d.sql", "", "is a directory"},
		{"link to the directory itself", link("l.sql", "."), "l.sql", "", "leads outside DIR/app/ops"},
		{"pipe", func(t *testing.T, dir string) { must(t, unix.Mkfifo(dir+ops+"p.sql", 0o644)) }, "p.sql", "", "is not a regular file"},
		{"device", func(t *testing.T, dir string) {
			must(t, unix.Mknod(dir+ops+"n.sql", unix.S_IFCHR|0o644, int(unix.Mkdev(1, 3))))
		}, "n.sql", "", "is not a regular file"},
		{"socket", func(t *testing.T, dir string) {
			fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
			must(t, err)
			t.Cleanup(func() { _ = unix.Close(fd) })
			must(t, unix.Bind(fd, &unix.SockaddrUnix{Name: dir + ops + "s.sql"}))
		}, "s.sql", "", "is not a regular file"},
		{"of another user", file("c.sql", 0o644, 1000), "c.sql", "", "DIR/app/ops/c.sql belongs to uid 1000, not to root"},
		{"writable by the group", file("c.sql", 0o664, 0), "c.sql", "", "DIR/app/ops/c.sql can be written by its group or by others (mode 0664)"},
		{"writable by others", file("c.sql", 0o646, 0), "c.sql", "", "DIR/app/ops/c.sql can be written by its group or by others (mode 0646)"},
		{"hard link to another user's", func(t *testing.T, dir string) {
			file("../../mine.sql", 0o644, 1000)(t, dir)
			must(t, os.Link(dir+"/mine.sql", dir+ops+"h.sql"))
		}, "h.sql", "", "DIR/app/ops/h.sql belongs to uid 1000, not to root"},
		{"directory writable by the group", func(t *testing.T, dir string) {
			file("a/c.sql", 0o644, 0)(t, dir)
			must(t, os.Chmod(dir+ops+"a", 0o775))
		}, "a/c.sql", "", "DIR/app/ops/a can be written by its group or by others (mode 0775)"},
		{"sticky directory", func(t *testing.T, dir string) {
			file("a/c.sql", 0o644, 0)(t, dir)
			must(t, unix.Chmod(dir+ops+"a", 0o1777))
		}, "a/c.sql", "", "DIR/app/ops/a can be written by its group or by others (mode 1777)"},
		{"directory of another user", func(t *testing.T, dir string) {
			file("a/c.sql", 0o644, 0)(t, dir)
			must(t, os.Chown(dir+ops+"a", 1000, 0))
		}, "a/c.sql", "", "DIR/app/ops/a belongs to uid 1000, not to root"},
		{"inside again through somebody's directory", func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir+"/app/their", 0o777))
			must(t, os.Chown(dir+"/app/their", 1000, 0))
			must(t, os.Symlink("../ops/good.sql", dir+"/app/their/l.sql"))
			link("l.sql", "../their/l.sql")(t, dir)
		}, "l.sql", "", "leads outside DIR/app/ops"},
		{"2 GiB", func(t *testing.T, dir string) {
			writeFile(t, dir+ops+"c.sql", "")
			must(t, os.Truncate(dir+ops+"c.sql", 2<<30))
		}, "c.sql", "", "has more than 1073741824 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, p := pathTree(t)
			if c.make != nil {
				c.make(t, dir)
			}
			word := strings.ReplaceAll(c.word, "DIR", dir)
			for n, line := range []string{"t " + word, "t < " + word} {
				g, err := p.Bind(decide(t, p, line), seat())
				if c.why != "" {
					var r *Refusal
					want := strings.ReplaceAll(c.why, "DIR", dir)
					if !errors.As(err, &r) || r.Reason != want || r.Word != 1 || g != nil || r.Usage == "" {
						t.Errorf("%s: got %v, %+v\nwant %s", line, err, r, want)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				file := dir + ops + c.file
				text, err := os.ReadFile(file)
				must(t, err)
				equal(t, "hashes", g.Hashes(), []FileHash{{file, sum(string(text))}})
				if n == 0 {
					equal(t, "argv", g.Argv(), []string{dir + "/bin/t", file})
				} else if got, err := io.ReadAll(g.Stdin()); err != nil || string(got) != string(text) {
					t.Errorf("%v %q", err, got)
				}
				g.Close()
			}
		})
	}
}

// What Decide refuses by its letters, Bind's own walk refuses, too.
func TestFileBelowAlone(t *testing.T) {
	dir, p := pathTree(t)
	w := p.Tool("t").Where["FILE"]
	for _, word := range []string{"../secret.sql", "../ops/../secret.sql", dir + "/app/secret.sql", dir + "/app/ops/../secret.sql", "/etc/passwd", "", ".", "/", dir + "/app/ops", dir + "/app/ops/", "good.sql/"} {
		if f, err := fileBelow(w, word); err == nil {
			t.Errorf("%q is %s", word, f.path)
		}
	}
}

// The directory itself is the policy's, not the operator's: another word doesn't help.
func TestBindDirectoryOfFiles(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string)
		want string
	}{
		{"missing", func(t *testing.T, dir string) { must(t, os.RemoveAll(dir+"/app/ops")) }, "cannot run t: where.FILE: DIR/app/ops: no such file or directory"},
		{"a file", func(t *testing.T, dir string) {
			must(t, os.RemoveAll(dir+"/app/ops"))
			writeFile(t, dir+"/app/ops", "")
		}, "cannot run t: where.FILE: DIR/app/ops is not a directory"},
		{"writable by the group", func(t *testing.T, dir string) { must(t, os.Chmod(dir+"/app/ops", 0o775)) }, "cannot run t: where.FILE: DIR/app/ops can be written by its group or by others (mode 0775)"},
		{"below another user's", func(t *testing.T, dir string) { must(t, os.Chown(dir+"/app", 1000, 0)) }, "cannot run t: where.FILE: DIR/app belongs to uid 1000, not to root"},
	} {
		dir, p := pathTree(t)
		c.make(t, dir)
		_, err := p.Bind(decide(t, p, "t good.sql"), seat())
		if r := (*Refusal)(nil); err == nil || errors.As(err, &r) || err.Error() != strings.ReplaceAll(c.want, "DIR", dir) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// A release directory behind a link is fine, and the file's real name is what the tool gets.
	dir, p := pathTree(t)
	must(t, os.Rename(dir+"/app/ops", dir+"/app/release-7"))
	must(t, os.Symlink("release-7", dir+"/app/ops"))
	g := mustBind(t, p, "t "+dir+"/app/ops/good.sql", seat())
	equal(t, "argv", g.Argv(), []string{dir + "/bin/t", dir + "/app/release-7/good.sql"})
}

// A slip in a file's name is answered with the file that is there.
func TestBindSuggestsFile(t *testing.T) {
	dir, p := pathTree(t)
	writeFile(t, dir+"/app/ops/orders/unlock.sql", "")
	for line, want := range map[string]string{
		"t orders/unlok.sql":                      "t orders/unlock.sql",
		"t < goood.sql":                           "t < good.sql",
		"t " + dir + "/app/ops/orders/Unlock.sql": "t " + dir + "/app/ops/orders/unlock.sql",
		"t something.sql":                         "",
	} {
		_, err := p.Bind(decide(t, p, line), seat())
		r, got := (*Refusal)(nil), ""
		if !errors.As(err, &r) {
			t.Fatal(err)
		}
		if r.Try != nil {
			got = strings.Join(r.Try.Words, " ")
			if r.Try.Input != nil {
				got += " < " + *r.Try.Input
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// Links, directories and files change places while commands are bound, as fast as they can. Whatever is
// granted lies inside, and what was hashed is what the tool reads.
func TestBindRace(t *testing.T) {
	dir, p := pathTree(t)
	ops := dir + "/app/ops/"
	writeFile(t, ops+"in/f.sql", "good")
	writeFile(t, ops+"other.sql", "better")
	writeFile(t, dir+"/app/out/f.sql", "outside")
	flip := func(name string, to ...string) {
		for _, target := range to {
			_ = os.Remove(ops + name + ".new")
			if os.Symlink(target, ops+name+".new") == nil {
				_ = os.Rename(ops+name+".new", ops+name)
			}
		}
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	loop := func(do func()) {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					do()
				}
			}
		})
	}
	loop(func() { flip("l.sql", "good.sql", "../secret.sql") })
	loop(func() { flip("d", "in", "../out") })
	loop(func() {
		_ = os.Remove(ops + "swap.new")
		_ = os.Link(ops+"other.sql", ops+"swap.new")
		_ = os.Rename(ops+"swap.new", ops+"swap.sql")
		_ = unix.Mkfifo(ops+"swap.new", 0o644)
		_ = os.Rename(ops+"swap.new", ops+"swap.sql")
		_ = os.Symlink(dir+"/app/secret.sql", ops+"swap.new")
		_ = os.Rename(ops+"swap.new", ops+"swap.sql")
	})
	granted, refused := 0, 0
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
		for _, word := range []string{"l.sql", "d/f.sql", "swap.sql"} {
			for _, line := range []string{"t " + word, "t < " + word} {
				g, err := p.Bind(decide(t, p, line), seat())
				if r := (*Refusal)(nil); errors.As(err, &r) {
					refused++
					continue
				}
				if err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				granted++
				h := g.Hashes()[0]
				if !below(h.Path, filepath.Clean(ops)) || h.SHA256 != sum("good") && h.SHA256 != sum("better") {
					t.Fatalf("%s: %+v", line, h)
				}
				if in := g.Stdin(); in != nil {
					if text, err := io.ReadAll(in); err != nil || sum(string(text)) != h.SHA256 {
						t.Fatalf("%s: %q, %v", line, text, err)
					}
				} else if g.Argv()[1] != h.Path {
					t.Fatalf("%s: %q, %+v", line, g.Argv(), h)
				}
				g.Close()
			}
		}
	}
	close(stop)
	wg.Wait()
	t.Logf("%d granted, %d refused", granted, refused)
}
