package policy

import (
	"os"
	"regexp"
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

// What it shows as a comment can be used as it stands.
func TestExampleComments(t *testing.T) {
	src, err := os.ReadFile("../policy.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`(?m)^# ((same_user|guard|connect|files) +?=)`)
	if n := len(keys.FindAll(src, -1)); n != 4 {
		t.Errorf("%d keys, want 4", n)
	}
	p := mustLoad(t, string(keys.ReplaceAll(src, []byte("$1"))))
	mysql, rails := p.Tool("mysql"), p.Tool("rails")
	if !p.Session.SameUser || len(mysql.Connect) != 1 || len(rails.Access.Read) != 2 || len(rails.Access.Write) != 1 || len(p.Warnings()) != 2 {
		t.Errorf("%+v\n%+v\n%q", mysql, rails, p.Warnings())
	}
	if mysql.Limits.Output != 100e6 || mysql.Limits.Memory != 1<<30 {
		t.Errorf("%+v", mysql.Limits)
	}
}
