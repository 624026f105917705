package compare

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"opsh/policy"
)

func TestNever(t *testing.T) {
	const wheres = "where.A = \"any\"\nwhere.B = [\"x\", \"y\"]\nwhere.C = { match = '[a-z]+' }\nwhere.D = { match = '[a-z]*' }\n"
	for _, c := range []struct {
		name  string
		lines []string
		never []int
	}{
		{"another option", []string{`"t -a"`, `"t -b A B C D"`}, nil},
		{"an option that may be left out", []string{`"t [-a] -e A [B]"`, `"t -e A"`, `"t -e C D"`}, []int{1}},
		{"options in another order", []string{`"t [-a] [-b]"`, `"t [-b] [-a]"`}, []int{1}},
		{"any before a list", []string{`"t A"`, `"t B"`}, []int{1}},
		{"a list before any", []string{`"t B"`, `"t A"`}, nil},
		{"the words of a list, a line each", []string{`"t x"`, `"t y"`, `"t B"`}, []int{2}},
		{"a word of a list", []string{`"t x"`, `"t B"`}, nil},
		{"a pattern within a pattern", []string{`"t D"`, `"t C"`}, []int{1}},
		{"options and their absence", []string{`"t -a A"`, `"t A"`, `"t [-a] A"`}, []int{2}},
		{"repeated before once", []string{`"t A..."`, `"t A A"`, `"t"`}, []int{1}},
		{"input", []string{`"t"`, `"t < F"`}, nil},
		{"input twice", []string{`"t [A] < F"`, `"t B < F"`}, []int{1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := head + "[tool.t]\npath = \"/bin/t\"\nuser = \"ops\"\nallow = ["
			for _, l := range append(c.lines, `"t zz A... "`, `"t zz -- B"`, `"t zz -- C"`, `"t zz -- D"`, `"t zz zz < F"`) {
				text += l + ", "
			}
			p := load(t, text+"]\n"+wheres+"where.F = { path = \"/d\" }\n")
			var got []int
			for _, r := range Never(p, nil) {
				if i := slices.Index(p.Tools[0].Rules, r); i < len(c.lines) {
					got = append(got, i)
				}
			}
			if !slices.Equal(got, c.never) {
				t.Errorf("never %v, want %v", got, c.never)
			}
		})
	}
}

// TestNeverDecides: no random command is decided by a line that is said to decide none.
func TestNeverDecides(t *testing.T) {
	r := rand.New(rand.NewPCG(11, *seed))
	lines, commands := 0, 0
	for range 2000 {
		_, p := randomPair(r)
		never := Never(p, nil)
		lines += len(never)
		for range 200 {
			c := policy.Command{Words: []string{"t"}}
			for range r.IntN(5) {
				c.Words = append(c.Words, pick(r, vocabulary...))
			}
			if m := decided(p, c); m != nil {
				if commands++; slices.Contains(never, m.Rule) {
					t.Fatalf("%q decides %q", m.Rule.Text, c.Words)
				}
			}
		}
	}
	if lines < 50 || commands < 5000 {
		t.Errorf("the mix tests little: %d lines, %d commands", lines, commands)
	}
}

// TestC1NeverIsBounded: patterns that take long to look through are given up, and the lines of many tools are looked through all the same.
func TestC1NeverIsBounded(t *testing.T) {
	var allow, wheres strings.Builder
	for i := range 200 {
		fmt.Fprintf(&allow, "\"t A%d\", ", i)
		fmt.Fprintf(&wheres, "where.A%d = { match = '[a-z]{%d}x.*' }\n", i, i+2)
	}
	p := load(t, head+"[tool.t]\npath = \"/bin/t\"\nuser = \"ops\"\nallow = ["+allow.String()+"]\n"+wheres.String())
	began := time.Now()
	if got := Never(p, nil); len(got) > 0 {
		t.Errorf("%d lines never decide, %q among them", len(got), got[0].Text)
	}
	// It took 3 to 6 seconds; a second of a busy machine is what is left to it.
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
	const n = 500
	p = load(t, manyTools(n, func(int) string { return strings.Replace(oneOfMany, "\n]", "\n  \"TOOL run -e SQL [DB]\",\n]", 1) }))
	if got := Never(p, nil); len(got) != n {
		t.Errorf("of %d lines that never decide %d are found", n, len(got))
	}
}
