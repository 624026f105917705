package standin

import (
	"math/rand"
	"sync"
	"time"
)

// Faults are what happens to messages under way, in each direction.
type Faults struct {
	Drop float64 // the share that is lost
	Swap float64 // the share that arrives behind the one after it
	Seed int64
}

// line carries messages one way.
type line struct {
	faults Faults
	to     func([]byte)

	mu      sync.Mutex
	dice    *rand.Rand
	held    []byte
	Dropped int
	Swapped int
}

func newLine(f Faults, to func([]byte)) *line {
	return &line{faults: f, to: to, dice: rand.New(rand.NewSource(f.Seed))}
}

func (l *line) carry(raw []byte) {
	if l.faults.Drop == 0 && l.faults.Swap == 0 {
		l.to(raw)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch throw := l.dice.Float64(); {
	case throw < l.faults.Drop:
		l.Dropped++
		return
	case throw < l.faults.Drop+l.faults.Swap && l.held == nil:
		l.Swapped++
		l.held = raw
		time.AfterFunc(30*time.Millisecond, l.release) // where none follows
		return
	}
	l.to(raw)
	l.letGo()
}

func (l *line) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.letGo()
}

func (l *line) letGo() {
	if l.held != nil {
		l.to(l.held)
		l.held = nil
	}
}
