package guard

import (
	"slices"
	"testing"
	"time"

	"opsh/test/guard/order"
)

// TestCost: what the guard costs a session's start and the agent's throughput, in paired runs of two containers, of which one has none.
// It fails where that is more than the guard may cost; what the machine itself costs hits both.
func TestCost(t *testing.T) {
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
	pairs := func(n int, o order.Order) (held, free time.Duration) {
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
		return a[n/2], b[n/2]
	}
	held, free := pairs(100, order.Order{Argv: []string{"opsh", "--version"}})
	t.Logf("a session, from the order to the end of opsh --version: %s held, %s not: %s more", held, free, held-free)
	if held-free > max(5*time.Millisecond, free*6/10) { // where others use the machine, all of it takes longer
		t.Errorf("a session's start takes %s longer under the guard", held-free)
	}
	held, free = pairs(21, order.Order{Bytes: 8 << 20})
	ratio := float64(held) / float64(free)
	t.Logf("8 MiB through a session worker: %s held, %s not: %.3f", held, free, ratio)
	if ratio > 1.1 { // the target is 1.03: less than that can't be told on a machine that does other things, too
		t.Errorf("the agent's throughput is %.3f of what it was", 1/ratio)
	}
}
