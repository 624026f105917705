package shell

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"opsh/policy"
	"opsh/shell/line"
)

// builtins are opsh's own commands at the prompt. No tool can have their names: the policy's loader refuses them.
var builtins = []string{"exit", "help", "history"}

// listedFiles bounds what help and completion show of a directory.
const listedFiles = 50

// overview is the answer to help.
func overview(p *policy.Policy) []string {
	var out []string
	for _, t := range p.Tools {
		title := t.Name
		if t.About != "" {
			title += " - " + t.About
		}
		out = append(out, fold(title, "", "  ")...)
		for _, u := range t.Usage() {
			out = append(out, fold(u, "  ", "      ")...)
		}
	}
	return append(out, fold("help TOOL says what may stand for the names in capitals, history lists what was typed, exit leaves. "+
		"Quote what a shell would interpret: 'SELECT * FROM t'.", "", "")...)
}

// details is the answer to help TOOL: the operator's own allowlist, word for word.
func details(t *policy.Tool) []string {
	out := fold(t.Name+": "+t.About, "", "  ")
	for _, u := range t.Usage() {
		out = append(out, fold(u, "  ", "      ")...)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Where)) {
		out = append(out, fold(name+": "+meaning(t.Where[name]), "  ", "    ")...)
	}
	return append(out, fold(fmt.Sprintf("ends after %s", brief(t.Timeout)), "  ", "    ")...)
}

// meaning says in words what fills a placeholder.
func meaning(w *policy.Where) string {
	var s string
	switch w.Kind {
	case policy.WhereAny:
		s = "any text, as one word: quote it"
	case policy.WhereList:
		s = "one of " + line.Quote(w.List...)
	case policy.WhereMatch:
		s = "a word that matches " + line.QuoteWord(w.Pattern)
	case policy.WhereInt:
		s = fmt.Sprintf("a whole number from %d to %d", w.Min, w.Max)
	case policy.WherePath:
		s = fmt.Sprintf("a file below %s", line.QuoteWord(w.Dir))
		if w.Ext != "" {
			s += " that ends in " + line.QuoteWord(w.Ext)
		}
		files := policy.ListFiles(w, listedFiles+1)
		switch {
		case len(files) == 0:
			s += " (there is none now)"
		case len(files) > listedFiles:
			s += ": " + line.Quote(files[:listedFiles]...) + " and more"
		default:
			s += ": " + line.Quote(files...)
		}
	}
	if w.Empty {
		s += "; may be empty ('')"
	}
	if w.Dash {
		s += "; may begin with -"
	}
	return s
}

// complete is what Tab offers: words of the operator's own allowlist.
func complete(p *policy.Policy, words []string, prefix string) []string {
	if len(words) == 0 {
		return append(matching(builtins, prefix), p.Complete(words, prefix)...)
	}
	if words[0] == "help" && len(words) == 1 {
		var names []string
		for _, t := range p.Tools {
			names = append(names, t.Name)
		}
		return matching(names, prefix)
	}
	out := p.Complete(words, prefix)
	for _, w := range p.NextPaths(words, false) {
		out = append(out, matching(policy.ListFiles(w, listedFiles), prefix)...)
	}
	return out
}

func matching(from []string, prefix string) []string {
	var out []string
	for _, s := range from {
		if strings.HasPrefix(s, prefix) {
			out = append(out, s)
		}
	}
	return out
}
