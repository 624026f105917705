package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestFigure(t *testing.T) {
	for _, c := range []struct {
		all  []float64
		want Figure
	}{
		{[]float64{3}, Figure{3, 3, 3}},
		{[]float64{4, 1, 3, 2, 5}, Figure{3, 2, 4}},
		{[]float64{1, 2}, Figure{1.5, 1.25, 1.75}},
	} {
		if got := figure(c.all); got != c.want {
			t.Errorf("%v: %v, want %v", c.all, got, c.want)
		}
	}
	if !math.IsNaN(figure(nil).Median) {
		t.Error("nothing has a median")
	}
	// Both are slow in the second turn: the ratio doesn't see it.
	if got := figure(ratios([]float64{2, 20, 4}, []float64{1, 10, 2})); got != (Figure{2, 2, 2}) {
		t.Errorf("ratios: %v", got)
	}
}

func TestShow(t *testing.T) {
	for _, c := range []struct {
		value      float64
		unit, want string
	}{
		{0.5, "ms", "0.50 ms"}, {12.34, "ms", "12.3 ms"}, {999, "ms", "999 ms"}, {1500, "ms", "1.50 s"}, {2048, "KiB", "2.00 MiB"}, {1234, "ns", "1.23 µs"},
		{1234567, "ns", "1.23 ms"}, {0.0123, "ms", "0.012 ms"},
	} {
		if got := show(c.value, c.unit); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.value, c.unit, got, c.want)
		}
	}
	if got := whole(1234567); got != "1,234,567" {
		t.Errorf("whole: %q", got)
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		counts, costs []float64
		want          string
	}{
		{[]float64{1, 10, 100}, []float64{5, 5, 5}, "at most linear"},
		{[]float64{1, 10, 100}, []float64{1, 10, 100}, "at most linear"},
		{[]float64{1, 10, 100}, []float64{1, 10, 1000}, "more than linear from 10 to 100"},
	} {
		curve := Curve{Counts: c.counts}
		for _, v := range c.costs {
			curve.Costs = append(curve.Costs, Figure{v, v, v})
		}
		if got := curve.verdict(); got != c.want {
			t.Errorf("%v: %q, want %q", c.costs, got, c.want)
		}
	}
}

func TestPlotIsXMLWithWords(t *testing.T) {
	svg := plot([]Curve{{Name: "a<b", X: "tools", Unit: "µs", Counts: []float64{10, 10_000}, Costs: []Figure{{1, 0.9, 1.1}, {2, 1.9, 2.1}}}})
	for in := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := in.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"a&lt;b: at most linear", "10,000 tools: 2.00 µs", "<desc", "prefers-color-scheme:dark", ">10k<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q in\n%s", want, svg)
		}
	}
}

func TestMicro(t *testing.T) {
	found := parseMicro("pkg: opsh/policy\nBenchmarkDecide/mysql/tools=2-2   100   250 ns/op   12 B/op   3 allocs/op\nBenchmarkDecide/mysql/tools=2-2   100   240 ns/op   12 B/op   3 allocs/op\n" +
		"pkg: opsh/shell/line\nBenchmarkSplit-8   100   50.5 ns/op   900.00 MB/s   0 B/op   0 allocs/op\nPASS\n")
	if got, want := found["policy Decide/mysql/tools=2"], (Micro{240, 12, 3}); got != want {
		t.Errorf("%v, want %v of %v", got, want, found)
	}
	if got, want := found["shell/line Split"], (Micro{50.5, 0, 0}); got != want {
		t.Errorf("%v, want %v of %v", got, want, found)
	}
	then := microRecord{Date: "then", YardNanos: 100, Benchmarks: map[string]Micro{"same": {100, 0, 1}, "slow": {100, 0, 1}, "fast": {100, 0, 1}, "greedy": {100, 0, 10}, "gone": {}}}
	// This machine takes twice as long for everything.
	now := microRecord{YardNanos: 200, Benchmarks: map[string]Micro{"same": {210, 0, 1}, "slow": {250, 0, 1}, "fast": {150, 0, 1}, "greedy": {200, 0, 13}, "new": {1, 0, 0}}}
	want := []string{"faster   fast takes 0.75 times as long: 150 ns", "warning  greedy allocates 13 times, before 10", "new      new: 1.00 ns, 0 allocations",
		"warning  slow takes 1.25 times as long: 250 ns", "gone     gone",
		"5 micro-benchmarks beside those of then: 1 slower, 1 faster by more than a fifth; this machine takes 2.00 times as long for the same work"}
	if got := compared(then, now); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
