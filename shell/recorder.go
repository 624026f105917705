package shell

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/audit"
	"opsh/shell/contain"
	"opsh/shell/guard"
	"opsh/shell/ship"
	"opsh/shell/transcript"
)

// The recorder is opshd's hand for everything that has to do with records: it keeps a trail of what the guard does, closes and ships what killed
// sessions left although no other session comes, and removes what is old and shipped. It gets the guard's events on standard input, and ends with it.
// Only opshd starts it.

// RecorderName is the argv[0] of the recorder. The agent can't start opsh under it: the guard lets opsh go under its own names only.
const RecorderName = "opsh: recorder"

const (
	diskLook  = time.Minute     // between two looks at how full the disk is
	lastWords = 4 * time.Second // for shipping the guard's last record; opshd waits for 5s
)

// Record is the recorder's whole life. It returns its exit status.
func (s *Session) Record() int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP) // it ends when opshd has told it everything
	if err := contain.Private(); err != nil {
		s.complain(err)
		return StatusBroken
	}
	// Without a policy nobody knows where records go: they stay here, and what sessions left does, too.
	o := ship.Orders{StateDir: s.StateDir, Others: ship.Leave}
	hash := ""
	p, err := policy.Open(s.PolicyFile, answer.Split)
	if err == nil {
		o.Ship, o.Bucket, o.Others, hash = s.target(p), s.bucket(p), ship.KeepHouse, p.Hash
	} else {
		s.complain(fmt.Errorf("cannot ship records: %w", err))
	}
	trail, w, err := s.beginRecorder(o, hash)
	if err != nil {
		s.complain(err, audit.Failed(err))
		return StatusBroken
	}
	defer w.dismiss(trail)
	go s.watchDisk()
	go func() {
		<-w.gone
		s.Stdin.Close() //nolint:errcheck // then there is nothing to listen to, and opshd starts another recorder
	}()
	kills := s.listen(trail, w)
	if err := w.alive(); err != nil {
		s.complain(err)
		return StatusBroken
	}
	zero := 0
	if _, err := trail.Append(audit.Record{Event: audit.End, Status: &zero, Category: audit.CategoryExit,
		Why: "the container's first process ended, having ended " + transcript.Count(kills, "start")}); err != nil {
		s.complain(err, audit.Failed(err))
		return StatusBroken
	}
	w.ship(trail.Size())
	if o.Ship == nil {
		return 0
	}
	if err := w.await(lastWords, trail.Size()); err != nil {
		s.complain(fmt.Errorf("the guard's last records are on this machine alone: %w", err))
		return StatusBroken
	}
	return 0
}

// beginRecorder opens the guard's trail, with its first record, and starts what ships it.
func (s *Session) beginRecorder(o ship.Orders, policyHash string) (*audit.Trail, *watcher, error) {
	from, err := findOrigin(0)
	if err != nil {
		return nil, nil, err
	}
	trail, err := audit.Create(s.StateDir, "guard-"+strings.TrimPrefix(from.session, "opsh-"), s.Now)
	if err != nil {
		return nil, nil, err
	}
	w, err := startWatcher(s.beside(), trail, nil, o, s.Stderr)
	if err != nil {
		return nil, nil, err
	}
	host, _ := os.Hostname()          //nolint:errcheck // a container without a name is recorded without one
	here, _ := s.findPlace(placeSoon) //nolint:errcheck // recorded as far as it is known
	if _, err := trail.Append(audit.Record{Event: audit.Begin, Task: taskID(s.Environ), Cluster: here.name(), Service: here.service, Host: host,
		Opsh: s.Version, Policy: policyHash, Mode: modeGuard}); err != nil {
		return nil, nil, err
	}
	w.ship(trail.Size())
	return trail, w, w.alive()
}

// listen records events until the guard is gone. It returns how many starts were ended. What can't be recorded is in the container's log, where
// opshd has written it.
func (s *Session) listen(trail *audit.Trail, w *watcher) (kills int) {
	in := json.NewDecoder(s.Stdin)
	for {
		var e guard.Event
		if in.Decode(&e) != nil {
			return kills
		}
		r := audit.Record{Event: audit.Guard, Of: text(e.Session), Path: text(e.Path), PID: e.PID, Why: text(e.Why), Call: string(e.Kind)}
		if e.Kind == guard.Killed || e.Kind == guard.Escaped {
			r.Event = audit.Killed
			kills++
		}
		const most = 64
		for _, a := range e.Argv[:min(len(e.Argv), most)] {
			r.Argv = append(r.Argv, text(a))
		}
		if _, err := trail.Append(r); err != nil {
			s.complain(err, audit.Failed(err))
			continue
		}
		w.ship(trail.Size())
	}
}

// watchDisk says when the state directory's disk is nearly full, once each time.
func (s *Session) watchDisk() {
	said := false
	for {
		if text := guard.Scarce(s.StateDir); text == "" {
			said = false
		} else if !said {
			fmt.Fprintln(s.Stderr, "opsh: warning: "+text)
			said = true
		}
		time.Sleep(diskLook)
	}
}
