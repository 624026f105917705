package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"opsh/cmd/opsctl/internal/lint"
	"opsh/cmd/opsctl/internal/try"
	"opsh/policy"
)

// onePage is the README's section about the policy, and its blocks.
func onePage(t *testing.T) (rules []string, dialogue string) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## The policy, on one page\n")
	section, _, ends := strings.Cut(section, "\n## ")
	if !found || !ends {
		t.Fatal("the README has no such section")
	}
	for _, b := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(section, -1) {
		if b[1] == "toml" {
			rules = append(rules, b[2])
		} else {
			dialogue += b[2]
		}
	}
	return rules, dialogue
}

func parsed(t *testing.T, src string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.toml", []byte(src), split)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return p
}

// whole is a block that is a policy by itself.
func whole(block string) bool { return strings.HasPrefix(block, "version = 1\n") }

// TestReadmeRules: each rule loads behind the beginning, and all of them together; each says what it allows and what it refuses, and gives no more
// away than is said beside it.
func TestReadmeRules(t *testing.T) {
	blocks, _ := onePage(t)
	begin, rules := blocks[0], blocks[1:]
	if len(rules) != 10 || !whole(begin) {
		t.Fatalf("%d rules, behind\n%s", len(rules), begin)
	}
	all := begin
	var given []string
	for _, r := range rules {
		src := r
		if !whole(r) {
			src, all = begin+r, all+"\n"+r
		}
		p := parsed(t, src)
		if r := lint.Check("policy.toml", []byte(src), split); r.Errors()+r.Warnings() > 0 {
			t.Errorf("policy check --strict finds:\n%+v", r.Findings)
		}
		wants := map[bool]int{}
		for _, test := range p.Tests {
			wants[test.Allow]++
		}
		if wants[true] == 0 || wants[false] == 0 {
			t.Errorf("it doesn't show what it allows and what it refuses:\n%s", r)
		}
		for _, w := range p.Warnings() {
			_, what, _ := strings.Cut(w, " ")
			given = append(given, what)
		}
		for _, tool := range p.Tools {
			for _, u := range tool.Usage() {
				if !exercised(p, tool, u) {
					t.Errorf("no test needs %s", u)
				}
			}
		}
	}
	parsed(t, all)
	if got, want := strings.Join(given, "\n"), "console: connect: the kernel holds it to these ports, not to these hosts\naws: pass_aws = true: it has the task's AWS credentials"; got != want {
		t.Errorf("the rules give away:\n%s", got)
	}
}

// exercised says that a test is allowed by this usage line.
func exercised(p *policy.Policy, tool *policy.Tool, usage string) bool {
	for _, test := range p.Tests {
		c, err := split(test.Run)
		if err != nil || !test.Allow {
			continue
		}
		if m, _ := p.Decide(c); m != nil && m.Tool == tool && m.Rule.Text == usage {
			return true
		}
	}
	return false
}

// TestReadmeTry: the dialogue is what opsctl try prints.
func TestReadmeTry(t *testing.T) {
	blocks, dialogue := onePage(t)
	var src []string
	for i, b := range blocks {
		if i == 0 || !whole(b) {
			src = append(src, b)
		}
	}
	s := &try.Session{Policy: parsed(t, strings.Join(src, "\n"))}
	got, typed := "", 0
	for _, l := range strings.Split(dialogue, "\n") {
		if raw, ok := strings.CutPrefix(l, "prod (try)> "); ok {
			typed++
			got += l + "\n" + strings.Join(s.Judge(raw).Lines, "\n") + "\n"
		}
	}
	if got != dialogue || typed < 3 {
		t.Errorf("the README shows\n%s\nbut it prints\n%s", dialogue, got)
	}
}
