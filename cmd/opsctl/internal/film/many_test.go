package film

import (
	"fmt"
	"strings"
	"testing"
)

// TestMarkersAreCheap: a marker costs no look at a screen where nothing was drawn, and what looks cost is bounded. A hundred thousand markers
// took two minutes on the largest screen.
func TestMarkersAreCheap(t *testing.T) {
	many := func(n int, between string) []event {
		events := []event{{0, "o", strings.Repeat("x", colsMost*rowsMost)}}
		for i := range n {
			events = append(events, event{0, "m", fmt.Sprintf("#%d x", i+1)})
			if between != "" {
				events = append(events, event{0, "o", between})
			}
		}
		return events
	}
	t.Run("nothing drawn between them", func(t *testing.T) {
		reader := cast(t, colsMost, rowsMost, many(100_000, "")...)
		f, _ := Shoot(reader, nil, room)
		if f.Cut != "" || f.last() != strings.TrimSuffix(strings.Repeat(strings.Repeat("x", colsMost)+"\n", rowsMost), "\n") {
			t.Errorf("cut: %q, %d frames", f.Cut, len(f.Frames))
		}
	})
	t.Run("a look costs", func(t *testing.T) {
		s := newScreen(colsMost, rowsMost)
		defer s.close()
		looks := 0
		for ; s.look() == ""; looks++ {
			if looks > budget {
				t.Fatal("without end")
			}
		}
		if most := budget * cellsPerChar / (colsMost * rowsMost); looks > most {
			t.Errorf("%d looks at the largest screen, want %d at most", looks, most)
		}
	})
	t.Run("each frame's rows are its own", func(t *testing.T) {
		f, _ := Shoot(cast(t, 20, 10, many(3*framesMost, "")...), nil, room)
		rows := map[*int]bool{}
		for _, one := range f.Frames {
			if rows[&one.Rows[0]] {
				t.Fatal("two frames share their rows, which thinning out renumbers")
			}
			rows[&one.Rows[0]] = true
		}
	})
}
