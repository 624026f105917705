package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// toolPath is where #!/usr/bin/env looks, and PATH of every tool. The container's own is whoever's who edits
// the task definition.
const toolPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

var termName = upTo(64, `^[A-Za-z0-9._+-]+$`)

// expand is a template's text. secrets: it may hold them.
func (b *binder) expand(t Template, secrets bool) (string, error) {
	var s strings.Builder
	for _, p := range t {
		switch {
		case p.Kind == PieceText:
			s.WriteString(p.Text)
		case p.Kind == PieceFile:
			n, ok := b.numbers[p.Text]
			if !ok {
				return "", fmt.Errorf("there is no file.%s", p.Text)
			}
			s.WriteString(devFD(n))
		case p.IsSecret():
			if !secrets {
				return "", fmt.Errorf("the secret %s may not stand in a command line", p.Text)
			}
			v, err := b.secret(p.Text)
			if err != nil {
				return "", err
			}
			s.WriteString(p.Kind.form(v))
		}
	}
	return s.String(), nil
}

// secret fetches a secret, once for a command. No error holds the value.
func (b *binder) secret(name string) (string, error) {
	if v, ok := b.secrets[name]; ok {
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
	if err == nil {
		err = from.Check(v)
	}
	if err != nil {
		return "", err
	}
	b.secrets[name] = v
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
