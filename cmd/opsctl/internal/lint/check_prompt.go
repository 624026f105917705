package lint

import (
	"path"
	"slices"
	"strings"

	"opsh/policy"
)

// prompts warns of usage lines that open the program's own prompt, and of tools that are interactive and don't say how long.
func (t *tool) prompts() {
	told := false
	for _, r := range t.Rules {
		if t.fact.prompt == nil || told || !t.opensPrompt(r) {
			continue
		}
		told, t.prompt = true, true
		t.warn(Finding{Rule: "bare-prompt", At: r.Pos, See: t.fact.prompt.see,
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
	batch, operands := strings.Fields(t.fact.prompt.batch), 0
	for _, w := range t.Insert {
		if name, _, _ := strings.Cut(w[0].Text, "="); w[0].Kind == policy.PieceText && slices.Contains(batch, name) {
			return false
		}
		if w[0].Kind != policy.PieceText || !strings.HasPrefix(w[0].Text, "-") {
			operands++ // or an option's value: then a prompt is missed
		}
	}
	for _, p := range r.Parts() {
		switch {
		case p.Kind == policy.PartInput, p.Kind == policy.PartLiteral && t.fact.prompt.more:
			return false
		case p.Optional:
		case p.Kind == policy.PartOption:
			name, _, _ := strings.Cut(p.Spellings[0].Word, "=")
			if slices.Contains(batch, name) {
				return false
			}
		default:
			operands++
		}
	}
	return t.fact.prompt.operands == 0 || operands < t.fact.prompt.operands
}
