// Package github speaks to the runner of GitHub Actions, which reads a step's output for commands: a line that begins with "::", or holds
// "##[", can set outputs, hide text or write annotations. What a tool prints must do none of that.
package github

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"opsh/shell/line"
)

// Step is a step's two streams.
type Step struct {
	out, err io.Writer
	token    string
}

// Begin opens a group on out and has the runner take no commands from there until End. It reads standard output and standard error side by
// side, so what must not be taken for a command is kept from it on each.
func Begin(out, err io.Writer, title string) (*Step, error) {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("cannot make a token: %w", err)
	}
	s := &Step{out: out, err: err, token: "opsctl-" + hex.EncodeToString(secret)}
	_, failed := fmt.Fprintf(out, "::group::%s\n::stop-commands::%s\n", escape(title), s.token)
	return s, failed
}

// End lets the runner take commands again and closes the group.
func (s *Step) End() error {
	_, err := fmt.Fprintf(s.out, "::%s::\n::endgroup::\n", s.token)
	return err
}

// escape is text in a command, as the runner reads it.
func escape(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(line.Plain(text))
}

// Out is what the tools print, in whole lines, as text that a log can show: no escape sequences.
func (s *Step) Out() *Lines { return &Lines{to: s.out, change: line.Plain} }

// Err is opsctl's and opsh's lines. They may quote what somebody else has chosen, so no command is left in them.
func (s *Step) Err() *Lines { return &Lines{to: s.err, change: disarm} }

// disarm leaves no command of the runner's in a line.
func disarm(text string) string {
	text = strings.ReplaceAll(line.Plain(text), "##[", "# #[")
	if strings.HasPrefix(strings.TrimSpace(text), "::") {
		text = strings.Replace(text, "::", ": :", 1)
	}
	return text
}

// Lines passes text on line by line.
type Lines struct {
	to     io.Writer
	change func(string) string
	held   []byte
}

// longest bounds what is held of a line that doesn't end.
const longest = 64 << 10

// Write takes the next bytes.
func (l *Lines) Write(b []byte) (int, error) {
	l.held = append(l.held, b...)
	var ready []byte
	for {
		i := bytes.IndexByte(l.held, '\n')
		if i < 0 && len(l.held) < longest {
			break
		}
		if i < 0 {
			i = len(l.held) - 1
		}
		ready = append(ready, l.change(string(bytes.TrimRight(l.held[:i+1], "\r\n")))...)
		ready = append(ready, '\n')
		l.held = l.held[i+1:]
	}
	l.held = append([]byte(nil), l.held...)
	if len(ready) == 0 {
		return len(b), nil
	}
	_, err := l.to.Write(ready)
	return len(b), err
}

// Close ends the last line where it has no end.
func (l *Lines) Close() error {
	if len(l.held) == 0 {
		return nil
	}
	_, err := l.Write([]byte("\n"))
	return err
}
