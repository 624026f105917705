package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// record is what a run has found. Its JSON is what the next change is compared with.
type record struct {
	Date    string   `json:"date"`
	Machine string   `json:"machine"`
	Seed    uint64   `json:"seed"`
	Quick   bool     `json:"quick,omitempty"`
	Cells   []Cell   `json:"cells"`
	Own     []Own    `json:"own"`
	Curves  []Curve  `json:"curves"`
	Guard   []string `json:"guard,omitempty"`   // what the guard's own measurement says
	Connect []string `json:"connect,omitempty"` // and that of opsctl connect
}

// Cell is one program at one piece of work.
type Cell struct {
	Work    string `json:"work"`
	Program string `json:"program"`
	Unit    string `json:"unit,omitempty"`
	Figure  Figure `json:"figure"`
	Ratio   Figure `json:"ratio"` // opsh's figure divided by the program's, turn by turn
	Missing string `json:"missing,omitempty"`
}

func newCell(work, unit string, c contender, its, opshs []float64) Cell {
	cell := Cell{Work: work, Program: c.program, Unit: unit, Missing: c.missing}
	if c.missing == "" && len(its) > 0 {
		cell.Figure, cell.Ratio = figure(its), figure(ratios(opshs, its))
	}
	return cell
}

// Own is a cost of opsh's that no peer has, beside what it is measured against.
type Own struct {
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Figure Figure `json:"figure"`
	Beside string `json:"beside,omitempty"` // what the other figure is
	Other  Figure `json:"other,omitzero"`
	Ratio  Figure `json:"ratio,omitzero"` // the figure divided by the other
}

// own keeps a cost beside another, which were measured in turns.
func (r *run) own(name, unit string, its []float64, beside string, other []float64) {
	o := Own{Name: name, Unit: unit, Figure: figure(its)}
	if len(other) > 0 {
		o.Beside, o.Other, o.Ratio = beside, figure(other), figure(ratios(its, other))
	}
	r.found.Own = append(r.found.Own, o)
}

// Curve is how a cost grows.
type Curve struct {
	Name   string    `json:"name"`
	X      string    `json:"x"`    // what there is more of
	Unit   string    `json:"unit"` // of Y
	Counts []float64 `json:"counts"`
	Costs  []Figure  `json:"costs"`
}

// growth takes the time of something for growing counts, in turns.
func (r *run) growth(name, x string, counts []int, do func(n int) (time.Duration, error)) error {
	if r.quick {
		counts = counts[:len(counts)-1]
	}
	var all []contender
	for _, n := range counts {
		if x == "bytes" && int64(n) > r.place.size {
			continue
		}
		all = append(all, contender{program: fmt.Sprint(n), run: func() (time.Duration, error) { return do(n) }})
	}
	took, err := r.turns("growth: "+name, r.times(6), all)
	if err != nil {
		return err
	}
	c := Curve{Name: name, X: x, Unit: "ms"}
	for i, a := range all {
		c.Counts, c.Costs = append(c.Counts, float64(counts[i])), append(c.Costs, figure(took[a.program]))
	}
	r.found.Curves = append(r.found.Curves, c)
	return nil
}

func newRecord(seed uint64, quick bool) record {
	return record{Date: time.Now().UTC().Format("2006-01-02"), Machine: machine(), Seed: seed, Quick: quick}
}

// machine is what a reader needs to know of it.
func machine() string {
	cpu, _ := os.ReadFile("/proc/cpuinfo") //nolint:errcheck // then it has no name
	_, model, _ := strings.Cut(string(cpu), "model name\t: ")
	model, _, _ = strings.Cut(model, "\n")
	if model == "" {
		model = "a processor without a name"
	}
	system := "unknown"
	if text, err := os.ReadFile("/etc/os-release"); err == nil {
		_, system, _ = strings.Cut(string(text), "PRETTY_NAME=\"")
		system, _, _ = strings.Cut(system, "\"")
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease") //nolint:errcheck // then it has none
	return fmt.Sprintf("%d cores of %s, %s, kernel %s, %s", runtime.NumCPU(), strings.Join(strings.Fields(model), " "), system, bytes.TrimSpace(kernel), runtime.Version())
}
