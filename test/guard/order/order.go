// Package order is what the guard's tests and the stand-in for ECS Exec's agent say to each other: over a Unix socket, one Order and one
// Result, each a JSON text.
package order

import "time"

// Order is a session that the stand-in shall serve, or for the runtime, a process to start, to signal or to wait for.
type Order struct {
	Session    string        `json:"session"`
	Argv       []string      `json:"argv"`       // what the agent makes of --command
	Path       string        `json:"path"`       // the program, where it isn't found by argv[0]
	Plain      bool          `json:"plain"`      // without a terminal
	Transcript bool          `json:"transcript"` // make the session log afterwards, as the agent does
	Input      string        `json:"input"`      // typed into the terminal
	Bytes      int           `json:"bytes"`      // only relay so many bytes through a terminal, and time it
	Paced      bool          `json:"paced"`      // as the agent's pump does: at most 1,024 bytes, then a millisecond's pause
	Delay      time.Duration `json:"delay"`

	Signal int  `json:"signal"` // runtime: sent to PID
	PID    int  `json:"pid"`
	Wait   bool `json:"wait"` // runtime: wait for PID, or for what it starts
}

// Result is what came of it.
type Result struct {
	PID    int           `json:"pid"`
	Exit   int           `json:"exit"`
	Signal int           `json:"signal"` // -1: none ended it
	Output string        `json:"output"`
	Log    string        `json:"log"` // the session log
	Err    string        `json:"err"`
	Took   time.Duration `json:"took"` // from the start to the end of the command
	Late   bool          `json:"late"` // it still ran after the longest wait
}
