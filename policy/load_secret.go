package policy

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
				s.From, s.Source = l.source(m)
				if s.Source.Kind == SourceEnv && entryName.MatchString(name) {
					l.fromEnv[s.Source.Name] = name
				}
				s.Source.Region = l.secretRegion(n, name, s.Source)
			} else {
				l.missing(n, "from", n.pos, `write from = "env:VARIABLE"`, "cannot use the secret %s: from is missing", keyText(name))
			}
		}
		l.policy.Secrets[name] = s
	}
}

// source is where a secret comes from; its Kind is "" where the text names none.
func (l *loader) source(n *tomlNode) (from string, s Source) {
	from, ok := l.text(n, "from")
	if !ok {
		return "", Source{}
	}
	if s, ok = parseSource(from); !ok {
		l.fail(n.pos, hintForSource(from), "cannot use from = %s: it names no source of secrets", quoted(from))
		return from, Source{}
	}
	return from, s
}

// secretRegion is the region that a secret is asked for in: its own key, what from says, or where the trail goes. n is the secret's table.
func (l *loader) secretRegion(n *tomlNode, name string, s Source) string {
	key := n.table["region"]
	written := ""
	if key != nil {
		written = l.written(key, "region", awsRegion, "an AWS region", `write region = "ap-northeast-1", say`)
	}
	switch {
	case s.Kind == "":
		return ""
	case s.Kind == SourceEnv, s.Kind == SourceFile:
		if key != nil {
			l.fail(key.pos, "remove it", "cannot use region: the secret %s doesn't come from AWS", keyText(name))
		}
		return ""
	case key != nil && s.Region != "" && s.Region != written:
		l.fail(key.pos, "remove it", "cannot use region = %s: from says %s", quoted(written), s.Region)
		return s.Region
	case key != nil:
		return written
	case s.Region != "":
		return s.Region
	case l.policy.Audit.CloudWatch != nil:
		return l.policy.Audit.CloudWatch.Region
	}
	l.missing(n, "region", n.table["from"].pos, `write region = "ap-northeast-1", say, beside from`, "cannot use the secret %s: its region isn't known", keyText(name))
	return ""
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
