package guard

import (
	"slices"
	"testing"
	"time"

	"opsh/test/guard/order"
)

// BenchmarkCost prints what the guard costs a session's start and the agent's throughput, in paired runs of two containers, of which one has none:
// what the machine itself costs hits both. test/bench runs it once.
func BenchmarkCost(t *testing.B) {
	with, without := guarded(t), unguarded(t)
	with.agent(fargate, "agent")
	without.agent(fargate, "agent")
	measure := func(b *box, o order.Order) time.Duration {
		o.Session = session()
		start := time.Now()
		r, err := b.ask("agent", o)
		took := time.Since(start) // with the start of the session's worker
		must(t, err)
		if r.Err != "" || r.Exit != 0 {
			t.Fatalf("%+v", r)
		}
		if o.Bytes > 0 {
			return r.Took
		}
		return took
	}
	// The medians, and the best of each: that is what it takes when nobody else is about.
	pairs := func(n int, o order.Order) (held, free, bestHeld, bestFree time.Duration) {
		var a, b []time.Duration
		for i := range n {
			first, second := with, without
			if i%2 == 1 {
				first, second = second, first
			}
			x, y := measure(first, o), measure(second, o)
			if i%2 == 1 {
				x, y = y, x
			}
			a, b = append(a, x), append(b, y)
		}
		slices.Sort(a)
		slices.Sort(b)
		return a[n/2], b[n/2], a[0], b[0]
	}
	held, free, bestHeld, bestFree := pairs(100, order.Order{Argv: []string{"opsh", "--version"}})
	t.Logf("a session, from the order to the end of opsh --version: median %s held, %s not; best %s and %s", held, free, bestHeld, bestFree)
	t.Logf("  more under the guard: %s; target: at most 5ms", min(held-free, bestHeld-bestFree))
	for _, relayed := range []struct {
		how    string
		pairs  int
		order  order.Order
		target string
	}{
		{"1 MiB through a session worker at the agent's own pace", 11, order.Order{Bytes: 1 << 20, Paced: true}, "; target: at most 1.03"},
		{"8 MiB as fast as it goes, which the agent never does", 21, order.Order{Bytes: 8 << 20}, ""},
	} {
		held, free, bestHeld, bestFree = pairs(relayed.pairs, relayed.order)
		t.Logf("%s: median %s held, %s not: %.3f; best %s and %s: %.3f%s", relayed.how, held, free, float64(held)/float64(free), bestHeld, bestFree,
			float64(bestHeld)/float64(bestFree), relayed.target)
	}
}
