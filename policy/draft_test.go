package policy

import (
	"errors"
	"strings"
	"testing"
)

// TestDraft: what could be read of a file is there beside all its mistakes, and nothing runs by it.
func TestDraft(t *testing.T) {
	for _, group := range brokenPolicies {
		for _, c := range group {
			src, _ := marked(c.src)
			_, want := Parse("p", []byte(src), splitPlainly)
			p, err := Draft("p", []byte(src), splitPlainly)
			if err == nil || err.Error() != want.Error() {
				t.Errorf("%s: a draft has other mistakes: %v", c.name, err)
			}
			if p != nil && !p.failing {
				t.Errorf("%s: something could run by it", c.name)
			}
		}
	}
	p, err := Draft("p", []byte(inTool("exec = \"any\"\nunsafe_exec = true\ntimeot = \"5m\"")), splitPlainly)
	if errs := (*Errors)(nil); !errors.As(err, &errs) || len(errs.List) != 1 {
		t.Fatal(err)
	}
	given := p.GivesAway()
	if len(given) != 1 || given[0].Key != "exec" || given[0].Tool != "t" || given[0].Pos != (Pos{7, 1}) {
		t.Errorf("%+v", given)
	}
	m, _ := p.Decide(Command{Words: []string{"t"}})
	if m == nil {
		t.Fatal("the usage line that could be read isn't there")
	}
	if _, err := p.Bind(m, Seat{}); err == nil || !strings.Contains(err.Error(), "cannot run a command by a policy") {
		t.Errorf("Bind says %v", err)
	}
	if p, err := Draft("p", []byte(inTool("")), splitPlainly); err != nil || p.failing {
		t.Errorf("of a policy without a mistake: %v", err)
	}
}
