package policy

import (
	"fmt"
	"slices"
	"testing"
)

func TestComplete(t *testing.T) {
	p := production(t)
	extra := mustTool(t, "logs", wheres{"N": whole(1, 5), "WHEN": oneOf("auto", "never"), "SERVICE": oneOf("web", "worker", "-x"), "FILE": file("/logs", ""), "ARG": anyWord()},
		"logs [--color | --color=WHEN] [-v]... --env=prod [SERVICE...] [-f] -- follow",
		"logs show -n N FILE",
	)
	p = buildPolicy(append(p.Tools, extra)...)
	for _, c := range []struct {
		words  []string
		prefix string
		want   string
	}{
		{nil, "", "[logs mysql rails]"},
		{nil, "m", "[mysql]"},
		{nil, "x", "[]"},
		{[]string{"nothing"}, "", "[]"},
		{[]string{"mysql"}, "", "[--execute= --table -N -e -t app_production app_replica]"},
		{[]string{"mysql"}, "--", "[--execute= --table]"},
		{[]string{"mysql", "-t"}, "-", "[--execute= -N -e]"},
		{[]string{"mysql", "-e"}, "", "[]"},
		{[]string{"mysql", "-e", "SELECT 1"}, "app_r", "[app_replica]"},
		{[]string{"mysql", "-e", "SELECT 1", "app_replica"}, "", "[]"},
		{[]string{"mysql", "-q"}, "", "[]"},
		{[]string{"rails"}, "", "[--version db:migrate:status db:migrate:up runner]"},
		{[]string{"rails"}, "db:", "[db:migrate:status db:migrate:up]"},
		{[]string{"rails", "runner"}, "", "[--environment= --environment=production -e]"},
		{[]string{"rails", "runner", "-e"}, "", "[production]"},
		{[]string{"logs"}, "", "[--color --color= --color=auto --color=never --env=prod -v show]"},
		{[]string{"logs", "--color=auto", "-v"}, "", "[--env=prod -v]"},
		{[]string{"logs", "--env=prod"}, "w", "[web worker]"},
		{[]string{"logs", "--env=prod", "web"}, "", "[-- -f web worker]"},
		{[]string{"logs", "--env=prod", "web", "-f"}, "", "[--]"},
		{[]string{"logs", "--env=prod", "--"}, "", "[follow]"},
	} {
		if got := fmt.Sprint(p.Complete(c.words, c.prefix)); got != c.want {
			t.Errorf("%q %q: %s, want %s", c.words, c.prefix, got, c.want)
		}
	}
}

func TestNextPaths(t *testing.T) {
	p := production(t)
	for _, c := range []struct {
		words []string
		input bool
		want  string
	}{
		{nil, false, "[]"},
		{[]string{"mysql"}, false, "[]"},
		{[]string{"mysql"}, true, "[/app/ops/sql]"},
		{[]string{"mysql", "app_replica"}, true, "[/app/ops/sql]"},
		{[]string{"mysql", "-t"}, true, "[]"},
		{[]string{"rails", "runner"}, false, "[/app/script/ops]"},
		{[]string{"rails", "runner", "-e"}, false, "[]"},
		{[]string{"rails", "runner", "-e", "production"}, false, "[/app/script/ops]"},
		{[]string{"rails", "runner", "x.rb"}, false, "[]"},
	} {
		var dirs []string
		for _, w := range p.NextPaths(c.words, c.input) {
			dirs = append(dirs, w.Dir)
		}
		if got := fmt.Sprint(dirs); got != c.want {
			t.Errorf("%q, input %v: %s, want %s", c.words, c.input, got, c.want)
		}
	}
}

// What Tab offers must lead somewhere: no candidate may be refused as the word that it is.
func TestCandidatesFit(t *testing.T) {
	p := production(t)
	for _, words := range [][]string{{"mysql"}, {"mysql", "-t"}, {"mysql", "-e", "x"}, {"rails"}, {"rails", "runner", "-e"}} {
		for _, next := range p.Complete(words, "") {
			if next[len(next)-1] == '=' {
				continue
			}
			_, r := p.Decide(Command{Words: append(slices.Clone(words), next)})
			if r != nil && r.Word == len(words) {
				t.Errorf("%q offers %s, which is refused: %s", words, next, r.Reason)
			}
		}
	}
}
