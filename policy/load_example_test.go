package policy

import (
	"os"
	"testing"
)

// The example at the top of the repository is what people copy: it loads, its tests pass, and they cover
// every usage line both ways.
func TestExample(t *testing.T) {
	src, err := os.ReadFile("../policy.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	p := mustLoad(t, string(src))
	allowed, refused := map[*Rule]bool{}, map[string]bool{}
	for _, test := range p.Tests {
		c, err := splitPlainly(test.Run)
		if err != nil {
			continue
		}
		if match, refusal := p.Decide(c); match != nil {
			allowed[match.Rule] = true
		} else {
			refused[refusal.Usage] = true
		}
	}
	for _, tool := range p.Tools {
		for _, r := range tool.Rules {
			if !allowed[r] {
				t.Errorf("line %d: no test allows %s", r.Pos.Line, r.Text)
			}
			if !refused[r.Text] {
				t.Errorf("line %d: no test is refused near %s", r.Pos.Line, r.Text)
			}
		}
	}
}
