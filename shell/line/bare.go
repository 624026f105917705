package line

import "unicode/utf8"

// What a character means to sh or bash where nothing quotes it. Split refuses what means something, Quote quotes
// it, and both ask here. When in doubt it means something.

// place is where in a word a bare character stands.
type place struct {
	first bool // in the word that names the tool
	begun bool // something stands in front of it
	prev  rune // what stands in front of it, quoted or not
	other bool // what stands in front of it could not be a variable's name, with or without + behind
}

// bare moves the place behind a bare character.
func (p *place) bare(r rune) {
	// Some shells take letters beyond ASCII for a name's, so opsh takes them for one everywhere.
	if !(isAlnum(r) || r == '_' || r >= utf8.RuneSelf || r == '+') || p.prev == '+' {
		p.other = true
	}
	p.begun, p.prev = true, r
}

// quoted moves the place behind something quoted, that is behind the word's text so far. A quote in it keeps a shell
// from seeing an assignment, but perhaps not from seeing a tilde at the start.
func (p *place) quoted(text []byte) {
	p.other = true
	if len(text) > 0 {
		p.prev, _ = utf8.DecodeLastRune(text)
		p.begun = true
	}
}

// meaning says what r would do to a shell at this place, and what to write instead. An empty msg: nothing, in every shell.
func (p *place) meaning(r rune) (msg, hint string) {
	if r >= utf8.RuneSelf {
		return p.foreign(r)
	}
	does := ""
	switch r {
	case ';':
		does = "ends a command"
	case '&':
		does = "runs a command in the background"
	case '|':
		does = "pipes one program into another"
	case '>':
		does = "writes to a file"
	case '(', ')':
		does = "groups commands"
	case '$':
		does = "stands for a variable or a command's output"
	case '`':
		does = "stands for a command's output"
	case '*', '?', '[':
		does = "stands for the names of files"
	case '{':
		does = "stands for several words"
	case '!':
		does = "stands for an earlier command"
	case '<':
		return "a blank must stand in front of <", "write < FILE behind a blank, or quote it: '<'"
	case '~':
		if !p.begun || p.prev == '=' || p.prev == ':' {
			does = "stands for a home directory"
		}
	case '#':
		if !p.begun {
			does = "begins a comment"
		}
	case '=':
		if p.first && p.begun && !p.other {
			does = "sets a variable"
		}
	case '^':
		if p.first && !p.begun {
			does = "changes an earlier command"
		}
	case '\n':
		return "the line holds a second line; a line is one command", "run them one by one, or end the first in a backslash to join them"
	case '\t':
		return "cannot take U+0009, a tab, outside quotes", "write a blank, or put it in quotes"
	}
	if does == "" {
		return "", ""
	}
	return "an unquoted " + string(r) + " " + does + " in a shell", quoteIt(string(r))
}

func quoteIt(text string) string { return "quote it: '" + text + "'" }

// reserved reports whether sh or bash takes a bare word in the tool's place for a part of its own language.
func reserved(word string) bool {
	switch word {
	case "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "in",
		"select", "function", "time", "coproc", "[[", "]]", "{", "}", "!":
		return true
	}
	return false
}

func isAlnum(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}
