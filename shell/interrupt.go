package shell

import (
	"bytes"
	"context"
	"errors"

	"opsh/shell/audit"
	"opsh/shell/prompt"
)

// interruptKey is Ctrl-C.
const interruptKey = 3

// interrupts is the keyboard behind a runbook that came with a header. Who sent it has no more to type than Ctrl-C: the first is the
// running tool's, as at any terminal, the second ends the tool whatever it makes of the first, and no further line is run.
type interrupts struct {
	keys *prompt.Keyboard
	seen int
	kill context.CancelFunc
}

// Next takes all keys and hands over the first Ctrl-C. It is launch.Keys'.
func (i *interrupts) Next(ctx context.Context, max int) ([]byte, error) {
	for {
		got, err := i.keys.Next(ctx, max)
		if i.note(got) == 1 {
			return []byte{interruptKey}, err
		}
		if err != nil {
			return nil, err
		}
	}
}

// Unread drops what the tool left: there was only Ctrl-C.
func (i *interrupts) Unread([]byte) {}

// Ready is never asked for what matters: nothing is pasted.
func (i *interrupts) Ready() int { return 0 }

// note counts the Ctrl-C's in keys, and returns the number of the last of them, or 0.
func (i *interrupts) note(keys []byte) int {
	n := bytes.Count(keys, []byte{interruptKey})
	if i.seen += n; n == 0 {
		return 0
	}
	if i.seen > 1 {
		i.kill()
	}
	return i.seen
}

// came says whether Ctrl-C was typed, also between two commands.
func (i *interrupts) came() bool {
	for n := i.keys.Ready(); n > 0; n = i.keys.Ready() {
		got, err := i.keys.Next(context.Background(), n)
		if err != nil {
			break
		}
		i.note(got)
	}
	return i.seen > 0
}

var errInterrupted = errors.New("interrupted")

// interrupted is how a runbook ends that was: with the status of the command that the interrupt ended, and never with 0.
func interrupted(last outcome) outcome {
	if last.status == 0 {
		return outcome{status: 130, category: audit.CategorySignal}
	}
	return last
}
