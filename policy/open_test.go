//go:build linux

package policy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// rootDir is a directory that only root can write to, as are those above it. t.TempDir won't do: /tmp
// isn't such a one, which is a case of its own.
func rootDir(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("run the tests as root: they change owners")
	}
	dir, err := os.MkdirTemp("/var/lib", "opsh-policy-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(name), 0o755))
	must(t, os.WriteFile(name, []byte(text), 0o644))
	return name
}

func TestOpen(t *testing.T) {
	const good = head + toolT
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string) string // returns the path to open
		want string                                // part of the error, "" when it opens
	}{
		{"good", func(t *testing.T, dir string) string { return writeFile(t, dir+"/policy.toml", good) }, ""},
		{"readable by root alone", func(t *testing.T, dir string) string {
			name := writeFile(t, dir+"/policy.toml", good)
			must(t, os.Chmod(name, 0o400))
			return name
		}, ""},
		{"missing", func(t *testing.T, dir string) string { return dir + "/policy.toml" }, "cannot open the policy DIR/policy.toml: no such file or directory"},
		{"directory missing", func(t *testing.T, dir string) string { return dir + "/etc/policy.toml" }, "cannot open the policy DIR/etc/policy.toml: DIR/etc: no such file or directory"},
		{"empty", func(t *testing.T, dir string) string { return writeFile(t, dir+"/policy.toml", "") }, "policy.toml:1:1: cannot read the file: it is empty"},
		{"not UTF-8", func(t *testing.T, dir string) string { return writeFile(t, dir+"/policy.toml", good+"\n# \xff") }, "policy.toml:8:3: cannot read the file: byte 0xFF isn't UTF-8"},
		{"of another user", func(t *testing.T, dir string) string {
			name := writeFile(t, dir+"/policy.toml", good)
			must(t, os.Chown(name, 1000, 0))
			return name
		}, "cannot trust the policy DIR/policy.toml: DIR/policy.toml belongs to uid 1000, not to root"},
		{"writable by the group", func(t *testing.T, dir string) string {
			name := writeFile(t, dir+"/policy.toml", good)
			must(t, os.Chmod(name, 0o664))
			return name
		}, "DIR/policy.toml can be written by its group or by others (mode 0664)"},
		{"writable by others", func(t *testing.T, dir string) string {
			name := writeFile(t, dir+"/policy.toml", good)
			must(t, os.Chmod(name, 0o646))
			return name
		}, "DIR/policy.toml can be written by its group or by others (mode 0646)"},
		{"directory of another user", func(t *testing.T, dir string) string {
			name := writeFile(t, dir+"/etc/policy.toml", good)
			must(t, os.Chown(dir+"/etc", 1000, 0))
			return name
		}, "DIR/etc belongs to uid 1000, not to root"},
		{"directory writable by the group", func(t *testing.T, dir string) string {
			name := writeFile(t, dir+"/a/b/policy.toml", good)
			must(t, os.Chmod(dir+"/a", 0o775))
			return name
		}, "DIR/a can be written by its group or by others (mode 0775)"},
		{"sticky directory", func(t *testing.T, dir string) string {
			name := writeFile(t, dir+"/a/policy.toml", good)
			must(t, unix.Chmod(dir+"/a", 0o1777))
			return name
		}, "DIR/a can be written by its group or by others (mode 1777)"},
		{"below /tmp", func(t *testing.T, dir string) string { return writeFile(t, t.TempDir()+"/policy.toml", good) }, "/tmp can be written by its group or by others"},
		{"symbolic link", func(t *testing.T, dir string) string {
			must(t, os.Symlink(writeFile(t, dir+"/real.toml", good), dir+"/policy.toml"))
			return dir + "/policy.toml"
		}, "cannot open the policy DIR/policy.toml: it is a symbolic link; name the file itself"},
		{"dangling link", func(t *testing.T, dir string) string {
			must(t, os.Symlink("nowhere", dir+"/policy.toml"))
			return dir + "/policy.toml"
		}, "it is a symbolic link"},
		{"link to a directory", func(t *testing.T, dir string) string {
			writeFile(t, dir+"/real/policy.toml", good)
			must(t, os.Symlink("real", dir+"/etc"))
			return dir + "/etc/policy.toml"
		}, "DIR/etc is a symbolic link; name the real path"},
		{"directory", func(t *testing.T, dir string) string {
			must(t, os.Mkdir(dir+"/policy.toml", 0o755))
			return dir + "/policy.toml"
		}, "DIR/policy.toml is a directory, not a file"},
		{"file as a directory", func(t *testing.T, dir string) string { return writeFile(t, dir+"/a", good) + "/policy.toml" }, "DIR/a is not a directory"},
		{"device", func(t *testing.T, dir string) string { return "/dev/null" }, "null is not a regular file"},
		{"socket", func(t *testing.T, dir string) string {
			fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
			must(t, err)
			t.Cleanup(func() { _ = unix.Close(fd) })
			must(t, unix.Bind(fd, &unix.SockaddrUnix{Name: dir + "/policy.toml"}))
			return dir + "/policy.toml"
		}, "cannot open the policy DIR/policy.toml: no such device or address"},
		{"100 MB", func(t *testing.T, dir string) string {
			name := writeFile(t, dir+"/policy.toml", good)
			must(t, os.Truncate(name, 100<<20))
			return name
		}, "it has 104857600 bytes, at most 4194304 are read"},
		{"relative", func(t *testing.T, dir string) string { return "policy.toml" }, "its path must be absolute and plain"},
		{"with ..", func(t *testing.T, dir string) string {
			return writeFile(t, dir+"/policy.toml", good) + "/../policy.toml"
		}, "its path must be absolute and plain"},
		{"with a slash at its end", func(t *testing.T, dir string) string { return writeFile(t, dir+"/policy.toml", good) + "/" }, "its path must be absolute and plain"},
		{"no name", func(t *testing.T, dir string) string { return "" }, "its path must be absolute and plain"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := rootDir(t)
			p, err := Open(c.make(t, dir), splitPlainly)
			if c.want == "" {
				if err != nil || p.Name != "policy.toml" {
					t.Fatalf("%v, %+v", err, p)
				}
				return
			}
			if p != nil || err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(c.want, "DIR", dir)) {
				t.Fatalf("got %v\nwant %s", err, c.want)
			}
			if many := (*Errors)(nil); !errors.As(err, &many) && strings.Contains(err.Error(), "\n") {
				t.Errorf("not one line: %q", err)
			}
		})
	}
}

// A pipe in the policy's place must not make opsh wait for a writer.
func TestOpenPipe(t *testing.T) {
	name := rootDir(t) + "/policy.toml"
	must(t, unix.Mkfifo(name, 0o644))
	done := make(chan error, 1)
	go func() {
		_, err := Open(name, nil)
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "is not a regular file") {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for a writer")
	}
}
