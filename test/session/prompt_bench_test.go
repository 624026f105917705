package session

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkPrompt prints what it takes from connect's start to the first prompt, over a stand-in that doesn't wait as the agent does. test/bench runs it once.
func BenchmarkPrompt(b *testing.B) {
	s := service(b, nil)
	var all []time.Duration
	for range 15 {
		began := time.Now()
		p := connect(b, s)
		p.sees("> ")
		all = append(all, time.Since(began))
		p.types("exit\r")
		p.left(0)
	}
	slices.Sort(all)
	b.Logf("opsctl connect, from its start to the first prompt: median %d ms, quartiles %d to %d ms; target: under 300 ms beside what the agent waits",
		all[7].Milliseconds(), all[3].Milliseconds(), all[11].Milliseconds())
}
