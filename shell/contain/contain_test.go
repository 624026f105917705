package contain

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
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
	if len(os.Args) > 2 && os.Args[1] == "attempt" {
		os.Exit(attempt(os.Args[2]))
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
	return specFor(t, mode, filepath.Join(filepath.Dir(helper), "tool"), "attempt", name)
}

type ending struct {
	output string
	refuse string // what opsh-exec said on the status pipe
	state  *os.ProcessState
}

// contained runs a Spec through the real opsh-exec. files are handed over as descriptors from 10.
func contained(t *testing.T, s Spec, files ...*os.File) ending {
	t.Helper()
	spec, err := s.Memfd()
	if err != nil {
		t.Fatal(err)
	}
	defer spec.Close()
	return containedBy(t, spec, files...)
}

func containedBy(t *testing.T, spec *os.File, files ...*os.File) ending {
	t.Helper()
	status, report, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer status.Close()
	var out bytes.Buffer
	cmd := exec.Command(helper)
	cmd.Env = []string{}
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.ExtraFiles = append([]*os.File{spec, report, nil, nil, nil, nil, nil}, files...)
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	report.Close()
	why, err := io.ReadAll(status)
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return ending{out.String(), string(why), cmd.ProcessState}
}

func TestStatusOfAContainedTool(t *testing.T) {
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		r := contained(t, specFor(t, mode, "/bin/cat", "/proc/self/status"))
		for _, want := range []string{
			"Uid:\t64801\t64801\t64801\t64801", "Gid:\t64801\t64801\t64801\t64801", "Groups:\t64801 64850",
			"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
			"CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
			"SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000",
		} {
			if !strings.Contains(r.output, want) {
				t.Errorf("%s: no %q in\n%s%s", mode, want, r.output, r.refuse)
			}
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
		}{{"exit 0", 0}, {"exit 3", 3 << 8}, {"exit 255", 255 << 8}, {"kill -TERM $$", 15}, {"kill -KILL $$", 9}, {"kill -INT $$", 2}} {
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

// TestStoppedAndContinued: a tool that stops itself isn't stuck under a supervisor, and a process of its that another stops
// stays stopped until it is continued.
func TestStoppedAndContinued(t *testing.T) {
	s := specFor(t, ExecList, "/bin/sh", "-c", `kill -STOP $$; echo continued
		sh_child() { while :; do :; done; }; sh_child & kill -STOP $!
		until grep -q '^State:.[Tt]' /proc/$!/status; do :; done; echo stopped
		kill -CONT $!; until grep -q '^State:.R' /proc/$!/status; do :; done; echo running; kill -KILL $!`)
	s.ExecFiles = []FileID{identify(t, "/bin/grep")}
	if r := contained(t, s); r.output != "continued\nstopped\nrunning\n" {
		t.Errorf("%q %s", r.output, r.refuse)
	}
}

func TestSpecsThatAreRefused(t *testing.T) {
	good := specFor(t, ExecNone, "/bin/true")
	for name, harm := range map[string]func(*Spec){
		"uid 0": func(s *Spec) { s.UID = 0 }, "gid 0": func(s *Spec) { s.GID = 0 },
		"root's group": func(s *Spec) { s.Groups = []uint32{testUID, 0} }, "no path": func(s *Spec) { s.Path = "" },
		"a relative path": func(s *Spec) { s.Path = "true" }, "no arguments": func(s *Spec) { s.Argv = nil },
		"another file": func(s *Spec) { s.Ino++ }, "no such mode": func(s *Spec) { s.Exec = "" },
		"no such directory": func(s *Spec) { s.Dir = "/nonexistent" }, "a low descriptor": func(s *Spec) { s.Files = []int{3} },
		"a descriptor that isn't there": func(s *Spec) { s.Files = []int{77} },
	} {
		s := good
		harm(&s)
		if r := contained(t, s); r.refuse == "" || r.state.ExitCode() == 0 {
			t.Errorf("%s: it ran", name)
		}
	}
	if r := contained(t, good); r.refuse != "" || r.state.ExitCode() != 0 {
		t.Errorf("the good one: %s", r.refuse)
	}
	unsealed, err := os.CreateTemp(t.TempDir(), "spec")
	if err != nil {
		t.Fatal(err)
	}
	defer unsealed.Close()
	if r := containedBy(t, unsealed); !strings.Contains(r.refuse, "sealed") {
		t.Errorf("a file that isn't sealed: %q", r.refuse)
	}
}

// TestEndReachesEverything: what left its session, ignores hangups, or forks all the time is ended as well.
func TestEndReachesEverything(t *testing.T) {
	const uid = testUID + 1
	s := specFor(t, ExecAny, "/bin/sh", "-c", `trap '' HUP TERM
		setsid sleep 300 >/dev/null 2>&1 &
		(setsid sh -c 'setsid sleep 301 & sleep 302' >/dev/null 2>&1 &)
		sh -c 'i=0; while [ $i -lt 20000 ]; do (:) & i=$((i+1)); done' >/dev/null 2>&1 &
		exit 0`)
	s.UID, s.GID, s.Groups = uid, uid, nil
	contained(t, s)
	ended, err := End(uid, testReaper)
	if err != nil {
		t.Fatal(err)
	}
	if len(ended) == 0 {
		t.Error("nothing was ended")
	}
	if left, err := Find(uid); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
	for _, pair := range [][2]uint32{{0, testReaper}, {uid, 0}, {uid, uid}, {^uint32(0), testReaper}, {uid, ^uint32(0)}} {
		if _, err := End(pair[0], pair[1]); err == nil {
			t.Errorf("End(%d, %d) was accepted", pair[0], pair[1])
		}
	}
}

func TestProbe(t *testing.T) {
	if err := Probe(); err != nil {
		t.Error(err)
	}
}
