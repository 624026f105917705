package shell

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"opsh/policy"
	"opsh/shell/audit"
	"opsh/shell/redact"
	"opsh/shell/secret"
	"opsh/shell/ship"
)

// How long a token for RDS is handed out: it is good for 15 minutes, and the tool that gets it may take its time to connect. And how long it is
// looked for in output, when nobody can log in by it any more.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
const (
	tokenUse  = 5 * time.Minute
	tokenLife = 20 * time.Minute
)

// secrets is what a session has fetched, in memory only. What AWS gave is kept as long as the session lasts, but for tokens; env: and file: are
// read for each command.
type secrets struct {
	fetch func(policy.Secret) (string, error)
	now   func() time.Time
	known []fetched
	set   *redact.Set // of known; nil: there is nothing to redact
}

type fetched struct {
	secret policy.Secret
	value  string
	at     time.Time
}

// fetchSecret fetches a secret from wherever it comes. AWS is asked by a process of its own.
func (s *Session) fetchSecret(one policy.Secret) (string, error) {
	if !one.Source.AWS() {
		return policy.EnvSecret(s.Environ)(one)
	}
	value, err := secret.Fetch(s.beside(), secret.Request{Role: s.role(), Source: one.Source})
	if err != nil {
		return "", fmt.Errorf("cannot fetch the secret %s from %s: %w", one.Name, one.From, err)
	}
	return value, nil
}

// newSecrets knows from the start what costs nothing to know: so that it isn't shown either before a command needs it.
func newSecrets(s *Session, p *policy.Policy) *secrets {
	all := &secrets{fetch: s.fetchSecret, now: s.Now}
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		one := p.Secrets[name]
		if one.Source.AWS() {
			continue
		}
		if value, err := all.fetch(one); err == nil && one.Check(value) == nil {
			all.known = append(all.known, fetched{one, value, all.now()})
		}
	}
	all.renew()
	return all
}

// get is a secret for a command.
func (k *secrets) get(one policy.Secret) (string, error) {
	for _, f := range k.known {
		if f.secret.Name == one.Name && one.Source.AWS() && (one.Source.Kind != policy.SourceRDS || k.now().Sub(f.at) < tokenUse) {
			return f.value, nil
		}
	}
	value, err := k.fetch(one)
	if err != nil || one.Check(value) != nil { // who asked checks it, too, and says so
		return value, err
	}
	if !slices.ContainsFunc(k.known, func(f fetched) bool { return f.secret.Name == one.Name && f.value == value }) {
		k.known = slices.DeleteFunc(k.known, func(f fetched) bool {
			return f.secret.Source.Kind == policy.SourceRDS && k.now().Sub(f.at) > tokenLife
		})
		k.known = append(k.known, fetched{one, value, k.now()})
		k.renew()
	}
	return value, nil
}

// secretFor is a secret for a command. The operator sees the wait, where there is one.
func (s *session) secretFor(one policy.Secret) (value string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		value, err = s.secrets.get(one)
	}()
	select {
	case <-done:
	case <-time.After(waitUnseen):
		s.terminal.say("opsh: warning: waiting until AWS gives the secret " + one.Name) //nolint:errcheck // a lost terminal is noticed where the command is shown
		<-done
	}
	return value, err
}

func (k *secrets) renew() {
	var all []redact.Secret
	for _, f := range k.known {
		all = append(all, redact.Secret{Name: f.secret.Name, Value: f.value})
	}
	k.set = redact.New(all)
}

// text is a text without the secrets in it.
func (k *secrets) text(s string) string { return k.set.Text(s) }

func (k *secrets) texts(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, k.text(s))
	}
	return out
}

// command is a command as it is shown and recorded, and whether it is another than what was typed.
func (k *secrets) command(c policy.Command) (shown policy.Command, holds bool) {
	shown.Words = k.texts(c.Words)
	if c.Input != nil {
		input := k.text(*c.Input)
		shown.Input = &input
		holds = input != *c.Input
	}
	return shown, holds || !slices.Equal(shown.Words, c.Words)
}

// record is a record without the secrets in it. What was typed and is quoted was redacted before it was quoted; here nothing gets past.
func (k *secrets) record(r audit.Record) audit.Record {
	if k.set == nil {
		return r
	}
	for _, field := range []*string{&r.Reason, &r.Line, &r.Input, &r.Path, &r.Why, &r.By} {
		*field = k.text(*field)
	}
	r.Words, r.Argv, r.Left = k.texts(r.Words), k.texts(r.Argv), k.texts(r.Left)
	if r.Raw != nil {
		raw := *r.Raw
		raw.Head = k.text(raw.Head)
		r.Raw = &raw
	}
	r.Files = slices.Clone(r.Files)
	for i := range r.Files {
		r.Files[i].Path = k.text(r.Files[i].Path)
	}
	return r
}

// secretHint says what to do about a secret that can't be had, "" for any other error.
func secretHint(err error) string {
	var e *secret.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

// checkSecrets fetches every secret of the policy, as a command would, and says of each that it is there. None is shown.
func (s *Session) checkSecrets(p *policy.Policy) (found []ship.Finding) {
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		one := p.Secrets[name]
		value, err := s.fetchSecret(one)
		if err == nil {
			if err = one.Check(value); err != nil {
				err = fmt.Errorf("cannot use what %s gives: %w", one.From, err)
			}
		}
		switch {
		case err != nil:
			found = append(found, ship.Finding{Text: err.Error(), Hint: secretHint(err)})
		case one.Source.Kind == policy.SourceRDS:
			fmt.Fprintf(s.Stdout, "opsh: secret %s: a token was made (%s); whether the database takes it, a login tells\n", name, one.From)
		default:
			fmt.Fprintf(s.Stdout, "opsh: secret %s: fetched (%s)\n", name, one.From)
		}
	}
	return found
}
