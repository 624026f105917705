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
// otherwise the record would name a fill that another reader of the line disputes. Of several lines the
// first that fits decides.
func TestDecideAgainstBacktracking(t *testing.T) {
	const perTool = 40
	r := rand.New(rand.NewPCG(2, *seed))
	lines, legal, decided, allowed := 0, 0, 0, 0
	where := refWheres()
	for decided < *commands {
		tool := &Tool{Name: "tool", Where: where}
		var refs []refLine
		for want := 1 + r.IntN(3); len(refs) < want; lines++ {
			l := refRandom(r)
			one, errs := buildTool("tool", where, l.String())
			if refLegal(l) != (len(errs) == 0) {
				t.Fatalf("%q: the design permits the line: %v, parseUsage and check say %v", l, refLegal(l), errs)
			}
			if len(errs) == 0 {
				tool.Rules = append(tool.Rules, one.Rules...)
				refs = append(refs, l)
				legal++
			}
		}
		p := buildPolicy(tool)
		for range perTool {
			decided++
			if againstBacktracking(t, r, p, refs) {
				allowed++
			}
		}
	}
	t.Logf("%d lines, %d of them legal, %d commands, %d allowed", lines, legal, decided, allowed)
	if allowed < decided/5 || allowed > decided*4/5 || legal < lines/5 {
		t.Errorf("the mix tests little: %d of %d commands allowed, %d of %d lines legal", allowed, decided, legal, lines)
	}
}

// againstBacktracking holds one command against the lines and says whether it is allowed.
func againstBacktracking(t *testing.T, r *rand.Rand, p *Policy, refs []refLine) bool {
	words, input := refCommand(r, pick(r, refs))
	first, want := -1, ""
	for i, l := range refs {
		ways := refDerive(l, words, input)
		if len(ways) > 1 {
			t.Fatalf("%q: %q can be read in %d ways: %q", l, words, len(ways), ways)
		}
		if len(ways) == 1 && first < 0 {
			first, want = i, ways[0]
		}
	}
	m, refusal := p.Decide(Command{Words: words, Input: input})
	switch {
	case (m == nil) == (refusal == nil):
		t.Fatalf("%q: %q: match %v and refusal %v", refs, words, m, refusal)
	case (first >= 0) != (m != nil):
		t.Fatalf("%q: %q: backtracking fits line %d, Decide says %v %v", refs, words, first, m, refusal)
	case m != nil:
		if got := fillText(m); got != want || m.Rule != m.Tool.Rules[first] {
			t.Fatalf("%q: %q: %q with fills %q, want line %d with %q", refs, words, m.Rule.Text, got, first, want)
		}
	case refusal.Word < 0 || refusal.Word > len(words) || refusal.Reason == "" || refusal.Usage == "":
		t.Fatalf("%q: %q: refusal %+v", refs, words, refusal)
	case refusal.Try != nil:
		if again, _ := p.Decide(*refusal.Try); again == nil {
			t.Fatalf("%q: %q: tries %q, which is refused", refs, words, refusal.Try.Words)
		}
	}
	return m != nil
}

func fillText(m *Match) string {
	var list []string
	for _, f := range m.Fills {
		list = append(list, fmt.Sprintf("%d:%d:%s", f.Word, f.Offset, f.Where.Name))
	}
	return strings.Join(list, " ")
}
