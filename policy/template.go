package policy

import (
	"strings"
)

// entryName is the NAME of a [secret.NAME] and of a file.NAME.
var entryName = upTo(64, `^[a-z0-9][a-z0-9_-]*$`)

// templateError is a mistake in a template; offset counts its bytes.
type templateError struct {
	offset    int
	msg, hint string
	meant     Piece // what it refers to, misspelt; its Text is empty where that isn't known
}

// parseTemplate takes a text of insert, env or file apart. Only { is special: it begins {secret.NAME},
// {secret.NAME:FORM} or {file.NAME}, and is written {{ where it is meant as such. A } that closes
// nothing is a }.
func parseTemplate(s string) (Template, []templateError) {
	var t Template
	var errs []templateError
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			t = append(t, Piece{PieceText, text.String()})
			text.Reset()
		}
	}
	for rest := s; rest != ""; {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			text.WriteString(rest)
			break
		}
		text.WriteString(rest[:i])
		rest = rest[i:]
		if strings.HasPrefix(rest, "{{") {
			text.WriteByte('{')
			rest = rest[2:]
			continue
		}
		inside, _, closed := strings.Cut(rest[1:min(len(rest), maxReference)], "}")
		piece, ok := parseReference(inside)
		if !closed || !ok {
			errs = append(errs, templateError{len(s) - len(rest), "cannot read what { begins: it must be {secret.NAME}, with :quoted, :pgpass or :url behind NAME, or {file.NAME}", "write {{ for a { itself", Piece{}})
			if p, ok := meantReference(rest); ok {
				last := &errs[len(errs)-1]
				last.hint, last.meant = "write "+p.Reference(), p
			}
			rest = rest[1:]
			continue
		}
		flush()
		t = append(t, piece)
		rest = rest[len(inside)+2:]
	}
	flush()
	return t, errs
}

// nearlyReference is a reference with blanks, with capitals, in the plural, or without its }.
var nearlyReference = late(`^\{ *((?i:secret|file))s?(\.[A-Za-z0-9_-]+(?::(?i:quoted|pgpass|url))?)(?: *\}|$|[^A-Za-z0-9_.:{}-])`)

// meantReference is the reference that a text was most likely meant to begin with.
func meantReference(s string) (Piece, bool) {
	m := nearlyReference.FindStringSubmatch(s[:min(len(s), maxReference)])
	if m == nil {
		return Piece{}, false
	}
	return parseReference(strings.ToLower(m[1] + m[2]))
}

// secretForms is how a reference says in which form it wants a secret.
var secretForms = []struct {
	kind   PieceKind
	suffix string
}{
	{PieceSecretQuoted, ":quoted"}, {PieceSecretPgpass, ":pgpass"}, {PieceSecretURL, ":url"}, {PieceSecret, ""},
}

// IsSecret says that the piece stands for a secret, in whatever form.
func (p Piece) IsSecret() bool { return p.Kind != PieceText && p.Kind != PieceFile }

// Reference is the piece as the policy writes it.
func (p Piece) Reference() string {
	switch p.Kind {
	case PieceText:
		return strings.ReplaceAll(p.Text, "{", "{{")
	case PieceFile:
		return "{file." + p.Text + "}"
	}
	for _, f := range secretForms {
		if f.kind == p.Kind {
			return "{secret." + p.Text + f.suffix + "}"
		}
	}
	return "" // no parseTemplate makes another
}

// maxReference is longer than any reference with a name that entryName takes.
const maxReference = 100

// parseReference reads what stands between { and }.
func parseReference(s string) (Piece, bool) {
	p := Piece{Kind: PieceFile}
	name, ok := strings.CutPrefix(s, "file.")
	if !ok {
		if name, ok = strings.CutPrefix(s, "secret."); !ok {
			return p, false
		}
		for _, f := range secretForms {
			if bare, ok := strings.CutSuffix(name, f.suffix); ok {
				name, p.Kind = bare, f.kind
				break
			}
		}
	}
	p.Text = name
	return p, entryName.MatchString(name)
}
