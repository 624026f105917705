//go:build !linux

package policy

import "errors"

// readOwned: opsh runs on Linux only; opsctl, elsewhere, reads a policy as any file and uses Parse.
func readOwned(string) ([]byte, error) {
	return nil, errors.New("cannot open the policy: a policy in force is read on Linux only")
}
