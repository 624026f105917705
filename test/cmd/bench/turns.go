package main

import (
	"fmt"
	"os"
	"slices"
	"time"
)

// contender is a program at one piece of work.
type contender struct {
	program string
	run     func() (time.Duration, error)
	missing string // why it takes no part; then run is nil
}

// few rounds are of work so long that its first one is like the others.
const few = 6

// turns has all contenders do the work n times. In each round they come in another order, so that what else the machine does, and what
// one leaves in caches for the next, hits all alike. Of short work the first round isn't counted: it is when files come from the disk.
func (r *run) turns(work string, n int, all []contender) (map[string][]float64, error) {
	fmt.Fprintf(os.Stderr, "%s: %d rounds\n", work, n)
	took := map[string][]float64{}
	order := slices.Clone(all)
	uncounted := 0
	if n > few {
		uncounted = 1
	}
	for round := range n + uncounted {
		r.rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, c := range order {
			if c.run == nil {
				continue
			}
			d, err := c.run()
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", work, c.program, err)
			}
			if round >= uncounted {
				took[c.program] = append(took[c.program], d.Seconds()*1000)
			}
		}
	}
	return took, nil
}

// compete has contenders do the work in turns and keeps what came out, each beside opsh, round by round.
func (r *run) compete(work string, n int, all []contender) error {
	took, err := r.turns(work, n, all)
	if err != nil {
		return err
	}
	for _, c := range all {
		r.found.Cells = append(r.found.Cells, newCell(work, "ms", c, took[c.program], took[opshName]))
	}
	return nil
}

// pairs is two contenders' times, in milliseconds, in turns.
func (r *run) pairs(work string, n int, a, b func() (time.Duration, error)) (as, bs []float64, err error) {
	took, err := r.turns(work, n, []contender{{program: "a", run: a}, {program: "b", run: b}})
	return took["a"], took["b"], err
}
