package policy

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

var errSource = errors.New("only env: and file: are read here")

// shortSecret: a shorter one would be found in harmless output, and by trying.
const shortSecret = 8

// Check says why a value can't be the secret. A control character in one, a line's end above all, would add lines to an option
// file. The error doesn't hold the value.
func (s Secret) Check(value string) error {
	switch {
	case strings.ContainsFunc(value, unicode.IsControl):
		return fmt.Errorf("the secret %s holds a control character", s.Name)
	case !utf8.ValidString(value):
		return fmt.Errorf("the secret %s isn't text in UTF-8", s.Name)
	case utf8.RuneCountInString(value) < shortSecret:
		return fmt.Errorf("the secret %s has fewer than %d characters", s.Name, shortSecret)
	}
	return nil
}

// form is a secret as the piece wants it written.
func (k PieceKind) form(v string) string {
	switch k {
	case PieceSecretQuoted:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
	case PieceSecretPgpass:
		// https://www.postgresql.org/docs/current/libpq-pgpass.html
		return strings.NewReplacer(`\`, `\\`, `:`, `\:`).Replace(v)
	case PieceSecretURL:
		// QueryEscape leaves only what no part of a URL has a meaning for, but writes a blank as a +.
		return strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
	}
	return v
}

// EnvSecret fetches secrets from env: and file:, the former from environ, opsh's own environment. A file
// must be root's and readable by root only; one newline at its end is cut off.
func EnvSecret(environ []string) func(Secret) (string, error) {
	return func(s Secret) (string, error) {
		v, err := fetch(environ, s.From)
		if err != nil {
			return "", fmt.Errorf("cannot fetch the secret %s: %w", s.Name, err)
		}
		return v, nil
	}
}

func fetch(environ []string, from string) (string, error) {
	if name, ok := strings.CutPrefix(from, "env:"); ok {
		for _, e := range environ {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				return v, nil
			}
		}
		return "", fmt.Errorf("the variable %s is not set", visible(name))
	}
	if name, ok := strings.CutPrefix(from, "file:"); ok {
		return readSecret(name)
	}
	return "", errSource
}
