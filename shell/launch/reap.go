package launch

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"opsh/shell/contain"
)

// adopt makes opsh the parent of whatever a tool orphans. A container's PID 1 that doesn't reap would otherwise
// collect zombies until no process can be started any more; and what a tool leaves stays below opsh, where it is found.
func adopt() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot take charge of what tools leave behind: %w", err)
	}
	return nil
}

// reapOrphans takes the status of every ended child of opsh's that has the uid and that no Keeper waits for: what a tool left behind. opsh's own
// children, whose status somebody else waits for, run as root. It returns those that a hangup or SIGKILL ended: when the first process of a tool
// ends, the kernel hangs up on the others in the foreground; these too were left running.
func reapOrphans(uid uint32, first int) (ended []Process) {
	for _, pid := range children() {
		if pid == first || !orphan(pid, uid) {
			continue
		}
		name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)) //nolint:errcheck // then it has no name
		var status unix.WaitStatus
		got, err := unix.Wait4(pid, &status, unix.WNOHANG, nil)
		if err == nil && got == pid && status.Signaled() && (status.Signal() == unix.SIGHUP || status.Signal() == unix.SIGKILL) {
			ended = append(ended, Process{PID: pid, Command: strings.TrimSuffix(string(name), "\n")})
		}
	}
	return ended
}

// children lists opsh's. They are read by three calls each, and not the ten of package os: this happens several times for every command.
func children() []int {
	var pids []int
	threads, _ := os.ReadDir("/proc/self/task") //nolint:errcheck // without /proc there is nothing to list
	buf := make([]byte, 4<<10)
	for _, thread := range threads {
		fd, err := unix.Open("/proc/self/task/"+thread.Name()+"/children", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			continue // the thread has ended
		}
		var list []byte
		for {
			n, err := unix.Read(fd, buf)
			if err == unix.EINTR {
				continue
			}
			if err != nil || n <= 0 {
				break
			}
			list = append(list, buf[:n]...)
		}
		unix.Close(fd) //nolint:errcheck // nothing was written
		for _, field := range bytes.Fields(list) {
			if pid, err := strconv.Atoi(string(field)); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// orphan says that a process has the uid and is no Keeper's. What is traced is one's.
func orphan(pid int, uid uint32) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false
	}
	value := func(key string) string {
		_, rest, _ := bytes.Cut(b, []byte("\n"+key+":"))
		if fields := bytes.Fields(rest); len(fields) > 0 {
			return string(fields[0])
		}
		return ""
	}
	return value("Uid") == strconv.FormatUint(uint64(uid), 10) && value("TracerPid") == "0"
}

// endRest ends what the first process left running and names it.
func (t *tool) endRest() ([]Process, error) {
	seen := append(t.left, reapOrphans(t.spec.UID, t.PID())...)
	ended, err := t.endAll()
	t.settled()
	seen = append(append(seen, ended...), t.orphans(t.spec.UID)...)
	var left []Process // each once
	for _, p := range seen {
		if !slices.ContainsFunc(left, func(known Process) bool { return known.PID == p.PID }) {
			left = append(left, p)
		}
	}
	if err != nil {
		return left, fmt.Errorf("cannot end what %s left running: %w", t.name, err)
	}
	return left, nil
}

// endAll ends by uid: no process escapes that by a session of its own or a double fork. Not so a uid that the
// tool shares with others, perhaps with the application itself: there only opsh's own descendants are ended, and
// that opsh adopts orphans keeps them its descendants.
func (t *tool) endAll() ([]Process, error) {
	if !t.shared {
		return contain.End(t.spec.UID, t.job.Reaper)
	}
	var ended []Process
	for give := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		all, err := contain.Find(t.spec.UID)
		if err != nil {
			return ended, err
		}
		alive := 0
		for _, p := range all {
			if kill(p.PID) {
				alive++
				ended = append(ended, p)
			}
		}
		ended = append(ended, reapOrphans(t.spec.UID, t.PID())...)
		if alive == 0 {
			return ended, nil
		}
		if time.Now().After(give) {
			return ended, fmt.Errorf("%d processes are still there", alive)
		}
	}
}

// kill kills a process if it descends from opsh, and says whether it did. The handle is taken first, so that it is the process
// that was looked at which dies, and not one that got its number meanwhile.
func kill(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer p.Release() //nolint:errcheck // it only frees the handle
	return descends(pid) && p.Kill() == nil
}

// descends says whether a process is a descendant of opsh's.
func descends(pid int) bool {
	self := os.Getpid()
	at := pid
	for range 4096 { // a bound, should parents go faster than they are looked at
		switch parent := parentOf(at); {
		case parent == self:
			return true
		case parent > 1:
			at = parent
		case parent == 0 && at != pid:
			at = pid // a parent ended meanwhile, and its children have another one now
		default:
			return false
		}
	}
	return false
}

// parentOf is a process's parent, 0 where there is no such process.
func parentOf(pid int) int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// PID (COMM) STATE PPID …, where COMM may hold anything, also ") R 1".
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) < 2 {
		return 0
	}
	parent, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		return 0
	}
	return parent
}
