package policy

import (
	"maps"
	"regexp"
	"slices"
	"testing"
)

// wheres is what a test says of placeholders, by name.
type wheres map[string]*Where

func anyWord() *Where             { return &Where{Kind: WhereAny} }
func oneOf(list ...string) *Where { return &Where{Kind: WhereList, List: list} }
func whole(min, max int64) *Where { return &Where{Kind: WhereInt, Min: min, Max: max} }
func file(dir, ext string) *Where { return &Where{Kind: WherePath, Dir: dir, Ext: ext} }
func dashed(w *Where) *Where      { w.Dash = true; return w }
func orEmpty(w *Where) *Where     { w.Empty = true; return w }
func matching(pattern string) *Where {
	return &Where{Kind: WhereMatch, Pattern: pattern, Re: regexp.MustCompile(`^(?:` + pattern + `)$`)}
}

// buildTool makes a tool of usage lines without the loader, or reports what parseUsage or check say.
func buildTool(name string, where wheres, lines ...string) (*Tool, []Error) {
	t := &Tool{Name: name, Where: map[string]*Where{}}
	for n, w := range where {
		w.Name = n
		t.Where[n] = w
	}
	var errs []Error
	for i, line := range lines {
		r, bad := parseUsage(t, line, Pos{i + 1, 1})
		if errs = append(errs, bad...); bad == nil {
			errs = append(errs, r.check(t.Where)...)
			t.Rules = append(t.Rules, r)
		}
	}
	return t, errs
}

func mustTool(t testing.TB, name string, where wheres, lines ...string) *Tool {
	t.Helper()
	tool, errs := buildTool(name, where, lines...)
	for _, e := range errs {
		t.Fatalf("%s: %q: %v: %s (%s)", name, lines[e.Pos.Line-1], e.Pos, e.Msg, e.Hint)
	}
	return tool
}

func buildPolicy(tools ...*Tool) *Policy {
	p := &Policy{Tools: tools, byName: map[string]*Tool{}}
	for _, t := range tools {
		p.byName[t.Name] = t
	}
	slices.SortFunc(p.Tools, func(a, b *Tool) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return p
}

// production is the policy of a team that runs mysql and rails runner, as DESIGN has it and somewhat wider.
func production(t testing.TB) *Policy {
	arg := func() *Where { return matching(`[A-Za-z0-9_=:.,/@-]+`) }
	return buildPolicy(
		mustTool(t, "mysql", wheres{"SQL": anyWord(), "DATABASE": oneOf("app_production", "app_replica"), "SCRIPT": file("/app/ops/sql", ".sql")},
			"mysql [-t | --table] [-N] -e SQL [DATABASE]",
			"mysql [-t | --table] [-N] --execute=SQL [DATABASE]",
			"mysql [DATABASE] < SCRIPT",
		),
		mustTool(t, "rails", wheres{"ENVIRONMENT": oneOf("production"), "SCRIPT": file("/app/script/ops", ".rb"), "ARG": arg(), "VERSION": whole(20000101000000, 29991231235959)},
			"rails runner [-e ENVIRONMENT | --environment=ENVIRONMENT] SCRIPT [ARG...]",
			"rails db:migrate:status",
			"rails db:migrate:up VERSION",
			"rails --version",
		),
	)
}

func clone(w wheres) wheres {
	out := maps.Clone(w)
	for n, v := range out {
		c := *v
		out[n] = &c
	}
	return out
}
