package contain

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// ground is a new directory, all of which is the tool's own: what is refused there Landlock refuses.
func ground(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(filepath.Dir(helper), "land-")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"", "/r", "/r/below", "/w", "/w/below", "/no"} {
		os.Mkdir(dir+d, 0o700)
		for _, f := range []string{"/1", "/2", "/3"} {
			if err := os.WriteFile(dir+d+f, []byte("text"), 0o600); err != nil {
				t.Fatal(err)
			}
			os.Chown(dir+d+f, testUID, testUID)
		}
		os.Chown(dir+d, testUID, testUID)
	}
	os.Symlink(dir+"/no/1", dir+"/r/out")
	os.Symlink(dir+"/r/1", dir+"/no/in")
	return dir
}

func TestFilesOnly(t *testing.T) {
	secret := sealed(t, "secret", specSeals)
	os.Chmod(fmt.Sprintf("/proc/self/fd/%d", secret.Fd()), 0o444)
	var dir string
	fresh := func() *strings.Replacer { dir = ground(t); return strings.NewReplacer("$", dir) }
	restrict := func(s *Spec) {
		s.FilesOnly = true
		s.Reads = []FileID{identify(t, dir+"/r"), identify(t, dir+"/2")}
		s.Writes = []FileID{identify(t, dir+"/w"), identify(t, dir+"/3")}
	}
	const done, no = "done", "EACCES"
	tryAll(t, restrict, []try{
		{"list $", done, no}, {"list $/r", done, done}, {"list $/r/below", done, done}, {"list $/w", done, done}, {"list $/no", done, no},
		{"list /", done, no}, {"list /etc", done, no}, {"list /proc", done, no}, {"list /lib", done, done}, {"list /dev", done, no},
		{"read $/r/1", done, done}, {"read $/r/below/1", done, done}, {"read $/r/../no/1", done, no}, {"read $/no/1", done, no}, {"read $/1", done, no},
		{"read $/2", done, done}, {"write $/2", done, no}, {"read $/3", done, done}, {"write $/3", done, done}, {"truncate $/3", done, done},
		{"read $/r/out", done, no}, {"read $/no/in", done, done},
		{"write $/r/1", done, no}, {"empty $/r/1", done, no}, {"truncate $/r/1", done, no}, {"create $/r/new", done, no}, {"unlink $/r/2", done, no},
		{"mkdir $/r/dir", done, no}, {"symlink x:$/r/sym", done, no}, {"cut $/r/3", done, no}, {"truncate $/no/2", done, no},
		{"write $/w/1", done, done}, {"empty $/w/1", done, done}, {"truncate $/w/1", done, done}, {"create $/w/new", done, done},
		{"mkdir $/w/dir", done, done}, {"rmdir $/w/dir", done, done}, {"mkfifo $/w/fifo", done, done}, {"unlink $/w/new", done, done},
		{"rename $/w/1:$/w/below/4", done, done}, {"link $/w/2:$/w/below/5", done, done},
		{"rename $/w/2:$/no/4", done, no}, {"link $/no/3:$/w/5", done, "EXDEV"}, {"rename $/no/3:$/w/6", done, no}, {"exchange $/w/3:$/no/2", done, no}, {"link $/r/3:$/w/7", done, "EXDEV"},
		{"symlink $/no/1:$/w/sym", done, done}, {"read $/w/sym", done, no}, {"symlink /etc/passwd:$/w/passwd", done, done}, {"read $/w/passwd", done, no},
		{"stat $/no/1", done, done}, {"read /etc/passwd", done, no}, {"read /etc/hosts", done, no},
		{"read /proc/1/environ", no, no}, {"read /proc/self/environ", done, no}, {"read /proc/self/maps", done, no}, {"read /proc/1/cmdline", done, no},
		{"write /proc/self/oom_score_adj", done, no},
		{"read /dev/fd/10", done, done}, {"read /proc/self/fd/10", done, done}, {"read /proc/self/root/etc/passwd", done, no},
		{"read /dev/null", done, done}, {"write /dev/null", done, done}, {"empty /dev/null", done, done}, {"write /dev/full", done, done},
		{"read /dev/zero", done, done}, {"read /dev/urandom", done, done}, {"read /dev/random", done, done},
	}, fresh, secret)
}

