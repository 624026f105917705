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

// contained measures what containment costs: a launch, and system calls afterwards.
func contained(r *run) error {
	dir := r.place.dir
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
	text := policyHead
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
	b, err := newLauncher(r.place.opsh, text)
	if err != nil {
		return err
	}
	defer b.seat.Close()

	for _, mode := range []string{"none", "list", "any"} {
		direct, inside, err := r.pairs("launch, exec = "+mode, r.times(100), func() (time.Duration, error) { return timed(exec.Command("/usr/bin/true")) },
			func() (time.Duration, error) { return b.time("true-"+mode, nil) })
		if err != nil {
			return err
		}
		r.own("of one command: the launch, contained, exec = "+mode, "ms", inside, "directly", direct)
	}
	// The loops outside run under a filter that permits everything: no container is without one.
	script := filepath.Join(scripts, "loop.sql")
	if err := b.loop(r, "10,000 queries in mysql, contained", "outside, under an empty filter as in any container", "mysql < loop.sql", func() *exec.Cmd {
		cmd := exec.Command("/usr/bin/mysql", options...)
		cmd.Stdin, _ = os.Open(script) //nolint:errcheck // a missing file is seen by what the client says
		return underProfile(cmd)
	}); err != nil {
		return err
	}
	program := func(name string) func() *exec.Cmd {
		return func() *exec.Cmd { return underProfile(exec.Command("/usr/bin/ruby", filepath.Join(scripts, name))) }
	}
	for _, mode := range []string{"none", "list"} {
		if err := b.loop(r, "50,000 files read in Ruby, exec = "+mode, "likewise", "ruby-"+mode+" files.rb", program("files.rb")); err != nil {
			return err
		}
	}
	// What a filter costs at the most, the way into it included: 30 ns.
	bare := func() *exec.Cmd { return exec.Command("/usr/bin/ruby", filepath.Join(scripts, "cheapest.rb")) }
	return b.loop(r, "600,000 of the cheapest system call: the worst case", "without any filter", "ruby-none cheapest.rb", bare)
}

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
func (b *launcher) loop(r *run, name, beside, line string, direct func() *exec.Cmd) error {
	outside, inside, err := r.pairs(name, r.times(15), func() (time.Duration, error) {
		out, err := direct().Output()
		return clocked(string(out), err)
	}, func() (time.Duration, error) {
		var out strings.Builder
		_, err := b.time(line, &out)
		return clocked(out.String(), err)
	})
	if err != nil {
		return err
	}
	r.own(name, "ms", inside, beside, outside)
	return nil
}

// timed runs a program.
func timed(cmd *exec.Cmd) (time.Duration, error) {
	start := time.Now()
	err := cmd.Run()
	return time.Since(start), err
}

// clocked is the time between two clocks, in microseconds, that a program has printed.
func clocked(out string, err error) (time.Duration, error) {
	if err != nil {
		return 0, err
	}
	var from, to int64
	if _, err := fmt.Sscan(out, &from, &to); err != nil {
		return 0, fmt.Errorf("no two clocks in %q: %w", out, err)
	}
	return time.Duration(to-from) * time.Microsecond, nil
}
