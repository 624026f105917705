// Package wire is what the rig and its stand-in for the agent's session worker say to each other.
package wire

// Descriptors of the worker.
const (
	Orders  = 3 // a Session, then Orders, as JSON
	Reports = 4 // Reports, as JSON
)

// Session is how a session is started.
type Session struct {
	Command string   // the --command of ecs execute-command
	Program string   // what "opsh" in it stands for; empty: looked up in PATH
	Env     []string // the container's
	Dir     string   // the agent's directory of the session
	Fast    bool     // don't hold the output back as the agent does
}

// Order is something to do to a running session.
type Order struct {
	Do         string // resize, kill, leave, hangup
	Cols, Rows uint16
}

// Report is sent when the command has started, and when it has ended.
type Report struct {
	PID    int
	Ended  bool
	Exit   int
	Signal int
	Log    string // the session log, as the agent would upload it
}
