package contain

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// operations are what a contained tool tries with a file. Two names are separated by a colon.
var operations = map[string]func(a, b string) error{
	"list":     func(a, _ string) error { return opens(a, unix.O_RDONLY|unix.O_DIRECTORY) },
	"read":     func(a, _ string) error { return opens(a, unix.O_RDONLY) },
	"write":    func(a, _ string) error { return opens(a, unix.O_WRONLY) },
	"create":   func(a, _ string) error { return opens(a, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL) },
	"empty":    func(a, _ string) error { return opens(a, unix.O_WRONLY|unix.O_TRUNC) },
	"cut":      func(a, _ string) error { return opens(a, unix.O_RDONLY|unix.O_TRUNC) },
	"truncate": func(a, _ string) error { return unix.Truncate(a, 1) },
	"rename":   unix.Rename,
	"exchange": func(a, b string) error {
		return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	},
	"link":    unix.Link,
	"symlink": unix.Symlink,
	"unlink":  func(a, _ string) error { return unix.Unlink(a) },
	"mkdir":   func(a, _ string) error { return unix.Mkdir(a, 0o700) },
	"rmdir":   func(a, _ string) error { return unix.Rmdir(a) },
	"mkfifo":  func(a, _ string) error { return unix.Mkfifo(a, 0o600) },
	"stat":    func(a, _ string) error { return unix.Stat(a, &unix.Stat_t{}) },
}

func opens(path string, flags int) error {
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC|unix.O_NONBLOCK, 0o600)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// each tries what its further arguments say, and prints what came of each.
func each() syscall.Errno {
	for _, what := range os.Args[3:] {
		op, arg, _ := strings.Cut(what, " ")
		a, b, _ := strings.Cut(arg, ":")
		var err error
		if file, ok := operations[op]; ok {
			err = file(a, b)
		} else if net, ok := netOperations[op]; ok {
			err = net(a, b)
		} else {
			err = errors.New("no such operation")
		}
		var errno syscall.Errno
		switch {
		case err == nil:
			fmt.Printf("%s: done\n", what)
		case errors.As(err, &errno):
			fmt.Printf("%s: %s\n", what, unix.ErrnoName(errno))
		default:
			fmt.Printf("%s: %v\n", what, err)
		}
	}
	return 0
}

// try is an operation and what comes of it without and with the restriction.
type try struct{ what, free, held string }

// tryAll runs them twice. names stand in the operations with $ before them.
func tryAll(t *testing.T, restrict func(*Spec), tries []try, fresh func() *strings.Replacer, files ...*os.File) {
	t.Helper()
	for _, held := range []bool{false, true} {
		for _, mode := range []string{ExecNone, ExecAny} {
			names := fresh()
			s := attemptSpec(t, mode, "each")
			for i := range files {
				s.Files = append(s.Files, FirstFile+i)
			}
			var want []string
			for _, x := range tries {
				what := names.Replace(x.what)
				s.Argv = append(s.Argv, what)
				want = append(want, what+": "+map[bool]string{false: x.free, true: x.held}[held])
			}
			if held {
				restrict(&s)
			}
			r := contained(t, s, files...)
			got := strings.Split(strings.TrimSuffix(r.output, "\ndone\n"), "\n")
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || got[i] != want[i] {
					t.Errorf("%s, held %v: got %q, want %q (%s)", mode, held, slices.Concat(got, []string{""})[min(i, len(got))], want[min(i, len(want)-1)], r.refuse)
				}
			}
		}
	}
}
