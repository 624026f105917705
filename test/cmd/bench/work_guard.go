package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"

	"golang.org/x/sys/unix"
)

// guard is what the guard costs, and how long opsctl connect takes. Their measurements are benchmarks of tests' packages, since they need the containers
// and the stand-in there; a short look leaves them out.
func guard(r *run) error {
	if r.quick {
		return nil
	}
	fmt.Fprintln(os.Stderr, "the guard")
	// Its containers want the machine's own /run. Nothing comes after this that wants ours.
	for _, ours := range []string{"/run", "/etc"} {
		if err := unix.Unmount(ours, unix.MNT_DETACH); err != nil {
			return fmt.Errorf("cannot give back %s: %w", ours, err)
		}
	}
	var err error
	if r.found.Guard, err = elsewhere("BenchmarkCost", "opsh/test/guard"); err != nil {
		return err
	}
	r.found.Connect, err = elsewhere("BenchmarkPrompt", "opsh/test/session")
	return err
}

// elsewhere is what a benchmark of a test package says of itself: it needs that package's surroundings.
func elsewhere(name, of string) (lines []string, err error) {
	out, err := exec.Command("go", "test", "-count=1", "-run", "^$", "-bench", "^"+name+"$", "-benchtime", "1x", "-v", of).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("cannot measure %s: %w\n%s", name, err, out)
	}
	said := regexp.MustCompile(`(?m)^ *\w+_test\.go:[0-9]+: +(.*)$`)
	for _, m := range said.FindAllSubmatch(out, -1) {
		lines = append(lines, string(m[1]))
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s says nothing:\n%s", name, out)
	}
	return lines, nil
}
