package lint

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"opsh/shell/line"
)

// TestFacts holds the tables to their own form: a fact that never applies, or that says nothing, is worse than none.
func TestFacts(t *testing.T) {
	address := func(what, see string) {
		u, err := url.Parse(see)
		if err != nil || u.Scheme != "https" || u.Host == "" || strings.ContainsAny(see, " \t") {
			t.Errorf("%s: %q is no address", what, see)
		}
	}
	names := map[string]bool{}
	for _, f := range lists() {
		{
			for name := range strings.FieldsSeq(f.names) {
				if names[name] {
					t.Errorf("%s stands there twice", name)
				}
				names[name] = true
			}
			if f.see != "" || f.escape != "" || f.kind != plainTool {
				address(f.names, f.see)
			}
			if f.prompt != nil {
				address(f.names, f.prompt.see)
				if f.prompt.instead == "" {
					t.Errorf("%s: what to write instead of its prompt?", f.names)
				}
			}
			for o := range strings.FieldsSeq(f.values + " " + f.flags) {
				if o[0] != '-' || strings.ContainsAny(o, "=,") || f.takes(o) && slices.Contains(strings.Fields(f.flags), o) {
					t.Errorf("%s: %s is no option", f.names, o)
				}
			}
			if c := f.commands; c != nil {
				address(f.names, c.see)
				if c.harmless == "" || c.text == "" || c.instead == "" || c.example == "" || ruleOf(string(c.effect)).ID == "" {
					t.Errorf("%s: what of its commands?", f.names)
				}
			}
			for _, d := range f.dangers {
				what := f.names + ": " + d.verb + " " + d.options + " " + d.text
				address(what, d.see)
				if ruleOf(string(d.effect)).ID == "" {
					t.Errorf("%s: %q is no rule", what, d.effect)
				}
				if d.text == "" || d.instead == "" || strings.HasSuffix(d.text, ".") {
					t.Errorf("%s: what does it do, and what to write instead?", what)
				}
				for o := range strings.FieldsSeq(d.options) {
					if o[0] != '-' && o != "*" || strings.Contains(o, "=") {
						t.Errorf("%s: %s is no option", what, o)
					}
				}
				if d.options != "" && d.operand != noOperand || d.options == "" && d.operand == noOperand && d.verb == "" ||
					d.options == "" && d.operand == noOperand && d.words+strings.Join(d.probes, "") != "" || d.even && d.words == "" {
					t.Errorf("%s: what is it about?", what)
				}
				for _, p := range d.probes {
					if line.Plain(p) != p || p == "" || p[0] == '-' {
						t.Errorf("%s: nobody can type %q there", what, p)
					}
					if d.words != "" && !pattern(d.words).Takes(p, true) {
						t.Errorf("%s: %q isn't among its words", what, p)
					}
				}
			}
		}
	}
	for name, want := range map[string]string{
		"/usr/bin/python3.12": "python", "/usr/bin/vim.basic": "vim", "/usr/local/bin/ruby3.3": "ruby", "/usr/bin/sqlite3": "sqlite3", "/usr/bin/redis-cli": "redis-cli", "/app/bin/rails": "rails",
		"/usr/bin/mariadb": "mysql", "/usr/bin/busybox": "sh", "/app/bin/deploy": "", "": "",
	} {
		f := of(facts(), name)
		if want == "" && f != nil || want != "" && (f == nil || !slices.Contains(strings.Fields(f.names), want)) {
			t.Errorf("of %s is known what is known of %v", name, f)
		}
	}
}

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.ID] || r.ID != strings.ToLower(r.ID) || strings.ContainsAny(r.ID, " :_") || !strings.HasSuffix(r.About, ".") || !strings.HasPrefix(r.See, "https://") {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
}

func TestLooseDot(t *testing.T) {
	for pattern, want := range map[string]int{
		`db.example.com`: 2, `db\.example\.com`: -1, `db[.]example[.]com`: -1, `a.*b`: -1, `.*\.sql`: -1, `[a-z.]+`: -1, `x.+y`: -1, `(?i)db.prod`: 6,
		`\Qdb.example.com\E`: -1, `\Qa.b\Ec.d`: 8, `10.0.0.1`: 2, `[]a.b]c.d`: 7, `[[:alpha:].]x.y`: 13, `\d.x`: -1, `a.`: -1, `.a`: -1, `v[0-9]+.[0-9]+`: -1, `\Qa.b`: -1, `[^.]a`: -1, `x{2}.y`: -1, `(?:a.b)`: 4,
	} {
		got, ok := looseDot(pattern)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%s: %d, want %d", pattern, got, want)
		}
	}
}

func TestUnevenAnchors(t *testing.T) {
	for pattern, want := range map[string]bool{
		`^a|b$`: true, `^a$|^b$`: false, `a|b`: false, `^(a|b)$`: false, `^a|b`: true, `a|b$`: true, `(^a|b$)`: false, `a\|b$`: false, `[|]a$`: false, `a|b\$`: false, `^a`: false, `|a`: false,
	} {
		if got := unevenAnchors(pattern); got != want {
			t.Errorf("%s: %v", pattern, got)
		}
	}
}
