package contain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Uids that nothing on a machine has.
const (
	testReaper = 64800
	testUID    = 64801
)

// helper is the real opsh-exec.
var helper string

func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case "probe":
			if err := Probe(false).Contains(); err != nil {
				fmt.Print(err)
			}
			os.Exit(0)
		case "attempt":
			os.Exit(attempt(os.Args[2]))
		case "starter":
			os.Exit(starter(os.Args[2], os.Args[3:]))
		case "conduct":
			os.Exit(conduct(os.Args[2]))
		case "namespaced":
			os.Exit(namespaced(os.Args[2], os.Args[3]))
		}
	}
	os.Exit(withHelper(m))
}

func withHelper(m *testing.M) int {
	if os.Geteuid() != 0 {
		fmt.Fprintln(os.Stderr, "containment takes root away: its tests need root")
		return 1
	}
	// Not below /tmp: the contained uid must be able to reach the test binary, which is its tool.
	dir, err := os.MkdirTemp("/var/lib", "opsh-test-contain-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	helper = filepath.Join(dir, "opsh-exec")
	build := exec.Command("go", "build", "-o", helper, "opsh/cmd/opsh-exec")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build opsh-exec: %v\n%s", err, out)
		return 1
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "tool"), self, 0o755)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// identify is the FileID of a path.
func identify(t *testing.T, path string) FileID {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	return FileID{path, st.Dev, st.Ino}
}

// specFor runs a program under the test's uid.
func specFor(t *testing.T, mode string, argv ...string) Spec {
	t.Helper()
	id := identify(t, argv[0])
	return Spec{Path: id.Path, Dev: id.Dev, Ino: id.Ino, Argv: argv, Env: []string{"PATH=/usr/bin:/bin"}, Dir: "/",
		UID: testUID, GID: testUID, Groups: []uint32{testUID, 64850}, Exec: mode}
}

// attemptSpec runs attempt in this test binary as the contained tool.
func attemptSpec(t *testing.T, mode, name string) Spec {
	return specFor(t, mode, tool(), "attempt", name)
}

// tool is this test binary, where the contained uid reaches it.
func tool() string { return filepath.Join(filepath.Dir(helper), "tool") }

// dockerCaps are the capabilities of a root process in Docker: 0, 1, 3 to 8, 10, 13, 18, 27, 29, 31. SYS_PTRACE isn't among them.
const dockerCaps = 0xa80425fb

// starter execs a program as a container's root process, with signals ignored and blocked that no tool may find so.
func starter(container string, argv []string) int {
	runtime.LockOSThread()
	kept := map[string]uint64{"docker": dockerCaps, "no-new-privileges": dockerCaps, "few-files": dockerCaps, "cap-drop-all": 0, "privileged": ^uint64(0)}[container]
	for c := uintptr(0); c < 64; c++ {
		if kept&(1<<c) == 0 {
			unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
		}
	}
	switch container {
	case "no-new-privileges":
		unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	case "few-files":
		syscall.Setrlimit(unix.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: 128})
	}
	signal.Ignore(unix.SIGHUP, unix.SIGINT, unix.SIGPIPE, unix.SIGTSTP)
	blocked := unix.Sigset_t{Val: [16]uint64{1<<(unix.SIGTERM-1) | 1<<(unix.SIGUSR1-1)}}
	unix.PthreadSigmask(unix.SIG_BLOCK, &blocked, nil)
	err := syscall.Exec(argv[0], argv, os.Environ())
	fmt.Fprintln(os.Stderr, err)
	return 99
}

type ending struct {
	output string
	refuse string // why no tool ran
	events []Event
	state  *os.ProcessState
}

// contained runs a Spec as opsh does, in what Docker gives a root process. files are handed over as descriptors from 10.
func contained(t *testing.T, s Spec, files ...*os.File) ending {
	t.Helper()
	return containedIn(t, "docker", s, files...)
}

func containedIn(t *testing.T, container string, s Spec, files ...*os.File) ending {
	t.Helper()
	spec, err := s.Memfd()
	if err != nil {
		t.Fatal(err)
	}
	defer spec.Close()
	return containedBy(t, container, "", spec, files...)
}

func containedBy(t *testing.T, container, refuse string, spec *os.File, files ...*os.File) ending {
	t.Helper()
	var out bytes.Buffer
	c := conductor(t, container, refuse, spec, files...)
	c.cmd.Stdout, c.cmd.Stderr = &out, &out
	c.cmd.WaitDelay = 5 * time.Second
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	why, events := c.listen(t)
	err := c.cmd.Wait()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return ending{out.String(), why, events, c.cmd.ProcessState}
}

// conductor is a process that stands for opsh, not started yet.
type conductorProcess struct {
	cmd                      *exec.Cmd
	report, events           *os.File
	theirReport, theirEvents *os.File
}

