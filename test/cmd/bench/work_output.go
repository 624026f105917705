package main

import (
	"fmt"
	"time"
)

// outputs: much of it, in long and in short lines, and the memory that it takes.
func outputs(r *run) error {
	memory := map[string][]float64{}
	all := r.contenders(between, func(g program) (time.Duration, error) {
		took, kib, err := r.print(g, fmt.Sprintf("head -c %d %s", r.place.size, r.place.lines), r.place.size)
		memory[g.name] = append(memory[g.name], kib)
		return took, err
	})
	if err := r.compete(fmt.Sprintf("%d MB of output", r.place.size/1_000_000), r.times(5), all); err != nil {
		return err
	}
	for _, c := range all {
		if c.program != "nothing in between" {
			r.found.Cells = append(r.found.Cells, newCell(workMemory, "KiB", c, memory[c.program], memory[opshName]))
		}
	}
	lines := 1_000_000
	if r.quick {
		lines /= 20
	}
	if err := r.compete(whole(float64(lines))+" short lines", r.times(5), r.contenders(between, func(g program) (time.Duration, error) {
		took, _, err := r.print(g, fmt.Sprintf("seq %d", lines), int64(lines)*6)
		return took, err
	})); err != nil {
		return err
	}
	return r.growth("output through opsh", "bytes", []int{1e4, 1e5, 1e6, 1e7, 1e8}, func(n int) (time.Duration, error) {
		took, _, err := r.print(programs()[0], fmt.Sprintf("head -c %d %s", n, r.place.lines), int64(n))
		return took, err
	})
}

// print has a program print, and takes the time and the peak memory of its processes without the tool, when nine tenths have come.
func (r *run) print(g program, line string, least int64) (took time.Duration, kib float64, err error) {
	if err := r.place.clear(); err != nil {
		return 0, 0, err
	}
	start := time.Now()
	s, err := r.place.sit(g.once(r.place, line))
	if err != nil {
		return 0, 0, err
	}
	looked := false
	total := s.drain(func(total int64) {
		if !looked && total >= least*9/10 {
			looked = true
			kib = float64(peakOf(s.cmd.Process.Pid, "head", "seq"))
		}
	})
	err = s.wait()
	took = time.Since(start)
	if err == nil && total < least {
		err = fmt.Errorf("%d of %d bytes came", total, least)
	}
	return took, kib, err
}
