package guard

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A new agent is started from outside, by the container's runtime, and must be held before it can serve a session. Three things tell of it:
// inotify, when its program is opened to be executed; /proc/loadavg, whose last number is that of the newest process or thread, looked at every
// few milliseconds; and a look at all processes once a second in any case. And no session worker starts before the guard has looked (see lease.go).

const (
	tick     = 5 * time.Millisecond
	anyway   = time.Second
	expected = 10 * time.Millisecond // from an opened program to the process that runs it, at most
	pause    = 50 * time.Microsecond
)

// finder looks for processes of the agent's.
type finder struct {
	guard   *Guard
	opened  *opened
	newest  string // the end of /proc/loadavg when it was last read
	load    *os.File
	turn    int // written by who has found something, for who looks next
	turns   int // the other end
	leases  *leases
	found   bool // since strays were looked for
	settled chan struct{}
	once    sync.Once // closes settled, when all is held that was there at the start
}

func newFinder(g *Guard) (*finder, error) {
	programs, err := newOpened()
	if err != nil {
		return nil, fmt.Errorf("cannot watch for the agent: %w", err)
	}
	load, err := os.Open("/proc/loadavg")
	if err != nil {
		return nil, fmt.Errorf("cannot watch for the agent: %w", err)
	}
	held, err := newLeases()
	if err != nil {
		return nil, fmt.Errorf("cannot watch for the agent: %w", err)
	}
	var turn [2]int
	if err := unix.Pipe2(turn[:], unix.O_CLOEXEC); err != nil {
		return nil, fmt.Errorf("cannot watch for the agent: %w", err)
	}
	return &finder{guard: g, leases: held, turns: turn[0], turn: turn[1], opened: programs, load: load, settled: make(chan struct{})}, nil
}

// look waits for its turn and looks until it finds a process of the agent's. Then this thread becomes that one's tracer and the next one goes on looking: a
// tracer is a thread, and to hand the process over to another would take as long as it takes that one to wake up. The next one stands ready:
// on a busy machine it takes long to make a thread.
func (f *finder) look() {
	runtime.LockOSThread() // for good: the thread ends with this function
	prompt()
	for {
		if n, err := unix.Read(f.turns, make([]byte, 1)); n == 1 {
			break
		} else if err != unix.EINTR {
			f.guard.tell(Event{Kind: Trouble, Why: fmt.Sprintf("cannot look for the agent any more: %v", err)})
			return
		}
	}
	go f.look()
	for {
		all := places()
		f.opened.watch(all)
		f.leases.want(all)
		asked := f.leases.asked() // before the look: who asks later must be looked for once more
		t := f.guard.scan()
		if t == nil {
			if asked {
				f.leases.release()
			}
			// All there was is held, but for what it had started before.
			if f.found {
				f.guard.strays()
				f.found = false
			}
			f.once.Do(func() { close(f.settled) })
			t = f.wait()
		}
		if t != nil {
			f.found = true
			f.next()
			t.run()
			return
		}
	}
}

// next gives the turn to whom stands ready.
func (f *finder) next() {
	if _, err := unix.Write(f.turn, []byte{1}); err != nil {
		f.guard.tell(Event{Kind: Trouble, Why: fmt.Sprintf("cannot look for the agent any more: %v", err)})
	}
}

// prompt has this thread run soon when it wakes up on a busy machine: the kernel (Linux 6.12) takes first who asks for the shortest time at once, whoever
// asks. Older ones prefer who has slept, and pass over what is asked here; so does this function over their answer.
func prompt() {
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return
	}
	attr.Runtime = uint64(100 * time.Microsecond) // the shortest there is
	unix.SchedSetAttr(0, attr, 0)                 //nolint:errcheck // it is slower then
}

// wait waits for a second, or for a process of the agent's, which it holds.
func (f *finder) wait() *tracer {
	fds := []unix.PollFd{{Fd: int32(f.opened.inotify), Events: unix.POLLIN}, {Fd: int32(f.leases.wake[0]), Events: unix.POLLIN}}
	for until := time.Now().Add(anyway); time.Now().Before(until); {
		var t *tracer
		f.leases.arm(time.Now())
		n, _ := unix.Poll(fds, int(tick.Milliseconds())) //nolint:errcheck // interrupted: then it looks once more
		switch {
		case f.leases.asked():
			return nil
		case n > 0 && f.opened.drain():
			t = f.expect()
		case f.changed():
			t = f.guard.scan()
		}
		if t != nil {
			return t
		}
	}
	return nil
}

