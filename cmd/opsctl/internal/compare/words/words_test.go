package words

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"opsh/policy"
)

func match(pattern string) *policy.Where {
	return &policy.Where{Name: "M", Kind: policy.WhereMatch, Pattern: pattern, Re: regexp.MustCompile(`\A(?:` + pattern + `)\z`)}
}

func list(words ...string) *policy.Where {
	return &policy.Where{Name: "L", Kind: policy.WhereList, List: words}
}
func whole(least, most int64) *policy.Where {
	return &policy.Where{Name: "N", Kind: policy.WhereInt, Min: least, Max: most}
}
func file(dir, ext string) *policy.Where {
	return &policy.Where{Name: "F", Kind: policy.WherePath, Dir: dir, Ext: ext}
}
func anyWord() *policy.Where                   { return &policy.Where{Name: "A", Kind: policy.WhereAny} }
func dashed(w *policy.Where) *policy.Where     { w.Dash = true; return w }
func orEmpty(w *policy.Where) *policy.Where    { w.Empty = true; return w }
func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

// allWords is every word of the letters up to a length, short ones first.
func allWords(letters []string, length int) []string {
	words := []string{""}
	for from := 0; length > 0; length-- {
		to := len(words)
		for _, w := range words[from:to] {
			for _, c := range letters {
				words = append(words, w+c)
			}
		}
		from = to
	}
	return words
}

// TestApartAgainstAllShortWords: of random sets, each kind of word that a search of all short words meets is found, and
// by a word that is no longer.
func TestApartAgainstAllShortWords(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	var short []string
	for _, letters := range [][]string{{"a", "b", "-", "=", "."}, {"a", "-", "/", ".", "1"}, {"a", "A", "\n", "é", "\u212a"}} {
		short = append(short, allWords(letters, 5)...)
	}
	slices.SortStableFunc(short, func(a, b string) int { return len([]rune(a)) - len([]rune(b)) })
	kindsFound := 0
	for range 250 {
		f := NewFinder(1 << 30)
		var sets []Set
		for range 1 + r.IntN(3) {
			sets = append(sets, f.Of(randomWhere(r), pick(r, "", "", "", "-a=", "--b=")))
		}
		sets = distinct(sets)
		exact := []string{pick(r, short[:500]...), pick(r, short[:90]...)}
		found, whole := f.Apart(sets, exact)
		if !whole {
			t.Fatalf("%v: not whole", describe(sets))
		}
		shortest := map[string]string{}
		for _, w := range found {
			kind := kindOf(sets, w)
			if !slices.Contains(exact, w) && (shortest[kind] == "" || len(shortest[kind]) > len(w)) {
				shortest[kind] = w
			}
		}
		for _, e := range exact {
			if !slices.Contains(found, e) {
				t.Fatalf("%v: %q is left out", describe(sets), e)
			}
		}
		kindsFound += len(shortest)
		for _, w := range short {
			kind := kindOf(sets, w)
			if !strings.Contains(kind, "1") || slices.Contains(found, w) || slices.Contains(exact, w) {
				continue
			}
			other, ok := shortest[kind]
			switch {
			case !ok:
				t.Fatalf("%v: nothing is found like %q, %s", describe(sets), w, kind)
			case len([]rune(other)) > len([]rune(w)) && strings.Contains(kind[:len(sets)], "0"):
				if inList(sets, other) { // the policy's own word comes first
					continue
				}
				t.Fatalf("%v: %q is found, %q is shorter", describe(sets), other, w)
			}
		}
	}
	if kindsFound < 500 {
		t.Errorf("only %d kinds were found: the sets say little", kindsFound)
	}
}

func inList(sets []Set, word string) bool {
	return slices.ContainsFunc(sets, func(s Set) bool {
		return strings.HasPrefix(word, s.Front) && slices.Contains(s.Where.List, word[len(s.Front):])
	})
}

func describe(sets []Set) string {
	var all []string
	for _, s := range sets {
		all = append(all, s.key)
	}
	return strings.Join(all, " | ")
}