// TestLandlockAndExec: what may be executed may be read, and no more than the list is executed.
func TestLandlockAndExec(t *testing.T) {
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		s := specFor(t, mode, "/bin/sh", "-c", "/bin/true; echo $?; /bin/ls /etc >/dev/null 2>&1; echo $?; : </bin/ls && echo read")
		s.FilesOnly, s.ExecFiles = true, []FileID{identify(t, "/bin/true")}
		want := map[string]string{ExecNone: "126 126 ", ExecList: "0 126 ", ExecAny: "0 126 "}[mode]
		r := contained(t, s)
		var got string
		for line := range strings.Lines(r.output) {
			if !strings.Contains(line, "Permission denied") {
				got += strings.TrimSpace(line) + " "
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q (%s)", mode, r.output, want, r.refuse)
		}
	}
}

// TestRealToolsInTheirFiles: the least that these need beside what all do.
func TestRealToolsInTheirFiles(t *testing.T) {
	script := fileOf(t, []byte("require 'json'; require 'socket'; puts JSON.dump([1, Thread.new { 2 }.value]); puts __FILE__.size"), "x.rb")
	for _, test := range []struct {
		argv  []string
		reads []string
		want  string
	}{
		{[]string{"/usr/bin/ruby", "-e", "puts 6*7; puts Thread.new { 1 }.value"}, nil, "42\n1\n"},
		{[]string{"/usr/bin/ruby", script}, []string{script}, fmt.Sprintf("[1,2]\n%d\n", len(script))},
		{[]string{"/usr/bin/ruby", "-e", "begin; File.read('/etc/passwd'); rescue => e; puts e.class; end; puts Dir.exist?('/etc')"}, nil, "Errno::EACCES\ntrue\n"},
		{[]string{"/usr/bin/mariadb", "--version"}, nil, "MariaDB"},
		{[]string{"/usr/bin/mariadb", "--no-defaults", "--help"}, nil, "Default options"},
		{[]string{"/usr/bin/perl", "-e", "print 42"}, nil, "42"},
	} {
		for _, mode := range []string{ExecNone, ExecAny} {
			s := specFor(t, mode, test.argv...)
			s.FilesOnly = true
			for _, path := range test.reads {
				s.Reads = append(s.Reads, identify(t, path))
			}
			r := contained(t, s)
			if exact := strings.HasSuffix(test.want, "\n"); !r.state.Success() || !strings.Contains(r.output, test.want) || exact && r.output != test.want {
				t.Errorf("%s, %s: %q %v, want %q (%s)", mode, test.argv, r.output, r.state, test.want, r.refuse)
			}
		}
	}
}

// TestTheTerminalStaysOpen: by each of its names, under FilesOnly too; and no other one.
func TestTheTerminalStaysOpen(t *testing.T) {
	s := specFor(t, ExecNone, "/bin/sh", "-c", `echo tty >/dev/tty; echo out >/dev/stdout; echo fd >/proc/self/fd/1; (: </dev/stdout); (: </dev/ptmx)`)
	s.FilesOnly, s.Terminal = true, true
	spec, err := s.Memfd()
	if err != nil {
		t.Fatal(err)
	}
	defer spec.Close()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	if err := slave.Chown(testUID, testUID); err != nil {
		t.Fatal(err)
	}
	c := conductor(t, "docker", "", spec)
	c.cmd.Stdout, c.cmd.Stderr = slave, slave
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	c.theirReport.Close()
	c.theirEvents.Close()
	out, _ := io.ReadAll(master) // EIO at its end
	c.cmd.Wait()
	if got := string(out); !strings.HasPrefix(got, "tty\r\nout\r\nfd\r\n") || !strings.HasSuffix(got, "/dev/ptmx: Permission denied\r\n") {
		t.Errorf("%q", got)
	}
}

