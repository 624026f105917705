package answer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"opsh/policy"
	"opsh/shell/line"
)

// listedFiles bounds what help and completion show of a directory.
const listedFiles = 50

// Help answers who sits at the prompt.
type Help struct {
	Program string // who speaks: opsh
	Policy  *policy.Policy

	// Files is the files that may stand where w does, relative to its directory, sorted, at most most of them. known is false where
	// nobody can look.
	Files func(w *policy.Where, most int) (files []string, known bool)
}

// overview is the answer to help.
func (h Help) overview() []string {
	var out []string
	for _, t := range h.Policy.Tools {
		title := t.Name
		if t.About != "" {
			title += " - " + t.About
		}
		out = append(out, Fold(title, "", "  ")...)
		for _, u := range t.Usage() {
			out = append(out, Fold(u, "  ", "      ")...)
		}
	}
	return append(out, Fold("help TOOL says what may stand for the names in capitals, history lists what was typed, exit leaves. "+
		"Quote what a shell would interpret: 'SELECT * FROM t'.", "", "")...)
}

// details is the answer to help TOOL: the operator's own allowlist, word for word.
func (h Help) details(t *policy.Tool) []string {
	out := Fold(t.Name+": "+t.About, "", "  ")
	for _, u := range t.Usage() {
		out = append(out, Fold(u, "  ", "      ")...)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Where)) {
		out = append(out, Fold(name+": "+h.meaning(t.Where[name]), "  ", "    ")...)
	}
	if t.Approval != nil {
		out = append(out, Fold(fmt.Sprintf("only from a runbook that was approved with %s", t.Approval), "  ", "    ")...)
	}
	return append(out, Fold(fmt.Sprintf("ends after %s", Brief(t.Timeout)), "  ", "    ")...)
}

// meaning says in words what fills a placeholder.
func (h Help) meaning(w *policy.Where) string {
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
		files, known := h.Files(w, listedFiles+1)
		switch {
		case !known:
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

// Complete is what Tab offers: words of the operator's own allowlist.
func (h Help) Complete(words []string, prefix string) []string {
	if len(words) == 0 {
		return append(matching(builtins, prefix), h.Policy.Complete(words, prefix)...)
	}
	if words[0] == "help" && len(words) == 1 {
		var names []string
		for _, t := range h.Policy.Tools {
			names = append(names, t.Name)
		}
		return matching(names, prefix)
	}
	out := h.Policy.Complete(words, prefix)
	for _, w := range h.Policy.NextPaths(words, false) {
		files, _ := h.Files(w, listedFiles)
		out = append(out, matching(files, prefix)...)
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
