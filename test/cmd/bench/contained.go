package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/launch"
	"opsh/test/fixture"
)

// containedPolicy is what comes before the tools.
const containedPolicy = `version = 1
[session]
origin = "any"
uids = "` + fixture.BenchUIDs + `"
[audit]
when_down = "spool"
`

// contained measures what containment costs: a launch, and system calls afterwards.
func contained(dir string, place fixture.Place) error {
	db, err := fixture.StartMariaDB(filepath.Join(dir, "db"))
	if err != nil {
		return err
	}
	defer db.Stop()
	scripts := filepath.Join(dir, "loops")
	if err := os.Mkdir(scripts, 0o755); err != nil {
		return err
	}
	const clock = "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS UNSIGNED);\n"
	ruby := func(loop string) string {
		const clock = "Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond)"
		return "t = " + clock + "\n" + loop + "\nputs 0, " + clock + " - t\n"
	}
	for name, text := range map[string]string{"loop.sql": clock + strings.Repeat("DO 1;\n", 10_000) + clock, "files.rb": ruby(`50_000.times { File.read("/etc/hostname") }`), "cheapest.rb": ruby("600_000.times { Process.getpgid(0) }")} {
		if err := os.WriteFile(filepath.Join(scripts, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	options := []string{"--no-defaults", "-h127.0.0.1", "-P" + strconv.Itoa(db.Port), "-uops", "-p" + fixture.Password, "-N", "-B"}
	text := containedPolicy
	for name, mode := range map[string]string{"none": `exec = "none"`, "list": `exec = ["/usr/bin/ls"]`, "any": "exec = \"any\"\nunsafe_exec = true"} {
		text += fmt.Sprintf("[tool.true-%s]\npath = \"/usr/bin/true\"\nuser = \"%s\"\n%s\nallow = [\"true-%s\"]\n", name, fixture.User, mode, name)
		text += fmt.Sprintf("[tool.ruby-%s]\npath = \"/usr/bin/ruby\"\nuser = \"%s\"\n%s\nallow = [\"ruby-%s SCRIPT\"]\nwhere.SCRIPT = { path = %q }\n",
			name, fixture.User, mode, name, scripts)
	}
	quoted := make([]string, len(options))
	for i, o := range options {
		quoted[i] = strconv.Quote(o)
	}
	text += fmt.Sprintf("[tool.mysql]\npath = \"/usr/bin/mysql\"\nuser = \"%s\"\ninsert = [%s]\nallow = [\"mysql < SCRIPT\"]\nwhere.SCRIPT = { path = %q }\n",
		fixture.User, strings.Join(quoted, ", "), scripts)
	b, err := newLauncher(place, text)
	if err != nil {
		return err
	}
	defer b.seat.Close()

	helper, _, err := pairs(50, func() (time.Duration, error) {
		d, err := run(exec.Command(b.helper))
		if _, ended := err.(*exec.ExitError); ended {
			err = nil // it says that it isn't to be run by hand
		}
		return d, err
	}, func() (time.Duration, error) { return 0, nil })
	if err != nil {
		return err
	}
	row("opsh-exec, doing nothing", helper)
	for _, mode := range []string{"none", "list", "any"} {
		direct, inside, err := pairs(100, func() (time.Duration, error) { return run(exec.Command("/usr/bin/true")) },
			func() (time.Duration, error) { return b.time("true-"+mode, nil) })
		if err != nil {
			return err
		}
		row("true, contained, exec = "+mode, inside)
		fmt.Printf("%-46s %12s   target: at most 5ms\n", "  more than directly", show(median(inside)-median(direct)))
	}
	fmt.Println("The loops outside run under a filter that permits everything: no container is without one.")
	script := filepath.Join(scripts, "loop.sql")
	if err := b.loop("10,000 queries in mysql, exec = none", "mysql < loop.sql", func() *exec.Cmd {
		cmd := exec.Command("/usr/bin/mysql", options...)
		cmd.Stdin, _ = os.Open(script) //nolint:errcheck // a missing file is seen by what the client says
		return underProfile(cmd)
	}, loopTarget); err != nil {
		return err
	}
	program := func(name string) func() *exec.Cmd {
		return func() *exec.Cmd { return underProfile(exec.Command("/usr/bin/ruby", filepath.Join(scripts, name))) }
	}
	for _, mode := range []string{"none", "list"} {
		if err := b.loop("50,000 files read in Ruby, exec = "+mode, "ruby-"+mode+" files.rb", program("files.rb"), loopTarget); err != nil {
			return err
		}
	}
	// What a filter costs at the most, the way into it included: 30 ns.
	bare := func() *exec.Cmd { return exec.Command("/usr/bin/ruby", filepath.Join(scripts, "cheapest.rb")) }
	return b.loop("600,000 of the cheapest system call, no filter", "ruby-none cheapest.rb", bare, "the worst case; no target")
}

const loopTarget = "target: at most 1.03"

// launcher runs lines as opsh does, without a session around them.
type launcher struct {
	policy *policy.Policy
	seat   *launch.Seat
	helper string
}

func newLauncher(place fixture.Place, text string) (*launcher, error) {
	if err := place.WritePolicy(text); err != nil {
		return nil, err
	}
	p, err := policy.Open(place.Policy, answer.Split)
	if err != nil {
		return nil, err
	}
	seat, err := launch.TakeUID(place.State, p.Session.UIDs)
	return &launcher{p, seat, filepath.Join(filepath.Dir(place.Opsh), "opsh-exec")}, err
}

// time runs a line and takes the time of its launch and its run.
func (b *launcher) time(line string, out io.Writer) (time.Duration, error) {
	if out == nil {
		out = io.Discard
	}
	command, err := answer.Split(line)
	if err != nil {
		return 0, err
	}
	match, refusal := b.policy.Decide(command)
	if refusal != nil {
		return 0, refusal
	}
	grant, err := b.policy.Bind(match, policy.Seat{UID: b.seat.UID, Term: "dumb"})
	if err != nil {
		return 0, err
	}
	defer grant.Close()
	start := time.Now()
	r, err := launch.Run(context.Background(), launch.Job{Grant: grant, Helper: b.helper, Reaper: b.seat.Reaper, Out: out})
	if err == nil && r.Exit != 0 {
		err = fmt.Errorf("%s ended with %d", line, r.Exit)
	}
	return time.Since(start), err
}

// loop compares the time that a program takes for a loop, by its own clock: the launch doesn't count.
func (b *launcher) loop(name, line string, direct func() *exec.Cmd, target string) error {
	outside, inside, err := pairs(15, func() (time.Duration, error) {
		out, err := direct().Output()
		return between(string(out), err)
	}, func() (time.Duration, error) {
		var out strings.Builder
		_, err := b.time(line, &out)
		return between(out.String(), err)
	})
	if err != nil {
		return err
	}
	row(name+", outside", outside)
	row(name+", inside", inside)
	fmt.Printf("%-46s %12.3f   %s\n", "  ratio", float64(median(inside))/float64(median(outside)), target)
	return nil
}

// between is the time between two clocks, in microseconds, that a program has printed.
func between(out string, err error) (time.Duration, error) {
	if err != nil {
		return 0, err
	}
	var from, to int64
	if _, err := fmt.Sscan(out, &from, &to); err != nil {
		return 0, fmt.Errorf("no two clocks in %q: %w", out, err)
	}
	return time.Duration(to-from) * time.Microsecond, nil
}
