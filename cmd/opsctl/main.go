// Opsctl is opsh's other half: for operators, CI, the security team and auditors, on their own machines.
package main

import (
	"os"
	"runtime/debug"
	"time"
)

// Set at link time.
var (
	version  = "development"
	loopback = "" // "permitted", for tests only: a broker and a session's channel on 127.0.0.1, without TLS
)

func main() {
	debug.SetGCPercent(400) // what a verb holds is small and gone soon: memory is cheaper here than the collector's time
	p := person{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ(), now: time.Now}
	os.Exit(p.dispatch(os.Args[1:]))
}

// verbs is everything that opsctl does, in the order in which help lists it. Each has a file of its own, cmd_VERB.go.
func verbs() []verb {
	return []verb{
		tasksVerb(),
		connectVerb(),
		runVerb(),
		doctorVerb(),
		approveVerb(),
		verifyVerb(),
		logVerb(),
		replayVerb(),
		exportVerb(),
		policyCheckVerb(),
		policyExplainVerb(),
		policyTestVerb(),
		policyDiffVerb(),
		tryVerb(),
		policySchemaVerb(),
		channelVerb(),
	}
}
