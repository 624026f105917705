package policy

import (
	"path"
	"strings"
)

// secretTables reads every [secret.NAME]; all is nil where the file has none.
func (l *loader) secretTables(all *tomlNode) {
	if all == nil {
		return
	}
	if len(all.keys) > maxSecrets {
		l.fail(all.table[all.keys[maxSecrets]].key, "", "cannot use the policy: it has %d secrets, at most %d are read", len(all.keys), maxSecrets)
		return
	}
	for _, name := range all.keys {
		n := all.table[name]
		if !entryName.MatchString(name) {
			l.fail(n.key, "lower-case letters, digits, - and _", "cannot name a secret %s", keyText(name))
		}
		s := Secret{Name: name, Pos: n.key}
		if l.is(n, kindTable, "secret."+keyText(name)) {
			l.checkKeys(n, "a secret", secretKeys)
			if m := n.table["from"]; m != nil {
				s.From = l.source(m)
				if variable, ok := strings.CutPrefix(s.From, "env:"); ok && entryName.MatchString(name) {
					l.fromEnv[variable] = name
				}
			} else {
				l.missing(n, "from", n.pos, `write from = "env:VARIABLE"`, "cannot use the secret %s: from is missing", keyText(name))
			}
		}
		l.policy.Secrets[name] = s
	}
}

// source is where a secret comes from. Which sources a build can fetch from, it says when it fetches.
func (l *loader) source(n *tomlNode) string {
	s, ok := l.text(n, "from")
	if !ok {
		return ""
	}
	scheme, rest, _ := strings.Cut(s, ":")
	switch {
	case scheme == "env" && envName.MatchString(rest),
		scheme == "file" && strings.HasPrefix(rest, "/") && rest != "/" && path.Clean(rest) == rest,
		(scheme == "secretsmanager" || scheme == "ssm") && rest != "":
	default:
		l.fail(n.pos, hintForSource(s), "cannot use from = %s: it names no source of secrets", quoted(s))
	}
	return s
}

func (l *loader) hasSecret(name string) bool {
	_, ok := l.policy.Secrets[name]
	return ok
}

// unusedSecrets refuses what nothing refers to: a secret that is fetched into the session for nothing.
func (l *loader) unusedSecrets() {
	for name, s := range l.policy.Secrets {
		if !l.secrets[name] && entryName.MatchString(name) {
			l.absent(s.Pos, "remove it, or write {secret."+name+"} in an env or a file", "cannot use the secret %s: nothing refers to it", name)
		}
	}
}
