package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// How much a policy may hold. The bounds are far above any real one; they keep the work bounded that a
// file which isn't one can cause.
const (
	maxTools   = 10_000
	maxSecrets = 1_000
	maxTests   = 50_000
	maxUsages  = 1_000     // of a tool
	maxWords   = 10_000    // of a list
	maxHeld    = 1_000     // of files.read, files.write and connect: each is looked up for every command
	maxText    = 16 << 10  // bytes of a text
	maxContent = 256 << 10 // bytes of a file's or a variable's
)

// Parse reads a policy. name is what messages call the file. split splits the lines of the [[test]]s as
// the prompt does. The error is an *Errors with every mistake of the file, in its order; a policy whose
// tests fail is a mistake too. A key that is left out means the least.
func Parse(name string, src []byte, split Splitter) (*Policy, error) {
	return parse(src, split).finish(name, src)
}

func parse(src []byte, split Splitter) *loader {
	l := newLoader()
	l.load(src)
	if len(l.errs) == 0 {
		l.runTests(split)
	}
	return l
}

// finish is the policy, or the mistakes that were found in it.
func (l *loader) finish(name string, src []byte) (*Policy, error) {
	p := l.policy
	if len(l.errs) > 0 {
		slices.SortStableFunc(l.errs, func(a, b Error) int {
			if a.Pos.Line != b.Pos.Line {
				return a.Pos.Line - b.Pos.Line
			}
			return a.Pos.Col - b.Pos.Col
		})
		return nil, &Errors{Name: name, List: l.errs, src: src}
	}
	p.sortWarnings()
	sum := sha256.Sum256(src)
	p.Name, p.Hash = name, hex.EncodeToString(sum[:])
	return p, nil
}

// loader collects the mistakes of one file.
type loader struct {
	errs   []Error
	broken bool // a syntax error: what seems missing or unused may stand in the part that was skipped

	policy  *Policy
	secrets map[string]bool   // the names that templates refer to
	fromEnv map[string]string // which secret a variable of opsh's environment is

	patterns map[string]*regexp.Regexp // anchored; many tools write the same ones

	misspeltSecrets bool // the secrets stand below another name, which is reported
}

