package policy

import (
	"errors"
	"fmt"
	"strings"
)

var errSource = errors.New("this build reads secrets from env: and file: only")

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
