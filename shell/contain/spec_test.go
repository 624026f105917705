package contain

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// sealed is a text where a Spec should be.
func sealed(t *testing.T, text string, seals int) *os.File {
	t.Helper()
	fd, err := unix.MemfdCreate("spec", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "spec")
	t.Cleanup(func() { f.Close() })
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSpecTravels(t *testing.T) {
	want := specFor(t, ExecList, "/bin/true", "", "--", "日本語\n\t'\"\\", "<&>\u2028")
	want.ExecFiles, want.Files, want.Terminal = []FileID{{"/bin/ls", 1, 2}}, []int{10, 12}, true
	f, err := want.Memfd()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("it stays open at exec: %#x %v", flags, err)
	}
	if _, err := f.WriteAt([]byte("x"), 0); err == nil {
		t.Error("it can be written to")
	}
	if err := f.Truncate(1); err == nil {
		t.Error("it can be cut")
	}
	got, err := ReadSpec(f)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v %v\nwant %v", got, err, want)
	}
}

// TestSpecsThatAreRefused: neither side lets them through.
func TestSpecsThatAreRefused(t *testing.T) {
	good := specFor(t, ExecNone, "/bin/true")
	for name, harm := range map[string]func(*Spec){
		"uid 0": func(s *Spec) { s.UID = 0 }, "gid 0": func(s *Spec) { s.GID = 0 },
		"uid -1": func(s *Spec) { s.UID = ^uint32(0) }, "gid -1": func(s *Spec) { s.GID = ^uint32(0) },
		"root's group": func(s *Spec) { s.Groups = []uint32{testUID, 0} }, "no path": func(s *Spec) { s.Path = "" },
		"a relative path": func(s *Spec) { s.Path = "true" }, "no arguments": func(s *Spec) { s.Argv = nil },
		"no directory": func(s *Spec) { s.Dir = "" }, "a relative directory": func(s *Spec) { s.Dir = "." },
		"no such mode": func(s *Spec) { s.Exec = "" }, "a mode in capitals": func(s *Spec) { s.Exec = "NONE" },
		"the spec's descriptor": func(s *Spec) { s.Files = []int{3} }, "a negative descriptor": func(s *Spec) { s.Files = []int{-1} },
		"a descriptor twice": func(s *Spec) { s.Files = []int{10, 10} }, "a huge descriptor": func(s *Spec) { s.Files = []int{1 << 30} },
		"NUL in the path": func(s *Spec) { s.Path = "/bin/true\x00x" }, "NUL in an argument": func(s *Spec) { s.Argv = []string{"true", "a\x00b"} },
		"NUL in a variable": func(s *Spec) { s.Env = []string{"A=b\x00c"} }, "a variable without a value": func(s *Spec) { s.Env = []string{"A"} },
		"a variable without a name": func(s *Spec) { s.Env = []string{"=a"} },
	} {
		s := good
		harm(&s)
		if f, err := s.Memfd(); err == nil {
			f.Close()
			t.Errorf("%s: it was written down", name)
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if r := containedBy(t, "docker", "", sealed(t, string(text), specSeals)); r.refuse == "" || r.state.ExitCode() != 126 {
			t.Errorf("%s: %v %q", name, r.state, r.refuse)
		}
	}
	// JSON would carry these as other bytes.
	for name, harm := range map[string]func(*Spec){
		"an argument":          func(s *Spec) { s.Argv = []string{"true", "caf\xe9"} },
		"a variable":           func(s *Spec) { s.Env = []string{"A=caf\xe9"} },
		"the path":             func(s *Spec) { s.Path = "/bin/caf\xe9" },
		"a path of the list":   func(s *Spec) { s.ExecFiles = []FileID{{Path: "/bin/caf\xe9"}} },
		"the directory's name": func(s *Spec) { s.Dir = "/caf\xe9" },
	} {
		s := good
		harm(&s)
		if f, err := s.Memfd(); err == nil {
			f.Close()
			t.Errorf("%s that isn't UTF-8 was written down", name)
		}
	}
}

// TestSpecsOfAnotherMachine: what only opsh-exec can find out.
func TestSpecsOfAnotherMachine(t *testing.T) {
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		good := specFor(t, mode, "/bin/true")
		for name, harm := range map[string]func(*Spec){
			"another inode": func(s *Spec) { s.Ino++ }, "another device": func(s *Spec) { s.Dev++ },
			"no such program": func(s *Spec) { s.Path = "/bin/nonexistent" }, "a directory": func(s *Spec) { *s = specFor(t, mode, "/etc") },
			"no such directory": func(s *Spec) { s.Dir = "/nonexistent" }, "a directory that is root's alone": func(s *Spec) { s.Dir = "/proc/1/cwd" },
			"a descriptor that isn't there": func(s *Spec) { s.Files = []int{77} }, "no terminal": func(s *Spec) { s.Terminal = true },
		} {
			s := good
			harm(&s)
			if r := contained(t, s); !strings.HasPrefix(r.refuse, "cannot ") || strings.Count(r.refuse, "\n") != 1 || r.state.ExitCode() != 126 || r.output != "" {
				t.Errorf("%s, %s: %v %q %q", mode, name, r.state, r.refuse, r.output)
			}
		}
		if r := contained(t, good); r.refuse != "" || r.state.ExitCode() != 0 {
			t.Errorf("%s: the good one: %v %s", mode, r.state, r.refuse)
		}
	}
}

