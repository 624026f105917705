package contain

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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
	const killed = "137"
	for _, test := range []struct{ name, script, want string }{
		{"the listed program", "/bin/ls -d /; echo $?", "/\n0"},
		{"by a symbolic link", link + " -d /; echo $?", "/\n0"},
		{"many of them", "i=0; while [ $i -lt 50 ]; do /bin/ls -d / >/dev/null & i=$((i+1)); done; wait; echo $?", "0"},
		{"in a pipe", "/bin/ls -d / | while read x; do echo got $x; done", "got /"},
		{"in its place", "exec /bin/ls -d /", "/"},
		{"another program", "/bin/cat /etc/hostname; echo $?", killed},
		{"in its place, another", "(exec /bin/cat /etc/hostname); echo $?", killed},
		{"from a grandchild", "( ( /bin/cat /etc/hostname; echo $? ) )", killed},
		{"itself again", sh.Path + " -c 'echo again'; echo $?", killed},
		{"a shell with the listed name", copyOf(t, "/bin/sh", "ls") + " -c 'echo shell'; echo $?", killed},
		{"a copy of the listed program", copyOf(t, "/bin/ls", "ls") + " -d /; echo $?", killed},
		{"through the loader", loader[0] + " /bin/sh -c 'echo shell'; echo $?", killed},
		{"a script of another program", fileOf(t, []byte("#!/bin/sh\necho shell\n"), "script") + "; echo $?", killed},
		{"a script of the listed program", fileOf(t, []byte("#!/bin/ls -d\n"), "script") + " >/dev/null; echo $?", "0"},
	} {
		s := specFor(t, ExecList, "/bin/sh", "-c", test.script)
		s.ExecFiles = []FileID{ls}
		r := contained(t, s)
		got := strings.TrimSpace(strings.ReplaceAll(r.output, "Killed\n", ""))
		if got != test.want {
			t.Errorf("%s: %q, want %q (%s)", test.name, r.output, test.want, r.refuse)
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
			want := "signal: killed"
			switch {
			case name == "exec in a vfork":
				want = "exit status 0" // of its parent, which says how the child ended
				if end := map[bool]string{false: "EACCES", true: "done"}[listed]; strings.TrimSpace(r.output) != end {
					t.Errorf("%s, listed %v: %q, want %s", name, listed, r.output, end)
				}
			case listed && name == "exec from a thread":
				want = "exit status 0"
			}
			if r.state.String() != want {
				t.Errorf("%s, listed %v: %v, want %s (%s%s)", name, listed, r.state, want, r.output, r.refuse)
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

// TestSignalsThroughTheSupervisor: opsh asks a tool to end by signals to its group.
func TestSignalsThroughTheSupervisor(t *testing.T) {
	for _, test := range []struct {
		trap string
		sig  syscall.Signal
		want string
	}{
		{"", unix.SIGTERM, "signal: terminated"}, {"", unix.SIGHUP, "signal: hangup"},
		{"trap 'exit 7' TERM;", unix.SIGTERM, "exit status 7"}, {"trap 'exit 8' HUP;", unix.SIGHUP, "exit status 8"},
		{"trap '' TERM HUP INT;", unix.SIGKILL, "signal: killed"},
	} {
		cmd, master := onTerminal(t, specFor(t, ExecList, "/bin/sh", "-c", test.trap+" echo $$; while :; do :; done"))
		var tool int
		if _, err := fmt.Fscan(master, &tool); err != nil {
			t.Fatal(err)
		}
		if tool == cmd.Process.Pid {
			t.Fatal("there is no supervisor")
		}
		all, err := Find(testUID)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if p.PID == cmd.Process.Pid {
				t.Errorf("the supervisor is taken for the tool: %v", p)
			}
		}
		if err := unix.Kill(-cmd.Process.Pid, test.sig); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if got := cmd.ProcessState.String(); got != test.want {
			t.Errorf("%q, %v: %s, want %s", test.trap, test.sig, got, test.want)
		}
		gone(t, tool)
	}
}

// TestSecondStepAlone: who starts the second step without holding it gets no tool.
func TestSecondStepAlone(t *testing.T) {
	for _, mode := range []string{ExecList, ExecAny, ExecNone} {
		spec, err := specFor(t, mode, "/bin/echo", "it ran").Memfd()
		if err != nil {
			t.Fatal(err)
		}
		defer spec.Close()
		status, report, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer status.Close()
		proceed, goOn, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer proceed.Close()
		if _, err := goOn.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
		goOn.Close()
		var out bytes.Buffer
		cmd := &exec.Cmd{Path: helper, Args: []string{SupervisedName}, Env: []string{}, Stdout: &out}
		cmd.ExtraFiles = []*os.File{spec, report, proceed, report}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		report.Close()
		why, err := io.ReadAll(status)
		if err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if cmd.ProcessState.ExitCode() != 126 || out.Len() > 0 || !strings.Contains(string(why), "supervisor") {
			t.Errorf("%s: %v %q %q", mode, cmd.ProcessState, why, out.String())
		}
	}
}
