package policy

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// A longer run, with other lines: go test -run Backtracking -policy.commands 100000000 -policy.seed 7
var (
	commands = flag.Int("policy.commands", 1_000_000, "how many random commands TestDecideAgainstBacktracking decides")
	seed     = flag.Uint64("policy.seed", 26, "where its randomness begins")
)

// One greedy pass must permit exactly what a search of all ways permits, and there must be one way only:
// otherwise the record would name a fill that another reader of the line disputes.
func TestDecideAgainstBacktracking(t *testing.T) {
	const perLine = 40
	r := rand.New(rand.NewPCG(2, *seed))
	legal, lines, allowed := 0, 0, 0
	where := refWheres()
	for n := 0; n < *commands; lines++ {
		l := refRandom(r)
		tool, errs := buildTool("tool", where, l.String())
		if want := refLegal(l); want != (len(errs) == 0) {
			t.Fatalf("%q: the design permits the line: %v, parseUsage and check say %v", l, want, errs)
		}
		if len(errs) > 0 {
			continue
		}
		legal++
		p := buildPolicy(tool)
		for range perLine {
			n++
			words, input := refCommand(r, l)
			ways := refDerive(l, words, input)
			m, refusal := p.Decide(Command{Words: words, Input: input})
			switch {
			case (m == nil) == (refusal == nil):
				t.Fatalf("%q: %q: match %v and refusal %v", l, words, m, refusal)
			case len(ways) > 1:
				t.Fatalf("%q: %q can be read in %d ways: %q", l, words, len(ways), ways)
			case (len(ways) == 1) != (m != nil):
				t.Fatalf("%q: %q: backtracking finds %q, Decide says %v %v", l, words, ways, m, refusal)
			case m != nil:
				allowed++
				if got := fillText(m); got != ways[0] {
					t.Fatalf("%q: %q: fills %q, want %q", l, words, got, ways[0])
				}
			case refusal.Word < 0 || refusal.Word > len(words) || refusal.Reason == "" || refusal.Usage == "":
				t.Fatalf("%q: %q: refusal %+v", l, words, refusal)
			case refusal.Try != nil:
				if again, _ := p.Decide(*refusal.Try); again == nil {
					t.Fatalf("%q: %q: tries %q, which is refused", l, words, refusal.Try.Words)
				}
			}
		}
	}
	t.Logf("%d lines, %d of them legal, %d commands, %d allowed", lines, legal, legal*perLine, allowed)
	if allowed < *commands/5 || allowed > *commands*4/5 || legal < lines/5 {
		t.Errorf("the mix tests little: %d of %d commands allowed, %d of %d lines legal", allowed, *commands, legal, lines)
	}
}

func fillText(m *Match) string {
	var list []string
	for _, f := range m.Fills {
		list = append(list, fmt.Sprintf("%d:%d:%s", f.Word, f.Offset, f.Where.Name))
	}
	return strings.Join(list, " ")
}
