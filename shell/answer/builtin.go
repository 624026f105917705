package answer

import (
	"fmt"

	"opsh/shell/line"
)

// builtins are opsh's own commands at the prompt. No tool can have their names: the policy's loader refuses them.
var builtins = []string{"exit", "help", "history"}

// Builtin answers opsh's own words at the prompt. They are split like any other line; a line that doesn't split isn't one. history is what was typed,
// the oldest first.
func (h Help) Builtin(raw string, history func() []string) (answer []string, known, leave bool) {
	c, err := Split(raw)
	if err != nil || len(c.Words) == 0 || c.Input != nil {
		return nil, false, false
	}
	words := c.Words
	switch {
	case words[0] == "exit" && len(words) == 1:
		return nil, true, true
	case words[0] == "help" && len(words) == 1:
		answer = h.overview()
	case words[0] == "help" && len(words) == 2 && h.Policy.Tool(words[1]) != nil:
		answer = h.details(h.Policy.Tool(words[1]))
	case words[0] == "help" && len(words) == 2:
		answer = []string{h.Program + ": error: there is no tool " + Shorten(line.QuoteWord(words[1])), h.Program + ": hint: help lists them"}
	case words[0] == "history" && len(words) == 1:
		for i, l := range history() {
			answer = append(answer, fmt.Sprintf("%4d  %s", i+1, oneLine(l)))
		}
	case words[0] == "exit", words[0] == "help", words[0] == "history":
		answer = []string{h.Program + ": error: usage: help [TOOL] | history | exit"}
	default:
		return nil, false, false
	}
	return answer, true, false
}
