package lint

import (
	"path"
	"slices"
	"strings"

	"opsh/policy"
)

// prompts warns of usage lines that open the program's own prompt, and of tools that are interactive and don't say how long.
func (t *tool) prompts() {
	for _, r := range t.Rules {
		if t.fact.prompt == nil || !t.opensPrompt(r) {
			continue
		}
		t.prompt = true
		t.warn(Finding{Rule: "bare-prompt", At: r.Pos, See: t.fact.prompt.see, line: r,
			Text: "without more words " + path.Base(t.Path) + " opens a prompt of its own: what is typed there opsh neither checks nor records command by command",
			Hint: t.fact.prompt.instead})
	}
	if t.prompt && t.whole && !t.has("timeout") {
		t.warn(Finding{Rule: "prompt-timeout", At: t.Pos, Text: "timeout is left out: this interactive tool ends after 10m, whatever is typed just then",
			Hint: `write timeout = "30m", or however long its users may need`})
	}
}

// opensPrompt says whether the shortest command that the line permits leaves the program at its prompt.
func (t *tool) opensPrompt(r *policy.Rule) bool {
	if r.Input() != nil {
		return false
	}
	batch, operands := strings.Fields(t.fact.prompt.batch), 0
	uses, by := t.read(r)
	if by != t.fact {
		return false
	}
	for _, u := range uses {
		switch {
		case u.may:
		case slices.Contains(batch, u.option), u.option == "" && u.where == nil && t.fact.prompt.more && u.text != "-":
			return false
		case u.option == "":
			operands++
		}
	}
	return t.fact.prompt.operands == 0 || operands < t.fact.prompt.operands
}
