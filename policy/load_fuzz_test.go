package policy

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
)

func seeds(f *testing.F) {
	for _, name := range []string{"testdata/load/full.toml", "testdata/load/shown.toml", "../policy.example.toml"} {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, group := range brokenPolicies {
		for _, c := range group {
			if len(c.src) < 4096 {
				src, _ := marked(c.src)
				f.Add([]byte(src))
			}
		}
	}
}

// Either a policy or errors, never both, never a panic; and errors point into the file.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := Parse("p", src, splitPlainly)
		if (p == nil) == (err == nil) {
			t.Fatalf("a policy and an error, or neither: %v", err)
		}
		if err == nil {
			for _, tool := range p.Tools {
				if p.Tool(tool.Name) != tool || len(tool.Rules) == 0 || tool.User == "" || tool.User == "root" || !strings.HasPrefix(tool.Path, "/") {
					t.Errorf("an odd tool: %+v", tool)
				}
				fitContainment(t, tool)
			}
			return
		}
		var errs *Errors
		if !errors.As(err, &errs) || len(errs.List) == 0 || err.Error() == "" {
			t.Fatalf("an odd error: %v", err)
		}
		lines := strings.Split(string(src), "\n")
		last := Pos{}
		for _, e := range errs.List {
			if e.Pos.Line < 1 || e.Pos.Line > len(lines) || e.Pos.Col < 1 || e.Pos.Col > len([]rune(lines[e.Pos.Line-1]))+1 {
				t.Errorf("%v %s: that isn't in the file", e.Pos, e.Msg)
			}
			if e.Pos.Line < last.Line || e.Pos.Line == last.Line && e.Pos.Col < last.Col {
				t.Errorf("%v %s: out of order", e.Pos, e.Msg)
			}
			last = e.Pos
		}
	})
}

// What our own reader finds flawless, the library reads as the same keys and values, or refuses.
func FuzzAgree(f *testing.F) {
	seeds(f)
	for _, src := range tomlSamples {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(checkSource(src)) > 0 {
			return
		}
		root, errs, _ := readTOML(string(src))
		if len(errs) > 0 || hasOther(root) {
			return
		}
		if err := agree(root, string(src)); err != nil && strings.Contains(err.Msg, "disagree") {
			t.Errorf("%v: %s", err.Pos, err.Msg)
		}
	})
}

// hasOther finds the values that we only recognise to refuse them.
func hasOther(n *tomlNode) bool {
	for _, child := range n.table {
		if hasOther(child) {
			return true
		}
	}
	for _, item := range n.items {
		if hasOther(item) {
			return true
		}
	}
	return n.kind == kindOther
}

// tomlSamples are TOML 1.0 in its less common forms; both readers take them.
var tomlSamples = []string{
	"a = 1 # x\nb = -0\nc = +1_000\nd = 0\n",
	"a.b.c = 1\na.b.d = 2\na.\"e f\" = 3\n 'g' . h = true\n",
	"[a.b]\nc = 1\n[a]\nd = 2\n",
	"[ a . 'b' ]\nc = []\n[[ d ]]\n[d.e]\nf = 1\n[[d]]\n",
	"[fruit]\napple.color = \"red\"\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true\n",
	"a = [[1, 2], [\"x\",], [], [{b = 1}, {}],\n# c\n]\n",
	"a = { b = { c = 'd' }, e.f = [1,\n 2] }\n",
	"a = \"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\U0001F600\"\n",
	"a = '''\nx\n'y''z'''''\n",
	"a = \"\"\"\nx \\\n\n   y\"z\"\"\"\"\"\n",
	"a = \"\"\"\"\"\"\nb = ''''''\nc = \"\"\nd = ''\n",
	"a = \"\"\"x\\\\\n y\"\"\"\n",
	"a = '''x\r\ny'''\r\nb = \"\"\"\r\nz\\\r\n  w\"\"\"\r\n",
	"1234 = 1\n-_- = 2\ntrue = 3\n",
	"\n\n#x",
}

func TestAgreesOnSamples(t *testing.T) {
	for _, src := range tomlSamples {
		root, errs, broken := readTOML(src)
		if len(errs) > 0 || broken {
			t.Errorf("%q: %v", src, errs)
			continue
		}
		if err := agree(root, src); err != nil {
			t.Errorf("%q: %v: %s", src, err.Pos, err.Msg)
		}
	}
}

