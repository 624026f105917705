package policy

import (
	"regexp"
	"sync"
)

// lateRegexp is a regular expression that is compiled when it is first used. opsh starts anew for every command, and most expressions are for
// what a good policy doesn't hold.
type lateRegexp struct{ compiled func() *regexp.Regexp }

// late is regexp.MustCompile at the first use.
func late(re string) lateRegexp {
	return lateRegexp{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(re) })}
}

// MatchString is regexp's.
func (l lateRegexp) MatchString(s string) bool { return l.compiled().MatchString(s) }

// FindStringSubmatch is regexp's.
func (l lateRegexp) FindStringSubmatch(s string) []string { return l.compiled().FindStringSubmatch(s) }

// FindAllStringSubmatch is regexp's.
func (l lateRegexp) FindAllStringSubmatch(s string, n int) [][]string {
	return l.compiled().FindAllStringSubmatch(s, n)
}
