package policy

// admits says whether word may stand where the placeholder does, and if not, why (one clause). It judges
// the word alone; Bind opens and resolves what a path names. attached: the word is the part behind "=" of
// an option, where a leading dash means nothing to the tool's option parser.
func (w *Where) admits(word string, attached bool) (ok bool, why string) { return false, "" }
