//go:build !linux

package policy

import "errors"

var errOtherSystem = errors.New("cannot look at this machine: opsh runs on Linux only")

func (p *Policy) bind(*Match, Seat) (*Grant, error) { return nil, errOtherSystem }

func (p *Policy) checkMachine() []error { return []error{errOtherSystem} }

func listFiles(*Where, int) []string { return nil }

func readSecret(string) (string, error) { return "", errOtherSystem }
