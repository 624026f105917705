package shell

import (
	"context"
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
	"opsh/shell/audit/cloudwatch"
	"opsh/shell/guard"
	"opsh/shell/recording"
	"opsh/shell/recording/bucket"
	"opsh/shell/transcript"
)

// The recorder is opshd's hand for everything that has to do with records: it keeps a trail of what the guard does, closes and ships what killed
// sessions left although no other session comes, and removes what is old and shipped. It gets the guard's events on standard input, and ends with it.
// Only opshd starts it.

// RecorderName is the argv[0] of the recorder. The agent can't start opsh under it: the guard lets opsh go under its own names only.
const RecorderName = "opsh: recorder"

const (
	housekeeping = time.Minute         // between two looks at the state directory
	adoption     = 5 * time.Minute     // for shipping what sessions left, each time
	lastWords    = 4 * time.Second     // for shipping the guard's last record; opshd waits for 5s
	keepShipped  = 14 * 24 * time.Hour // trails that CloudWatch Logs has are removed after this
	keepBytes    = 256 << 20           // and the oldest of them before, when all together are larger
)

// Record is the recorder's whole life. It returns its exit status.
func (s *Session) Record() int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP) // it ends when opshd has told it everything
	if err := noDump(); err != nil {
		s.complain(err)
		return StatusBroken
	}
	// Without a policy nobody knows where records go: they stay here, and what sessions left does, too.
	var to *cloudwatch.Target
	var films *bucket.Target
	hash := ""
	p, policyErr := policy.Open(s.PolicyFile, answer.Split)
	if policyErr == nil {
		to, films, hash = s.target(p), s.bucket(p), p.Hash
	} else {
		s.complain(fmt.Errorf("cannot ship records: %w", policyErr))
	}
	from, err := findOrigin(0)
	if err != nil {
		s.complain(err)
		return StatusBroken
	}
	trail, err := audit.Create(s.StateDir, "guard-"+strings.TrimPrefix(from.session, "opsh-"), s.Now)
	if err != nil {
		s.complain(err, audit.Failed(err))
		return StatusBroken
	}
	host, _ := os.Hostname()          //nolint:errcheck // a container without a name is recorded without one
	here, _ := s.findPlace(placeSoon) //nolint:errcheck // recorded as far as it is known
	if _, err := trail.Append(audit.Record{Event: audit.Begin, Task: taskID(s.Environ), Cluster: here.name(), Service: here.service, Host: host, Opsh: s.Version, Policy: hash, Mode: modeGuard}); err != nil {
		s.complain(err, audit.Failed(err))
		return StatusBroken
	}
	file, _ := trail.Heir()
	var shipper *cloudwatch.Shipper
	if to != nil {
		shipper = to.Ship(file, trail.Session(), s.Now)
		defer shipper.End()
		shipper.More(trail.Size())
	}
	go s.keepHouse(&orders{StateDir: s.StateDir, Session: trail.Session(), Ship: to, Bucket: films}, policyErr == nil)
	kills := s.listen(trail, shipper)
	zero := 0
	if _, err := trail.Append(audit.Record{Event: audit.End, Status: &zero, Category: audit.CategoryExit,
		Why: "the container's first process ended, having ended " + transcript.Count(kills, "start")}); err != nil {
		s.complain(err, audit.Failed(err))
		return StatusBroken
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	o := orders{StateDir: s.StateDir}
	if err := o.finish(ctx, shipper, nil, trail); err != nil {
		s.complain(fmt.Errorf("the guard's last records are on this machine alone: %w", err))
		return StatusBroken
	}
	return 0
}

// listen records events until the guard is gone. It returns how many starts were ended. What can't be recorded is in the container's log, where
// opshd has written it.
func (s *Session) listen(trail *audit.Trail, shipper *cloudwatch.Shipper) (kills int) {
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
		if shipper != nil {
			shipper.More(trail.Size())
		}
	}
}

// keepHouse sees to what sessions leave in the state directory, for ever, and says when its disk is nearly full. Unless it is known where records go they stay
// as they are.
func (s *Session) keepHouse(o *orders, known bool) {
	said := false
	for {
		if text := guard.Scarce(o.StateDir); text == "" {
			said = false
		} else if !said {
			fmt.Fprintln(s.Stderr, "opsh: warning: "+text)
			said = true
		}
		if known {
			ctx, cancel := context.WithTimeout(context.Background(), adoption)
			o.adopt(ctx, s.Now)
			cancel()
		}
		if o.Ship != nil { // else what is here is the only copy
			if err := audit.Sweep(o.StateDir, s.Now().Add(-keepShipped), keepBytes, o.Ship.Shipped, o.films); err != nil {
				s.complain(err)
			}
		}
		time.Sleep(housekeeping)
	}
}

// films is the files of a session's recording that go with its trail: none where it is shipped nowhere, and this machine has the only copy. A trail
// is done when both were shipped, where both are to be.
func (o *orders) films(session string) []string {
	if o.Bucket == nil {
		return nil
	}
	at := recording.Path(o.StateDir, session)
	return []string{at, at + bucket.ShippedSuffix}
}