func TestFilesThatAreNoSpec(t *testing.T) {
	b, err := json.Marshal(specFor(t, ExecNone, "/bin/true"))
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	plain, err := os.CreateTemp(t.TempDir(), "spec")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if _, err := plain.WriteString(good); err != nil {
		t.Fatal(err)
	}
	pipe, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	w.Close()
	for name, f := range map[string]*os.File{
		"a plain file": plain, "a pipe": pipe, "nothing": nil,
		"a file without seals": sealed(t, good, 0), "one that can shrink": sealed(t, good, specSeals&^unix.F_SEAL_SHRINK),
		"one that can grow": sealed(t, good, specSeals&^unix.F_SEAL_GROW), "one that can be written": sealed(t, good, specSeals&^unix.F_SEAL_WRITE),
		"one that takes seals": sealed(t, good, specSeals&^unix.F_SEAL_SEAL),
		"an empty one":         sealed(t, "", specSeals), "half of one": sealed(t, good[:len(good)/2], specSeals),
		"an unknown key":          sealed(t, `{"Shell":true,`+good[1:], specSeals),
		"a key twice":             sealed(t, `{"UID":5,`+good[1:], specSeals),
		"a key in other letters":  sealed(t, strings.Replace(good, `"UID"`, `"uid"`, 1), specSeals),
		"two values":              sealed(t, good+good, specSeals),
		"something behind it":     sealed(t, good+" ", specSeals),
		"a list":                  sealed(t, "["+good+"]", specSeals),
		"a number that overflows": sealed(t, strings.Replace(good, `"UID":64801`, `"UID":4295032097`, 1), specSeals),
		"too much":                sealed(t, good+strings.Repeat(" ", specBytes), specSeals),
	} {
		if r := containedBy(t, "docker", "", f); !strings.HasPrefix(r.refuse, "cannot read what to run: ") || r.state.ExitCode() != 126 {
			t.Errorf("%s: %v %q", name, r.state, r.refuse)
		}
	}
	if r := containedBy(t, "docker", "", sealed(t, good, specSeals)); r.refuse != "" || r.state.ExitCode() != 0 {
		t.Errorf("the good one: %v %q", r.state, r.refuse)
	}
}

func TestByHand(t *testing.T) {
	out, err := exec.Command(helper, "--help").CombinedOutput()
	if exited, ok := err.(*exec.ExitError); !ok || exited.ExitCode() != 2 || strings.Count(string(out), "\n") != 1 || !strings.HasPrefix(string(out), "opsh-exec: error: ") {
		t.Errorf("%v %q", err, out)
	}
}
