package main

import (
	"fmt"
	"io"

	"opsh/shell/guard"
)

// health is ECS's health check: 0 when the guard lives and holds every process of the agent's, 1 when not.
func health(stateDir string, out, complaints io.Writer) int {
	state, err := guard.Ask(stateDir)
	if err != nil {
		fmt.Fprintln(complaints, "opshd: error:", err)
		return 1
	}
	if disk := guard.Scarce(stateDir); disk != "" {
		fmt.Fprintln(complaints, "opshd: warning:", disk)
	}
	problems := state.Problems()
	if state.PID != 1 {
		problems = append(problems, fmt.Sprintf("the guard is process %d: only the container's first process can't be ended from inside", state.PID))
	}
	for _, p := range problems {
		fmt.Fprintln(complaints, "opshd: error:", p)
	}
	if len(problems) > 0 {
		return 1
	}
	switch n := len(state.Held); n {
	case 0:
		fmt.Fprintf(out, "opshd: on since %s; no agent runs; starts ended: %d\n", state.Since, state.Killed)
	default:
		fmt.Fprintf(out, "opshd: on since %s; holds the agent's %d processes; starts ended: %d\n", state.Since, n, state.Killed)
	}
	return 0
}
