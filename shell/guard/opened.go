package guard

import (
	"bytes"
	"encoding/binary"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// opened tells, by inotify, that one of the agent's programs was opened, which is what comes before it runs. It does not tell of session workers: the guard
// itself opens that program to lease it, and who else does waits for the lease, or is started by an agent that was opened before.
type opened struct {
	inotify int
	watched map[string]bool
}

func newOpened() (*opened, error) {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return &opened{inotify: fd, watched: map[string]bool{}}, nil
}

// places are the agent's directories and programs. The programs are watched themselves: each may be mounted from elsewhere, and then it is
// not in this directory for inotify.
func places() []string {
	all := []string{filepath.Clean(fargateDir)}
	dirs, _ := filepath.Glob(ec2Prefix + "*") //nolint:errcheck // the pattern is right
	all = append(all, dirs...)
	for _, dir := range all {
		for _, name := range []string{agentName, workerName, sessionName} {
			all = append(all, filepath.Join(dir, name))
		}
	}
	return all
}

// watch adds what isn't watched yet. What isn't there is looked for again.
func (o *opened) watch(all []string) {
	for _, p := range all {
		if o.watched[p] || path.Base(p) == sessionName {
			continue
		}
		if _, err := unix.InotifyAddWatch(o.inotify, p, unix.IN_OPEN); err == nil {
			o.watched[p] = true
		}
	}
}

// drain empties the queue; it says whether anything was opened that is told of. A directory's watch names the file.
func (o *opened) drain() (some bool) {
	var buf [4096]byte
	for {
		n, err := unix.Read(o.inotify, buf[:])
		if err != nil || n <= 0 {
			return some
		}
		for events := buf[:n]; len(events) >= unix.SizeofInotifyEvent; {
			size := int(binary.NativeEndian.Uint32(events[12:])) // of the name behind it: struct inotify_event, inotify(7)
			end := min(unix.SizeofInotifyEvent+size, len(events))
			name, _, _ := bytes.Cut(events[unix.SizeofInotifyEvent:end], []byte{0})
			some = some || string(name) != sessionName
			events = events[end:]
		}
	}
}
