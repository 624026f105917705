package compare

import (
	"math/rand/v2"
	"slices"
	"testing"

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
