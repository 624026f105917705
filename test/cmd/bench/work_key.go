package main

import (
	"os"
	"time"
)

// The key that is typed, and a byte that no output holds.
const (
	idleKey = "x"
	busyKey = "Z"
)

// keystrokes: from a key to its echo, where a tool reads lines: the echo is the inner terminal's, and comes all the way back.
func keystrokes(r *run) error {
	// What the tool prints first shows that it has the terminal, and that no key is echoed by another one before.
	if err := r.keys(workIdle, "cat "+r.place.greeting+" -", func(s *seat) error { return s.until("go ahead") }, idleKey); err != nil {
		return err
	}
	return r.keys(workBusy, "cat "+r.place.lines, func(s *seat) error {
		for range 100 {
			if err := s.until("abcdefghi"); err != nil {
				return err
			}
		}
		return nil
	}, busyKey)
}

// keys takes the times of many keys of each program, a few at a time in turns. A line of the kernel's holds 4,095 of them.
func (r *run) keys(work, line string, ready func(*seat) error, key string) error {
	const each = 20
	took := map[string][]float64{} // median of each turn
	every := map[string][]float64{}
	all := r.contenders(between, func(g program) (time.Duration, error) {
		if err := r.place.clear(); err != nil {
			return 0, err
		}
		s, err := r.place.sit(g.once(r.place, line))
		if err != nil {
			return 0, err
		}
		defer s.kill()
		if err := ready(s); err != nil {
			return 0, err
		}
		var times []float64
		for i := range each + 1 { // the first isn't counted
			start := time.Now()
			if err := s.write(key); err != nil {
				return 0, err
			}
			if err := s.until(key); err != nil {
				return 0, err
			}
			d := time.Since(start)
			if i > 0 {
				times = append(times, float64(d.Nanoseconds())/1000)
			}
			if key == idleKey {
				time.Sleep(2 * time.Millisecond) // nobody types faster, and a busy loop would keep everything awake
			}
		}
		every[g.name] = append(every[g.name], times...)
		took[g.name] = append(took[g.name], quantile(times, 0.5))
		return time.Duration(quantile(times, 0.5) * 1000), nil
	})
	if _, err := r.turns(work, r.times(30), all); err != nil {
		return err
	}
	for _, c := range all {
		r.found.Cells = append(r.found.Cells, newCell(work, "µs", c, took[c.program], took[opshName]))
		last := newCell(work+", 99th percentile", "µs", c, nil, nil)
		if times := every[c.program]; len(times) > 0 {
			of, ours := quantile(times, 0.99), quantile(every[opshName], 0.99)
			last.Figure, last.Ratio = Figure{of, of, of}, Figure{ours / of, ours / of, ours / of}
		}
		r.found.Cells = append(r.found.Cells, last)
	}
	return nil
}

// kill ends a program and all that is on its terminal, and waits for the one.
func (s *seat) kill() {
	s.master.Close()
	s.cmd.Process.Signal(os.Interrupt) //nolint:errcheck // it may have ended
	done := make(chan struct{})
	go func() { s.cmd.Wait(); close(done) }() //nolint:errcheck // it was ended
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		s.cmd.Process.Kill() //nolint:errcheck // it may have ended
		<-done
	}
	s.limit.Stop()
}
