package line

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// To fuzz for long: go test -fuzz FuzzSplit -fuzzminimizetime 20x. Without the limit most of the time goes to making
// inputs smaller.

// FuzzSplit: no line makes Split panic or break its promises, and what it accepts, the shells split into the same words.
func FuzzSplit(f *testing.F) {
	for _, raw := range slices.Concat(allowedLines(), refusedLines()) {
		f.Add(raw)
	}
	o := startOracles(f)
	f.Fuzz(func(t *testing.T, raw string) {
		l, err := Split(raw)
		checkSplit(t, raw, l, err)
		if err == nil {
			o.check(t, []sample{sampleOf(raw, l)})
		}
	})
}

// FuzzQuote: any words make one harmless line, which bash and Split read back as the same words.
func FuzzQuote(f *testing.F) {
	for _, raw := range slices.Concat(allowedLines(), refusedLines()) {
		f.Add(raw, "mysql")
		f.Add("mysql", raw)
	}
	bash := startPasted(f)
	f.Fuzz(func(t *testing.T, one, two string) {
		checkQuote(t, one, two)
		bash.checkPasted(t, [][]string{{one, two}})
	})
}

// startPasted starts a bash that expands history, as one does into which a line is pasted.
func startPasted(t testing.TB) *shell {
	return start(t, found+"set -o history -o histexpand\nHISTSIZE=10\n: ab x\n", "C.UTF-8", "bash", "--norc", "--noprofile", "-O", "nullglob", "-O", "extglob")
}

// checkQuote holds what is true of Quote for all words.
func checkQuote(t testing.TB, list ...string) {
	t.Helper()
	quoted := Quote(list...)
	bytes := 0
	for _, w := range list {
		one := QuoteWord(w)
		bytes += 4*len(w) + 4
		for _, in := range []string{one, quoted} {
			if !utf8.ValidString(in) || strings.ContainsFunc(in, forbidden) || strings.ContainsAny(in, "\n\t") {
				t.Errorf("%q: %q is not one plain line", w, in)
			}
		}
		if !splittable(w) {
			continue
		}
		// One word alone reads back wherever it stands.
		for _, around := range [][2]string{{"", ""}, {"x ", ""}, {"", " x"}, {"x < ", ""}} {
			l, err := Split(around[0] + one + around[1])
			if err != nil {
				t.Errorf("%q: Split refuses %q: %v", w, around[0]+one+around[1], err)
				continue
			}
			got := l.Input
			if got == nil {
				got = &l.Words[strings.Count(around[0], "x")]
			}
			if got.Text != w {
				t.Errorf("%q: %q reads back as %q", w, one, got.Text)
			}
		}
	}
	if len(quoted) > bytes {
		t.Errorf("%q: %d bytes", list, len(quoted))
	}
	if slices.ContainsFunc(list, func(w string) bool { return !splittable(w) }) {
		return
	}
	l, err := Split(quoted)
	if err != nil {
		t.Fatalf("%q: Split refuses %q: %v", list, quoted, err)
	}
	var got []string
	for _, w := range l.Words {
		got = append(got, w.Text)
	}
	if !slices.Equal(got, list) {
		t.Errorf("%q: %q reads back as %q", list, quoted, got)
	}
	if again := Quote(got...); again != quoted {
		t.Errorf("%q is written %q and %q", list, quoted, again)
	}
}

// splittable reports whether Split can make such a word.
func splittable(w string) bool { return utf8.ValidString(w) && !strings.ContainsFunc(w, forbidden) }

// checkPasted types quoted words into a bash that expands history: behind a command, and where the first names the tool.
func (s *shell) checkPasted(t testing.TB, lists [][]string) {
	t.Helper()
	var scripts, wants []string
	for _, list := range lists {
		quoted := Quote(list...)
		if strings.Contains(quoted, `\x00`) || strings.Contains(strings.Join(list, ""), mark) {
			continue // no argv holds a NUL
		}
		alone := ""
		for _, w := range list {
			alone += " " + QuoteWord(w)
		}
		scripts, wants = append(scripts, "w "+quoted, "w"+alone), append(wants, words(list), words(list))
		if (sample{words: list}).runs() {
			scripts, wants = append(scripts, quoted+" 2>&1"), append(wants, words(list))
		}
	}
	for i, got := range s.answers(t, scripts) {
		if got != wants[i] {
			t.Errorf("%s: %s\n words %q\n shell %q", s.name, scripts[i], wants[i], got)
		}
	}
}
