package policy

// Rule is one usage line of a tool. It is parsed once and never changes after check.
type Rule struct {
	Tool *Tool
	Text string // as the policy writes it
	Pos  Pos    // of Text's first character in the policy file
}

// parseUsage reads one usage line. pos is the place of text's first character in the policy file (the one
// behind the opening quote); the errors carry the places of what they are about. The rule is nil where
// there is an error.
func parseUsage(tool *Tool, text string, pos Pos) (*Rule, []Error) {
	return &Rule{Tool: tool, Text: text, Pos: pos}, nil
}

// placeholders are the names that the line uses, each once, in order of appearance (the one behind "<" included).
func (r *Rule) placeholders() []string { return nil }

// check ties the line's placeholders to their meanings and reports what only these can show (an operand
// that admits a leading dash next to options). The loader calls it once for every rule, after where is
// known and before Decide; a name that where lacks is the loader's to report and admits nothing.
func (r *Rule) check(where map[string]*Where) []Error { return nil }
