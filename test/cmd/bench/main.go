// Bench measures what opsh costs, each figure beside what it is compared with, in paired runs of one process. It prints
// medians with their quartiles; it never fails because a machine is slow.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/creack/pty"

	"opsh/test/fixture"
)

func main() {
	do := bench
	if len(os.Args) > 2 && os.Args[1] == profileVerb {
		do = func() error { return becomeProfiled(os.Args[2:]) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

const trivial = `version = 1
[session]
origin = "any"
uids = "` + fixture.BenchUIDs + `"
[audit]
when_down = "spool"
[tool.true]
path = "/usr/bin/true"
user = "nobody"
allow = ["true"]
[tool.head]
path = "/usr/bin/head"
user = "nobody"
allow = ["head -c COUNT FILE"]
where.COUNT = { int = [1, 1000000000] }
where.FILE = ["%s"]
`

func bench() error {
	dir, remove, err := fixture.Dir("bench")
	if err != nil {
		return err
	}
	defer remove()
	place, err := fixture.Install(dir)
	if err != nil {
		return err
	}
	// 200 MB of lines, in a file so that both sides read the same.
	lines := filepath.Join(dir, "lines")
	const size = 200_000_000
	text := bytes.Repeat([]byte(strings.Repeat("0123456789", 7)+"abcdefghi\n"), size/80)
	if err := os.WriteFile(lines, text, 0o644); err != nil {
		return err
	}
	if err := place.WritePolicy(fmt.Sprintf(trivial, lines)); err != nil {
		return err
	}
	fmt.Printf("%-46s %12s %24s\n", "", "median", "quartiles")

	direct, through, err := pairs(100, func() (time.Duration, error) {
		return run(exec.Command("/usr/bin/true"))
	}, func() (time.Duration, error) {
		return run(exec.Command(place.Opsh, "-c", "true"))
	})
	if err != nil {
		return err
	}
	row("true, directly", direct)
	row("opsh -c true", through)
	fmt.Printf("%-46s %12s   target: at most 15ms\n", "  more than directly", show(median(through)-median(direct)))

	var prompts []time.Duration
	for range 50 {
		d, err := prompt(place.Opsh)
		if err != nil {
			return err
		}
		prompts = append(prompts, d)
	}
	row("start to prompt", prompts)
	fmt.Printf("%-46s %12s   target: within 20ms\n", "", "")

	var peak int64
	scripted, relayed, err := pairs(5, func() (time.Duration, error) {
		d, _, err := drain(exec.Command("script", "-q", "-c", "head -c 200000000 "+lines, filepath.Join(dir, "typescript")), size)
		return d, err
	}, func() (time.Duration, error) {
		d, rss, err := drain(exec.Command(place.Opsh, "-c", "head -c 200000000 "+lines), size)
		peak = max(peak, rss)
		return d, err
	})
	if err != nil {
		return err
	}
	row("200 MB through script", scripted)
	row("200 MB through opsh", relayed)
	fmt.Printf("%-46s %12.2f   target: at most 1.3\n", "  ratio", float64(median(relayed))/float64(median(scripted)))
	fmt.Printf("%-46s %9d KiB   target: under 20 MB\n", "  opsh's peak resident memory", peak)
	if err := recordedSession(place, lines, size); err != nil {
		return err
	}
	if err := contained(dir, place); err != nil {
		return err
	}
	return recorded(dir)
}

// pairs runs a and b in turns, so that what else the machine does hits both.
func pairs(n int, a, b func() (time.Duration, error)) (as, bs []time.Duration, err error) {
	for range n {
		x, errA := a()
		y, errB := b()
		if err := errors.Join(errA, errB); err != nil {
			return nil, nil, err
		}
		as, bs = append(as, x), append(bs, y)
	}
	return as, bs, nil
}

func run(cmd *exec.Cmd) (time.Duration, error) {
	start := time.Now()
	err := cmd.Run()
	return time.Since(start), err
}

// prompt is the time until the first prompt is on the terminal.
func prompt(opsh string) (time.Duration, error) {
	cmd := exec.Command(opsh)
	cmd.Env = []string{"TERM=xterm-256color"}
	start := time.Now()
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		return 0, err
	}
	defer master.Close()
	var seen []byte
	buf := make([]byte, 4096)
	for !bytes.Contains(seen, []byte("opsh> ")) {
		n, err := master.Read(buf)
		if err != nil {
			return 0, fmt.Errorf("no prompt: %w in %q", err, seen)
		}
		seen = append(seen, buf[:n]...)
	}
	took := time.Since(start)
	if _, err := io.WriteString(master, "\x04"); err != nil {
		return 0, err
	}
	io.Copy(io.Discard, master) //nolint:errcheck // a terminal's end is an error
	return took, cmd.Wait()
}

// drain runs a program on a terminal and takes all its output, size bytes at least. It returns the peak resident memory in KiB too.
func drain(cmd *exec.Cmd, size int64) (time.Duration, int64, error) {
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	start := time.Now()
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		return 0, 0, err
	}
	defer master.Close()
	var n, peak int64
	buf := make([]byte, 64<<10)
	for {
		got, err := master.Read(buf)
		if n < size*9/10 && n+int64(got) >= size*9/10 {
			peak = residentPeak(cmd.Process.Pid) // while it still runs
		}
		n += int64(got)
		if err != nil {
			break // a terminal's end is an error
		}
	}
	err = cmd.Wait()
	took := time.Since(start)
	if n < size {
		return 0, 0, fmt.Errorf("%s: %d of %d bytes came", cmd.Path, n, size)
	}
	return took, peak, err
}

// residentPeak is a process's, in KiB. Not rusage's: that counts what the parent had when it forked.
func residentPeak(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kib int64
	fmt.Sscan(rest, &kib) //nolint:errcheck // 0 is seen
	return kib
}

func median(d []time.Duration) time.Duration { return quantile(d, 2) }

func quantile(d []time.Duration, quarter int) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[(len(d)-1)*quarter/4]
}

func row(name string, d []time.Duration) {
	fmt.Printf("%-46s %12s %11s to %9s\n", name, show(median(d)), show(quantile(d, 1)), show(quantile(d, 3)))
}

func show(d time.Duration) string {
	if d > time.Second {
		return fmt.Sprintf("%.2fs", d.Seconds())
	}
	return fmt.Sprintf("%.1fms", float64(d.Microseconds())/1000)
}
