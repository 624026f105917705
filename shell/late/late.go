// Package late compiles expressions when they are first used: opsh starts several processes for a command, and most of them use none.
package late

import (
	"regexp"
	"sync"
)

// Regexp is a valid expression, compiled once.
func Regexp(re string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(re) })
}
