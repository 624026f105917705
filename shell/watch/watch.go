// Package watch is opsh-watch: the processes beside opsh that speak to AWS. Which part one plays its argv[0] says; what it needs to know it is told
// over a descriptor, by opsh, and by nothing else: no argument and no environment.
//
//   - The watcher outlives opsh: the agent ends a session by SIGKILLing opsh alone. It ships the session's records and its recording; and when opsh is
//     gone it ends what still runs, writes the closing record, and ships that too.
//   - What fetches one secret, what takes one approval, and what proves that records arrive end with their answer.
package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"opsh/shell/audit/cloudwatch"
	"opsh/shell/contain"
	"opsh/shell/recording/bucket"
	"opsh/shell/secret/fetch"
	"opsh/shell/ship"
	"opsh/shell/taskrole/sdk"
)

// The exit statuses of these processes. opsh goes by what they say.
const (
	statusRefused = 126
	statusBroken  = 125
)

// Process is such a process's whole life. It returns its exit status.
func Process(argv []string, now func() time.Time) int {
	parts := map[string]func() int{
		ship.WatcherName: func() int { return watcher(now) },
		ship.SecretName:  fetch.Serve,
		ship.ClaimName:   claim,
		ship.ProofName:   func() int { return prove(now) },
	}
	if len(argv) != 1 || parts[argv[0]] == nil {
		complain(errors.New("opsh alone starts opsh-watch, to ship its records and to ask AWS"))
		return statusRefused
	}
	if contain.Private() != nil {
		return statusBroken
	}
	return parts[argv[0]]()
}

// complain writes to the container's log, or to nobody where opsh gave none.
func complain(err error) {
	fmt.Fprintf(os.NewFile(2, "stderr"), "opsh: error: %v\n", err)
}

// asked decodes what one of these processes is told on its standard input.
func asked(what any) error { return json.NewDecoder(os.NewFile(0, "order")).Decode(what) }

// claim takes an approval's number. What it writes is why it can't be had; nothing: it is ours.
func claim() int {
	var c ship.Claim
	if asked(&c) != nil {
		return statusBroken
	}
	ctx, cancel := context.WithTimeout(context.Background(), ship.ClaimTime)
	defer cancel()
	if err := (cloudwatch.Target{Logs: c.Target}).Claim(ctx, c.Name); err != nil {
		fmt.Fprint(os.NewFile(1, "answer"), sdk.Reason(err))
		return statusRefused
	}
	return 0
}

// prove has a record and a recording arrive where the policy ships them to.
func prove(now func() time.Time) int {
	var p ship.Proof
	if asked(&p) != nil {
		return statusBroken
	}
	ctx, cancel := context.WithTimeout(context.Background(), ship.ProofTime)
	defer cancel()
	var proven ship.Proven
	if p.Ship != nil {
		found := cloudwatch.Target{Logs: *p.Ship}.Prove(ctx, p.Session, p.Record, now())
		for i := range found {
			found[i].Text = fmt.Sprintf("cannot record in the log group %s: %s", p.Ship.LogGroup, found[i].Text)
		}
		if len(found) == 0 {
			proven.Said = append(proven.Said, fmt.Sprintf("a record was written to %s in %s and read back (stream %s)", p.Ship.LogGroup, p.Ship.Region, p.Session))
		}
		proven.Found = found
	}
	if p.Bucket != nil {
		to := bucket.Target{Recordings: *p.Bucket}
		if at, err := to.Prove(ctx, p.Session); err != nil {
			proven.Found = append(proven.Found, ship.Finding{Text: fmt.Sprintf("cannot ship recordings to the bucket %s: %s", to.Bucket, sdk.Reason(err)), Hint: to.Hint(err)})
		} else {
			proven.Said = append(proven.Said, fmt.Sprintf("a probe was put to %s, as recordings are", at))
		}
	}
	if json.NewEncoder(os.NewFile(1, "answer")).Encode(proven) != nil {
		return statusBroken
	}
	return 0
}
