// Package contain is the step between opsh and a tool: from root to a uid of its own, without
// capabilities, without a way back, and without the means to become another program.
//
// It runs in opsh-exec, in the process that then execs the tool. Every step is checked after it was taken: a
// containment that might have failed is a tool that doesn't start.
package contain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// FileID is a file by name and identity: what was checked is what is executed, whatever the name leads to by then.
type FileID struct {
	Path     string
	Dev, Ino uint64
}

// The values of Spec.Exec: what the tool may start.
const (
	ExecNone = "none" // nothing: the kernel lets it execute no other program
	ExecList = "list" // the files of Spec.ExecFiles
	ExecAny  = "any"  // what its uid may
)

// Spec is all that opsh-exec needs to know. It travels as JSON in a sealed memfd, on descriptor SpecFD.
type Spec struct {
	Path      string // what is executed: the interpreter where the tool is a script
	Dev, Ino  uint64 // of Path
	Argv      []string
	Env       []string
	Dir       string
	UID, GID  uint32 // never 0
	Groups    []uint32
	Files     []int    // descriptors from FirstFile that the tool keeps
	Exec      string   // ExecNone, ExecList or ExecAny
	ExecFiles []FileID // for ExecList
	Terminal  bool     // descriptor 1 is a terminal: the tool leads a session on it
	SameUser  bool     // opsh isn't root: UID and GID are its own, and nothing changes them

	Limits Limits

	// Landlock, when FilesOnly or ConnectOnly says that there is something to restrict.
	Landlock    string // LandlockRequire, LandlockBestEffort or LandlockOff
	FilesOnly   bool   // beside what every program needs, only Reads and Writes may be opened
	Reads       []FileID
	Writes      []FileID // may be read, too
	ConnectOnly bool     // TCP connections to Ports only, and no listening
	Ports       []uint16
}

// Limits bounds each process of a tool, and Processes all of its uid. 0: the default of this package, or none.
type Limits struct {
	Processes uint64 // threads included
	Memory    uint64 // bytes of address space
	CPU       uint64 // seconds
	OpenFiles uint64
}

// The values of Spec.Landlock.
const (
	LandlockRequire    = "require"     // what the kernel can't restrict is a refusal
	LandlockBestEffort = "best-effort" // what it can't restrict stays open, and Lacks says so
	LandlockOff        = "off"
)

// The descriptors that opsh-exec starts with, beside standard input and output.
const (
	SpecFD    = 3
	StatusFD  = 4 // a socket: see status.go
	FirstFile = 10
)

const (
	lastFile  = 1023       // a Spec's highest descriptor
	noID      = ^uint32(0) // to setresuid: leave it as it is
	specBytes = 8 << 20    // a Spec's largest size
	specSeals = unix.F_SEAL_SEAL | unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK
)

// Memfd is the Spec as opsh-exec reads it. A Spec that opsh-exec would refuse has none.
func (s Spec) Memfd() (*os.File, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("cannot write down what to run: %w", err)
	}
	if len(b) > specBytes {
		return nil, fmt.Errorf("cannot write down what to run: it has %d bytes, at most %d are read", len(b), specBytes)
	}
	fd, err := unix.MemfdCreate("opsh-spec", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("cannot write down what to run: %w", err)
	}
	f := os.NewFile(uintptr(fd), "opsh-spec")
	if _, err = f.Write(b); err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, specSeals)
	}
	if err != nil {
		f.Close() //nolint:errcheck // it is given up
		return nil, fmt.Errorf("cannot write down what to run: %w", err)
	}
	return f, nil
}

// ReadSpec takes a Spec only from a file that nobody can change any more.
func ReadSpec(f *os.File) (Spec, error) {
	var s Spec
	seals, err := unix.FcntlInt(f.Fd(), unix.F_GET_SEALS, 0)
	if err != nil {
		return s, fmt.Errorf("cannot read what to run: it is not a sealed file: %w", err)
	}
	if seals&specSeals != specSeals {
		return s, errors.New("cannot read what to run: the file is not sealed")
	}
	b, err := io.ReadAll(io.NewSectionReader(f, 0, specBytes+1))
	if err != nil {
		return s, fmt.Errorf("cannot read what to run: %w", err)
	}
	if len(b) > specBytes {
		return s, errors.New("cannot read what to run: it is too large")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("cannot read what to run: %w", err)
	}
	// JSON can be read in more than one way: a key given twice or in other letters, a second value behind the first.
	// What Memfd writes has one reading, so it must be exactly that.
	if again, err := json.Marshal(s); err != nil || !bytes.Equal(again, b) {
		return s, errors.New("cannot read what to run: it is not written as opsh writes it")
	}
	return s, s.check()
}

// check refuses what no Grant says.
func (s Spec) check() error {
	switch {
	case s.UID == 0 || s.GID == 0:
		return errors.New("cannot run a tool as root: uid and gid must not be 0")
	case s.UID == noID || s.GID == noID:
		return errors.New("cannot run a tool: its uid or gid is the one that means none")
	case s.Path == "" || s.Path[0] != '/' || len(s.Argv) == 0 || s.Dir == "" || s.Dir[0] != '/':
		return errors.New("cannot run a tool: its path, arguments or directory are missing")
	case s.Exec != ExecNone && s.Exec != ExecList && s.Exec != ExecAny:
		return errors.New(`cannot run a tool: exec is not "none", "list" or "any"`)
	}
	if err := errors.Join(s.checkLimits(), s.checkLandlock()); err != nil {
		return err
	}
	for _, g := range s.Groups {
		if g == 0 || g == noID {
			return errors.New("cannot run a tool in the group of root")
		}
	}
	for i, fd := range s.Files {
		if fd < FirstFile || fd > lastFile || slices.Contains(s.Files[:i], fd) {
			return fmt.Errorf("cannot hand descriptor %d to a tool", fd)
		}
	}
	return s.checkText()
}

// checkText refuses what would reach the tool otherwise than it was decided and recorded: JSON replaces bytes that aren't
// UTF-8, execve stops at NUL.
func (s Spec) checkText() error {
	faithful := func(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }
	if !faithful(s.Path) || !faithful(s.Dir) {
		return errors.New("cannot run a tool: its path or directory is not UTF-8, or holds NUL")
	}
	for i, word := range s.Argv {
		if !faithful(word) {
			return fmt.Errorf("cannot run a tool: its argument %d is not UTF-8, or holds NUL", i)
		}
	}
	for _, entry := range s.Env { // the name alone: the value may be a secret
		if name, _, ok := strings.Cut(entry, "="); !ok || name == "" || !faithful(entry) {
			return fmt.Errorf("cannot run a tool: its environment variable %q is not NAME=VALUE in UTF-8 without NUL", name)
		}
	}
	for _, f := range slices.Concat(s.ExecFiles, s.Reads, s.Writes) {
		if !faithful(f.Path) {
			return fmt.Errorf("cannot run a tool: the path %q is not UTF-8, or holds NUL", f.Path)
		}
	}
	return nil
}
