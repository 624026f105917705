package main

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/sys/unix"

	"opsh/shell/guard"
)

// scarce is how much of the state directory's disk may be left before it is said: the larger of a share and a size.
const (
	scarceShare = 20 // a twentieth
	scarceBytes = 64 << 20
)

// health is ECS's health check: 0 when the guard lives and holds every process of the agent's, 1 when not.
func health(stateDir string, out, complaints io.Writer) int {
	state, err := guard.Ask(stateDir)
	if err != nil {
		fmt.Fprintln(complaints, "opshd: error:", err)
		return 1
	}
	if disk := fullDisk(stateDir); disk != "" {
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
		fmt.Fprintf(out, "opshd: on since %s; no agent runs, %d starts ended\n", state.Since, state.Killed)
	default:
		fmt.Fprintf(out, "opshd: on since %s; holds the agent's %d processes, %d starts ended\n", state.Since, n, state.Killed)
	}
	return 0
}

// fullDisk says that little is left of the disk that records are on; "" where that isn't so, or isn't known.
func fullDisk(dir string) string {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil || st.Blocks == 0 {
		return ""
	}
	free, all := st.Bavail*uint64(st.Bsize), st.Blocks*uint64(st.Bsize)
	if free >= max(scarceBytes, all/scarceShare) {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("the disk that records are on has %d MiB left of %d: without room no command runs", free>>20, all>>20))
}
