package contain

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Event is a program that a tool tried to start, or another call that it was denied. All of its texts are the tool's choice.
type Event struct {
	Call   string   // CallExec, or the name of the denied system call
	Denied bool     // false: it has become the program, and waits for its first instruction
	Path   string   // CallExec: what the tool named, or the file that it has become; "" where it couldn't be read
	Argv   []string // CallExec: the first of its arguments, each whole
	PID    int
	By     string // the program that tried; "" where it couldn't be read
	Killed bool   // it was ended for it
}

// CallExec is the Call of execve and execveat.
const CallExec = "exec"

// Told gets every Event while the process waits. Where it returns an error nothing is started: what can't be recorded doesn't run.
type Told func(Event) error

// elsewhere calls tell from a thread that is root's: what it opens, it opens as opsh.
func (tell Told) elsewhere(e Event) error {
	done := make(chan error, 1)
	go func() { done <- tell(e) }()
	return <-done
}

// lookAs gives this thread the tool's eyes: the memory and the program of a process the kernel shows to its own uid and gid, or
// to the holder of SYS_PTRACE, which Docker gives nobody. They are file system ids only: who may signal or trace this
// thread goes by the others, which stay root's. The thread can't be used for anything else afterwards.
func lookAs(uid, gid uint32) error {
	for _, id := range []struct {
		call uintptr
		want uint32
	}{{unix.SYS_SETFSGID, gid}, {unix.SYS_SETFSUID, uid}} {
		unix.RawSyscall(id.call, uintptr(id.want), 0, 0)           //nolint:errcheck // it tells the one before, not whether it did it
		now, _, _ := unix.RawSyscall(id.call, uintptr(noID), 0, 0) //nolint:errcheck // no such id: it changes nothing
		if uint32(now) != id.want {
			return fmt.Errorf("change the file system ids (the container needs SETUID and SETGID): %w", unix.EPERM)
		}
	}
	// Again: the kernel forgets it with any change of ids.
	return hideMemory()
}

// programOf is the file that a process runs.
func programOf(pid int) string {
	name, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return ""
	}
	return name
}

// How much of a process's memory an Event holds.
const (
	longestPath = unix.PathMax
	mostArgs    = 64
	mostArgText = 4 << 10
)

// argumentsOf is what a process was started with.
func argumentsOf(pid int) []string {
	buf := make([]byte, mostArgText)
	n, err := readProc("/proc/"+strconv.Itoa(pid)+"/cmdline", buf)
	if err != nil || n == 0 {
		return nil
	}
	// A word that was cut is left out: a secret in it would not be known as one.
	words := strings.Split(string(buf[:n]), "\x00")
	words = words[:len(words)-1]
	return words[:min(len(words), mostArgs)]
}

// memory is that of a stopped process.
type memory struct{ file *os.File }

func memoryOf(pid int) (memory, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	return memory{f}, err
}

// text is a string that ends in NUL. A page at a time: the next one may not be there.
func (m memory) text(at uint64, most int) (string, error) {
	const page = 4096
	var text []byte
	for len(text) < most {
		buf := make([]byte, min(page-at%page, uint64(most-len(text))))
		n, err := m.file.ReadAt(buf, int64(at))
		if n == 0 {
			return "", fmt.Errorf("cannot read a text: %w", err)
		}
		if before, _, ends := strings.Cut(string(buf[:n]), "\x00"); ends {
			return string(append(text, before...)), nil
		}
		text, at = append(text, buf[:n]...), at+uint64(n)
	}
	return "", errors.New("cannot read a text: it is too long")
}

// texts is an argv: pointers that end in 0. What can't be read is left out.
func (m memory) texts(at uint64) []string {
	var texts []string
	for left := mostArgText; at != 0 && len(texts) < mostArgs && left > 0; at += 8 {
		pointer := make([]byte, 8)
		if n, _ := m.file.ReadAt(pointer, int64(at)); n != len(pointer) { //nolint:errcheck // it is seen by its length
			break
		}
		where := binary.LittleEndian.Uint64(pointer)
		if where == 0 {
			break
		}
		text, err := m.text(where, longestPath)
		if err != nil || len(text) > left {
			break // a word isn't cut: a secret in it would not be known as one
		}
		left -= len(text) + 1
		texts = append(texts, text)
	}
	return texts
}
