package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// toolPath is where #!/usr/bin/env looks, and PATH of every tool. The container's own is whoever's who edits
// the task definition.
const toolPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// shortSecret: a shorter one would be found in harmless output, and by trying.
const shortSecret = 8

var termName = upTo(64, `^[A-Za-z0-9._+-]+$`)

// expand is a template's text. secrets: it may hold them.
func (b *binder) expand(t Template, secrets bool) (string, error) {
	var s strings.Builder
	for _, p := range t {
		switch p.Kind {
		case PieceText:
			s.WriteString(p.Text)
		case PieceFile:
			n, ok := b.numbers[p.Text]
			if !ok {
				return "", fmt.Errorf("there is no file.%s", p.Text)
			}
			s.WriteString(devFD(n))
		case PieceSecret, PieceSecretQuoted:
			if !secrets {
				return "", fmt.Errorf("the secret %s may not stand in a command line", p.Text)
			}
			v, err := b.secret(p.Text)
			if err != nil {
				return "", err
			}
			if p.Kind == PieceSecretQuoted {
				v = `"` + escaped(v) + `"`
			}
			s.WriteString(v)
		default:
			return "", errors.New("it has a template that this build can't read")
		}
	}
	return s.String(), nil
}

// secret fetches a secret. A control character in one, a line's end above all, would add lines to an option
// file. No error holds the value.
func (b *binder) secret(name string) (string, error) {
	if v, ok := b.grant.secrets[name]; ok {
		return v, nil
	}
	from, ok := b.policy.Secrets[name]
	switch {
	case !ok:
		return "", fmt.Errorf("there is no secret %s", name)
	case b.seat.Secret == nil:
		return "", fmt.Errorf("nothing fetches the secret %s", name)
	}
	v, err := b.seat.Secret(from)
	switch {
	case err != nil:
		return "", err
	case strings.ContainsFunc(v, unicode.IsControl):
		return "", fmt.Errorf("the secret %s holds a control character", name)
	case !utf8.ValidString(v):
		return "", fmt.Errorf("the secret %s isn't text in UTF-8", name)
	case utf8.RuneCountInString(v) < shortSecret:
		return "", fmt.Errorf("the secret %s has fewer than %d characters", name, shortSecret)
	}
	b.grant.secrets[name] = v
	return v, nil
}

// environ is the whole environment, made from nothing.
func (b *binder) environ() ([]string, error) {
	env := map[string]string{
		"HOME": b.account.home, "USER": b.tool.User, "LOGNAME": b.tool.User,
		"PATH": toolPath, "LANG": "C.UTF-8", "TERM": b.seat.Term,
	}
	for _, name := range b.tool.Pass {
		for _, e := range b.seat.Environ {
			if v, ok := strings.CutPrefix(e, name+"="); ok && strings.IndexByte(v, 0) < 0 {
				env[name] = v
				break // the first counts, as for getenv
			}
		}
	}
	// Terminal libraries make a file's name of it.
	if !termName.MatchString(env["TERM"]) {
		env["TERM"] = "dumb"
	}
	for name, t := range b.tool.Env {
		v, err := b.expand(t, true)
		if err != nil {
			return nil, err
		}
		env[name] = v
	}
	out := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, name+"="+env[name])
	}
	return out, nil
}