// TestFilesThatWereReplaced since the policy was asked.
func TestFilesThatWereReplaced(t *testing.T) {
	dir := ground(t)
	for name, harm := range map[string]func(*Spec){
		"read":           func(s *Spec) { s.Reads[0].Ino++ },
		"written":        func(s *Spec) { s.Writes[0].Ino++ },
		"another device": func(s *Spec) { s.Reads[0].Dev++ },
		"gone":           func(s *Spec) { s.Reads[0].Path += "/nonexistent" },
	} {
		for _, landlock := range []string{"", LandlockRequire, LandlockBestEffort} {
			s := specFor(t, ExecNone, "/bin/echo", "it ran")
			s.FilesOnly, s.Landlock, s.Reads, s.Writes = true, landlock, []FileID{identify(t, dir+"/r")}, []FileID{identify(t, dir+"/w")}
			harm(&s)
			if r := contained(t, s); !strings.HasPrefix(r.refuse, "cannot write Landlock's rules: "+dir) || r.output != "" || r.state.ExitCode() != 126 {
				t.Errorf("%s: %q %q %v", name, r.refuse, r.output, r.state)
			}
		}
	}
}

// TestLandlockOff: nothing is restricted.
func TestLandlockOff(t *testing.T) {
	s := specFor(t, ExecNone, "/bin/cat", "/etc/hostname")
	s.FilesOnly, s.ConnectOnly, s.Landlock = true, true, LandlockOff
	if r := contained(t, s); !r.state.Success() {
		t.Errorf("%q %v %s", r.output, r.state, r.refuse)
	}
	s.Landlock = ""
	if r := contained(t, s); r.state.ExitCode() != 1 || !strings.Contains(r.output, "Permission denied") {
		t.Errorf("%q %v %s", r.output, r.state, r.refuse)
	}
	// Reading everything but writing nothing.
	s.Reads = []FileID{identify(t, "/")}
	if r := contained(t, s); !r.state.Success() {
		t.Errorf("%q %v %s", r.output, r.state, r.refuse)
	}
}

func TestLandlockVersions(t *testing.T) {
	const (
		noFiles   = "files: this kernel has no Landlock (Linux 5.13)"
		noConnect = "connect: this kernel has no Landlock (Linux 6.7)"
		noNet     = "connect: this kernel's Landlock has no network rules (Linux 6.7)"
		noCut     = "files: truncating by name (Linux 6.2)"
	)
	for abi := range 9 {
		for _, files := range []bool{false, true} {
			for _, connect := range []bool{false, true} {
				var want []string
				if files {
					want = append(want, map[int][]string{0: {noFiles}, 1: {noCut}, 2: {noCut}}[abi]...)
				}
				if connect {
					want = append(want, map[int][]string{0: {noConnect}, 1: {noNet}, 2: {noNet}, 3: {noNet}}[abi]...)
				}
				for _, landlock := range []string{"", LandlockRequire, LandlockBestEffort} {
					s := Spec{FilesOnly: files, ConnectOnly: connect, Landlock: landlock}
					if got := s.Lacks(abi); !slices.Equal(got, want) {
						t.Errorf("%d, %+v: %q, want %q", abi, s, got, want)
					}
					err := s.Refuses(abi)
					if refuses := len(want) > 0 && landlock != LandlockBestEffort; (err != nil) != refuses ||
						refuses && !strings.HasPrefix(err.Error(), "cannot restrict a tool: "+strings.Join(want, "; ")+": use a later kernel") {
						t.Errorf("%d, %+v: %v", abi, s, err)
					}
				}
				s := Spec{FilesOnly: files, ConnectOnly: connect, Landlock: LandlockOff}
				want = nil
				if files {
					want = append(want, "files: switched off by the policy")
				}
				if connect {
					want = append(want, "connect: switched off by the policy")
				}
				if got := s.Lacks(abi); !slices.Equal(got, want) || s.Refuses(abi) != nil {
					t.Errorf("%d, off: %q %v", abi, got, s.Refuses(abi))
				}
				if a, b := s.handled(abi); a|b != 0 {
					t.Errorf("%d, off: %#x %#x", abi, a, b)
				}
			}
		}
	}
	// What is handled: the numbers of the kernel's header.
	for abi, want := range [][2]uint64{{0, 0}, {0x1ffe, 0}, {0x3ffe, 0}, {0x7ffe, 0}, {0x7ffe, 3}, {0x7ffe, 3}, {0x7ffe, 3}, {0x7ffe, 3}} {
		if files, net := (Spec{FilesOnly: true, ConnectOnly: true}).handled(abi); [2]uint64{files, net} != want {
			t.Errorf("%d: %#x %#x, want %#x", abi, files, net, want)
		}
	}
}

