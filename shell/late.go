package shell

import (
	"regexp"
	"sync"
)

// late is an expression that is compiled when it is first used: opsh starts several processes for a command, and most of them use none.
func late(re string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(re) })
}
