package policy

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// token is a piece of a usage line: a word, or one of [ ] | ... and <.
type token struct {
	kind  tokenKind
	text  string
	pos   Pos
	glued bool // nothing stands between it and the token before
}

type tokenKind int

const (
	tokenWord tokenKind = iota
	tokenOpen
	tokenClose
	tokenBar
	tokenDots
	tokenInput
	tokenStray // a word, or the rest of one, from a reported character on
)

// maxUsageErrors bounds what one line reports: a line of 4 MiB of brackets isn't worth more.
const maxUsageErrors = 20

// lexUsage takes a usage line apart. It reports every character that no usage line holds, and leaves it out.
func lexUsage(text string, pos Pos) (toks []token, errs []Error) {
	glued := false
	word := func(s string, p Pos) {
		toks = append(toks, token{tokenWord, s, p, glued})
		glued = true
	}
	for i := 0; i < len(text); {
		c, at := text[i], pos
		kind, size := tokenWord, 1
		switch {
		case c == ' ':
			glued = false
			i++
			pos.Col++
			continue
		case c == '[':
			kind = tokenOpen
		case c == ']':
			kind = tokenClose
		case c == '|':
			kind = tokenBar
		case c == '<' && inAngles(text[i:]) > 0:
			kind, size = tokenStray, inAngles(text[i:])
			if name := text[i+1 : i+size-1]; len(errs) < maxUsageErrors {
				errs = append(errs, Error{at, "cannot use <" + name + "> in a usage line: a placeholder is written in capitals, without < and >",
					"write " + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))})
			}
		case c == '<':
			kind = tokenInput
		case strings.HasPrefix(text[i:], "..."):
			kind, size = tokenDots, 3
		case literalByte(c) || c == '?':
			for size < len(text)-i && (literalByte(text[i+size]) || text[i+size] == '?') && !strings.HasPrefix(text[i+size:], "...") {
				size++
			}
			word(text[i:i+size], at)
			i += size
			pos.Col += size
			continue
		default:
			r, n := utf8.DecodeRuneInString(text[i:])
			// A group is one mistake, whatever stands in it.
			if end := strings.IndexByte(text[i:], closer(r)); end > 0 {
				n = end + 1
			}
			if len(errs) < maxUsageErrors {
				why, hint := strayRune(r)
				errs = append(errs, Error{at, "cannot use " + strconv.QuoteRune(r) + " in a usage line: " + why, hint})
			}
			// The rest of the word says nothing more.
			for n < len(text)-i && strings.IndexByte(" []|<", text[i+n]) < 0 {
				n++
			}
			toks = append(toks, token{tokenStray, text[i : i+n], at, glued})
			glued = true
			pos.Col += utf8.RuneCountInString(text[i : i+n])
			i += n
			continue
		}
		toks = append(toks, token{kind, text[i : i+size], at, glued})
		glued = true
		i += size
		pos.Col += size
	}
	return toks, errs
}

// closer is what ends a group of other notations; NUL, which no policy holds, for what begins none.
func closer(r rune) byte {
	switch r {
	case '{':
		return '}'
	case '(':
		return ')'
	}
	return 0
}

// inAngles is the length of <script> or <SCRIPT> at the beginning of s, 0 where there is none.
func inAngles(s string) int {
	end := strings.IndexByte(s, '>')
	if end < 2 || !isPlaceholder(strings.ToUpper(strings.ReplaceAll(s[1:end], "-", "_"))) {
		return 0
	}
	return end + 1
}

// strayRune says what to write instead of a character that has no meaning here.
func strayRune(r rune) (why, hint string) {
	switch r {
	case '{', '}', '(', ')':
		return "there are no groups", "write one usage line for each way"
	case '>':
		return "output goes to the terminal only", "leave it out"
	case '$':
		return "a placeholder is written without $", "write NAME for $NAME"
	case ';', '&':
		return "it is one command", "write one usage line for each command"
	case '\'', '"', '`', '\\':
		return "words are written as they are, without quotes", `write a placeholder, and where.NAME = ["the word"]`
	case '*':
		return "there are no patterns in a usage line", "write a placeholder, and where.NAME = { match = '…' }"
	case '…':
		return "it isn't three dots", "write ..."
	case '\t', '\n', '\r', '\u00a0', '\u3000':
		return "words are separated by blanks", "write one usage line on one line, with ASCII blanks"
	case '‐', '‑', '–', '—', '−', '-':
		return "it isn't the ASCII hyphen", "write -"
	}
	return "words are made of letters, digits and _.:/=,@%+-", `write a placeholder, and where.NAME = ["the word"]`
}
