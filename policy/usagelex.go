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

// strayRune says what to write instead of a character that has no meaning here.
func strayRune(r rune) (why, hint string) {
	switch r {
	case '{', '}', '(', ')':
		return "there are no groups", "write one usage line for each way"
	case '>':
		return "a placeholder is written in capitals, and output goes to the terminal only", "write SCRIPT for <script>"
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
