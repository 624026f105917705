package compare

import (
	"fmt"

	"opsh/policy"
	"opsh/shell/answer"
)

// tests compares what the policies promise of themselves. A promise that is gone permits no command; but the next change
// may permit what the test said that nothing ever would, so a test that wants refuse isn't dropped unseen.
func (c *comparison) tests() {
	after := map[string]bool{}
	for _, t := range c.newer.Policy.Tests {
		after[promise(t)] = true
	}
	for _, t := range c.older.Policy.Tests {
		if after[promise(t)] {
			continue
		}
		change := Change{Subject: "test", Setting: "run", Effect: Review, At: c.older.at(t.Pos),
			Text: fmt.Sprintf("removed: it said that %s is refused. This permits no command; nothing promises it any more", shown(t.Run))}
		if t.Allow {
			change.Effect = Note
			change.Text = fmt.Sprintf("removed: it said that %s is permitted", shown(t.Run))
		}
		c.add(change)
	}
}

// promise is what a test says, however it is quoted.
func promise(t policy.Test) string {
	text := t.Run
	if command, err := answer.Split(t.Run); err == nil {
		text = answer.Quoted(command)
	}
	return fmt.Sprint(t.Allow, text)
}
