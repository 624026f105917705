package policy

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// escaped is a text as it stands between the quotes of {secret.NAME:quoted}.
func escaped(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }

// span is a stretch of a text that shows a secret.
type span struct {
	from, to int
	name     string
}

// Redact replaces each secret that was fetched for the Grant by [secret NAME], as it is and as :quoted
// writes it. Where two overlap, nothing of either stays; where one holds the other, the longer is named. It
// must come before anything else is done to the text that could change how a secret is written.
func (g *Grant) Redact(text string) string {
	var spans []span
	for _, name := range slices.Sorted(maps.Keys(g.secrets)) {
		v := g.secrets[name]
		if v == "" {
			continue // no Bind lets one in; it would be found everywhere
		}
		for _, form := range slices.Compact([]string{v, escaped(v), `"` + escaped(v) + `"`}) {
			spans = append(spans, find(text, form, name)...)
		}
	}
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	var out strings.Builder
	done, last := 0, ""
	for _, s := range spans {
		switch {
		case s.to <= done:
			continue // within another
		case s.from >= done || s.name != last:
			out.WriteString(text[done:max(done, s.from)])
			out.WriteString("[secret " + s.name + "]")
		}
		done, last = s.to, s.name
	}
	out.WriteString(text[done:])
	return out.String()
}

// find is every place of form in text; those that overlap are one.
func find(text, form, name string) (spans []span) {
	for at := 0; ; {
		i := strings.Index(text[at:], form)
		if i < 0 {
			return spans
		}
		from := at + i
		if n := len(spans); n > 0 && from < spans[n-1].to {
			spans[n-1].to = from + len(form)
		} else {
			spans = append(spans, span{from, from + len(form), name})
		}
		at = from + 1
	}
}