// TestOlderRulesets: what an older kernel would get this one takes, too, and a part of it is a part of the restriction.
func TestOlderRulesets(t *testing.T) {
	have := landlockABI()
	if have < landlockNet {
		t.Fatalf("this kernel's Landlock is %d: these tests need Linux 6.7", have)
	}
	for abi := 0; abi <= have; abi++ {
		s := Spec{Path: "/bin/true", FilesOnly: true, ConnectOnly: true, Ports: []uint16{3306}, Landlock: LandlockBestEffort}
		id := identify(t, s.Path)
		s.Path, s.Dev, s.Ino = id.Path, id.Dev, id.Ino
		fd, err := s.ruleset(abi)
		if err != nil || (fd < 0) != (abi == 0) {
			t.Errorf("%d: %d %v", abi, fd, err)
		}
		if fd >= 0 {
			if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
				t.Errorf("%d: it stays open at exec: %#x %v", abi, flags, err)
			}
			unix.Close(fd)
		}
		s.Landlock = LandlockRequire
		if fd, err := s.ruleset(abi); (err == nil) != (abi >= landlockNet) {
			t.Errorf("%d, required: %d %v", abi, fd, err)
		}
	}
	if fd, err := (Spec{}).ruleset(have); fd != -1 || err != nil {
		t.Errorf("nothing to restrict: %d %v", fd, err)
	}
}

// TestLandlockThatIsntThere: under a profile that answers with an error there is none; and one that answers for what it doesn't do
// is found out.
func TestLandlockThatIsntThere(t *testing.T) {
	onThread := func(do func()) {
		done := make(chan struct{})
		go onLostThread(func() { defer close(done); do() })
		<-done
	}
	answer := func(nr uint32, ret uint32) {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			t.Error(err)
		}
		code := []unix.SockFilter{{Code: 0x20}, {Code: 0x15, Jf: 1, K: nr}, {Code: 0x06, K: unix.SECCOMP_RET_ERRNO | ret}, {Code: 0x06, K: unix.SECCOMP_RET_ALLOW}}
		prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
		if _, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog))); e != 0 {
			t.Error(e)
		}
	}
	for _, e := range []syscall.Errno{unix.EPERM, unix.ENOSYS, unix.EOPNOTSUPP} {
		onThread(func() {
			answer(unix.SYS_LANDLOCK_CREATE_RULESET, uint32(e))
			if abi := landlockABI(); abi != 0 {
				t.Errorf("%v: %d", e, abi)
			}
		})
	}
	for _, s := range []Spec{{FilesOnly: true}, {ConnectOnly: true}} {
		id := identify(t, "/bin/true")
		s.Path, s.Dev, s.Ino = id.Path, id.Dev, id.Ino
		onThread(func() {
			answer(unix.SYS_LANDLOCK_RESTRICT_SELF, 0)
			fd, err := s.ruleset(landlockABI())
			if err != nil {
				t.Error(err)
			}
			if err := s.restrict(fd, landlockABI()); err == nil {
				t.Errorf("%+v: a call that says that it did and didn't is believed", s)
			}
		})
	}
}

func TestLandlockSpecsThatAreRefused(t *testing.T) {
	for name, harm := range map[string]func(*Spec){
		"no such value":       func(s *Spec) { s.Landlock = "maybe" },
		"files without hold":  func(s *Spec) { s.FilesOnly = false },
		"ports without hold":  func(s *Spec) { s.ConnectOnly = false },
		"port 0":              func(s *Spec) { s.Ports = []uint16{0} },
		"a relative path":     func(s *Spec) { s.Reads[0].Path = "etc" },
		"no path":             func(s *Spec) { s.Reads[0].Path = "" },
		"NUL in a path":       func(s *Spec) { s.Reads[0].Path = "/etc\x00x" },
		"a path not in UTF-8": func(s *Spec) { s.Reads[0].Path = "/caf\xe9" },
	} {
		s := specFor(t, ExecNone, "/bin/true")
		s.FilesOnly, s.ConnectOnly, s.Reads, s.Ports = true, true, []FileID{identify(t, "/etc")}, []uint16{3306}
		if r := contained(t, s); r.refuse != "" || !r.state.Success() {
			t.Fatalf("the good one: %v %s", r.state, r.refuse)
		}
		harm(&s)
		if f, err := s.Memfd(); err == nil {
			f.Close()
			t.Errorf("%s was written down", name)
		}
	}
}
