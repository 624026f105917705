// Package line turns what an operator types into words, and words back into a line.
//
// The words that Split returns are the argv that runs; no shell ever reads the line. But its author thinks in
// shell, and a reviewer reads the record as shell. So where Split accepts a line, sh and bash split it into the
// same words ($'…' is bash's alone), and what either of them would interpret is refused, never taken literally:
// two parsers that disagree are how restricted shells break. This holds for shells in a UTF-8 or the C locale.
//
// A character that can hide, reorder or forge text on a reader's screen is refused wherever it stands.
package line

import (
	"errors"
	"fmt"
	"strings"
)

// MaxBytes is the length above which a line is refused unsplit.
const MaxBytes = 64 << 10

// Word is one word of a line.
type Word struct {
	Text   string // what the tool gets: quotes and backslashes resolved
	Col    int    // where the word begins in the line: characters, from 1
	Quoted bool   // some of it was quoted
}

// Line is a line split into words. A blank line has none.
type Line struct {
	Words []Word
	Input *Word // the word behind <, nil without one
}

// Error says why a line doesn't split. Msg and Hint are plain text of one line; they name what isn't printable ASCII as U+XXXX.
type Error struct {
	Col  int // characters, from 1; 0 where the whole line is meant
	Msg  string
	Hint string // what to write instead, may be empty
	Open bool   // a quote is open, or the line ends in a backslash: with another line it may be whole
}

func (e *Error) Error() string {
	if e.Col == 0 {
		return e.Msg
	}
	return fmt.Sprintf("column %d: %s", e.Col, e.Msg)
}

// Advice is the Hint, for those who know the error only as one.
func (e *Error) Advice() string { return e.Hint }

// Comment reports whether a runbook's line holds no command: it is blank, or its first character is #.
func Comment(raw string) bool {
	rest := strings.TrimLeft(raw, " \t")
	return rest == "" || rest[0] == '#'
}

// Unfinished reports whether a quote is open in the text, or it ends in a backslash, so that with another line it may be a whole one.
func Unfinished(text string) bool {
	_, err := Split(text)
	var at *Error
	return errors.As(err, &at) && at.Open
}
