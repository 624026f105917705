package contain

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Process is a process that was found running.
type Process struct {
	PID     int
	Command string // its arguments, or its name where it has none; the process's own choice of bytes
}

// Find lists the processes that have one of the uids as real, effective, saved or file system uid. Zombies are none: they
// run nothing and hold nothing.
func Find(uids ...uint32) ([]Process, error) { return find(anyStatus, uids) }

// findContained is Find for processes that opsh-exec has started and their descendants. Without capabilities and privileges to gain, all four of
// a process's uids are the one that it got; so a look at the effective one, which the kernel gives /proc/PID itself (dumpable or not:
// task_dump_owner in fs/proc/base.c), spares reading the status of all others. That makes up most of what a command's end costs.
func findContained(uid uint32) ([]Process, error) { return find(effective(uid), []uint32{uid}) }

// anyStatus leaves no process out.
func anyStatus(string) bool { return true }

// effective says whether a process's effective uid is this one. In doubt it does.
func effective(uid uint32) func(pid string) bool {
	return func(pid string) bool {
		var st unix.Stat_t
		err := unix.Stat("/proc/"+pid, &st)
		return err != nil || st.Uid == uid
	}
}

func find(perhaps func(pid string) bool, uids []uint32) ([]Process, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("cannot look for processes: %w", err)
	}
	defer d.Close() //nolint:errcheck // nothing was written
	entries, err := d.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("cannot look for processes: %w", err)
	}
	var found []Process
	buf := make([]byte, 8<<10) // a status has 1.5 KiB
	for _, name := range entries {
		pid, err := strconv.Atoi(name)
		if err != nil || !perhaps(name) {
			continue
		}
		n, err := readProc("/proc/"+name+"/status", buf)
		if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
			continue // it has ended meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("cannot look for processes: %w", err)
		}
		if status := buf[:n]; hasUID(status, uids) {
			found = append(found, Process{pid, command(name, status)})
		}
	}
	return found, nil
}

// readProc reads the beginning of a file of /proc. A session looks at every process several times; package os would
// make ten calls of these three.
func readProc(path string, buf []byte) (int, error) {
	// What a tool names may have become a pipe or a terminal since it was looked at: opsh must neither wait for it nor get it.
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	for {
		n, err := unix.Read(fd, buf)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// hasUID looks for the uids first: nearly every process has others, and then nothing else of its status is read.
func hasUID(status []byte, uids []uint32) bool {
	_, rest, _ := bytes.Cut(status, []byte("\nUid:"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	for _, u := range bytes.Fields(line) {
		if n, err := strconv.ParseUint(string(u), 10, 32); err == nil && slices.Contains(uids, uint32(n)) {
			return !ended(status)
		}
	}
	return false
}

// ended says whether all of a process has. The state is its main thread's alone: a program that ends just that one
// looks like a zombie, and runs on in the others.
func ended(status []byte) bool {
	state, threads := field(status, "State"), field(status, "Threads")
	zombie := len(state) > 0 && (state[0] == "Z" || state[0] == "X")
	return zombie && (len(threads) == 0 || threads[0] == "0" || threads[0] == "1")
}

// field is a line of /proc/PID/status, in words.
func field(status []byte, name string) []string {
	for l := range bytes.Lines(status) {
		if value, ok := bytes.CutPrefix(l, []byte(name+":")); ok {
			return strings.Fields(string(value))
		}
	}
	return nil
}

// command is a process's arguments, or its name. At most the first few kilobytes: a process may have megabytes of them.
func command(pid string, status []byte) string {
	buf := make([]byte, 4<<10)
	n, err := readProc("/proc/"+pid+"/cmdline", buf)
	if words := strings.TrimRight(strings.ReplaceAll(string(buf[:n]), "\x00", " "), " "); err == nil && words != "" {
		return words
	}
	return strings.Join(field(status, "Name"), " ")
}