func conductor(t *testing.T, container, refuse string, spec *os.File, files ...*os.File) *conductorProcess {
	t.Helper()
	c := &conductorProcess{cmd: exec.Command(tool(), "starter", container, tool(), "conduct", refuse)}
	var err, err2 error
	c.report, c.theirReport, err = os.Pipe()
	c.events, c.theirEvents, err2 = os.Pipe()
	if err = errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.report.Close(); c.events.Close() })
	c.cmd.Env = []string{"OPSH_EXEC=" + helper, fmt.Sprintf("GRANTED=%d", len(files))}
	c.cmd.ExtraFiles = append([]*os.File{spec, c.theirReport, c.theirEvents, nil, nil, nil, nil}, files...)
	return c
}

// listen returns all that a started conductor reports.
func (c *conductorProcess) listen(t *testing.T) (refuse string, events []Event) {
	t.Helper()
	c.theirReport.Close()
	c.theirEvents.Close()
	for d := json.NewDecoder(c.events); ; {
		var e Event
		err := d.Decode(&e)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	why, err := io.ReadAll(c.report)
	if err != nil {
		t.Fatal(err)
	}
	return string(why), events
}

func TestStatusOfAContainedTool(t *testing.T) {
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		for _, container := range []string{"docker", "no-new-privileges", "privileged"} {
			r := containedIn(t, container, specFor(t, mode, "/bin/cat", "/proc/self/status"))
			for _, want := range []string{
				"Uid:\t64801\t64801\t64801\t64801", "Gid:\t64801\t64801\t64801\t64801", "Groups:\t64801 64850",
				"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
				"CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
				"SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000", "Umask:\t0077",
			} {
				if !strings.Contains(r.output, want) {
					t.Errorf("%s, %s: no %q in\n%s%s", mode, container, want, r.output, r.refuse)
				}
			}
		}
	}
}

// TestWithoutCapabilities: where opsh-exec can't contain, it says what it lacks, and nothing runs.
func TestWithoutCapabilities(t *testing.T) {
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		r := containedIn(t, "cap-drop-all", specFor(t, mode, "/bin/echo", "it ran"))
		if r.state.ExitCode() != 126 || r.output != "" || !strings.Contains(r.refuse, "operation not permitted") {
			t.Errorf("%s: %v %q %q", mode, r.state, r.output, r.refuse)
		}
	}
}

func TestOnlyGrantedDescriptors(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "granted")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		s := specFor(t, mode, "/bin/ls", "/proc/self/fd")
		s.Files = []int{11}
		r := contained(t, s, f, f, f)
		if got := strings.Fields(r.output); strings.Join(got, " ") != "0 1 11 2 3" { // 3 is ls's own
			t.Errorf("%s: descriptors %q, %s", mode, got, r.refuse)
		}
	}
}

func TestEndOfATool(t *testing.T) {
	for _, mode := range []string{ExecList, ExecAny} {
		for _, test := range []struct {
			script string
			want   syscall.WaitStatus
		}{{"exit 0", 0}, {"exit 3", 3 << 8}, {"exit 255", 255 << 8}, {"kill -TERM $$", 15}, {"kill -KILL $$", 9}, {"kill -INT $$", 2}, {"kill -SEGV $$", 11}} {
			r := contained(t, specFor(t, mode, "/bin/sh", "-c", test.script))
			if got := r.state.Sys().(syscall.WaitStatus); got != test.want {
				t.Errorf("%s, %s: status %#x, want %#x (%s)", mode, test.script, int(got), int(test.want), r.refuse)
			}
		}
	}
}

func TestExecModes(t *testing.T) {
	ls := identify(t, "/bin/ls")
	const script = "/bin/ls -d /; /bin/cat /etc/hostname >/dev/null && echo catted; echo done"
	for _, test := range []struct {
		mode      string
		allowed   []FileID
		want, not string
	}{
		{ExecAny, nil, "/\ncatted\ndone", "denied"},
		{ExecNone, nil, "done", "catted"},
		{ExecList, []FileID{ls}, "/\n", "catted"},
		{ExecList, nil, "done", "catted"},
	} {
		s := specFor(t, test.mode, "/bin/sh", "-c", script)
		s.ExecFiles = test.allowed
		r := contained(t, s)
		if !strings.Contains(r.output, test.want) || strings.Contains(r.output, test.not) {
			t.Errorf("%s %v: %q %s", test.mode, test.allowed, r.output, r.refuse)
		}
	}
}

// TestProbe: it names what is missing, and the setting.
func TestProbe(t *testing.T) {
	for container, want := range map[string]string{
		"privileged": "", "docker": "", "no-new-privileges": "",
		"cap-drop-all": "cannot contain tools: missing is the capability SETUID: don't drop it in the task definition; the capability SETGID: " +
			"don't drop it in the task definition; the capability SETPCAP: don't drop it in the task definition; " +
			"the capability KILL: don't drop it in the task definition",
	} {
		out, err := exec.Command(tool(), "starter", container, tool(), "probe", "").CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s: %q %v, want %q", container, out, err, want)
		}
	}
	cmd := exec.Command(tool(), "probe", "")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: testUID, Gid: testUID}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "root: leave USER alone in the image") {
		t.Errorf("not root: %q %v", out, err)
	}
}
