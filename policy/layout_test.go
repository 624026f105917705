package policy

import (
	"testing"
)

func TestLayout(t *testing.T) {
	src := "# 日本 one\nversion = 1 # two\n[tool.x]\nexec = [\"/a\", # three\n  \"/b\"]\nwhere.N = { match = 'あa.b' }\nabout = \"\"\"\n# no comment\"\"\"\nfile.c = \"a\\tb\"\n"
	l := LayoutOf([]byte(src))
	for _, c := range []struct {
		names []string
		want  Pos
	}{
		{[]string{"version"}, Pos{2, 1}},
		{[]string{"tool", "x"}, Pos{3, 7}},
		{[]string{"tool", "x", "exec"}, Pos{4, 1}},
		{[]string{"tool", "x", "exec", "1"}, Pos{5, 3}},
		{[]string{"tool", "x", "where", "N"}, Pos{6, 7}},
		{[]string{"tool", "x", "exec", "2"}, Pos{}},
		{[]string{"tool", "x", "exec", "-1"}, Pos{}},
		{[]string{"tool", "y", "exec"}, Pos{}},
		{[]string{"version", "exec"}, Pos{}},
	} {
		if at, ok := l.Key(c.names...); at != c.want || ok != (c.want != Pos{}) {
			t.Errorf("%q is at %v, %v; want %v", c.names, at, ok, c.want)
		}
	}
	if at, ok := l.In(4, "tool", "x", "where", "N", "match"); !ok || at != (Pos{6, 24}) {
		t.Errorf("the dot is at %v, %v", at, ok)
	}
	if at, ok := l.In(2, "tool", "x", "file", "c"); !ok || at != (Pos{9, 10}) {
		t.Errorf("with escapes it is at %v, %v", at, ok)
	}
	if at, ok := l.In(9, "tool", "x", "where", "N", "match"); ok {
		t.Errorf("behind the text is %v", at)
	}
	want := []Comment{{Pos{1, 1}, " 日本 one"}, {Pos{2, 13}, " two"}, {Pos{4, 15}, " three"}}
	if len(l.Comments) != len(want) {
		t.Fatalf("%v", l.Comments)
	}
	for i, c := range l.Comments {
		if c != want[i] {
			t.Errorf("comment %v, want %v", c, want[i])
		}
	}
	if l := LayoutOf([]byte("version = 1 # \x00")); len(l.Comments) != 0 {
		t.Errorf("of what is no policy: %v", l.Comments)
	}
}
