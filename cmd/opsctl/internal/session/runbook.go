package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"opsh/shell/line"
	"opsh/shell/runbook"
)

// Runbook is what opsh -s is to run: command lines, as in a file.
type Runbook []byte

// maxRunbook is opsh's bound, in bytes.
const maxRunbook = 16 << 20

// Line is the runbook of one command, given as words. It is an error where opsh would not read them back.
func Line(words []string) (Runbook, error) {
	text := line.Quote(words...)
	l, err := line.Split(text)
	if err != nil {
		return nil, fmt.Errorf("cannot send %s: %w", text, err)
	}
	for i, w := range l.Words {
		if len(l.Words) != len(words) || l.Input != nil || w.Text != words[i] {
			return nil, fmt.Errorf("cannot send %s: opsh would read other words", text)
		}
	}
	return Runbook(text + "\n"), nil
}

// Check refuses what can't be sent.
func (b Runbook) Check() error {
	switch {
	case len(b) > maxRunbook:
		return fmt.Errorf("cannot send the runbook: it is over %d MiB", maxRunbook>>20)
	case strings.TrimSpace(string(b)) == "":
		return fmt.Errorf("cannot send the runbook: it is empty")
	}
	if err := runbook.Readable(b); err != nil {
		return fmt.Errorf("cannot send the runbook: %w", err)
	}
	return nil
}

// SHA256 is the runbook's, as opsh records it.
func (b Runbook) SHA256() string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// sealed is the runbook behind opsh's header, with its approval where it has one, and the nonce that only opsh learns.
func (b Runbook) sealed(approval []byte) (text []byte, nonce string, err error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, "", fmt.Errorf("cannot make a nonce: %w", err)
	}
	nonce = hex.EncodeToString(secret)
	header := fmt.Sprintf("opsh-runbook 1 %s %d %s", nonce, len(b), b.SHA256())
	if approval != nil {
		header += fmt.Sprintf(" %d", len(approval))
	}
	return slices.Concat([]byte(header+"\n"), b, approval), nonce, nil
}

// Step is one command of a runbook, and the line on which it begins.
type Step struct {
	At   int
	Text string
}

// Commands are a runbook's command lines as opsh will read them: a quote that is open goes on in the next line.
func (b Runbook) Commands() (all []Step) {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(b)), "\n")
	for i := 0; i < len(lines); i++ {
		s := Step{i + 1, lines[i]}
		for i+1 < len(lines) && open(s.Text) {
			i++
			s.Text += "\n" + lines[i]
		}
		if !line.Comment(s.Text) {
			all = append(all, s)
		}
	}
	return all
}

// open says that a quote is open at the end of text.
func open(text string) bool {
	var why *line.Error
	_, err := line.Split(text)
	return !line.Comment(text) && len(text) <= line.MaxBytes && errors.As(err, &why) && why.Open
}
