package policy

// Complete lists, sorted, what the next word may be when words stand before it and prefix of it is typed:
// tools, options, literals, values of a list. Files of a path where are added by the caller (ListFiles).
func (p *Policy) Complete(words []string, prefix string) []string { return nil }
