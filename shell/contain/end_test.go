package contain

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A mistake in End ends the machine, so what calls it runs in a process namespace of its own: there kill(-1) reaches nothing else.

func TestEnd(t *testing.T) {
	for name := range scenarios {
		cmd := exec.Command(tool(), "namespaced", name, helper)
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS, Pdeathsig: unix.SIGKILL}
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// namespaced runs a scenario as process 1.
func namespaced(name, path string) int {
	helper = path
	err := errors.Join(unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""), unix.Mount("proc", "/proc", "proc", 0, ""))
	if err == nil && os.Getpid() != 1 {
		err = errors.New("not in a namespace")
	}
	if err == nil {
		err = scenarios[name]()
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

const victim = testUID + 1

// run starts a program under a uid, in a session of its own.
func run(uid uint32, argv ...string) (*exec.Cmd, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: &syscall.Credential{Uid: uid, Gid: victim}}
	return cmd, cmd.Start()
}

// until waits for something.
func until(what string, is func() bool) error {
	for give := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(give) {
			return errors.New("never: " + what)
		}
	}
	return nil
}

func running(words string) bool {
	all, err := Find(0, victim, victim+1)
	for _, p := range all {
		if strings.Contains(p.Command, words) {
			return true
		}
	}
	return err != nil
}

