package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"opsh/shell/guard"
)

// The recorder is opsh itself under a name that ECS Exec can't give it: it alone knows the policy and AWS, and it keeps the key that the guard's
// records are signed with. opshd tells it of each event; when it ends another is started.

// recorderName is shell.RecorderName; opshd doesn't link that package.
const recorderName = "opsh: recorder"

const (
	kept    = 1000            // events that wait for the recorder; what is more is in the container's log only
	grace   = 5 * time.Second // for the last records when the container ends
	between = 3 * time.Second // between the end of a recorder and the start of the next
)

// passed are the variables that the recorder gets: where the task's credentials are, and which task it is. Nothing in an environment has a say
// in where records go.
var passed = [...]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI"}

type recorder struct {
	container container
	events    chan guard.Event
	lost      atomic.Int64 // events that there was no room for
	once      sync.Once
	stopping  chan struct{}
	gone      chan struct{}
}

// startRecorder returns at once.
func startRecorder(c container) *recorder {
	r := &recorder{container: c, events: make(chan guard.Event, kept), stopping: make(chan struct{}), gone: make(chan struct{})}
	go r.run()
	return r
}

// tell hands an event on. It doesn't wait: a guard that did would hold the agent up.
func (r *recorder) tell(e guard.Event) {
	select {
	case r.events <- e:
	default:
		r.lost.Add(1)
	}
}

// stop lets the recorder write its last record, and ship it if that goes fast.
func (r *recorder) stop() {
	r.once.Do(func() { close(r.stopping) })
	select {
	case <-r.gone:
	case <-time.After(grace):
	}
}

// run keeps one recorder going.
func (r *recorder) run() {
	defer close(r.gone)
	for {
		err := r.one()
		select {
		case <-r.stopping:
			return
		default:
		}
		r.container.complain(fmt.Sprintf("error: the recorder ended (%v): what the guard does is in this log only, until another runs in %s", err, between))
		select {
		case <-r.stopping:
			return
		case <-time.After(between):
		}
	}
}

// one runs a recorder to its end.
func (r *recorder) one() error {
	cmd := &exec.Cmd{
		Path: r.container.opsh, Args: []string{recorderName}, Dir: "/", Env: []string{}, Stdout: r.container.stdout, Stderr: r.container.stderr,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	for _, name := range passed {
		if v := value(r.container.environ, name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return r.feed(in, ended)
}

// feed writes events to a recorder until it or the container ends.
func (r *recorder) feed(in io.WriteCloser, ended <-chan error) error {
	to := json.NewEncoder(in)
	for {
		select {
		case e := <-r.events:
			if to.Encode(e) != nil {
				r.tell(e) // for the next one
				return <-ended
			}
			if n := r.lost.Swap(0); n > 0 {
				r.tell(guard.Event{Kind: guard.Trouble, Why: fmt.Sprintf("%d events before this were not recorded: there were too many at once", n)})
			}
		case err := <-ended:
			return err
		case <-r.stopping:
			for len(r.events) > 0 {
				to.Encode(<-r.events) //nolint:errcheck // it is gone, and there won't be another
			}
			in.Close() //nolint:errcheck // it ends by that
			return <-ended
		}
	}
}
