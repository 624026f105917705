package main

import (
	"fmt"
	"time"
)

// crowds: many sessions that start at the same time.
func crowds(r *run) error {
	many := 50
	if r.quick {
		many = 10
	}
	memory := map[string][]float64{}
	together := func(n int, g program) (time.Duration, error) {
		if err := r.place.clear(); err != nil {
			return 0, err
		}
		start := time.Now()
		var open []*seat
		defer func() {
			for _, s := range open { // all at once, as they came
				s.write("\x04") //nolint:errcheck // it is killed where it doesn't leave
			}
			for _, s := range open {
				s.drain(nil)
				s.wait() //nolint:errcheck // a shell's status is its last command's
			}
		}()
		for range n {
			s, err := r.place.sit(g.session(r.place))
			if err != nil {
				return 0, err
			}
			open = append(open, s)
		}
		for i, s := range open {
			if err := s.until(g.prompt); err != nil {
				return 0, fmt.Errorf("session %d of %d: %w", i+1, n, err)
			}
		}
		took := time.Since(start)
		if n == many {
			var kib int64
			for _, s := range open {
				kib += peakOf(s.cmd.Process.Pid)
			}
			memory[g.name] = append(memory[g.name], float64(kib)/float64(many))
		}
		return took, nil
	}
	all := r.contenders(hasSession, func(g program) (time.Duration, error) { return together(many, g) })
	if err := r.compete(fmt.Sprintf("%d sessions at once", many), r.times(4), all); err != nil {
		return err
	}
	for _, c := range all {
		r.found.Cells = append(r.found.Cells, newCell("memory of each of them", "KiB", c, memory[c.program], memory[opshName]))
	}
	return r.growth("sessions at once", "sessions", []int{1, 2, 5, 10, 25, 50}, func(n int) (time.Duration, error) { return together(n, programs()[0]) })
}
