package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"opsh/shell/answer"
	"opsh/shell/line"
	"opsh/shell/runbook"
)

// Runbook is the text that was approved, or that at least was sent.
type Runbook struct {
	Name string // of its file
	Text []byte
}

// SHA256 is that of its bytes, as the trail has it.
func (r Runbook) SHA256() string {
	sum := sha256.Sum256(r.Text)
	return hex.EncodeToString(sum[:])
}

// Readable says that the text is what a reader sees. opsh takes no other from a sender with a header; earlier ones may have come so.
func (r Runbook) Readable() bool { return runbook.Readable(r.Text) == nil }

// Match is how a runbook's command and a session's go together.
type Match string

// The matches.
const (
	Ran        Match = "ran"         // as it stands there
	Declined   Match = "declined"    // as it stands there, and opsh refused it
	Differs    Match = "differs"     // the session's command is another
	NotReached Match = "not reached" // the session ended before it
	Added      Match = "added"       // the runbook has no such command
)

// Pair is a command of a runbook beside that of the session.
type Pair struct {
	At       int    // the line of the runbook where it begins, from 1; 0: Added
	Approved string // as the runbook has it
	Command  *Command
	Match    Match
}

// Against holds what ran against the runbook, command by command in order, as opsh plays one. An error says that the runbook can't be read to its end; what
// comes before it is there. What stands behind Ctrl-D at the start of a line, where opsh stops, is NotReached.
func (s *Session) Against(book Runbook) (pairs []Pair, err error) {
	text := &runbook.Memory{Text: book.Text}
	in := &runbook.Reader{From: text}
	for {
		raw, at, err := in.Command()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return pairs, fmt.Errorf("cannot read the runbook at line %d: %w", at, err)
		}
		p := Pair{At: at, Approved: raw, Match: NotReached}
		if n := len(pairs); n < len(s.Commands) {
			p.Command = &s.Commands[n]
			switch {
			case !p.Command.is(raw):
				p.Match = Differs
			case p.Command.Refused():
				p.Match = Declined
			default:
				p.Match = Ran
			}
		}
		pairs = append(pairs, p)
	}
	commands := len(pairs)
	pairs = append(pairs, unread(book.Text, len(in.Rest())+len(text.Text))...)
	for n := commands; n < len(s.Commands); n++ {
		pairs = append(pairs, Pair{Command: &s.Commands[n], Match: Added})
	}
	return pairs, nil
}

// unread is a runbook's last bytes, line by line, which opsh doesn't read.
func unread(text []byte, size int) (pairs []Pair) {
	lines := func(b []byte) []string {
		return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(b)), "\n")
	}
	from := len(text) - size
	at := len(lines(text[:from]))
	for i, l := range lines(text[from:]) {
		if !line.Comment(l) {
			pairs = append(pairs, Pair{At: at + i, Approved: l, Match: NotReached})
		}
	}
	return pairs
}

// is says whether the command is what opsh makes of a line. What doesn't split is recorded by its beginning and its hash.
func (c *Command) is(raw string) bool {
	split, err := answer.Split(raw)
	if err != nil {
		sum := sha256.Sum256([]byte(raw))
		return c.Begin.Raw != nil && c.Begin.Raw.SHA256 == hex.EncodeToString(sum[:])
	}
	return c.Begin.Raw == nil && c.Line == answer.Quoted(split)
}

// PullRequest finds sessions by what their reason names: N, OWNER/REPO#N, or the address of a pull request.
type PullRequest struct{ reason *regexp.Regexp }

var (
	prNumber  = regexp.MustCompile(`\A#?([0-9]{1,9})\z`)
	prName    = regexp.MustCompile(`\A([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)#([0-9]{1,9})\z`)
	prAddress = regexp.MustCompile(`\Ahttps://[a-z0-9.-]+/([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)/pull/([0-9]{1,9})/?\z`)
)

// ParsePullRequest reads one.
func ParsePullRequest(text string) (PullRequest, error) {
	if m := prNumber.FindStringSubmatch(text); m != nil {
		return PullRequest{regexp.MustCompile(`(#|/pull/)` + m[1] + `\b`)}, nil
	}
	for _, form := range []*regexp.Regexp{prName, prAddress} {
		if m := form.FindStringSubmatch(text); m != nil {
			return PullRequest{regexp.MustCompile(`(^|[^A-Za-z0-9_.-])` + regexp.QuoteMeta(m[1]) + `(#|/pull/)` + m[2] + `\b`)}, nil
		}
	}
	return PullRequest{}, fmt.Errorf("cannot read the pull request %s: it is written NUMBER, OWNER/REPOSITORY#NUMBER or as its address", line.QuoteWord(text))
}

// Names says whether a reason names it.
func (p PullRequest) Names(reason string) bool { return p.reason.MatchString(reason) }
