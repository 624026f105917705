package words

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBothAgainstAllShortWords: of random sets, a word in both is found exactly where a search of all short words meets one, and no longer one.
func TestBothAgainstAllShortWords(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	var short []string
	for _, letters := range [][]string{{"a", "b", "-", "=", "."}, {"a", "-", "/", ".", "1"}, {"a", "A", "\n", "é", "\u212a"}} {
		short = append(short, allWords(letters, 5)...)
	}
	slices.SortStableFunc(short, func(a, b string) int { return len([]rune(a)) - len([]rune(b)) })
	met := 0
	for range 500 {
		f := NewFinder(1 << 30)
		a, b := f.Of(randomWhere(r), ""), f.Of(randomWhere(r), "")
		got, ok, whole := f.Both(a.Where, b.Where)
		if !whole || ok && (got == "" || !a.Has(got) || !b.Has(got) || !typeable(got)) {
			t.Fatalf("%v: %q %v %v", describe([]Set{a, b}), got, ok, whole)
		}
		i := slices.IndexFunc(short, func(w string) bool { return w != "" && typeable(w) && a.Has(w) && b.Has(w) })
		if i < 0 {
			continue
		}
		met++
		list := a.Where.List != nil || b.Where.List != nil
		if !ok || !list && len([]rune(got)) > len([]rune(short[i])) {
			t.Fatalf("%v: %q, but %q is in both", describe([]Set{a, b}), got, short[i])
		}
	}
	if met < 100 {
		t.Errorf("the mix tests little: %d", met)
	}
	f := NewFinder(10)
	if _, ok, whole := f.Both(match(`[a-z]{200}x.*`), match(`.*y`)); ok || whole {
		t.Error("ten steps are enough?")
	}
	f = NewFinder(1 << 20)
	if got, ok, _ := f.Both(match(`SELECT [^;]*`), match(`(?s).*\\!.*`)); got != `SELECT \!` || !ok {
		t.Errorf("%q", got)
	}
}