func randomWhere(r *rand.Rand) *policy.Where {
	w := map[int]func() *policy.Where{
		0: anyWord,
		1: func() *policy.Where {
			return list(pick(r, "a", "b", "-a", "é"), pick(r, "aa", "b.b", "1"))
		},
		2: func() *policy.Where { n := r.Int64N(300) - 150; return whole(n, n+r.Int64N(200)) },
		3: func() *policy.Where {
			return file(pick(r, "/a", "/a/b", "/b", "/a.b"), pick(r, "", "", ".a", ".b", ".ab", ".."))
		},
	}[r.IntN(9)]
	one := match(randomPattern(r, 3))
	if w != nil {
		one = w()
	}
	if r.IntN(3) == 0 {
		one = dashed(one)
	}
	if r.IntN(4) == 0 && one.Kind != policy.WherePath && one.Kind != policy.WhereInt {
		one = orEmpty(one)
	}
	return one
}

func randomPattern(r *rand.Rand, depth int) string {
	if depth == 0 {
		return pick(r, "a", "b", "[ab]", ".", "(?s:.)", "-", "[^a]", "(?i:A)", "(?i:k)", `\pL`, "é", "1", "/", `\.`, `\w`, `\d`, "[^/]")
	}
	next := func() string { return randomPattern(r, depth-1) }
	switch r.IntN(10) {
	case 0:
		return "(?:" + next() + "|" + next() + ")"
	case 1:
		return "(" + next() + ")*"
	case 2:
		return "(?:" + next() + ")+"
	case 3:
		return "(?:" + next() + ")?"
	case 4:
		return "(?:" + next() + ")" + pick(r, "{2}", "{0,2}", "{1,3}")
	case 5:
		return next() + pick(r, `\b`, `\B`, "^", "$", `\z`, `(?m:^)`, `(?m:$)`) + next()
	}
	return next() + next()
}

// TestPatterns: what is written for numbers and paths is what the policy takes.
func TestPatterns(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 7))
	edges := []int64{-1 << 63, -1<<63 + 1, -1000, -999, -100, -10, -9, -1, 0, 1, 9, 10, 11, 99, 100, 101, 12345, 99999, 100000, 1<<63 - 2, 1<<63 - 1}
	for range 3000 {
		low, high := pick(r, edges...), pick(r, edges...)
		w := dashed(whole(min(low, high), max(low, high)))
		re := regexp.MustCompile(`\A(?:` + numbers(w.Min, w.Max) + `)\z`)
		for range 10 {
			n := pick(r, edges...)
			if d := int64(r.IntN(5)) - 2; n > -1<<62 && n < 1<<62 {
				n += d
			}
			for _, word := range []string{fmt.Sprint(n), "0" + fmt.Sprint(n), fmt.Sprint(n) + "0", "-0", "+1", "", "-"} {
				if re.MatchString(word) != w.Takes(word, false) {
					t.Fatalf("%d to %d: %q: pattern %v", w.Min, w.Max, word, !w.Takes(word, false))
				}
			}
		}
	}
	words := allWords([]string{"a", "b", ".", "/"}, 8)
	for _, w := range []*policy.Where{file("/a", ""), file("/a/b", ".a"), file("/a.b", ".b"), file("/", ""), file("/a", "..")} {
		re := regexp.MustCompile(`\A(?:` + paths(w.Dir, w.Ext) + `)\z`)
		taken := 0
		for _, word := range words {
			if takes := w.Takes(word, true); takes {
				taken++
			} else if !re.MatchString(word) {
				continue
			}
			if re.MatchString(word) != w.Takes(word, true) {
				t.Fatalf("%s %s: %q: the policy says %v", w.Dir, w.Ext, word, w.Takes(word, true))
			}
		}
		if taken == 0 {
			t.Errorf("%s %s takes nothing", w.Dir, w.Ext)
		}
	}
}

