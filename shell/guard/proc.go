package guard

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// fileID is a file itself, whatever its name.
type fileID struct{ dev, ino uint64 }

func idOf(name string) (fileID, error) {
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil {
		return fileID{}, err
	}
	return fileID{uint64(st.Dev), st.Ino}, nil
}

// image is what a process runs. It is read where the kernel has stopped the process at an exec, so nothing of it changes meanwhile.
type image struct {
	link     string // the file's path, as the kernel has it
	id       fileID
	argv     []string
	terminal bool // it has a controlling terminal
}

// imageOf reads it. What can't be read is an error: then nothing is known, and nothing may run.
func imageOf(pid int) (image, error) {
	at := "/proc/" + strconv.Itoa(pid)
	var i image
	var err error
	if i.link, err = os.Readlink(at + "/exe"); err != nil {
		return i, err
	}
	if i.id, err = idOf(at + "/exe"); err != nil {
		return i, err
	}
	if i.argv, err = argvOf(pid); err != nil {
		return i, err
	}
	i.terminal, err = hasTerminal(at)
	return i, err
}

// longestArgv bounds what is read of a command line, in bytes.
const longestArgv = 64 << 10

func argvOf(pid int) ([]string, error) {
	f, err := os.Open("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	buf := make([]byte, longestArgv)
	n := 0
	for n < len(buf) {
		got, err := f.Read(buf[n:])
		if n += got; err != nil || got == 0 {
			break
		}
	}
	if n == 0 {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00"), nil
}

// hasTerminal reads tty_nr, the fifth field behind the name, which may hold blanks and parentheses itself.
func hasTerminal(at string) (bool, error) {
	stat, err := os.ReadFile(at + "/stat")
	if err != nil {
		return false, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 5 {
		return false, errors.New("cannot read " + at + "/stat")
	}
	return fields[4] != "0", nil
}

// status is of one thread. tracer is the number of the thread, not the process, that traces it; 0: none does.
type status struct{ tgid, ppid, tracer int }

func statusOf(tid int) (status, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	if err != nil {
		return status{}, err
	}
	var s status
	left := 3
	for l := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(l, ":")
		var to *int
		switch name {
		case "Tgid":
			to = &s.tgid
		case "PPid":
			to = &s.ppid
		case "TracerPid":
			to = &s.tracer
		default:
			continue
		}
		if *to, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
			return s, fmt.Errorf("cannot read the status of %d: %w", tid, err)
		}
		if left--; left == 0 {
			return s, nil
		}
	}
	return s, fmt.Errorf("cannot read the status of %d: it lacks a field", tid)
}

// pids are the processes there are.
func pids() ([]int, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var all []int
	for _, n := range names {
		if pid, err := strconv.Atoi(n); err == nil {
			all = append(all, pid)
		}
	}
	return all, nil
}

// threads are those of a process.
func threads(pid int) ([]int, error) {
	entries, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/task")
	if err != nil {
		return nil, err
	}
	var all []int
	for _, e := range entries {
		if tid, err := strconv.Atoi(e.Name()); err == nil {
			all = append(all, tid)
		}
	}
	return all, nil
}

// tracedBy says whether a thread is traced by one of a process's.
func tracedBy(tid, pid int) bool {
	s, err := statusOf(tid)
	if err != nil || s.tracer == 0 {
		return false
	}
	by, err := statusOf(s.tracer)
	return err == nil && by.tgid == pid
}
