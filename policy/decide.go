package policy

// Tool is the tool that operators call name, nil where the policy has none.
func (p *Policy) Tool(name string) *Tool { return p.byName[name] }

// Usage is the tool's usage lines as the policy writes them, in its order.
func (t *Tool) Usage() []string {
	lines := make([]string, len(t.Rules))
	for i, r := range t.Rules {
		lines[i] = r.Text
	}
	return lines
}

// Decide says which rule permits the command, or why none does. Exactly one of the results is non-nil.
// It looks at words only: no file, no clock, no environment.
func (p *Policy) Decide(c Command) (*Match, *Refusal) {
	return nil, &Refusal{Word: -1, Reason: "nothing is permitted"}
}
