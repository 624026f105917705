package lint

import (
	"slices"
	"strings"
	"testing"

	"opsh/shell/answer"
)

// attack is a tool that gives away more than its author sees.
type attack struct {
	name  string
	path  string
	lines []string // usage lines
	more  string   // further keys
	want  string   // the rules that must be told of, with blanks between; "" for none of what is known of programs
}

// told is the rules of a policy's warnings about what its tool does, by the number of the usage line, from 1; 0 is all else.
func told(t *testing.T, a attack) map[int][]string {
	t.Helper()
	src := "version = 1\naudit.when_down = \"spool\"\n[tool.t]\npath = \"" + a.path + "\"\nuser = \"ops\"\nallow = [\n"
	first := strings.Count(src, "\n")
	for _, l := range a.lines {
		src += "  \"" + l + "\",\n"
	}
	src += "]\n" + a.more + "\n"
	for _, name := range []string{"X", "Y"} {
		used := slices.ContainsFunc(a.lines, func(l string) bool {
			return slices.Contains(strings.FieldsFunc(l, func(r rune) bool { return strings.ContainsRune(" =.[]", r) }), name)
		})
		if used && !strings.Contains(a.more, "where."+name) {
			src += "where." + name + " = \"any\"\n"
		}
	}
	r := Check("p", []byte(src), answer.Split)
	got := map[int][]string{}
	for _, f := range r.Findings {
		if f.Error() {
			t.Fatalf("%s\n%s", f.Text, src)
		}
		if strings.HasPrefix(f.Rule, "untested") || strings.HasPrefix(f.Rule, "match-") || f.Rule == "prompt-timeout" || f.Rule == "dead-line" {
			continue
		}
		n := f.At.Line - first
		if n < 1 || n > len(a.lines) {
			n = 0
		}
		if !slices.Contains(got[n], f.Rule) {
			got[n] = append(got[n], f.Rule)
		}
	}
	return got
}

// hold holds a table to what is told of its attacks, and of each usage line by itself.
func hold(t *testing.T, table []attack) {
	t.Helper()
	for _, a := range table {
		t.Run(a.name, func(t *testing.T) {
			got := told(t, a)
			if a.want == "" && len(got) > 0 {
				t.Errorf("%q: %v", a.lines, got)
			}
			for want := range strings.FieldsSeq(a.want) {
				for n, line := range a.lines {
					if !slices.Contains(got[n+1], want) && !slices.Contains(got[0], want) {
						t.Errorf("%q: %s isn't told, only %v", line, want, got)
					}
				}
			}
		})
	}
}
