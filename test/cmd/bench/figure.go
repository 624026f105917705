package main

import (
	"fmt"
	"math"
	"slices"
)

// Figure is a median and its quartiles.
type Figure struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

func figure(all []float64) Figure {
	return Figure{quantile(all, 0.5), quantile(all, 0.25), quantile(all, 0.75)}
}

// ratios is a divided by b, round by round: what slows both down in a round is not in it.
func ratios(a, b []float64) []float64 {
	var all []float64
	for i := range min(len(a), len(b)) {
		all = append(all, a[i]/b[i])
	}
	return all
}

// quantile is the value below which a part of all lies, between two of them in proportion.
func quantile(all []float64, part float64) float64 {
	if len(all) == 0 {
		return math.NaN()
	}
	all = slices.Sorted(slices.Values(all))
	at := float64(len(all)-1) * part
	below := int(at)
	above := min(below+1, len(all)-1)
	return all[below] + (all[above]-all[below])*(at-float64(below))
}

// times writes a ratio with its quartiles.
func (f Figure) times() string {
	return fmt.Sprintf("%s (%s–%s)", short(f.Median), short(f.Low), short(f.High))
}

// in writes a figure with its unit, a thousand times larger or smaller where that reads better.
func (f Figure) in(unit string) string { return show(f.Median, unit) }

// larger is which unit comes above one, and from how many on.
var larger = map[string]struct {
	from float64
	unit string
}{"ns": {1000, "µs"}, "µs": {1000, "ms"}, "ms": {1000, "s"}, "KiB": {1024, "MiB"}}

func show(value float64, unit string) string {
	value, unit = readable(value, unit)
	return short(value) + " " + unit
}

// readable is a value in the unit in which it reads best.
func readable(value float64, unit string) (float64, string) {
	for next, ok := larger[unit]; ok && math.Abs(value) >= next.from; next, ok = larger[unit] {
		value, unit = value/next.from, next.unit
	}
	return value, unit
}

// short is three digits of a number, or all of its whole ones.
func short(v float64) string {
	switch a := math.Abs(v); {
	case a >= 100 || a == 0:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	case a >= 0.1:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.3f", v)
	}
}
