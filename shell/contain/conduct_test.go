package contain

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// The descriptors that a conductor is started with, beside the spec's and those from FirstFile.
const (
	reportFD = 4 // a pipe: why no tool ran
	eventsFD = 5 // a pipe: Events, as JSON
)

// conduct is what opsh does with opsh-exec, in a process of its own with a container's capabilities. It ends as the tool ends.
func conduct(refuse string) int {
	spec, report, events := os.NewFile(SpecFD, "spec"), os.NewFile(reportFD, "report"), json.NewEncoder(os.NewFile(eventsFD, "events"))
	tell := func(e Event) error {
		if refuse != "" && !e.Denied {
			return errors.New(refuse)
		}
		return events.Encode(e)
	}
	status, err := conducted(spec, tell)
	if err != nil {
		fmt.Fprintln(report, err)
		return 126
	}
	if status.Signaled() {
		resetSignals()
		unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
		unix.Tgkill(os.Getpid(), unix.Gettid(), status.Signal())
	}
	return status.ExitStatus()
}

func conducted(spec *os.File, tell Told) (unix.WaitStatus, error) {
	s := Spec{Exec: ExecNone}
	json.NewDecoder(io.NewSectionReader(spec, 0, specBytes)).Decode(&s) // opsh-exec refuses what is wrong with it
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	unix.SetNonblock(pair[0], true)
	ours, theirs := os.NewFile(uintptr(pair[0]), "status"), os.NewFile(uintptr(pair[1]), "status")
	files := []*os.File{os.Stdin, os.Stdout, os.Stderr, spec, theirs, nil, nil, nil, nil, nil}
	var granted int // not what Go's runtime has opened there meanwhile
	fmt.Sscan(os.Getenv("GRANTED"), &granted)
	for fd := FirstFile; fd < FirstFile+granted; fd++ {
		files = append(files, os.NewFile(uintptr(fd), "granted"))
	}
	defer runtime.KeepAlive(files)
	k, err := Keep(s, tell, func() (int, error) {
		p, err := os.StartProcess(os.Getenv("OPSH_EXEC"), []string{"opsh-exec"}, &os.ProcAttr{Dir: "/", Env: []string{}, Files: files})
		if err != nil {
			return 0, err
		}
		pid := p.Pid // Release forgets it
		return pid, p.Release()
	})
	if err != nil {
		return 0, err
	}
	theirs.Close()
	if s.Traced() {
		if err := Held(ours); err != nil {
			return 0, err
		}
	}
	filter, err := Await(ours)
	if err != nil {
		return 0, err
	}
	l, err := Listen(filter, s, tell)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	<-k.Ended()
	return k.Status(), nil
}
