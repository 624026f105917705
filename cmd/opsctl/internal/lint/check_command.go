package lint

import (
	"path"
	"regexp"
	"strings"

	"opsh/cmd/opsctl/internal/compare/words"
	"opsh/policy"
	"opsh/shell/line"
)

// command warns of commands of the tool's program that aren't known to be harmless.
func (l *usage) command() {
	c := l.fact.commands
	if c == nil {
		return
	}
	var known [][]string
	for entry := range strings.SplitSeq(c.harmless, ",") {
		known = append(known, strings.Fields(entry))
	}
	for _, d := range l.fact.dangers { // of these more is said
		known = append(known, strings.Fields(d.verb))
	}
	l.judge(known, l.words, nil)
}

// judge goes through the words of a command, as long as what is known has more words. so is the words before.
func (l *usage) judge(known [][]string, left []use, so []string) {
	n := len(so)
	var more [][]string
	for _, k := range known {
		if len(k) == n && n > 0 {
			return // it is known, whatever follows
		}
		if len(k) > n {
			more = append(more, k)
		}
	}
	if len(left) == 0 || len(more) == 0 {
		return
	}
	c, u := l.fact.commands, left[0]
	under := func(word string) (fit [][]string) {
		for _, k := range more {
			if l.isCommand(k[n], word) {
				fit = append(fit, k)
			}
		}
		return fit
	}
	next := left[1:]
	if u.repeats {
		next = left
	}
	one := func(word, what string) {
		fit := under(word)
		if len(fit) == 0 {
			l.tell(Finding{Rule: string(unjudged), See: c.see, Text: what + ": it isn't among the commands that are known to be harmless",
				Hint: "leave it out, or write # opsctl: allow unjudged-command: and what it may do here"}, u, word)
			return
		}
		l.judge(fit, next, append(so[:n:n], word))
	}
	switch {
	case u.where == nil:
		one(u.text, path.Base(l.Path)+" "+strings.Join(append(so[:n:n], u.text), " "))
	case u.where.Kind == policy.WhereList:
		for _, word := range u.where.List {
			one(word, u.where.Name+" takes "+line.QuoteWord(word))
		}
	case free(u.where):
		if word, ok := l.beside(u.where, more, n); ok {
			l.typed[u.where.Name] = true
			l.danger(&danger{effect: c.effect, text: c.text, instead: c.instead, see: c.see}, u, u.where.Name+" takes "+line.QuoteWord(word), u.where.Name)
			return
		}
		l.judge(more, next, append(so[:n:n], ""))
	}
	if u.may && !u.repeats {
		l.judge(known, next, so)
	}
}

// isCommand says whether a word is the one that a table has, where * stands for any letters.
func (l *usage) isCommand(known, word string) bool {
	if l.fact.folds {
		word = strings.ToLower(word)
	}
	ok, err := path.Match(known, word)
	return ok && err == nil
}

// beside is a word that a placeholder takes and that isn't the nth of any known command.
func (l *usage) beside(w *policy.Where, known [][]string, n int) (string, bool) {
	if w.Takes(l.fact.commands.example, false) && n == 0 {
		return l.fact.commands.example, true
	}
	var all []string
	for _, k := range known {
		all = append(all, strings.ReplaceAll(regexp.QuoteMeta(k[n]), `\*`, "[^/]*"))
	}
	fold := ""
	if l.fact.folds {
		fold = "(?i)"
	}
	others := pattern(fold + "(?:" + strings.Join(all, "|") + ")")
	found, whole := l.finder.Apart([]words.Set{l.finder.Of(w, ""), l.finder.Of(others, "")}, nil)
	for _, word := range found {
		if word != "" && w.Takes(word, false) && !others.Takes(word, true) {
			return word, true
		}
	}
	return "a word that isn't known", !whole
}
