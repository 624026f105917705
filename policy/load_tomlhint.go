package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What people write where TOML wants something else, and what they should write. A hint shows the corrected text only
// where there is no doubt about it.

// alikes are what input methods, word processors and chat programs leave in place of the ASCII characters behind them.
// The full-width forms of ASCII aren't among them: asciiFor computes those.
const alikes = "“\"”\"„\"«\"»\"「\"」\"『\"』\"‘'’'‚'、,。.‐-‑-–-—-−-【[】]〔[〕]\u3000 \u00a0 "

// asciiFor is the ASCII character that a character looks like, or stands for on a keyboard.
func asciiFor(c rune) (plain rune, ok bool) {
	if c >= '！' && c <= '～' {
		return c - '！' + '!', true
	}
	pairs := []rune(alikes)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == c {
			return pairs[i+1], true
		}
	}
	return 0, false
}

// wrongHere is wrong, but where the character that stands here only looks like one of TOML's, it says so.
func (r *tomlReader) wrongHere(msg, hint string) *Error {
	c, _ := utf8.DecodeRuneInString(r.src[r.off:])
	switch plain, ok := asciiFor(c); {
	case ok && plain == ' ':
		return r.wrong(fmt.Sprintf("cannot read %U here: it isn't the ASCII blank", c), "write a blank")
	case ok:
		return r.wrong("cannot read "+strconv.QuoteRune(c)+" here: it isn't the ASCII "+string(plain), "write "+string(plain))
	}
	return r.wrong(msg, hint)
}

// rest is what stands in the line from here on.
func (r *tomlReader) rest() string {
	line, _, _ := strings.Cut(r.src[r.off:], "\n")
	return strings.TrimRight(line, " \t\r")
}

// noKey says what is wrong with something that begins no key.
func (r *tomlReader) noKey() *Error {
	msg, hint := "cannot read a key here: a key has ASCII letters, digits, - and _, or stands in quotes", ""
	rest := r.rest()
	switch {
	case strings.HasPrefix(rest, "<<<<<<<") || strings.HasPrefix(rest, "=======") || strings.HasPrefix(rest, ">>>>>>>"):
		msg, hint = "cannot read a key here: this is a mark that a merge left", "keep one of the two versions, and remove the marks"
	case strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "/*") || strings.HasPrefix(rest, ";"):
		hint = "begin a comment with #"
	case strings.HasPrefix(rest, "{") || strings.HasPrefix(rest, "}"):
		hint = "a policy is TOML: write NAME = value, and [NAME] above what belongs together"
	case strings.HasPrefix(rest, "="):
		hint = "write a key in front of ="
	}
	return r.wrongHere(msg, hint)
}

// noEquals says what is wrong with what follows a key instead of =.
func (r *tomlReader) noEquals() *Error {
	hint := "write NAME = value, or begin a comment with #"
	switch r.peek() {
	case ':':
		hint = "write = instead of :"
	case '"', '\'':
		hint = "write = in front of the value"
	}
	return r.wrongHere("cannot read the key: = and a value must follow it", hint)
}

const quoteHint = `a string stands in quotes: "…"`

