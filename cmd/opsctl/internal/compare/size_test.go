package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"opsh/policy"
)

// manyTools is a policy of n tools, each with lines, options, a list, a pattern, a path and a range of its own.
func manyTools(n int, text func(i int) string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range n {
		fmt.Fprintf(&b, "[tool.t%d]\npath = \"/bin/t\"\nuser = \"ops\"\n", i)
		b.WriteString(strings.ReplaceAll(text(i), "TOOL", fmt.Sprintf("t%d", i)))
	}
	return b.String()
}

const oneOfMany = `allow = [
  "TOOL run [-a] [-b | --bb] [-c]... [--dry-run] [--env=ENV] -e SQL [--limit=N] [DB]",
  "TOOL [-t] script FILE [ARG...] -- [ARG...]",
  "TOOL load [DB] < FILE",
]
where.SQL  = "any"
where.ENV  = ["production", "staging"]
where.N    = { int = [1, 1000] }
where.DB   = { match = '[a-z_]{1,63}' }
where.FILE = { path = "/app/TOOL", ext = ".sql" }
where.ARG  = { match = '[A-Za-z0-9_=:.,/@-]+' }
`

// changedOften is the same with a change in every tool: half of them permit more.
func changedOften(i int) string {
	switch i % 4 {
	case 0:
		return strings.Replace(oneOfMany, "{1,63}", "{1,64}", 1)
	case 1:
		return strings.Replace(oneOfMany, "[--dry-run]", "[--dry-run] [--force]", 1)
	case 2:
		return strings.Replace(oneOfMany, `"production", "staging"`, `"production"`, 1)
	}
	return strings.Replace(oneOfMany, "[-t] script", "script", 1)
}

func same(int) string { return oneOfMany }

// TestManyTools counts what is looked at, not the time that it takes: what doesn't differ costs nothing, and what does
// costs a few states for each line. See BenchmarkManyTools for seconds.
func TestManyTools(t *testing.T) {
	const n = 200
	older, newer := load(t, manyTools(n, same)), load(t, manyTools(n, changedOften))
	report := Policies(Source{"old", older}, Source{"new", older})
	if len(report.Changes) > 0 || report.States > 0 {
		t.Errorf("equal policies: %d changes, %d states", len(report.Changes), report.States)
	}
	report = Policies(Source{"old", older}, Source{"new", newer})
	subjects := map[string]bool{}
	for _, c := range report.Changes {
		if c.Effect.Widens() {
			subjects[c.Subject] = true
		}
		if c.Effect == Unknown {
			t.Errorf("%+v", c)
		}
	}
	if len(subjects) != n/2 {
		t.Errorf("%d tools permit more, want %d", len(subjects), n/2)
	}
	if report.States > 60*n {
		t.Errorf("%d states of %d tools were looked at", report.States, n)
	}
	t.Logf("%d states", report.States)
}

func BenchmarkManyTools(b *testing.B) {
	text := manyTools(2000, same)
	older, newer := load(b, text), load(b, manyTools(2000, changedOften))
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			load(b, text)
		}
	})
	for name, p := range map[string]*policy.Policy{"same": load(b, text), "every tool changed": newer} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Policies(Source{"old", older}, Source{"new", p})
			}
		})
	}
}

func oneTool(t *testing.T, lines ...string) *policy.Policy {
	t.Helper()
	text := head + "[tool.t]\npath = \"/bin/t\"\nuser = \"ops\"\nallow = ["
	for _, l := range lines {
		text += fmt.Sprintf("%q, ", "t "+l)
	}
	text += "]\n"
	for name, w := range map[string]string{"ANY": `"any"`, "FILE": `{ path = "/d", ext = ".s" }`, "OTHER": `{ path = "/d" }`, "A": `{ list = ["-a"], dash = true }`, "E": `{ list = ["-e"], dash = true }`, "F": `{ list = ["-f"], dash = true }`, "HARD": `{ match = '(?:a|b)*a(?:a|b){40}' }`, "HARDER": `{ match = '(?:a|b)*b(?:a|b){41}' }`} {
		if slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return r < 'A' || r > 'Z' }), name) {
			text += "where." + name + " = " + w + "\n"
		}
	}
	return load(t, text)
}

// options is n options, each in the form.
func options(form string, n int) string {
	var all []string
	for i := range n {
		all = append(all, strings.ReplaceAll(form, "#", fmt.Sprint(i)))
	}
	return strings.Join(all, " ")
}

// TestManyOptions: a row of options has as many states as subsets, but lines that are alike need few of them.
func TestManyOptions(t *testing.T) {
	const n = 40
	for _, c := range []struct {
		name   string
		before []string
		after  []string
		want   Effect // "" for the same
		states int
	}{
		{"one more", []string{options("[-o#]", n)}, []string{options("[-o#]", n+1)}, Wider, 10},
		{"one less", []string{options("[-o#]", n)}, []string{options("[-o#]", n-1)}, Narrower, 10},
		{"required", []string{options("-o#", n)}, []string{options("-o#", n) + " [-x]"}, Wider, 3 * n},
		{"required no more", []string{options("-o#", n)}, []string{options("-o#", n-1) + " [-o39]"}, Wider, 3 * n},
		{"values", []string{options("[-o# ANY] [--x#=ANY]", n)}, []string{options("[-o# ANY] [--x#=ANY]", n) + " ANY"}, Wider, 200},
		{"some required, and split in two", []string{options("[-o#] -r#", n/2) + " [-x]"}, []string{options("[-o#] -r#", n/2), options("[-o#] -r#", n/2) + " -x"}, "", 4 * n},
	} {
		report := Policies(Source{"old", oneTool(t, c.before...)}, Source{"new", oneTool(t, c.after...)})
		if report.States > c.states {
			t.Errorf("%s: %d states", c.name, report.States)
		}
		if report.Count(Unknown) > 0 || c.want == "" && len(report.Changes) > 0 || c.want != "" && report.Count(c.want) == 0 {
			t.Errorf("%s: %+v", c.name, report.Changes)
		}
	}
}

// TestUnknown: what can't be looked through is said, and counts as wider.
func TestUnknown(t *testing.T) {
	// Whether three options can be given together is hidden among lines that permit all but one each.
	var most []string
	for i := range 18 {
		most = append(most, strings.Replace(options("[-o#]", 18)+" [-x]", fmt.Sprintf("[-o%d]", i), "", 1))
	}
	for _, c := range []struct{ before, after []string }{
		{most, []string{options("[-o#]", 18) + " [-x]"}},
		{[]string{"HARD ANY"}, []string{"HARDER ANY"}},
	} {
		report := Policies(Source{"old", oneTool(t, c.before...)}, Source{"new", oneTool(t, c.after...)})
		if !slices.ContainsFunc(report.Changes, func(c Change) bool { return c.Effect == Unknown }) || !report.Widened() {
			t.Errorf("%+v", report.Changes)
		}
		if report.States > 2*mostPerLine*len(c.before) {
			t.Errorf("%d states were looked at", report.States)
		}
	}
	// The same large pattern on both sides is no riddle.
	report := Policies(Source{"old", oneTool(t, "[-a] HARD")}, Source{"new", oneTool(t, "HARD")})
	if report.Widened() {
		t.Errorf("%+v", report.Changes)
	}
}
