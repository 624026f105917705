// Package ship is what opsh and the processes beside it say to each other: where records and recordings go, how far they are, and what is asked of
// AWS. Those processes are opsh-watch's, in which AWS's library is; the opsh that a session talks to has none of it in its memory, nor the task
// role's credentials, and starts in half the time.
package ship

import (
	"time"

	"opsh/shell/taskrole"
)

// Logs is where trails go, and as whom: a log group.
type Logs struct {
	taskrole.Role
	Region   string
	LogGroup string
}

// Recordings is where recordings go, and as whom: a bucket.
type Recordings struct {
	taskrole.Role
	Region string
	Bucket string
	Prefix string // "" or text that ends in /
}

// Finding is what keeps records from arriving, or may do so, and what to change.
type Finding struct {
	Text, Hint string
	Warning    bool // records arrive all the same
}

// The argv[0] of opsh-watch, each a part that it plays. The guard lets the agent start no program but opsh.
const (
	WatcherName = "opsh: watcher"
	SecretName  = "opsh: secret"
	ClaimName   = "opsh: claim"
	ProofName   = "opsh: proof"
)

// Descriptors that the watcher inherits.
const (
	WatcherSocket = 3
	WatcherTrail  = 4 // carries the trail's lock
	WatcherSeat   = 5 // carries the lock on the uid, where there is one
)

// How long AWS is asked for a claim, and for a proof.
const (
	ClaimTime = 20 * time.Second
	ProofTime = time.Minute
)

// Orders are what a watcher gets to know at its start. Behind them comes, after each record, how many bytes of the trail are on disk; and behind the
// end record that number negated: nothing is left to end, and nothing to write.
type Orders struct {
	Trail    string // the file's path
	Session  string
	StateDir string
	Seed     []byte // of the session's key
	UID      uint32 // of the session's tools; 0: it has none
	Reaper   uint32
	Ship     *Logs       // nil: records stay on this machine
	Bucket   *Recordings // nil: so does the recording, if there is one
	Others   Others      // what to do about what other sessions left
}

// Others is what a watcher does about other sessions, whose own were killed too or did not get it shipped in their time.
type Others int

// A session's watcher adopts once what is there; the recorder's keeps the house for as long as it lasts. Where nobody knows where records go, all stays as it is.
const (
	Adopt Others = iota
	KeepHouse
	Leave
)

// Told is what a watcher says, each time that something has changed.
type Told struct {
	Records, Recording State
}

// Claim asks for a name, once for all tasks that ship to the log group. The answer is why it can't be had; none: it is taken for who asks.
type Claim struct {
	Target Logs
	Name   string
}

// Proof asks whether records and recordings arrive.
type Proof struct {
	Ship    *Logs       // nil: not asked
	Bucket  *Recordings // likewise
	Session string      // whose they would be
	Record  string      // the line of a trail
}

// Proven is the answer.
type Proven struct {
	Said  []string // what arrived
	Found []Finding
}
