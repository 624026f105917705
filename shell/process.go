package shell

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"opsh/shell/taskrole"
)

// helper is the absolute path of opsh-exec, and beside that of opsh-watch.
func (s *Session) helper() string { return filepath.Join(filepath.Dir(s.Program), "opsh-exec") }
func (s *Session) beside() string { return filepath.Join(filepath.Dir(s.Program), "opsh-watch") }

// role is as whom, and where, AWS is asked.
func (s *Session) role() taskrole.Role {
	return taskrole.Role{Endpoint: s.AWSEndpoint, CredentialsHost: s.CredentialsHost, CredentialsURI: variable(s.Environ, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")}
}

// ask has a process of opsh-watch's play a part, and returns what it says.
func (s *Session) ask(part string, order any, limit time.Duration) ([]byte, error) {
	told, err := json.Marshal(order)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.beside())
	cmd.Args, cmd.Dir, cmd.Env, cmd.Stdin = []string{part}, "/", []string{}, bytes.NewReader(told)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd.Output()
}

// writable says whether what is written to f can reach anyone. When a process starts with a descriptor closed, Go's runtime
// opens /dev/null in its place for reading and writing, so that is what a closed output looks like.
func writable(f *os.File) error {
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err != nil {
		return err
	}
	switch flags & unix.O_ACCMODE {
	case unix.O_RDONLY:
		return errors.New("it is open for reading only")
	case unix.O_WRONLY:
		return nil
	}
	var st, null unix.Stat_t
	if unix.Fstat(int(f.Fd()), &st) == nil && unix.Stat("/dev/null", &null) == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == null.Rdev {
		return errors.New("it is closed")
	}
	return nil
}
