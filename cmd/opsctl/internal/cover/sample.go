package cover

import (
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"opsh/policy"
)

// sample is a word that a placeholder admits: one that a test is allowed with, or one made up. Whoever uses it asks the policy.
func (s *survey) sample(w *policy.Where) (word string, ok bool) {
	plain := func(word string) bool { return word != "" && (w.Dash || word[0] != '-') }
	if words := s.wheres[w].words; slices.ContainsFunc(words, plain) {
		return words[slices.IndexFunc(words, plain)], true
	}
	switch w.Kind {
	case policy.WhereAny:
		return strings.ToLower(w.Name), true
	case policy.WhereList:
		if i := slices.IndexFunc(w.List, plain); i >= 0 {
			return w.List[i], true
		}
	case policy.WhereInt:
		// A word that begins with - needs dash = true; 0 doesn't.
		n := w.Min
		if n < 0 && w.Max >= 0 {
			n = 0
		}
		word = strconv.FormatInt(n, 10)
		return word, plain(word)
	case policy.WherePath:
		return "example" + w.Ext, true
	case policy.WhereMatch:
		return matching(w, plain)
	}
	return "", false
}

// matching makes up a word that a pattern matches: a short one, then one in which all that may repeat does.
func matching(w *policy.Where, plain func(string) bool) (word string, ok bool) {
	tree, err := syntax.Parse(w.Pattern, syntax.Perl)
	if err != nil {
		return "", false
	}
	for least := range 3 {
		var b strings.Builder
		spell(&b, tree, least)
		if word := b.String(); plain(word) && w.Re.MatchString(word) {
			return word, true
		}
	}
	return "", false
}

// maxSpelt bounds what nested repetitions spell.
const maxSpelt = 1 << 10

// spell writes a text that the pattern matches, but for anchors and word boundaries. What may repeat stands least times where it may.
func spell(b *strings.Builder, re *syntax.Regexp, least int) {
	times := 1
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			b.WriteRune(r)
		}
		return
	case syntax.OpCharClass:
		b.WriteRune(friendly(re.Rune))
		return
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('x')
		return
	case syntax.OpAlternate:
		spell(b, re.Sub[0], least)
		return
	case syntax.OpStar:
		times = least
	case syntax.OpQuest:
		times = min(least, 1)
	case syntax.OpPlus:
		times = max(least, 1)
	case syntax.OpRepeat:
		times = max(re.Min, least)
		if re.Max >= 0 {
			times = min(times, re.Max)
		}
	}
	for range times {
		for _, sub := range re.Sub {
			if b.Len() < maxSpelt {
				spell(b, sub, least)
			}
		}
	}
}

// friendly is a character of a class, one that reads well where there is one. The class is pairs of first and last.
func friendly(class []rune) rune {
	for _, want := range "a1xA0bBz" {
		for i := 0; i+1 < len(class); i += 2 {
			if class[i] <= want && want <= class[i+1] {
				return want
			}
		}
	}
	for i := 0; i+1 < len(class); i += 2 {
		if last := class[i+1]; last > ' ' {
			return max(class[i], '!')
		}
	}
	return 'x'
}