func (l *loader) fail(pos Pos, hint, format string, args ...any) {
	l.errs = append(l.errs, Error{Pos: pos, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// missing reports that t lacks a key that it must have.
func (l *loader) missing(t *tomlNode, key string, pos Pos, hint, format string, args ...any) {
	if !t.misspells(key) {
		l.absent(pos, hint, format, args...)
	}
}

// absent reports something that isn't there.
func (l *loader) absent(pos Pos, hint, format string, args ...any) {
	if !l.broken {
		l.fail(pos, hint, format, args...)
	}
}

func newLoader() *loader {
	return &loader{secrets: map[string]bool{}, fromEnv: map[string]string{}, patterns: map[string]*regexp.Regexp{}}
}

// load reads all but how the tests fare.
func (l *loader) load(src []byte) {
	if l.errs = checkSource(src); len(l.errs) > 0 {
		return
	}
	root, errs, broken := readTOML(string(src))
	l.errs, l.broken = errs, broken

	l.policy = &Policy{Secrets: map[string]Secret{}, byName: map[string]*Tool{}}
	l.checkKeys(root, "a policy", fileKeys)
	l.version(root)
	l.session(l.subtable(root, "session"))
	if !root.misspells("audit") {
		l.audit(l.subtable(root, "audit"))
	}
	l.secretTables(l.subtable(root, "secret"))
	l.misspeltSecrets = root.misspells("secret")
	if !root.misspells("tool") {
		l.tools(l.subtable(root, "tool"))
	}
	l.unusedSecrets()
	l.tests(root.table["test"])

	// Only what has no mistake so far goes on: to the library, which must agree with our reading, and then
	// to the tests (Parse, Tested), which would fail for mistakes that are reported already.
	if len(l.errs) == 0 {
		if err := agree(root, string(src)); err != nil {
			l.errs = append(l.errs, *err)
		}
	}
}

func (l *loader) version(root *tomlNode) {
	n := root.table["version"]
	if n == nil {
		l.missing(root, "version", Pos{1, 1}, "write version = 1", "cannot read the policy: version is missing")
	} else if n.kind != kindInt || n.num != 1 {
		l.fail(n.pos, "write version = 1", "cannot read the policy: this opsh reads version 1")
	}
}

// subtable is the table under key, nil when there is none.
func (l *loader) subtable(t *tomlNode, key string) *tomlNode {
	n := t.table[key]
	if n == nil || !l.is(n, kindTable, key) {
		return nil
	}
	return n
}

// is reports a value of the wrong kind.
func (l *loader) is(n *tomlNode, want tomlKind, what string) bool {
	if n.kind == want {
		return true
	}
	l.fail(n.pos, kindHint(n, want, what), "cannot use %s: it must be %s, not %s", what, want, n.kind)
	return false
}

// text is a text that isn't empty and has nothing in it that a terminal wouldn't show.
func (l *loader) text(n *tomlNode, what string) (string, bool) {
	if !l.is(n, kindString, what) || !l.printable(n, what, "") {
		return "", false
	}
	if n.str == "" {
		l.fail(n.pos, "", "cannot use %s: it is empty", what)
		return "", false
	}
	return n.str, true
}

// printable refuses what a terminal wouldn't show, but for the characters in except. A policy's values are
// shown to operators and reviewers; a hidden character would make them read something else.
func (l *loader) printable(n *tomlNode, what, except string) bool {
	most := maxText
	if except != "" {
		most = maxContent
	}
	if len(n.str) > most {
		l.fail(n.pos, "", "cannot use %s: it is longer than %d bytes", what, most)
		return false
	}
	for i, c := range n.str {
		if hidden(c) && !strings.ContainsRune(except, c) {
			hint := "remove it"
			if c == '\t' || c == '\n' {
				hint = "write a blank"
			}
			l.fail(n.at(i), hint, "cannot use %s: it holds %U, which doesn't show in a terminal", what, c)
			return false
		}
	}
	return true
}

// line is a text for people: one line, without blanks around it.
func (l *loader) line(n *tomlNode, what string, most int) string {
	s, ok := l.text(n, what)
	if ok && strings.TrimSpace(s) != s {
		l.fail(n.pos, "write "+quoted(strings.TrimSpace(s)), "cannot use %s: blanks stand around it", what)
	}
	if width := textColumns(s); width > most {
		l.fail(n.pos, "", "cannot use %s: it takes %d columns, at most %d are shown", what, width, most)
	}
	return s
}

func textColumns(s string) (n int) {
	for _, c := range s {
		n += columns(c)
	}
	return n
}

func (l *loader) flag(t *tomlNode, key string) bool {
	n := t.table[key]
	return n != nil && l.is(n, kindBool, key) && n.on
}

// list is the elements of a list that isn't empty.
func (l *loader) list(n *tomlNode, what string, most int) []*tomlNode {
	if !l.is(n, kindList, what) {
		return nil
	}
	if len(n.items) == 0 {
		hint := "leave it out"
		if what == "allow" {
			hint = "write a usage line for each way to run the tool"
		} else if strings.HasPrefix(what, "where.") {
			hint = `list the words that it may be, or write "any"`
		}
		l.fail(n.pos, hint, "cannot use %s: the list is empty", what)
	}
	if len(n.items) > most {
		l.fail(n.items[most].pos, "", "cannot use %s: it has %d elements, at most %d are read", what, len(n.items), most)
		return n.items[:most]
	}
	return n.items
}

// texts is a list of texts, none twice. each is called for those that are well formed.
func (l *loader) texts(n *tomlNode, what string, most int, each func(*tomlNode)) {
	seen := map[string]bool{}
	for _, item := range l.list(n, what, most) {
		if _, ok := l.text(item, "an element of "+what); !ok {
			continue
		}
		if seen[item.str] {
			l.fail(item.pos, "", "cannot use %s in %s: it stands there twice", quoted(item.str), what)
			continue
		}
		seen[item.str] = true
		each(item)
	}
}

// quoted is a value as messages show it, escaped where it isn't printable.
func quoted(s string) string { return strconv.Quote(s) }