// A file that the two read differently is refused, whatever the difference is.
func TestDisagreementIsRefused(t *testing.T) {
	const src = "a = 1\nb = [\"x\", true]\n[[c]]\nd = \"y\"\n"
	for _, c := range []struct {
		theirs string
		want   Pos
	}{
		{"a = 2\nb = [\"x\", true]\n[[c]]\nd = \"y\"\n", Pos{1, 5}},
		{"a = \"1\"\nb = [\"x\", true]\n[[c]]\nd = \"y\"\n", Pos{1, 5}},
		{"A = 1\nb = [\"x\", true]\n[[c]]\nd = \"y\"\n", Pos{1, 1}},
		{"a = 1\nb = [\"x\"]\n[[c]]\nd = \"y\"\n", Pos{2, 5}},
		{"a = 1\nb = [\"x\", false]\n[[c]]\nd = \"y\"\n", Pos{2, 11}},
		{"a = 1\nb = [\"z\", true]\n[[c]]\nd = \"y\"\n", Pos{2, 6}},
		{"a = 1\nb = [\"x\", true]\n[[c]]\nd = \"y\"\n[[c]]\n", Pos{3, 1}},
		{"a = 1\nb = [\"x\", true]\n[[c]]\nd = 1.5\n", Pos{4, 5}},
		{"a = 1\nb = [\"x\", true]\n[c]\nd = \"y\"\n", Pos{3, 1}},
		{"a = 1\nb = [\"x\", true]\nf = 1\n[[c]]\nd = \"y\"\n", Pos{1, 1}},
	} {
		root, _, _ := readTOML(src)
		if err := agree(root, c.theirs); err == nil || err.Pos != c.want {
			t.Errorf("%q: %v, want it at %v", c.theirs, err, c.want)
		}
	}
	root, _, _ := readTOML(src)
	if err := agree(root, "a = 1\nb = \n"); err == nil || !strings.Contains(err.Msg, "cannot read the file: ") {
		t.Errorf("what the library refuses loads: %v", err)
	}
	// The trap that makes all of this necessary: into a struct, either spelling may win.
	var s struct{ Path string }
	if md, err := toml.Decode("path = \"/bin/true\"\nPath = \"/bin/sh\"\n", &s); err != nil || len(md.Undecoded()) != 0 {
		t.Logf("the library has learnt to tell them apart: %v", err)
	}
	if _, err := Parse("p", []byte(inTool("Path = \"/bin/sh\"")), nil); err == nil {
		t.Error("two spellings of path load")
	}
}

// largePolicy has n tools in a little under 4 MiB.
func largePolicy(n int) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range n {
		fmt.Fprintf(&b, `
[tool.tool-%05d]
path  = "/opt/tools/bin/tool-%05d"
about = "does one thing and does it well enough"
user  = "ops"
env   = { LANG = "C.UTF-8", PAGER = "/bin/cat" }
allow = ["tool-%05d [-v]... [-o FORMAT] NAME [ITEM...]", "tool-%05d list"]
where.FORMAT = ["tsv", "csv"]
where.NAME   = "any"
where.ITEM   = { match = '[a-z]+' }
timeout = "1m"
`, i, i, i, i)
	}
	return b.String()
}

// 10,000 tools load fast enough to start every session with them.
func TestLargePolicy(t *testing.T) {
	src := largePolicy(maxTools)
	if len(src) > MaxFile {
		t.Fatalf("%d bytes", len(src))
	}
	begin := time.Now()
	p := mustLoad(t, src)
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if len(p.Tools) != maxTools || p.Tool("tool-04711") == nil {
		t.Errorf("%d tools", len(p.Tools))
	}
	_, err := Parse("p", []byte(src+"[tool.one-more]\n"), nil)
	if err == nil || !strings.Contains(err.Error(), "it has 10001 tools, at most 10000 are read") {
		t.Errorf("%.200v", err)
	}
}

func BenchmarkLoad10000Tools(b *testing.B) {
	src := []byte(largePolicy(maxTools))
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := Parse("p", src, splitPlainly); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadExample(b *testing.B) {
	src, err := os.ReadFile("../policy.example.toml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Parse("p", src, splitPlainly); err != nil {
			b.Fatal(err)
		}
	}
}
