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
}

// The descriptors that opsh-exec starts with, beside standard input and output.
const (
	SpecFD    = 3
	StatusFD  = 4 // a pipe: an error text, or closed by a successful exec
	FirstFile = 10
)

const (
	specBytes = 8 << 20 // a Spec's largest size
	specSeals = unix.F_SEAL_SEAL | unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK
)

// Memfd is the Spec as opsh-exec reads it.
func (s Spec) Memfd() (*os.File, error) {
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
	if d.InputOffset() != int64(len(b)) {
		return s, errors.New("cannot read what to run: something follows it")
	}
	return s, s.check()
}

// check refuses what no Grant says.
func (s Spec) check() error {
	switch {
	case s.UID == 0 || s.GID == 0:
		return errors.New("cannot run a tool as root: uid and gid must not be 0")
	case s.Path == "" || s.Path[0] != '/' || len(s.Argv) == 0 || s.Dir == "":
		return errors.New("cannot run a tool: its path, arguments or directory are missing")
	case s.Exec != ExecNone && s.Exec != ExecList && s.Exec != ExecAny:
		return errors.New(`cannot run a tool: exec is not "none", "list" or "any"`)
	}
	for _, g := range s.Groups {
		if g == 0 {
			return errors.New("cannot run a tool in the group of root")
		}
	}
	for _, fd := range s.Files {
		if fd < FirstFile {
			return fmt.Errorf("cannot hand descriptor %d to a tool", fd)
		}
	}
	return nil
}