func TestShortestDifference(t *testing.T) {
	for _, c := range []struct {
		before, after *policy.Where
		want          string // "" where nothing is new
	}{
		{match(`[a-z]+`), match(`[a-z0-9]+`), "0"},
		{match(`[a-z]{1,63}`), match(`[a-z]{1,64}`), strings.Repeat("a", 64)},
		{match(`[A-Za-z0-9_=:,@-]+`), match(`[A-Za-z0-9_=:,@.-]+`), "."},
		{match(`[a-z/]+`), match(`[a-z./]+`), "."},
		{match(`a|b`), match(`[ab]`), ""},
		{match(`(a|b)*c`), match(`[ab]*c`), ""},
		{match(`.`), match(`(?s:.)`), "\n"},
		{match(`[a-z]+`), match(`(?i:[a-z]+)`), "A"},
		{match(`\d+`), match(`\pN+`), "²"},
		{match(`foo\b.*`), match(`foo.*`), "fooa"},
		{match(`[a-y]`), list("b", "z"), "z"},
		{list("x", "y"), list("y", "x"), ""},
		{list("x"), list("x", "z"), "z"},
		{whole(1, 1000), whole(1, 1001), "1001"},
		{whole(1, 1000), match(`[1-9]|[1-9][0-9]{1,2}|1000`), ""},
		{whole(1, 1000), match(`[0-9]{1,3}`), "0"},
		{match(`(?s:.*)`), anyWord(), ""},
		{match(`.*`), anyWord(), "\n"},
		{match(`(?s:.+)`), orEmpty(match(`(?s:.+)`)), ""}, // the empty word is always among the answer
		{file("/app/sql", ".sql"), file("/app", ".sql"), "/app/a.sql"},
		{file("/app/sql", ".sql"), file("/app/sql", ""), "a"},
		{file("/app", ""), file("/app/sql", ""), ""},
		{match(`a[\x{E000}-\x{F8FF}]?`), match(`a`), ""},  // private use
		{match(`a`), match(`a[\x{E000}-\x{F8FF}]?`), ""},  // can't be typed
		{match(`a`), match(`a\x{202E}?`), ""},             // can't be typed
		{match(`a`), match(`a[\x{202E}\x{3042}]?`), "aあ"}, // some can
		{anyWord(), match(`.*`), ""},
	} {
		f := NewFinder(1 << 24)
		before, after := f.Of(c.before, ""), f.Of(c.after, "")
		found, whole := f.Apart([]Set{before, after}, nil)
		if !whole {
			t.Fatalf("%v: not whole", c)
		}
		got := ""
		for _, w := range found {
			if w != "" && after.Has(w) && !before.Has(w) && (got == "" || len(w) < len(got)) {
				got = w
			}
		}
		if got != c.want {
			t.Errorf("%s, now %s: %q, want %q", before.key, after.key, got, c.want)
		}
	}
}

// A pattern whose automaton is too large is not guessed about, and doesn't take for ever.
func TestTooLarge(t *testing.T) {
	f := NewFinder(20_000_000)
	hard := f.Of(match(`(?:a|b)*a(?:a|b){30}`), "")
	other := f.Of(match(`(?:a|b)*b(?:a|b){30}`), "")
	if _, whole := f.Apart([]Set{hard, other, f.Of(match("[ab]*"), "")}, nil); whole {
		t.Error("the answer claims to be whole")
	}
	if f.Work < 17_000_000 {
		t.Errorf("one question took %d steps", 20_000_000-f.Work)
	}
	if word, ok, _ := f.One(f.Of(match(`(?:x|y)+z{40}`), "")); !ok || word != "x"+strings.Repeat("z", 40) {
		t.Errorf("no word of a long pattern was found, but %q", word)
	}
	if empty := f.Of(match(`[^\x00-\x{10FFFF}]`), ""); true {
		if _, ok, whole := f.One(empty); ok || !whole {
			t.Error("a word was found in an empty set")
		}
	}
}

func FuzzApart(f *testing.F) {
	f.Add("[a-z]+", "[a-z0-9]+", "b7")
	f.Add(`(?i:k)\b`, `\x{212A}`, "k")
	f.Fuzz(func(t *testing.T, one, two, word string) {
		var sets []Set
		finder := NewFinder(3_000_000)
		for _, pattern := range []string{one, two} {
			if len(pattern) > 60 {
				return
			}
			if _, err := regexp.Compile(pattern); err != nil {
				return
			}
			if _, err := regexp.Compile(`\A(?:` + pattern + `)\z`); err != nil {
				return
			}
			sets = append(sets, finder.Of(match(pattern), ""))
		}
		sets = distinct(sets)
		found, whole := finder.Apart(sets, nil)
		if !whole || !typeable(word) {
			return
		}
		kind := kindOf(sets, word)
		if strings.Contains(kind, "1") && !slices.ContainsFunc(found, func(w string) bool { return kindOf(sets, w) == kind }) {
			t.Errorf("%q and %q: nothing like %q", one, two, word)
		}
	})
}
