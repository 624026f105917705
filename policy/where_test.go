package policy

import (
	"math"
	"strings"
	"testing"
)

func TestAdmits(t *testing.T) {
	named := func(w *Where) *Where { w.Name = "X"; return w }
	for _, c := range []struct {
		name   string
		where  *Where
		admits []string
		not    map[string]string // word -> why
	}{
		{"any", anyWord(), []string{"x", "a b", "é\nü", "a-"}, map[string]string{"": "X may not be empty", "-": "X may not begin with -", "--": "X may not begin with -", "-x": "X may not begin with -", "a\x00": "X may not hold a NUL"}},
		{"any, empty and dash", orEmpty(dashed(anyWord())), []string{"", "-", "--", "-x"}, map[string]string{"\x00": "X may not hold a NUL"}},
		{"list", oneOf("a", "b c", "-d", ""), []string{"a", "b c"}, map[string]string{"": "X may not be empty", "A": `X is one of a, "b c", -d, ""`, "a ": `X is one of a, "b c", -d, ""`, "-d": "X may not begin with -", "b": `X is one of a, "b c", -d, ""`}},
		{"list with dash", dashed(oneOf("-d")), []string{"-d"}, map[string]string{"-e": "X is -d only"}},
		{"long list", oneOf("a", "b", "c", "d", "e", "f", "g"), []string{"g"}, map[string]string{"x": "X is one of a, b, c, d, e and 2 more"}},
		{"list of six", oneOf("a", "b", "c", "d", "e", "f"), nil, map[string]string{"x": "X is one of a, b, c, d, e, f"}},
		{"list with control characters", oneOf("a\x1b[2J\u202eb"), nil, map[string]string{"x": `X is "a\x1b[2J\u202eb" only`}},
		{"match", matching("[a-z]*"), []string{"abc"}, map[string]string{"": "X may not be empty", "abc1": "X matches [a-z]*", "abc\n": "X matches [a-z]*", "\nabc": "X matches [a-z]*", "-": "X may not begin with -"}},
		{"match of alternatives", matching("a|b"), []string{"a", "b"}, map[string]string{"ab": "X matches a|b", "ax": "X matches a|b", "xb": "X matches a|b"}},
		{"int", whole(0, 1000), []string{"0", "1", "999", "1000"}, map[string]string{
			"": "X may not be empty", "1001": "X is a whole number from 0 to 1000", "-1": "X may not begin with -", "-0": "X may not begin with -",
			"007": "X is written 7 here", "00": "X is written 0 here", "+5": "X is written 5 here", "1e2": "X is a whole number from 0 to 1000", "0x10": "X is a whole number from 0 to 1000",
			"1_000": "X is a whole number from 0 to 1000", " 1": "X is a whole number from 0 to 1000", "1\n": "X is a whole number from 0 to 1000", "１": "X is a whole number from 0 to 1000",
			"18446744073709551617": "X is a whole number from 0 to 1000", "99999999999999999999999999": "X is a whole number from 0 to 1000", "9223372036854775808": "X is a whole number from 0 to 1000",
		}},
		{"negative int", dashed(whole(-5, 5)), []string{"-5", "0", "5"}, map[string]string{"-6": "X is a whole number from -5 to 5", "-0": "X is written 0 here", "-05": "X is written -5 here", "--5": "X is a whole number from -5 to 5", "-": "X is a whole number from -5 to 5"}},
		{"widest int", dashed(whole(math.MinInt64, math.MaxInt64)), []string{"-9223372036854775808", "9223372036854775807"}, map[string]string{"-9223372036854775809": "X is a whole number from -9223372036854775808 to 9223372036854775807"}},
		{"path", file("/app/ops", ".sql"), []string{"a.sql", "a/b.sql", "./a.sql", "a..b.sql", "...sql", "/app/ops/a.sql", "/app/ops/x/a.sql", "/app//ops/./a.sql"}, map[string]string{
			"": "X may not be empty", ".sql": "X ends in .sql", "a/.sql": "X ends in .sql", "a.SQL": "X ends in .sql", "a.sql ": "X ends in .sql", "a.sql/": "X names a file, not a directory",
			"../a.sql": "X may not hold ..", "a/../b.sql": "X may not hold ..", "/app/ops/../x.sql": "X may not hold ..", "..": "X may not hold ..", "/app/opsx/a.sql": "X lies below /app/ops", "/app/ops": "X lies below /app/ops",
			"/etc/a.sql": "X lies below /app/ops", "/": "X names a file, not a directory", "-a.sql": "X may not begin with -", "a\x00.sql": "X may not hold a NUL", strings.Repeat("x", 5000) + ".sql": "X is too long for a path",
		}},
		{"path in the root, empty", orEmpty(file("/", "")), []string{"a", "/a", "/a/b"}, map[string]string{"": "X may not be empty", "/": "X names a file, not a directory", "//": "X names a file, not a directory"}},
		{"nothing", &Where{}, nil, map[string]string{"x": "X admits no word"}},
		{"match without its pattern", &Where{Kind: WhereMatch}, nil, map[string]string{"x": "X matches "}},
	} {
		w := named(c.where)
		for _, word := range c.admits {
			if ok, why := w.admits(word, false); !ok || why != "" {
				t.Errorf("%s: %q refused: %s", c.name, word, why)
			}
		}
		for word, want := range c.not {
			if ok, why := w.admits(word, false); ok || why != want {
				t.Errorf("%s: %.40q: %v, %q, want %q", c.name, word, ok, why, want)
			}
		}
	}
	var none *Where
	if ok, why := none.admits("x", false); ok || why == "" {
		t.Errorf("no where: %v, %q", ok, why)
	}
}

// Behind "=" a dash begins nothing; all else is judged as it is elsewhere.
func TestAdmitsAttached(t *testing.T) {
	for _, c := range []struct {
		where *Where
		word  string
		want  bool
	}{
		{anyWord(), "-x", true},
		{anyWord(), "--", true},
		{anyWord(), "", false},
		{orEmpty(anyWord()), "", true},
		{oneOf("-x"), "-x", true},
		{whole(-5, 5), "-5", true},
		{whole(-5, 5), "-6", false},
		{file("/d", ""), "-x", true},
		{file("/d", ""), "-x/../y", false},
		{file("/d", ""), "", false},
	} {
		if ok, why := c.where.admits(c.word, true); ok != c.want {
			t.Errorf("%s: %q: %v %s", c.where.Kind, c.word, ok, why)
		}
	}
}
