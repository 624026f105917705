package contain

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// limitsOf are the lines of /proc/PID/limits, soft and hard.
func limitsOf(text string) map[string]string {
	limits := map[string]string{}
	for line := range strings.Lines(text) {
		if len(line) > 26 {
			limits[strings.TrimSpace(line[:26])] = strings.Join(strings.Fields(line[26:])[:2], " ")
		}
	}
	return limits
}

// loneUID is one that no process has, not even one that has ended: until its parent has waited for it, it counts.
func loneUID(t *testing.T) uint32 {
	t.Helper()
	taken := map[uint32]bool{}
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range processes {
		var st unix.Stat_t
		if unix.Stat(p, &st) == nil {
			taken[st.Uid] = true
		}
	}
	uid := uint32(64860)
	for taken[uid] {
		uid++
	}
	return uid
}

func TestLimitsOfThePolicy(t *testing.T) {
	const least = 16 << 20 // of what a policy may give
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		for container, files := range map[string]string{"docker": "200 200", "few-files": "128 128"} {
			s := specFor(t, mode, "/bin/cat", "/proc/self/limits", "/proc/self/oom_score_adj")
			s.UID, s.Limits = loneUID(t), Limits{Processes: 7, Memory: least, CPU: 3, OpenFiles: 200}
			r := containedIn(t, container, s)
			got := limitsOf(r.output)
			for limit, want := range map[string]string{
				"Max core file size": "0 0", "Max processes": "7 7", "Max open files": files, "Max cpu time": "3 8",
				"Max address space": fmt.Sprint(least, " ", least),
			} {
				if got[limit] != want {
					t.Errorf("%s, %s: %s is %q, want %q in\n%s%s", container, mode, limit, got[limit], want, r.output, r.refuse)
				}
			}
			if !strings.HasSuffix(r.output, "\n1000\n") {
				t.Errorf("%s, %s: it isn't the first to end when memory runs out:\n%s", container, mode, r.output)
			}
		}
	}
}

func TestLimitsHold(t *testing.T) {
	const mib = 1 << 20
	takes := func(size string) []string {
		return []string{"/bin/dd", "if=/dev/zero", "of=/dev/null", "count=1", "bs=" + size}
	}
	perl := func(script string) []string { return []string{"/usr/bin/perl", "-e", script} }
	forkLoop := perl(`for (1..9) { $p = fork; defined $p or die "$_: $!"; if (!$p) { close STDOUT; close STDERR; sleep 100 } } print "9 forked"`)
	for _, test := range []struct {
		name   string
		argv   []string
		limits Limits
		exec   string
		want   string // in its output
		exit   int
	}{
		{"little memory is enough for little", takes("4M"), Limits{Memory: 16 * mib}, ExecNone, "1+0 records", 0},
		{"but for no more", takes("20M"), Limits{Memory: 16 * mib}, ExecNone, "memory exhausted", 1},
		{"more memory", takes("20M"), Limits{Memory: 64 * mib}, ExecNone, "1+0 records", 0},
		{"and its end", takes("70M"), Limits{Memory: 64 * mib}, ExecNone, "memory exhausted", 1},
		{"of a child, too", append([]string{"/usr/bin/env"}, takes("70M")...), Limits{Memory: 64 * mib}, ExecAny, "memory exhausted", 1},
		{"by default", takes("70M"), Limits{}, ExecNone, "1+0 records", 0},
		{"as many files as it may open", perl(`for (3..15) { open($f[$_], "<", "/dev/null") or die "$_: $!" } print "open"`), Limits{OpenFiles: 16}, ExecNone, "open", 0},
		{"and one more", perl(`for (3..16) { open($f[$_], "<", "/dev/null") or die "$_: $!" }`), Limits{OpenFiles: 16}, ExecNone, "16: Too many open files", 24},
		// The end of their supervisor ends those that were forked.
		{"a fork loop", forkLoop, Limits{Processes: 4}, ExecAny, "4: Resource temporarily unavailable", 11},
		{"one that may", forkLoop, Limits{}, ExecAny, "9 forked", 0},
	} {
		s := specFor(t, test.exec, test.argv...)
		s.Limits = test.limits
		if test.limits.Processes != 0 {
			s.UID = loneUID(t)
		}
		r := contained(t, s)
		if !strings.Contains(r.output, test.want) || r.state.ExitCode() != test.exit {
			t.Errorf("%s: %q %v %s, want %q and %d", test.name, r.output, r.state, r.refuse, test.want, test.exit)
		}
	}
}

// TestProcessorTime: a busy loop gets SIGXCPU, and SIGKILL when it doesn't heed that.
func TestProcessorTime(t *testing.T) {
	for script, want := range map[string]syscall.Signal{
		"while :; do :; done":               unix.SIGXCPU,
		"trap '' XCPU; while :; do :; done": unix.SIGKILL,
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			s := specFor(t, ExecNone, "/bin/sh", "-c", script)
			s.Limits.CPU = 1
			start := time.Now()
			r := contained(t, s)
			if got := r.state.Sys().(syscall.WaitStatus); !got.Signaled() || got.Signal() != want {
				t.Errorf("%v after %v, want %v (%s)", r.state, time.Since(start), want, r.refuse)
			}
		})
	}
}

// TestNoToolInLittleMemory: with an address space that is smaller than its own, opsh-exec still says why there is no tool.
func TestNoToolInLittleMemory(t *testing.T) {
	for _, mode := range []string{ExecNone, ExecList, ExecAny} {
		for _, memory := range []uint64{16 << 20, 1 << 20, 0} {
			s := specFor(t, mode, fileOf(t, []byte("no program"), "x"))
			s.Limits.Memory = memory
			if r := contained(t, s); r.refuse != "cannot execute "+s.Path+": exec format error\n" || r.state.ExitCode() != 126 || r.output != "" {
				t.Errorf("%s, %d: %v %q %q", mode, memory, r.state, r.refuse, r.output)
			}
		}
	}
}

// TestManyLaunchesInLittleMemory: the runtime of opsh-exec never meets the limit.
func TestManyLaunchesInLittleMemory(t *testing.T) {
	for range 50 {
		s := specFor(t, ExecNone, "/bin/true")
		s.Limits = Limits{Memory: 16 << 20, OpenFiles: 16, Processes: 1}
		s.UID, s.Files = loneUID(t), []int{10, 11, 12}
		if r := contained(t, s, os.Stdin, os.Stdin, os.Stdin); r.refuse != "" || !r.state.Success() || r.output != "" {
			t.Fatalf("%v %q %q", r.state, r.refuse, r.output)
		}
	}
}

func TestLimitsThatAreRefused(t *testing.T) {
	for _, l := range []Limits{{CPU: 1 << 63}, {Memory: ^uint64(0)}, {Processes: ^uint64(0)}, {OpenFiles: 1 << 63}} {
		s := specFor(t, ExecNone, "/bin/true")
		s.Limits = l
		if f, err := s.Memfd(); err == nil {
			f.Close()
			t.Errorf("%+v was written down", l)
		}
	}
}