// expect looks again and again, since a program is opened a moment before a process runs it.
func (f *finder) expect() *tracer {
	for until := time.Now().Add(expected); time.Now().Before(until); {
		if t := f.guard.scan(); t != nil {
			return t
		}
		nap := unix.NsecToTimespec(int64(pause))
		unix.Nanosleep(&nap, nil) //nolint:errcheck // interrupted: then it looks sooner. time.Sleep would need another thread to wake this one
	}
	return nil
}

// changed says whether a process or thread was made since it was last asked.
func (f *finder) changed() bool {
	var buf [128]byte
	n, err := f.load.ReadAt(buf[:], 0)
	if n == 0 && err != nil {
		return true
	}
	now := string(buf[:n])
	now = now[strings.LastIndexByte(now, ' ')+1:]
	if now == f.newest {
		return false
	}
	f.newest = now
	return true
}

// scan holds the first process of the agent's that isn't held, and returns what holds it; nil: there is none.
func (g *Guard) scan() *tracer {
	all, err := pids()
	if err != nil {
		g.tell(Event{Kind: Trouble, Why: "cannot look for the agent: " + err.Error()})
		return nil
	}
	for _, pid := range all {
		if _, _, ok := agentOf(pid); !ok || tracedBy(pid, os.Getpid()) {
			continue
		}
		// Once more, in this order: what a held process has started is held until it is opsh, and from then on opsh.
		exe, is, ok := agentOf(pid)
		if !ok {
			continue
		}
		if t := g.take(pid, exe, is); t != nil {
			return t
		}
	}
	return nil
}

// agentOf says whether a process runs a program of the agent's now.
func agentOf(pid int) (exe string, is role, ok bool) {
	exe, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	if err != nil {
		return "", roleFork, false // the kernel's own, or ended
	}
	is, ok = agentRole(exe)
	return exe, is, ok
}

// take holds a process of the agent's that came from outside. One that can't be held is ended: it would serve anything.
func (g *Guard) take(pid int, exe string, is role) *tracer {
	argv, _ := argvOf(pid) //nolint:errcheck // then it has no session
	p := &process{role: is, session: sessionOf(is, argv)}
	t, err := trace(g.rules, g.tell, pid, p)
	now, _, still := agentOf(pid)
	if now == "" {
		return t // it has ended
	}
	e := Event{Kind: Held, PID: pid, Session: p.session, Path: exe, Argv: argv}
	if err == nil && !still {
		err = errors.New("it became another program meanwhile")
	}
	if err != nil {
		e.Kind, e.Why = Escaped, err.Error()
		if err := unix.Kill(pid, unix.SIGKILL); err != nil && err != unix.ESRCH {
			e.Kind, e.Why = Trouble, fmt.Sprintf("cannot hold the agent's process %d (%v), nor end it: %v", pid, e.Why, err)
		}
	}
	g.tell(e)
	return t
}

// strays ends what the agent had started before it was held: its children that are neither held nor opsh, and all below them.
func (g *Guard) strays() {
	all, err := pids()
	if err != nil {
		return // scan says so
	}
	children := map[int][]int{}
	for _, pid := range all {
		if s, err := statusOf(pid); err == nil {
			children[s.ppid] = append(children[s.ppid], pid)
		}
	}
	for parent, its := range children {
		_, is, ok := agentOf(parent)
		if !ok {
			continue
		}
		argv, _ := argvOf(parent) //nolint:errcheck // then it has no session
		for _, pid := range its {
			if tracedBy(pid, os.Getpid()) {
				continue
			}
			i, err := imageOf(pid)
			if err != nil {
				continue // it has ended
			}
			if _, agents := agentRole(i.link); agents {
				continue // scan's
			}
			p := &process{role: roleFork, from: is, direct: true, session: sessionOf(is, argv)}
			v, _, why := g.rules.judge(p, i)
			if v == letGo {
				continue
			}
			g.tell(Event{Kind: Escaped, PID: pid, Session: p.session, Path: i.link, Argv: i.argv,
				Why: strings.TrimPrefix(why+"; it had run before the guard held the agent", "; ")})
			end(pid, children)
		}
	}
}

// end ends a process and all below it.
func end(pid int, children map[int][]int) {
	unix.Kill(pid, unix.SIGKILL) //nolint:errcheck // it may have ended
	for _, child := range children[pid] {
		end(child, children)
	}
}
