package explain

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/line"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew; look at every line of the difference")

func load(t testing.TB, file, name string) *policy.Policy {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Parse(name, src, answer.Split)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// lines are the lines of a file: each as it is, or quoted as in Go where it holds what an editor wouldn't show.
func lines(t testing.TB, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	for s := bufio.NewScanner(f); s.Scan(); {
		text := s.Text()
		if strings.HasPrefix(text, `"`) {
			if text, err = strconv.Unquote(text); err != nil {
				t.Fatalf("%s: %v", s.Text(), err)
			}
		}
		out = append(out, text)
	}
	return out
}

// What people see is looked at by people: a change of it shows in the difference of the golden files.
func TestGolden(t *testing.T) {
	for _, c := range []struct{ policy, name, lines, golden string }{
		{"../../../../policy.example.toml", "policy.toml", "testdata/example.lines", "testdata/example.golden"},
		{"testdata/design.toml", "design.toml", "testdata/design.lines", "testdata/design.golden"},
		{"testdata/wide.toml", "wide.toml", "testdata/wide.lines", "testdata/wide.golden"},
	} {
		p := load(t, c.policy, c.name)
		var b strings.Builder
		for _, raw := range lines(t, c.lines) {
			e := Explain(p, raw)
			text := e.Text()
			checkText(t, raw, text)
			b.WriteString("$ " + strconv.QuoteToGraphic(raw) + "\n" + text + "\n\n")
		}
		if *update {
			if err := os.WriteFile(c.golden, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(c.golden)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s differs from what is printed now; see -update", c.golden)
		}
	}
}

// checkText holds what is printed against the terminal it is printed on.
func checkText(t testing.TB, raw, text string) {
	t.Helper()
	if text != line.Plain(text) {
		t.Errorf("%q: prints what a terminal obeys: %q", raw, text)
	}
	for l := range strings.SplitSeq(text, "\n") {
		if strings.TrimRight(l, " ") != l {
			t.Errorf("%q: blanks at the end of %q", raw, l)
		}
		exact := strings.HasPrefix(l, "try: ") || strings.HasPrefix(l, "  argv ") || strings.HasPrefix(l, "  inserted ")
		if columns(l) > screen && !exact && strings.Contains(strings.TrimSpace(l), " ") {
			t.Errorf("%q: wider than a screen: %q", raw, l)
		}
	}
}

// FuzzExplain: whatever is typed, what is printed is plain, and the verdict is Decide's.
func FuzzExplain(f *testing.F) {
	p := load(f, "testdata/wide.toml", "p.toml")
	for _, file := range []string{"testdata/example.lines", "testdata/design.lines", "testdata/wide.lines"} {
		for _, l := range lines(f, file) {
			f.Add(l)
		}
	}
	f.Fuzz(func(t *testing.T, raw string) {
		e := Explain(p, raw)
		text := e.Text()
		if text != line.Plain(text) {
			t.Fatalf("prints what a terminal obeys: %q", text)
		}
		c, err := answer.Split(raw)
		allowed := false
		if err == nil {
			m, _ := p.Decide(c)
			allowed = m != nil
		}
		if allowed != e.Allowed() || allowed != strings.HasPrefix(text, "allowed by ") || allowed == strings.HasPrefix(text, "refused: ") {
			t.Fatalf("Decide permits it: %v; it says %q", allowed, text)
		}
		if _, err := json.Marshal(e.JSON()); err != nil {
			t.Fatal(err)
		}
	})
}

// A command is shown as it is, each blank of it.
func TestBlanksStay(t *testing.T) {
	p := load(t, "../../../../policy.example.toml", "policy.toml")
	sql := "SELECT  1,   'a b'   FROM " + strings.Repeat("long  ", 30)
	text := Explain(p, line.Quote("mysql", "-e", sql)).Text()
	if !strings.Contains(text, line.QuoteWord(sql)) {
		t.Error(text)
	}
	if got := strings.Join(fold("a  b", "", ""), "|"); got != "a  b" {
		t.Errorf("%q", got)
	}
}

// TestMarks: labels that would touch stand below each other, carets count columns and not characters, and of a long line the part with
// the carets is shown.
func TestMarks(t *testing.T) {
	for _, c := range []struct {
		text  string
		marks []mark
		want  string
	}{
		{"a b", []mark{{from: 0, label: "1"}, {from: 2, label: "2"}}, "a b|1 2"},
		{"a b c", []mark{{from: 0, label: "10"}, {from: 2, label: "11"}, {from: 4, label: "12"}}, "a b c|10  12|  11"},
		{"日本 x", []mark{{from: 0, label: "1"}, {from: 3, to: 4}}, "日本 x|1|     ^"},
		{"日本", []mark{{from: 1, to: 2}}, "日本|  ^^"},
		{"ab", []mark{{from: 2, to: 3}}, "ab|  ^"},
		{"a\x1bb", []mark{{from: 1, to: 2}}, "a<U+001B>b| ^^^^^^^^"},
		{"", []mark{{from: 0, to: 1}}, "|^"},
		{strings.Repeat("x ", 500) + "end", []mark{{from: 1000, to: 1003}}, "..."},
	} {
		rows := ruled(c.text, c.marks)
		for i := range rows {
			rows[i] = strings.TrimPrefix(rows[i], indent)
		}
		got := strings.Join(rows, "|")
		if c.want == "..." {
			if n := len(rows); n != maxRows+2 || rows[0] != "..." || !strings.HasSuffix(rows[n-2], " end") || strings.Index(rows[n-1], "^^^") != strings.Index(rows[n-2], "end") {
				t.Errorf("%q", rows)
			}
		} else if got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// largePolicy has tools of a few usage lines each, and two tests for each tool.
func largePolicy(tools int) []byte {
	var b strings.Builder
	b.WriteString("version = 1\n[audit]\nwhen_down = \"spool\"\n")
	for i := range tools {
		fmt.Fprintf(&b, "[tool.tool%d]\npath = \"/usr/bin/tool\"\nuser = \"ops\"\nallow = [\"tool%d run [-t] [-n N] NAME [ARG...]\", \"tool%d list\", \"tool%d show -- NAME\"]\n", i, i, i, i)
		b.WriteString("where.N = { int = [1, 9] }\nwhere.NAME = [\"a\", \"b\"]\nwhere.ARG = \"any\"\n")
		fmt.Fprintf(&b, "[[test]]\nrun = \"tool%d run -t a\"\nwant = \"allow\"\n[[test]]\nrun = \"tool%d run c\"\nwant = \"refuse\"\n", i, i)
	}
	return []byte(b.String())
}

// All that opsctl policy explain does under a policy of 2,000 tools, reading it included.
func BenchmarkExplain(b *testing.B) {
	src := largePolicy(2000)
	for b.Loop() {
		p, _, err := policy.Tested("p.toml", src, answer.Split)
		if err != nil {
			b.Fatal(err)
		}
		if e := Explain(p, "tool1999 run -t c -n 5"); e.Allowed() || e.Text() == "" {
			b.Fatal("allowed")
		}
	}
}
