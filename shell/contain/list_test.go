package contain

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// copyOf puts a copy of a program where the contained uid reaches it.
func copyOf(t *testing.T, program, name string) string {
	t.Helper()
	b, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	return fileOf(t, b, name)
}

func fileOf(t *testing.T, content []byte, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp(filepath.Dir(helper), "list-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	path := filepath.Join(dir, name)
	if err == nil {
		err = os.WriteFile(path, content, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestList: /bin/ls may be started, and nothing else, under whatever name.
func TestList(t *testing.T) {
	loader, err := filepath.Glob("/lib*/ld-linux*.so.*")
	if err != nil || len(loader) == 0 {
		t.Fatal("no dynamic loader")
	}
	ls, sh := identify(t, "/bin/ls"), identify(t, "/bin/sh")
	link := filepath.Join(filepath.Dir(fileOf(t, nil, "x")), "hidden")
	if err := os.Symlink(ls.Path, link); err != nil {
		t.Fatal(err)
	}
	const no, killed = "126", "137"
	for _, test := range []struct{ name, script, want string }{
		{"the listed program", "/bin/ls -d /; echo $?", "/\n0"},
		{"by a symbolic link", link + " -d /; echo $?", "/\n0"},
		{"many of them", "i=0; while [ $i -lt 50 ]; do /bin/ls -d / >/dev/null & i=$((i+1)); done; wait; echo $?", "0"},
		{"in a pipe", "/bin/ls -d / | while read x; do echo got $x; done", "got /"},
		{"in its place", "exec /bin/ls -d /", "/"},
		{"another program", "/bin/cat /etc/hostname; echo $?", no},
		{"in its place, another", "(exec /bin/cat /etc/hostname); echo $?", no},
		{"from a grandchild", "( ( /bin/cat /etc/hostname; echo $? ) )", no},
		{"itself again", sh.Path + " -c 'echo again'; echo $?", no},
		{"a shell with the listed name", copyOf(t, "/bin/sh", "ls") + " -c 'echo shell'; echo $?", no},
		{"a copy of the listed program", copyOf(t, "/bin/ls", "ls") + " -d /; echo $?", no},
		{"through the loader", loader[0] + " /bin/sh -c 'echo shell'; echo $?", no},
		{"what opsh sees as the listed program", "/proc/self/exe -c 'echo shell'; echo $?", killed},
		{"a script of another program", fileOf(t, []byte("#!/bin/sh\necho shell\n"), "script") + "; echo $?", no},
		{"a script of the listed program", fileOf(t, []byte("#!/bin/ls -d\n"), "script") + " >/dev/null; echo $?", "0"},
	} {
		s := specFor(t, ExecList, "/bin/sh", "-c", test.script)
		s.ExecFiles = []FileID{ls, identify(t, tool())} // the conductor runs the second
		r := contained(t, s)
		got := strings.TrimSpace(strings.ReplaceAll(r.output, "Killed\n", ""))
		if before, _, denied := strings.Cut(got, ": Permission denied\n"); denied {
			got = strings.TrimPrefix(got, before+": Permission denied\n")
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q (%s)", test.name, r.output, test.want, r.refuse)
		}
		denied := slices.ContainsFunc(r.events, func(e Event) bool { return e.Denied && e.Call == CallExec && e.PID > 0 })
		killedOne := slices.ContainsFunc(r.events, func(e Event) bool { return e.Denied && e.Killed })
		if denied != (test.want == no || test.want == killed) || killedOne != (test.want == killed) {
			t.Errorf("%s: the events are %+v", test.name, r.events)
		}
	}
}

// TestListFromAnyThread: the exec of another thread than the first, of a memfd, and of a child that shares its parent's memory.
func TestListFromAnyThread(t *testing.T) {
	for _, name := range []string{"exec from a thread", "exec a memfd", "exec in a vfork"} {
		for _, listed := range []bool{false, true} {
			s := attemptSpec(t, ExecList, name)
			if listed {
				s.ExecFiles = []FileID{identify(t, "/bin/true")}
			}
			r := contained(t, s)
			want := "EACCES"
			switch {
			case name == "exec in a vfork":
				want = map[bool]string{false: "EIO", true: "done"}[listed] // how it ended for its parent
			case listed && name == "exec from a thread":
				want = "" // it became a program that says nothing
			}
			if got := strings.TrimSpace(r.output); got != want || !r.state.Success() {
				t.Errorf("%s, listed %v: %q %v, want %s (%s)", name, listed, got, r.state, want, r.refuse)
			}
		}
	}
}

// execFromThread becomes /bin/true from a thread that isn't the first.
func execFromThread() syscall.Errno {
	done := make(chan syscall.Errno)
	for range 8 {
		go func() {
			runtime.LockOSThread()
			if unix.Gettid() == os.Getpid() {
				select {}
			}
			done <- execOf("/bin/true")
		}()
	}
	return <-done
}

func execOf(path string) syscall.Errno {
	p := cstring(path)
	argv := []uintptr{p, 0}
	return raw(unix.SYS_EXECVE, p, uintptr(unsafe.Pointer(&argv[0])), 0)
}

// memfdOf is the name of a memfd that holds a program.
func memfdOf(path string) string {
	fd, err := unix.MemfdCreate("x", 0)
	if err != nil {
		return err.Error()
	}
	program, err := os.ReadFile(path)
	if err == nil {
		_, err = unix.Write(fd, program)
	}
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("/proc/self/fd/%d", fd)
}

// execInVfork has Go start a program: clone with CLONE_VM and CLONE_VFORK, as posix_spawn does.
func execInVfork() syscall.Errno {
	p, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{})
	if err != nil {
		return syscall.EIO
	}
	state, err := p.Wait()
	if err != nil || !state.Success() {
		return syscall.EACCES
	}
	return 0
}

// TestTheListIsPinned: a list whose files were replaced since Bind is refused, and a program that the uid can't read isn't
// killed without a word.
func TestTheListIsPinned(t *testing.T) {
	s := specFor(t, ExecList, "/bin/true")
	s.ExecFiles = []FileID{identify(t, "/bin/ls")}
	s.ExecFiles[0].Ino++
	if r := contained(t, s); !strings.Contains(r.refuse, "/bin/ls") || !strings.Contains(r.refuse, "replaced") {
		t.Errorf("%v %q", r.state, r.refuse)
	}
	unreadable := copyOf(t, "/bin/true", "unreadable")
	if err := os.Chmod(unreadable, 0o711); err != nil {
		t.Fatal(err)
	}
	if r := contained(t, specFor(t, ExecList, unreadable)); !strings.Contains(r.refuse, "can't read it") {
		t.Errorf("%v %q", r.state, r.refuse)
	}
	if r := contained(t, specFor(t, ExecNone, unreadable)); r.refuse != "" || !r.state.Success() {
		t.Errorf("%v %q", r.state, r.refuse)
	}
}

// TestStoppedAndContinued: a tool that stops itself isn't stuck under a supervisor, nor is what it stops with itself; and a process of
// its that another stops stays stopped until it is continued.
func TestStoppedAndContinued(t *testing.T) {
	s := specFor(t, ExecList, "/bin/sh", "-c", `kill -STOP $$; echo continued
		busy() { while :; do :; done; }; busy & kill -STOP $!
		until grep -q '^State:.[Tt]' /proc/$!/status; do :; done; echo stopped
		kill -CONT $!; until grep -q '^State:.R' /proc/$!/status; do :; done; echo running
		kill -STOP 0; until grep -q '^State:.R' /proc/$!/status; do :; done; echo again; kill -KILL $!`)
	s.ExecFiles = []FileID{identify(t, "/bin/grep")}
	// In a session of its own, so that group 0 is the tool's.
	if r := contained(t, s); r.output != "continued\nstopped\nrunning\nagain\n" {
		t.Errorf("%q %v %s", r.output, r.state, r.refuse)
	}
}

// TestUntraced: where opsh says that it holds the tool and doesn't, there is no tool.
func TestUntraced(t *testing.T) {
	for _, mode := range []string{ExecList, ExecAny} {
		spec, err := specFor(t, mode, "/bin/echo", "it ran").Memfd()
		if err != nil {
			t.Fatal(err)
		}
		defer spec.Close()
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		ours, theirs := os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "theirs")
		defer ours.Close()
		if err := Held(ours); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		cmd := exec.Command(helper)
		cmd.Env, cmd.Stdout, cmd.ExtraFiles = []string{}, &out, []*os.File{spec, theirs}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		theirs.Close()
		_, err = Await(ours)
		cmd.Wait()
		if cmd.ProcessState.ExitCode() != 126 || out.Len() > 0 || err == nil || !strings.Contains(err.Error(), "tracer") {
			t.Errorf("%s: %v %v %q", mode, cmd.ProcessState, err, out.String())
		}
	}
}

// TestEvents: what a tool tried to start is told with its arguments, allowed or not; and where it can't be recorded it doesn't run.
func TestEvents(t *testing.T) {
	ls := identify(t, "/bin/ls")
	told := func(events []Event) (all []string) {
		for _, e := range events {
			all = append(all, fmt.Sprintf("%s %v %s %s by %s", e.Call, e.Denied, e.Path, strings.Join(e.Argv, ","), filepath.Base(e.By)))
		}
		return all
	}
	dash := filepath.Base(identify(t, "/bin/sh").Path)
	for _, test := range []struct {
		mode, script string
		want         []string
	}{
		{ExecNone, "/bin/cat a b; ./x", []string{"exec true /bin/cat /bin/cat,a,b by " + dash, "exec true ./x ./x by " + dash}},
		{ExecNone, "PATH=/nowhere:/bin; ls", []string{"exec true /bin/ls ls by " + dash}},
		{ExecList, "/bin/ls -d / >&2; /bin/cat a", []string{"exec false " + ls.Path + " /bin/ls,-d,/ by .", "exec true /bin/cat /bin/cat,a by " + dash}},
		{ExecAny, "/bin/ls -d / >&2", []string{"exec false " + ls.Path + " /bin/ls,-d,/ by ."}},
	} {
		s := specFor(t, test.mode, "/bin/sh", "-c", test.script+"; :")
		s.ExecFiles = []FileID{ls}
		r := contained(t, s)
		if got := told(r.events); !slices.Equal(got, test.want) {
			t.Errorf("%s, %s: %q, want %q (%s)", test.mode, test.script, got, test.want, r.output)
		}
	}
	for call, name := range map[string]string{"ptrace": "ptrace", "clone": "clone untraced", "ioctl": "TIOCSTI", "io_uring_setup": "io_uring_setup"} {
		r := contained(t, attemptSpec(t, ExecNone, name))
		if got := told(r.events); len(got) != 1 || !strings.HasPrefix(got[0], call+" true ") {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, mode := range []string{ExecList, ExecAny} {
		s := specFor(t, mode, "/bin/sh", "-c", "/bin/ls -d /; echo $?")
		s.ExecFiles = []FileID{ls}
		spec, err := s.Memfd()
		if err != nil {
			t.Fatal(err)
		}
		defer spec.Close()
		if r := containedBy(t, "docker", "the disk is full", spec); !strings.HasSuffix(r.output, "137\n") || strings.Contains(r.output, "/\n") {
			t.Errorf("%s, unrecorded: %q", mode, r.output)
		}
	}
}

// TestLongArguments: what a tool names isn't read without bounds.
func TestLongArguments(t *testing.T) {
	r := contained(t, specFor(t, ExecNone, "/bin/sh", "-c", `x=$(printf %09999d 0); /bin/cat $x $x 2>/dev/null; /$x 2>/dev/null; :`))
	if len(r.events) != 2 || len(strings.Join(r.events[0].Argv, "")) > mostArgText || r.events[0].Path != "/bin/cat" || r.events[1].Path != "" {
		t.Errorf("%+v %s", r.events, r.output)
	}
}
