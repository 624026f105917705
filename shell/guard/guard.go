package guard

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Config is what a guard needs to know.
type Config struct {
	Opsh     string      // absolute path of the installed opsh
	Shell    string      // the container's $SHELL, which script runs; may be empty
	StateDir string      // opsh's, where State can be asked for
	Tell     func(Event) // gets each event, from several goroutines; it must not block
	Now      func() time.Time
}

// Guard holds the agent's processes. It can't be stopped: it ends with its process, and the kernel kills what it holds then.
type Guard struct {
	rules   *rules
	told    func(Event)
	started time.Time

	mu      sync.Mutex
	late    []int // the agent's processes that ran before the guard did
	killed  int
	escaped int
	trouble string
}

// Start holds what there is of the agent, and returns when that is done; whatever comes is held from then on.
func Start(c Config) (*Guard, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("cannot guard: opshd does not run as root")
	}
	if err := canTrace(); err != nil {
		return nil, err
	}
	r, err := newRules(c.Opsh, c.Shell)
	if err != nil {
		return nil, fmt.Errorf("cannot guard: %w", err)
	}
	g := &Guard{rules: r, told: c.Tell, started: c.Now()}
	f, err := newFinder(g)
	if err != nil {
		return nil, err
	}
	if err := g.serve(c.StateDir); err != nil {
		return nil, err
	}
	g.mu.Lock()
	g.late = agents()
	late := len(g.late)
	g.mu.Unlock()
	if late > 0 {
		g.tell(Event{Kind: Trouble, Why: fmt.Sprintf("the guard started after the agent, which had %d processes by then: what ran before is not known", late)})
	}
	go f.look()
	f.next()
	<-f.settled
	return g, nil
}

// tell counts an event and passes it on.
func (g *Guard) tell(e Event) {
	g.mu.Lock()
	again := e.Kind == Trouble && e.Why == g.trouble
	switch e.Kind {
	case Killed:
		g.killed++
	case Escaped:
		g.escaped++
	case Trouble:
		g.trouble = e.Why
	}
	g.mu.Unlock()
	if !again {
		g.told(e)
	}
}

// agents are the agent's processes.
func agents() (found []int) {
	all, _ := pids() //nolint:errcheck // scan says so
	for _, pid := range all {
		if _, _, ok := agentOf(pid); ok {
			found = append(found, pid)
		}
	}
	return found
}

// canTrace says why this kernel or container lets nobody trace. A profile that forbids the call answers EPERM before the kernel looks for
// the process, which there isn't.
func canTrace() error {
	const nobody = 1<<30 - 1 // above any pid_max
	if err := ptrace(unix.PTRACE_SEIZE, nobody, 0); err != unix.ESRCH && err != unix.EIO {
		return fmt.Errorf("cannot guard: ptrace (%w): the container's seccomp profile must permit it", err)
	}
	scope, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	if errors.Is(err, os.ErrNotExist) {
		return nil // no Yama
	}
	if err != nil {
		return fmt.Errorf("cannot guard: %w", err)
	}
	own, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return fmt.Errorf("cannot guard: %w", err)
	}
	return yama(strings.TrimSpace(string(scope)), string(own))
}

// yama says why this setting of the host's forbids to trace the agent, which is no child of the guard's. status is the guard's own.
func yama(scope, status string) error {
	var capabilities uint64
	for l := range strings.Lines(status) {
		if text, ok := strings.CutPrefix(l, "CapEff:"); ok {
			capabilities, _ = strconv.ParseUint(strings.TrimSpace(text), 16, 64) //nolint:errcheck // then it has none
		}
	}
	switch {
	case scope == "0", (scope == "1" || scope == "2") && capabilities&(1<<unix.CAP_SYS_PTRACE) != 0:
		return nil
	case scope == "1" || scope == "2":
		return fmt.Errorf("cannot guard: kernel.yama.ptrace_scope is %s on the host: add the capability SYS_PTRACE to the container", scope)
	}
	return fmt.Errorf("cannot guard: kernel.yama.ptrace_scope is %s on the host, which forbids tracing", scope)
}