// endAll ends the victim's processes, and says what is wrong with that.
func endAll(wanted ...string) error {
	ended, err := End(victim, testReaper)
	if err != nil {
		return err
	}
	for _, want := range wanted {
		var is bool
		for _, p := range ended {
			is = is || strings.Contains(p.Command, want)
		}
		if !is {
			return fmt.Errorf("%q is not among what was ended: %v", want, ended)
		}
	}
	for range 20 { // and it stays so
		if left, err := Find(victim); err != nil || len(left) > 0 {
			return fmt.Errorf("left: %v %v", left, err)
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

var scenarios = map[string]func() error{
	"nothing runs": func() error { return endAll() },

	"what left its session and ignores hangups": func() error {
		if _, err := run(victim, "/bin/sh", "-c", `trap '' HUP TERM INT QUIT
			setsid sleep 300 & (setsid sh -c 'setsid sleep 301 & sleep 302; :' &) & exec sleep 303`); err != nil {
			return err
		}
		for _, name := range []string{"sleep 300", "sleep 301", "sleep 302", "sleep 303"} {
			if err := until(name, func() bool { return running(name) }); err != nil {
				return err
			}
		}
		return endAll("sleep 300", "sleep 301", "sleep 302", "sleep 303")
	},

	"a stopped process": func() error {
		cmd, err := run(victim, "/bin/sleep", "300")
		if err != nil {
			return err
		}
		if err := unix.Kill(cmd.Process.Pid, unix.SIGSTOP); err != nil {
			return err
		}
		return endAll("sleep 300")
	},

	// The kernel gives most of its files in /proc to root; the directory itself stays the uid's.
	"one that is not dumpable": func() error {
		dir, err := os.MkdirTemp("", "contain")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		text, err := os.ReadFile("/bin/sleep")
		unreadable := dir + "/sleep"
		if err = errors.Join(err, os.Chmod(dir, 0o755), os.WriteFile(unreadable, text, 0o700), os.Chmod(unreadable, 0o711)); err != nil {
			return err
		}
		cmd, err := run(victim, unreadable, "300")
		if err != nil {
			return err
		}
		if err := until("sleep runs", func() bool { return running("sleep 300") }); err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Stat(fmt.Sprintf("/proc/%d/environ", cmd.Process.Pid), &st); err != nil || st.Uid != 0 {
			return fmt.Errorf("it is dumpable, so this shows nothing: %d %v", st.Uid, err)
		}
		return endAll("sleep 300")
	},

	"a fork bomb": func() error {
		if err := syscall.Setrlimit(unix.RLIMIT_NPROC, &syscall.Rlimit{Cur: 150, Max: 150}); err != nil {
			return err
		}
		signal.Ignore(unix.SIGCHLD) // what was ended needs nobody to take its status
		if _, err := run(victim, tool(), "attempt", "fork bomb"); err != nil {
			return err
		}
		if err := until("60 processes", func() bool { all, _ := Find(victim); return len(all) > 60 }); err != nil {
			return err
		}
		return endAll("fork bomb")
	},

	"a process that is always another one": func() error {
		// Each forks its successor and ends: a look at one process after the other may never see it.
		signal.Ignore(unix.SIGCHLD)
		if _, err := run(victim, tool(), "attempt", "always another"); err != nil {
			return err
		}
		if err := until("it has begun", func() bool { return running("always another") }); err != nil {
			return err
		}
		return endAll()
	},

	"a process whose main thread has ended": func() error {
		cmd, err := run(victim, tool(), "attempt", "end the main thread")
		if err != nil {
			return err
		}
		if err := until("the main thread has ended", func() bool {
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
			state := field(status, "State")
			return len(state) > 0 && state[0] == "Z"
		}); err != nil {
			return err
		}
		if all, err := Find(victim); err != nil || len(all) != 1 {
			return fmt.Errorf("found: %v %v", all, err)
		}
		return endAll("tool") // its arguments went with that thread
	},

	"others are spared": func() error {
		spared := []uint32{0, victim + 1}
		for _, uid := range append(spared, victim) {
			if _, err := run(uid, "/bin/sleep", fmt.Sprint(400+uid)); err != nil {
				return err
			}
		}
		if err := endAll(fmt.Sprint("sleep ", 400+victim)); err != nil {
			return err
		}
		for _, uid := range spared {
			if !running(fmt.Sprint("sleep ", 400+uid)) {
				return fmt.Errorf("uid %d's was ended too", uid)
			}
		}
		return nil
	},

	"many at once": func() error {
		// They share the reaper's uid: none may hit another's process, which this one stands for.
		var all sync.WaitGroup
		failures := make(chan error, 64)
		for i := range uint32(16) {
			all.Go(func() {
				cmd, err := run(victim+10+i, "/bin/sleep", "300")
				if err == nil {
					_, err = End(victim+10+i, testReaper)
				}
				if err == nil {
					err = cmd.Wait()
				}
				if err == nil || err.Error() != "signal: killed" {
					failures <- err
				}
			})
		}
		all.Wait()
		close(failures)
		return <-failures
	},

	"refused uids": func() error {
		for _, pair := range [][2]uint32{{0, testReaper}, {victim, 0}, {0, 0}, {victim, victim}, {noID, testReaper}, {victim, noID}} {
			if _, err := End(pair[0], pair[1]); err == nil {
				return fmt.Errorf("End(%d, %d) was accepted", pair[0], pair[1])
			}
		}
		return nil
	},
}

// TestTheReapersThread: what the kernel says of the thread that kills.
func TestTheReapersThread(t *testing.T) {
	done := make(chan error, 1)
	var status []byte
	var tid int
	go onLostThread(func() {
		err := takeIDs(testReaper, victim)
		tid = unix.Gettid()
		if err == nil {
			status, err = os.ReadFile("/proc/thread-self/status")
		}
		done <- err
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Uid": "64800 64802 64800 64802", "CapInh": "0000000000000000", "CapPrm": "0000000000000000", "CapEff": "0000000000000000"} {
		if got := strings.Join(field(status, name), " "); got != want {
			t.Errorf("%s is %s, not %s", name, got, want)
		}
	}
	path := fmt.Sprintf("/proc/self/task/%d", tid)
	for give := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(path); err != nil {
			break
		}
		if time.Now().After(give) {
			t.Fatal("the thread lives on")
		}
	}
	if unix.Geteuid() != 0 {
		t.Error("another thread changed with it")
	}
}

// TestNeverTheMainThread: asked on the main thread it takes another one.
func TestNeverTheMainThread(t *testing.T) {
	took := make(chan int)
	release := make(chan struct{})
	defer close(release)
	for range 1000 {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			if unix.Gettid() != unix.Getpid() {
				<-release
				return
			}
			onLostThread(func() { took <- unix.Gettid() })
			if unix.Gettid() != unix.Getpid() {
				took <- -1
			}
		}()
		select {
		case tid := <-took:
			if tid == unix.Getpid() || tid < 0 {
				t.Fatal("it ran on the main thread, or lost it")
			}
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
	t.Fatal("no goroutine came to the main thread")
}

// endMainThread ends the main thread alone. The process lives on in the others, as a zombie to whoever looks at its state only.
func endMainThread() syscall.Errno {
	for {
		go func() {
			runtime.LockOSThread()
			if unix.Gettid() == unix.Getpid() {
				raw(unix.SYS_EXIT, 0)
			}
			select {}
		}()
		time.Sleep(10 * time.Millisecond)
	}
}

// forkBomb forks for ever, as do all its children, also when they can't.
func forkBomb() syscall.Errno {
	runtime.LockOSThread()
	for {
		unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	}
}

// alwaysAnother is a process that forks its successor and ends, again and again.
func alwaysAnother() syscall.Errno {
	p, err := os.StartProcess("/proc/self/exe", os.Args, &os.ProcAttr{Sys: &syscall.SysProcAttr{Setsid: true}})
	if err != nil {
		return syscall.EIO
	}
	p.Release()
	return 0
}
