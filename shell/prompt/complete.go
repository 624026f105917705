package prompt

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// maxListed is how many words a second Tab lists.
const maxListed = 200

// tab completes the word before the cursor: the only word that fits, or as much as all of them have in
// common. A second Tab lists them.
func (p *Prompt) tab(r *reading, again bool) error {
	words, prefix, ok := split(r.begun + string(p.line.text[:p.line.pos]))
	var fits []string
	if ok {
		for _, w := range p.complete(words, prefix) {
			if strings.HasPrefix(w, prefix) && !slices.Contains(fits, w) {
				fits = append(fits, w)
			}
		}
	}
	rest := ""
	if len(fits) > 0 {
		rest = p.ending(fits, prefix)
		if r.tabbed = rest == ""; r.tabbed && again {
			w, _ := p.screen.size()
			return p.screen.list(table(fits, w)...)
		}
	}
	if rest == "" || p.size(r)+len(rest) > maxLine {
		p.screen.ring()
		return p.show(r)
	}
	p.line.insert([]rune(rest))
	return p.show(r)
}

// ending is what can be typed behind prefix for all the words that fit, and a blank behind the only one. It
// stops where quotes would have to begin: the second Tab shows the word, to be typed as it should be.
func (p *Prompt) ending(fits []string, prefix string) string {
	whole := common(fits)[len(prefix):]
	rest := bare(whole)
	behind := p.line.text[p.line.pos:]
	if len(fits) > 1 || rest != whole || len(behind) > 0 && behind[0] == ' ' || strings.HasSuffix(fits[0], "=") || strings.HasSuffix(fits[0], "/") {
		return rest
	}
	return rest + " "
}

// bare is as much of s as stands in a command line without quotes.
func bare(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !plain(r) || !unicode.In(r, unicode.L, unicode.N) && !strings.ContainsRune("-_./:=@%+,^", r)
	})
	if end < 0 {
		return s
	}
	return s[:end]
}

// common is what all words begin with.
func common(words []string) string {
	same := []rune(words[0])
	for _, w := range words[1:] {
		n := 0
		for _, r := range w {
			if n == len(same) || same[n] != r {
				break
			}
			n++
		}
		same = same[:n]
	}
	return string(same)
}

// split finds the words before the last one, and the last one. It is not ok where that one is quoted or
// inside quotes. What it takes for words is only used to offer others.
func split(text string) (words []string, last string, ok bool) {
	var b strings.Builder
	var quote rune
	inWord, quoted, escaped := false, false, false
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
			b.WriteRune(r)
		case quote == r && quote != 0:
			quote = 0
		case r == '\\' && quote != '\'':
			escaped, inWord, quoted = true, true, true
		case quote != 0:
			b.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord, quoted = r, true, true
		case r == ' ' || r == '\t' || r == '\n':
			if inWord {
				words = append(words, b.String())
			}
			b.Reset()
			inWord, quoted = false, false
		default:
			inWord = true
			b.WriteRune(r)
		}
	}
	return words, b.String(), !quoted && quote == 0 && !escaped
}

// table is the words in columns, filled downwards.
func table(words []string, width int) []string {
	var more []string
	if n := len(words) - maxListed; n > 0 {
		more = []string{fmt.Sprintf("and %d more", n)}
		words = words[:maxListed]
	}
	widest := 0
	for _, w := range words {
		widest = max(widest, span(w))
	}
	columns := max((width+1)/(widest+2), 1)
	rows := (len(words) + columns - 1) / columns
	out := make([]string, 0, rows+1)
	for row := range rows {
		var b strings.Builder
		gap := 0
		for i := row; i < len(words); i += rows {
			b.WriteString(strings.Repeat(" ", gap) + words[i])
			gap = widest + 2 - span(words[i])
		}
		out = append(out, b.String())
	}
	return append(out, more...)
}

// span is how many columns s takes when it is drawn.
func span(s string) int { return layOut(s, nil, 1<<30).end.col }
