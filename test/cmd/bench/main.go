// Bench measures what opsh costs beside what people use today: the same work, in turns, in one run. It never fails because a
// machine is slow. What it prints is what the README holds.
package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// insideVerb is the argument of the process that has mounts of its own.
const insideVerb = "--in-its-own-mounts"

func main() {
	do := bench
	switch {
	case len(os.Args) > 2 && os.Args[1] == profileVerb:
		do = func() error { return becomeProfiled(os.Args[2:]) }
	case len(os.Args) < 2 || os.Args[1] != insideVerb:
		do = enclosed
	}
	if err := do(); err != nil {
		if !errors.Is(err, errSaid) {
			fmt.Fprintln(os.Stderr, "error:", err)
		}
		os.Exit(1)
	}
}

// errSaid is the error of the process inside, which has said why.
var errSaid = errors.New("the process inside has failed")

// enclosed starts this program again with mounts of its own: there sudo and doas get a configuration that nobody else sees, and
// that is gone with the process.
func enclosed() error {
	runtime.LockOSThread() // the signal comes when the thread that started the process ends, not the process
	cmd := exec.Command("/proc/self/exe", append([]string{insideVerb}, os.Args[1:]...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGTERM}
	err := cmd.Run()
	if errors.Is(err, syscall.EPERM) {
		return errors.New("cannot give sudo and doas a configuration of their own: mounts are not permitted here; run it as root, outside a container")
	}
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.Exited() {
		return errSaid
	}
	return err
}

// run is one run of everything.
type run struct {
	quick bool
	rng   *rand.Rand
	place *place
	found record
}

func bench() error {
	flags := flag.NewFlagSet("test/bench", flag.ExitOnError)
	quick := flags.Bool("quick", false, "a short look: few repetitions, smaller outputs")
	write := flags.Bool("write", false, "put table, plots and figures into README.md and test/measured")
	micro := flags.Bool("micro", false, "only the micro-benchmarks, compared with test/measured/micro.json")
	only := flags.String("only", "", "the measurements whose name holds this: commands, prompts, inside, outputs, keys, crowds, contained, recorded, decisions, guard, sizes")
	seed := flags.Uint64("seed", uint64(time.Now().UnixNano()), "of the order in which programs take turns")
	flags.Parse(os.Args[2:]) //nolint:errcheck // it exits by itself
	if flags.NArg() > 0 {
		return fmt.Errorf("cannot take %q: there are only options", flags.Arg(0))
	}
	if *micro {
		return compareMicro(*write)
	}
	if *write && (*quick || *only != "") {
		return errors.New("cannot write what a part or a short look has found: leave --quick and --only out")
	}
	r := &run{quick: *quick, rng: rand.New(rand.NewPCG(*seed, 0)), found: newRecord(*seed, *quick)}
	var err error
	if r.place, err = newPlace(*quick); err != nil {
		return err
	}
	defer r.place.remove()
	measures := []struct {
		name string
		do   func(*run) error
	}{
		{"commands", commands}, {"prompts", prompts}, {"inside", inside}, {"outputs", outputs}, {"keys", keystrokes}, {"crowds", crowds},
		{"contained", contained}, {"recorded", recorded}, {"decisions", decisions}, {"sizes", sizes}, {"guard", guard},
	}
	for _, m := range measures {
		if !strings.Contains(m.name, *only) {
			continue
		}
		if err := m.do(r); err != nil {
			return err
		}
	}
	text := r.found.markdown()
	fmt.Print(text)
	if !*write {
		return nil
	}
	if err := r.found.write(text); err != nil {
		return err
	}
	return compareMicro(true)
}

// times is how often something is repeated: a tenth of it for a short look, and twice at the least.
func (r *run) times(n int) int {
	if r.quick {
		return max(n/10, 2)
	}
	return n
}
