package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"opsh/shell/audit"
)

// ran is a session of such records.
func ran(records ...audit.Record) *Session {
	s := &Session{}
	for i, r := range records {
		r.Command = i + 1
		s.Add(r)
	}
	return s
}

func run(line string) audit.Record     { return audit.Record{Event: audit.Run, Line: line} }
func refused(line string) audit.Record { return audit.Record{Event: audit.Refused, Line: line} }

func TestAgainst(t *testing.T) {
	unsplit := func(raw string) audit.Record {
		sum := sha256.Sum256([]byte(raw))
		return audit.Record{Event: audit.Refused, Line: "'a; b'", Raw: &audit.Raw{SHA256: hex.EncodeToString(sum[:])}}
	}
	for _, test := range []struct {
		name, book string
		session    *Session
		want       string // LINE:MATCH...
	}{
		{"as it stands", "a 1\n# no command\n\n  b   'x y'\n", ran(run("a 1"), run("b 'x y'")), "1:ran 4:ran"},
		{"quoted in another way", "a \"x y\" < f\r\n", ran(run("a 'x y' < f")), "1:ran"},
		{"refused", "a\nb\n", ran(refused("a")), "1:declined 2:not reached"},
		{"another", "a\nb\n", ran(run("a"), run("c")), "1:ran 2:differs"},
		{"one more", "a\n", ran(run("a"), run("b")), "1:ran 0:added"},
		{"of several lines", "a 'x\ny'\nb\n", ran(run(`a $'x\ny'`), run("b")), "1:ran 3:ran"},
		{"nothing ran", "a\n", ran(), "1:not reached"},
		{"an empty book", "# nothing\n", ran(run("a")), "0:added"},
		{"what doesn't split", "a; b\n", ran(unsplit("a; b")), "1:declined"},
		{"what doesn't split, and is another", "a; b\n", ran(unsplit("a; c")), "1:differs"},
		{"a line that looks like one that doesn't split", "'a; b'\n", ran(unsplit("a; b")), "1:differs"},
		{"the last line without its end", "a", ran(run("a")), "1:ran"},
		{"Ctrl-D", "a\n\x04\n# no command\nb\n\nc", ran(run("a")), "1:ran 2:not reached 4:not reached 6:not reached"},
		{"Ctrl-D before a command", "a\r\n\x04b\r\nc\r\n", ran(run("a")), "1:ran 2:not reached 3:not reached"},
		{"Ctrl-D, and what ran all the same", "a\n\x04\nb\n", ran(run("a"), run("b")), "1:ran 2:not reached 3:not reached 0:added"},
		{"Ctrl-D first", "\x04a\n", ran(), "1:not reached"},
		{"Ctrl-D in a quote", "a 'x\n\x04\nb\n", ran(unsplit("a 'x")), "1:declined 2:not reached 3:not reached"},
		{"Ctrl-D within a line", "a \x04\nb\n", ran(unsplit("a \x04"), run("b")), "1:declined 2:ran"},
		{"a CR alone", "a\rb\r\x04\rc", ran(run("a"), run("b")), "1:ran 2:ran 3:not reached 4:not reached"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pairs, err := test.session.Against(Runbook{Text: []byte(test.book)})
			var got []string
			for _, p := range pairs {
				got = append(got, fmt.Sprintf("%d:%s", p.At, p.Match))
			}
			if err != nil || strings.Join(got, " ") != test.want {
				t.Errorf("%q, %v, want %q", got, err, test.want)
			}
		})
	}
	if _, err := ran().Against(Runbook{Text: []byte("a '" + strings.Repeat("\n", 2000))}); err == nil {
		t.Error("a quote that is never closed is a runbook")
	}
}

// TestReadable: what a reader doesn't see as it is.
func TestReadable(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "a\nb\n": true, "a\r\n\tb\r\n": true, "# 注文　の解消\nmysql -e 'é'\n": true,
		"a\rb\n": false, "a\r\r\nb": false, "a\n\r": false, "\x04a": false, "a\x00": false, "a\x1b[8m": false, "a\x7f": false, "a\u0085b": false, "a\xff": false, "# a\u202eb": false, "a\u200bb": false, "\x0c": false, "a\u2028b": false,
	} {
		if got := (Runbook{Text: []byte(text)}).Readable(); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestPullRequest(t *testing.T) {
	for _, test := range []struct {
		pr, reason string
		want       bool
	}{
		{"123", "example/ops#123 commit 0a1b", true}, {"#123", "see #123", true}, {"123", "example/ops#1234", false}, {"12", "example/ops#123", false},
		{"123", "INC-123 x", false}, {"123", "https://github.com/example/ops/pull/123", true},
		{"example/ops#123", "example/ops#123 commit", true}, {"example/ops#123", "my-example/ops#123", false}, {"example/ops#123", "other/ops#123", false},
		{"example/o.s#123", "example/ops#123", false},
		{"https://github.com/example/ops/pull/123", "example/ops#123 x", true}, {"https://github.com/example/ops/pull/123", "https://github.com/example/ops/pull/1234", false},
	} {
		pr, err := ParsePullRequest(test.pr)
		if err != nil || pr.Names(test.reason) != test.want {
			t.Errorf("%s in %q: %v", test.pr, test.reason, err)
		}
	}
	for _, text := range []string{"", "x", "#", "a/b", "a/b#x", "http://x/a/b/pull/1", "1 2"} {
		if _, err := ParsePullRequest(text); err == nil {
			t.Errorf("%q is a pull request", text)
		}
	}
}

func TestCounts(t *testing.T) {
	s := &Session{}
	for _, r := range []audit.Record{
		{Event: audit.Run, Command: 1, Line: "a"}, {Event: audit.Denied, Command: 1, Call: "ptrace"}, {Event: audit.Exit, Command: 1, Denials: 300},
		{Event: audit.Refused, Command: 2, Line: "b"}, {Event: audit.Exit, Command: 7}, // of a broken trail
	} {
		s.Add(r)
	}
	if runs, refusals, denials := s.Counts(); runs != 2 || refusals != 1 || denials != 300 {
		t.Errorf("%d run, %d refused, %d denied", runs, refusals, denials)
	}
}
