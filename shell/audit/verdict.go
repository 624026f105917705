package audit

import "fmt"

// State is what a trail is, as a verifier finds it.
type State string

// The states. Whole is the only one that says that nothing is missing.
const (
	// Whole: every record from begin to end is there, as its session wrote and signed it.
	Whole State = "whole"
	// Open: nothing contradicts itself, but the session's own end is missing. The session lives, its machine was lost, or
	// the end was cut off: a trail alone can't say which. So is a trail that another session closed (Verdict.Closer): that one's end
	// proves that somebody found the trail in this state, not that nothing followed.
	Open State = "open"
	// Broken: records are missing, changed, moved, repeated or added.
	Broken State = "broken"
)

// Problem is something that a verifier found, and where.
type Problem struct {
	Line int    `json:"line"` // of the trail, from 1: its file's line or its stream's event; 0: the trail as a whole
	Seq  int    `json:"seq"`  // the record's own number; -1 where it isn't known
	Text string `json:"text"` // may quote the trail only as far as it can be shown
}

// Verdict is what a verifier says of a trail. What it repeats from the records is only as trustworthy as State.
type Verdict struct {
	State   State  `json:"state"`
	Session string `json:"session,omitempty"`
	Task    string `json:"task,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Policy  string `json:"policy,omitempty"` // SHA-256 of the policy file
	// Where the session was recorded: RecordingOff, RecordingLocal, or a place in S3. Empty: by an opsh that recorded none.
	Recording string `json:"recording,omitempty"`
	Key       string `json:"key,omitempty"`       // the session's public key
	Hash      string `json:"last_hash,omitempty"` // of the last record
	Closer    string `json:"closer,omitempty"`    // the session that wrote the end for this one
	From      string `json:"from,omitempty"`      // the first record's time
	To        string `json:"to,omitempty"`        // the last one's

	Records  int      `json:"records"`         // in order, each counted once
	Repeated int      `json:"repeated"`        // identical copies that were dropped: see Options.Repeats
	Runs     int      `json:"runs"`            // commands that were started
	Refusals int      `json:"refusals"`        // and that were not
	Kills    int      `json:"kills,omitempty"` // starts that a guard ended: its trail
	Status   *int     `json:"status,omitempty"`
	Category Category `json:"category,omitempty"`
	// Unwritten is how many records opsh itself says it could not write. The chain is whole without them.
	Unwritten int `json:"unwritten"`
	// Unfinished is how many bytes follow the last record without ending in LF: one that was never written whole.
	Unfinished int `json:"unfinished"`

	Problems []Problem `json:"problems"` // the first of them
	More     int       `json:"more"`     // how many more there are
	Notes    []Problem `json:"notes"`    // what isn't wrong, but an auditor should know; the first of them
}

// kept bounds how many problems and how many notes a verdict lists: a trail may be garbage throughout.
const kept = 100

// wrong adds a problem.
func (v *Verifier) wrong(line, seq int, format string, args ...any) {
	v.verdict.State = Broken
	if len(v.verdict.Problems) == kept {
		v.verdict.More++
		return
	}
	v.verdict.Problems = append(v.verdict.Problems, Problem{line, seq, fmt.Sprintf(format, args...)})
}

// note adds a note.
func (v *Verifier) note(line, seq int, format string, args ...any) {
	if len(v.verdict.Notes) < kept {
		v.verdict.Notes = append(v.verdict.Notes, Problem{line, seq, fmt.Sprintf(format, args...)})
	}
}