// noValue says what is wrong with something that begins no value.
func (r *tomlReader) noValue() *Error {
	const msg = "cannot read a value here: "
	rest := r.rest()
	c, size := utf8.DecodeRuneInString(rest)
	plain, _ := asciiFor(c)
	switch {
	case rest == "" || c == '#' || c == ',':
		return r.wrong(msg+"it is missing", quoteHint)
	case c == '(':
		return r.wrong(msg+"a list stands in [ and ]", "")
	case c == '`' || plain == '"' || plain == '\'':
		hint := quoteHint
		end := strings.IndexFunc(rest[size:], func(c rune) bool { p, _ := asciiFor(c); return c == '`' || p == '"' || p == '\'' })
		if end > 0 && !strings.ContainsAny(rest[size:size+end], `"\`) {
			hint = `write "` + rest[size:size+end] + `"`
		}
		return r.wrong(msg+strconv.QuoteRune(c)+` isn't the ASCII "`, hint)
	}
	return r.wrongHere(msg+"a string stands in quotes", bareHint(rest))
}

// bareText is text that needs nothing but quotes around it to be a string.
var bareText = late(`^[A-Za-z0-9_./~$@:-]+( [A-Za-z0-9_./~$@:-]+)*$`)

// bareHint is what to write instead of a text without quotes.
func bareHint(rest string) string {
	text := rest
	if i := strings.IndexAny(text, `,]}#"'`); i >= 0 {
		text = text[:i]
	}
	text, _, _ = strings.Cut(text, " //")
	switch text = strings.TrimSpace(text); {
	case text == "True" || text == "TRUE" || text == "yes" || text == "on":
		return "write true"
	case text == "False" || text == "FALSE" || text == "no" || text == "off":
		return "write false"
	case bareText.MatchString(text):
		return `write "` + text + `"`
	}
	return quoteHint
}

// unclosed reports a string without an end. Where another kind of quote ends it, or where it holds nothing but a plain
// word, there is no doubt what it should have been. behind is what the line holds behind the opening quote.
func unclosed(pos Pos, quote, behind string) *Error {
	hint := "write " + quote + " at its end"
	text := strings.TrimRight(behind, " \t\r,]}")
	if last, size := utf8.DecodeLastRuneInString(text); size > 0 {
		if plain, ok := asciiFor(last); ok && (plain == '"' || plain == '\'') || last == '\'' || last == '"' {
			text = text[:len(text)-size]
			hint = "end it with the " + quote + " that it begins with"
		}
	}
	if len(quote) == 1 && bareText.MatchString(text) && !strings.Contains(text, " ") {
		hint = "write " + quote + text + quote
	}
	return wrongAt(pos, "cannot read the string: its closing "+quote+" is missing", hint)
}

// endOfStatement wants nothing but a comment in the rest of the line.
func (r *tomlReader) endOfStatement() *Error {
	before := r.src[max(0, r.off-1):r.off]
	r.blanks()
	r.comment()
	rest := r.rest()
	if r.endOfLine() {
		return nil
	}
	hint := "begin a comment with #, a key on a line of its own"
	switch {
	case rest == "," || rest == ";":
		hint = "remove it"
	case strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, ";") || strings.HasPrefix(rest, "--"):
		hint = "begin a comment with #"
	case before == `"` && isBareKey(rest[0]) && strings.HasSuffix(r.src[:r.off], before):
		hint = `write \" for a quote inside "…"`
	}
	return r.wrongHere("cannot read the rest of the line: only a comment may follow here", hint)
}

// headerEnd says what is wrong where a header isn't closed. begin is where it begins.
func (r *tomlReader) headerEnd(begin int, brackets string) *Error {
	hint := "a name has no blanks; write " + brackets + " right behind it"
	name := strings.TrimSpace(r.src[begin:r.off])
	if rest := r.rest(); rest == "" || rest == "]" || rest[0] == '#' {
		hint = "write " + name + brackets
	}
	return r.wrongHere("cannot read the header: it ends with "+brackets, hint)
}

// beginsStatement says that a line with a key or a header begins here, where an element of a list should.
func (r *tomlReader) beginsStatement() bool {
	if r.line == 1 || strings.TrimSpace(r.src[r.start:r.off]) != "" || !looksLikeStatement(r.src[r.off:]) {
		return false
	}
	c := strings.TrimLeft(r.rest(), "[")
	return c != "" && (c[0] >= 'a' && c[0] <= 'z' || c[0] >= 'A' && c[0] <= 'Z')
}

// listTorn reports what stands where a list should go on.
func (r *tomlReader) listTorn(n *tomlNode) *Error {
	hint := "write a comma between two elements"
	switch {
	case r.beginsStatement():
		hint = "write ] behind the last element"
	case r.peek() == '}':
		hint = "write ]"
	}
	return r.wrongHere("cannot read the list that begins in line "+strconv.Itoa(n.pos.Line)+": a comma or ] is missing before this", hint)
}
