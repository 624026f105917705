package launch

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"opsh/shell/contain"
)

// Uids that nothing on a machine has. The reaper is the first; each test takes one of its own.
const (
	reaperUID = 64900
	toolUID   = 64901

	strangerUID = 64980
)

// rig is what all tests need: the real opsh-exec, and somebody else.
var rig struct {
	helper   string
	stranger int // a process of strangerUID that doesn't descend from this one
}

func TestMain(m *testing.M) {
	if line := os.Getenv("LAUNCH_TEST_DRIVE"); line != "" {
		os.Exit(drive(line))
	}
	os.Exit(withHelper(m))
}

func withHelper(m *testing.M) int {
	if os.Geteuid() != 0 {
		fmt.Fprintln(os.Stderr, "launch starts tools under other uids: its tests need root")
		return 1
	}
	// Two runs at a time would end each other's tools: they use the same uids.
	turn, err := os.OpenFile(filepath.Join(os.TempDir(), "opsh-launch-test.lock"), os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err == nil {
		err = unix.Flock(int(turn.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer turn.Close()
	dir, err := os.MkdirTemp("", "launch")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	rig.helper = filepath.Join(dir, "opsh-exec")
	build := exec.Command("go", "build", "-o", rig.helper, "opsh/cmd/opsh-exec")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build opsh-exec: %v\n%s", err, out)
		return 1
	}
	// Now, because the first Run adopts all orphans: this one must go elsewhere.
	start := fmt.Sprintf("setpriv --reuid %d --clear-groups sleep 300 >/dev/null 2>&1 & echo $!", strangerUID)
	pid, err := exec.Command("sh", "-c", start).Output()
	if err == nil {
		rig.stranger, err = strconv.Atoi(strings.TrimSpace(string(pid)))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "cannot start a process: %v\n", err)
		return 1
	}
	defer syscall.Kill(rig.stranger, syscall.SIGKILL)
	// As opsh does: these must not reach the tool as ignored.
	signal.Ignore(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGPIPE)
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil { // they mostly wait
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// program is a plan for a program that may start others.
func program(uid uint32, argv ...string) plan {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		panic(err)
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		panic(err)
	}
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		panic(err)
	}
	return plan{
		name: argv[0],
		spec: contain.Spec{
			Path: path, Dev: st.Dev, Ino: st.Ino, Argv: argv, Dir: "/",
			Env: []string{"PATH=/usr/bin:/bin", "TERM=xterm", "LANG=C.UTF-8"},
			UID: uid, GID: uid, Exec: "any",
		},
		timeout: time.Minute,
	}
}

func script(uid uint32, text string) plan { return program(uid, "sh", "-c", text) }

// job is a Job that a test fills further.
func job(keys *keyboard, out io.Writer) Job {
	j := Job{Helper: rig.helper, Reaper: reaperUID, Out: out}
	if keys != nil {
		j.Keys = keys
	}
	return j
}

// must runs the tool and fails the test when it didn't run.
func must(t *testing.T, p plan, j Job) Result {
	t.Helper()
	r, err := run(context.Background(), p, j)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// background runs the tool and returns how it ended, later.
func background(t *testing.T, p plan, j Job) <-chan Result {
	done := make(chan Result, 1)
	go func() {
		r, err := run(context.Background(), p, j)
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	return done
}

// ended waits for a tool that must end by now.
func ended(t *testing.T, done <-chan Result) Result {
	t.Helper()
	select {
	case r := <-done:
		return r
	case <-time.After(20 * time.Second):
		t.Fatal("the tool doesn't end")
		return Result{}
	}
}

// keyboard is Keys as the shell's: a queue that loses nothing.
type keyboard struct {
	mu   sync.Mutex
	buf  []byte
	eof  bool
	wake chan struct{}
}

func newKeyboard() *keyboard { return &keyboard{wake: make(chan struct{})} }

func (k *keyboard) change(do func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	do()
	close(k.wake)
	k.wake = make(chan struct{})
}

func (k *keyboard) typing(s string) { k.change(func() { k.buf = append(k.buf, s...) }) }
func (k *keyboard) hangUp()         { k.change(func() { k.eof = true }) }
func (k *keyboard) Unread(b []byte) {
	k.change(func() { k.buf = append(append([]byte(nil), b...), k.buf...) })
}
func (k *keyboard) Ready() int { return len(k.rest()) }
func (k *keyboard) rest() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return string(k.buf)
}

func (k *keyboard) Next(ctx context.Context, max int) ([]byte, error) {
	for {
		k.mu.Lock()
		n := min(max, len(k.buf))
		got, eof, wake := append([]byte(nil), k.buf[:n]...), k.eof, k.wake
		k.buf = k.buf[n:]
		k.mu.Unlock()
		switch {
		case n > 0:
			return got, nil
		case eof:
			return nil, io.EOF
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-wake:
		}
	}
}

// paper is an Out that remembers, fails and stalls as told.
type paper struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	grown chan struct{}
	fail  bool
	stall chan struct{} // Write waits for it; nil: doesn't
}

func newPaper() *paper { return &paper{grown: make(chan struct{})} }

func (p *paper) Write(b []byte) (int, error) {
	if p.stall != nil {
		<-p.stall
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail {
		return 0, errors.New("the terminal is gone")
	}
	p.buf.Write(b)
	close(p.grown)
	p.grown = make(chan struct{})
	return len(b), nil
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.String()
}

// until waits until the tool has printed text.
func (p *paper) until(t *testing.T, text string) {
	t.Helper()
	give := time.After(20 * time.Second)
	for {
		p.mu.Lock()
		grown, has := p.grown, strings.Contains(p.buf.String(), text)
		p.mu.Unlock()
		if has {
			return
		}
		select {
		case <-grown:
		case <-give:
			t.Fatalf("waited for %q, have %q", text, p)
		}
	}
}

// nobodyLeft fails when a process of the uid lives, or a zombie of it is opsh's child.
func nobodyLeft(t *testing.T, uid uint32) {
	t.Helper()
	left, err := contain.Find(uid)
	if err != nil || len(left) > 0 {
		t.Errorf("uid %d still has %v (%v)", uid, left, err)
	}
	for _, pid := range children() {
		if orphan(pid, uid) {
			t.Errorf("process %d of uid %d was not reaped", pid, uid)
		}
	}
}
