package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf16"

	"opsh/shell/line"
)

// How opsctl speaks to people. Answers go to standard output, all else to standard error. What is wrong begins "opsctl: error:" and reads
// "cannot X: why"; what to do about it follows as "opsctl: hint:". What comes from outside (a file, a log, a service) is
// printed by plain or quote only: it may hold what a terminal obeys.

// person is who started opsctl, and with what.
type person struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
	now      func() time.Time

	unsaid error // the first answer that could not be written
}

// say prints an answer.
func (p *person) say(text string) {
	if _, err := fmt.Fprintln(p.out, text); err != nil && p.unsaid == nil {
		p.unsaid = err
	}
}

// fail says what is wrong, and what to do where that is known.
func (p *person) fail(err error, hints ...string) {
	fmt.Fprintf(p.err, "opsctl: error: %s\n", plain(err.Error()))
	for _, h := range hints {
		if h != "" {
			fmt.Fprintf(p.err, "opsctl: hint: %s\n", plain(h))
		}
	}
}

// warn says what the person should know although it goes on.
func (p *person) warn(text string) { fmt.Fprintf(p.err, "opsctl: warning: %s\n", plain(text)) }

// sayJSON prints an answer for programs: one object, indented. A program may show it in a terminal: what one obeys or doesn't show is
// escaped.
func (p *person) sayJSON(v any) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	if err == nil {
		_, err = io.WriteString(p.out, escapeJSON(b.String()))
	}
	if err != nil {
		return fmt.Errorf("cannot write JSON: %w", err)
	}
	return nil
}

// escapeJSON escapes what the encoder doesn't: DEL, C1, bidirectional controls and the like. They stand in texts only.
func escapeJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		if s := string(r); plain(s) == s {
			b.WriteString(s)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// quote shows words as a shell takes them.
func quote(word string) string { return line.QuoteWord(word) }

// plain is text that a terminal only prints.
func plain(text string) string { return line.Plain(text) }
