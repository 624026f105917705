package guard

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// socketName is the guard's socket in opsh's state directory, which is root's alone.
const socketName = "guard"

// State is what a guard says of itself.
type State struct {
	PID     int    `json:"pid"`     // the guard's; 1 is the container's first process, which nobody in it can stop
	Held    []int  `json:"held"`    // the agent's processes that it holds whole
	Loose   []int  `json:"loose"`   // and those that it doesn't
	Late    []int  `json:"late"`    // those that ran before it did
	Killed  int    `json:"killed"`  // starts that it ended before their first instruction
	Escaped int    `json:"escaped"` // and those it ended later
	Trouble string `json:"trouble,omitempty"`
	Since   string `json:"since"` // RFC 3339, UTC
}

// Problems are the reasons why nobody should rely on the guard; none: it works.
func (s State) Problems() []string {
	var all []string
	if len(s.Loose) > 0 {
		all = append(all, fmt.Sprintf("the guard does not hold %d of the agent's processes: %v", len(s.Loose), s.Loose))
	}
	if len(s.Late) > 0 {
		all = append(all, fmt.Sprintf("the guard started after the agent (processes %v): what ran before is not known", s.Late))
	}
	if s.Escaped > 0 {
		all = append(all, fmt.Sprintf("the agent had started %d programs before the guard held it; they were ended", s.Escaped))
	}
	if s.Trouble != "" && len(s.Late) == 0 {
		all = append(all, s.Trouble)
	}
	return all
}

// state looks at the processes now.
func (g *Guard) state() State {
	s := State{PID: os.Getpid(), Held: []int{}, Loose: []int{}}
	for _, pid := range agents() {
		if Holds(os.Getpid(), pid) {
			s.Held = append(s.Held, pid)
		} else if _, err := statusOf(pid); err == nil {
			s.Loose = append(s.Loose, pid)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	s.Late, s.Killed, s.Escaped, s.Trouble, s.Since = g.late, g.killed, g.escaped, g.trouble, g.started.UTC().Format(time.RFC3339)
	return s
}

// Holds says whether every thread of pid is traced by the process guard.
func Holds(guard, pid int) bool {
	all, err := threads(pid)
	for _, tid := range all {
		if !tracedBy(tid, guard) {
			if _, err := statusOf(tid); err == nil {
				return false
			} // else it has just ended
		}
	}
	return err == nil && len(all) > 0
}

// serve answers whoever may reach the socket, each with one State.
func (g *Guard) serve(stateDir string) error {
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return fmt.Errorf("cannot guard: %w", err)
	}
	at := filepath.Join(stateDir, socketName)
	if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot guard: %w", err)
	}
	l, err := net.Listen("unix", at)
	if err != nil {
		return fmt.Errorf("cannot guard: opsh could not ask for it: %w", err)
	}
	if err := os.Chmod(at, 0o600); err != nil {
		return fmt.Errorf("cannot guard: %w", err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				time.Sleep(tick) // no descriptor is left, say
				continue
			}
			c.SetDeadline(time.Now().Add(time.Second)) //nolint:errcheck // then it waits for who asked
			json.NewEncoder(c).Encode(g.state())       //nolint:errcheck // who asked has gone
			c.Close()
		}
	}()
	return nil
}

// patience is how long Ask waits.
const patience = 2 * time.Second

// Ask asks the guard that listens in a state directory how it is. PID is what the kernel says of who answers, not what that says.
func Ask(stateDir string) (State, error) {
	var s State
	at := filepath.Join(stateDir, socketName)
	var st unix.Stat_t
	if err := unix.Lstat(at, &st); err != nil {
		return s, fmt.Errorf("there is no guard: %w", err)
	}
	if st.Uid != 0 {
		return s, fmt.Errorf("there is no guard: %s belongs to uid %d and not to root", at, st.Uid)
	}
	c, err := net.DialTimeout("unix", at, patience)
	if err != nil {
		return s, fmt.Errorf("there is no guard: %w", err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience)) //nolint:errcheck // then it waits longer
	raw, err := c.(*net.UnixConn).SyscallConn()
	if err != nil {
		return s, fmt.Errorf("cannot ask the guard: %w", err)
	}
	var peer *unix.Ucred
	var peerErr error
	if err := raw.Control(func(fd uintptr) { peer, peerErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err != nil || peerErr != nil {
		return s, fmt.Errorf("cannot ask the guard: %w", errors.Join(err, peerErr))
	}
	if err := json.NewDecoder(c).Decode(&s); err != nil {
		return s, fmt.Errorf("cannot ask the guard: it does not answer: %w", err)
	}
	s.PID = int(peer.Pid)
	return s, nil
}
