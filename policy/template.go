package policy

import (
	"regexp"
	"strings"
)

// entryName is the NAME of a [secret.NAME] and of a file.NAME.
var entryName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// templateError is a mistake in a template; offset counts its bytes.
type templateError struct {
	offset    int
	msg, hint string
}

// parseTemplate takes a text of insert, env or file apart. Only { is special: it begins {secret.NAME},
// {secret.NAME:quoted} or {file.NAME}, and is written {{ where it is meant as such. A } that closes
// nothing is a }.
func parseTemplate(s string) (Template, []templateError) {
	var t Template
	var errs []templateError
	text := func(s string) {
		if n := len(t); n > 0 && t[n-1].Kind == PieceText {
			t[n-1].Text += s
		} else if s != "" {
			t = append(t, Piece{PieceText, s})
		}
	}
	for rest := s; rest != ""; {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			text(rest)
			break
		}
		text(rest[:i])
		rest = rest[i:]
		if strings.HasPrefix(rest, "{{") {
			text("{")
			rest = rest[2:]
			continue
		}
		inside, behind, closed := strings.Cut(rest[1:], "}")
		piece, ok := parseReference(inside)
		if !closed || !ok {
			errs = append(errs, templateError{len(s) - len(rest), "cannot read what { begins: it must be {secret.NAME}, {secret.NAME:quoted} or {file.NAME}", "write {{ for a {"})
			rest = rest[1:]
			continue
		}
		t = append(t, piece)
		rest = behind
	}
	return t, errs
}

// parseReference reads what stands between { and }.
func parseReference(s string) (Piece, bool) {
	p := Piece{Kind: PieceFile}
	name, ok := strings.CutPrefix(s, "file.")
	if !ok {
		if name, ok = strings.CutPrefix(s, "secret."); !ok {
			return p, false
		}
		p.Kind = PieceSecret
		if bare, ok := strings.CutSuffix(name, ":quoted"); ok {
			name, p.Kind = bare, PieceSecretQuoted
		}
	}
	p.Text = name
	return p, entryName.MatchString(name)
}
