// Package secret fetches a session's secrets from AWS: Secrets Manager, Parameter Store, and tokens for RDS's IAM authentication.
//
// A process of its own does it, which ends with its answer. So the task role's credentials and AWS's client are never in the memory of the
// opsh that a session talks to; it gets the one text that it asked for, over a socket. Nothing of it is in an argument or an environment.
package secret

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"opsh/policy"
	"opsh/shell/ship"
	"opsh/shell/taskrole"
)

// Request is what to fetch, and as whom.
type Request struct {
	Role   taskrole.Role
	Source policy.Source // AWS
}

// Error is why a secret can't be had. Neither text holds any of it.
type Error struct {
	Text string
	Hint string // what to change, "" where nothing is known
}

func (e *Error) Error() string { return e.Text }

// Answer is what the process says.
type Answer struct {
	Value string
	Error *Error
}

// Socket is the descriptor that the process gets the Request from, and answers on. The end of it says that nobody waits any more.
const Socket = 3

// FetchTime bounds what is asked of AWS for one secret, with all that is tried again.
const FetchTime = 20 * time.Second

const (
	// patience is how long the answer may take: the process starts and ends, too.
	patience = FetchTime + 5*time.Second
	// MostAnswer bounds an answer, the service's and the process's, in bytes: more than the largest secret, escaped: Secrets Manager keeps 64 KiB.
	MostAnswer = 1 << 20
)

// Fetch has a process of program, which is opsh-watch, ask for a secret. An error is an *Error where the process has said it.
func Fetch(program string, r Request) (string, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", fmt.Errorf("cannot start what fetches it: %w", err)
	}
	if err := unix.SetNonblock(pair[0], true); err != nil { // so that deadlines work
		return "", fmt.Errorf("cannot start what fetches it: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "secret"), os.NewFile(uintptr(pair[1]), "opsh")
	defer ours.Close()
	cmd := &exec.Cmd{
		Path: program, Args: []string{ship.SecretName}, Dir: "/",
		Env:         []string{}, // nothing in an environment has a say in where a secret comes from
		ExtraFiles:  []*os.File{theirs},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	err = cmd.Start()
	theirs.Close() //nolint:errcheck // the process has its own
	if err != nil {
		return "", fmt.Errorf("cannot start what fetches it: %w", err)
	}
	defer func() {
		cmd.Process.Kill() //nolint:errcheck // it has ended, most often
		cmd.Wait()         //nolint:errcheck // however it ended
	}()
	var got Answer
	if err = ours.SetDeadline(time.Now().Add(patience)); err == nil {
		if err = json.NewEncoder(ours).Encode(r); err == nil {
			err = json.NewDecoder(io.LimitReader(ours, MostAnswer)).Decode(&got)
		}
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "", fmt.Errorf("no answer within %s", patience)
	case err != nil:
		return "", errors.New("what fetches it ended without an answer") // a decoder's error would quote the answer
	case got.Error != nil:
		return "", got.Error
	}
	return got.Value, nil
}
