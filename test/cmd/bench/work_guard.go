package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"

	"golang.org/x/sys/unix"
)

// guard is what the guard costs. Its measurement is a benchmark of its own, since it needs the containers of the guard's tests; a short look leaves
// it out.
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
	out, err := exec.Command("go", "test", "-count=1", "-run", "^$", "-bench", "^BenchmarkCost$", "-benchtime", "1x", "-v", "opsh/test/guard").CombinedOutput()
	if err != nil {
		return fmt.Errorf("cannot measure the guard: %w\n%s", err, out)
	}
	said := regexp.MustCompile(`(?m)^ *cost_test\.go:[0-9]+: +(.*)$`)
	for _, m := range said.FindAllSubmatch(out, -1) {
		r.found.Guard = append(r.found.Guard, string(m[1]))
	}
	if len(r.found.Guard) == 0 {
		return fmt.Errorf("the guard's measurement says nothing:\n%s", out)
	}
	return nil
}
